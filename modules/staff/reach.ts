import type { Prisma } from '../../prisma/client/client.ts'
import { type ClinicActor, holdsEverywhere, reachOf } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { NotFoundError, NotPermittedError } from '../kernel/errors.ts'
import { NIL_ID } from '../kernel/ids.ts'
import type { Permission } from '../kernel/permissions.ts'

/**
 * Whose records of the active clinic a query may answer, as a filter on `staffId`: everybody's (undefined), those of the person that was asked
 * for, or, when the right reaches own records alone, the actor's own. Nobody's for somebody else's, and for whoever has no profile.
 */
export function staffInReach(actor: ClinicActor, permission: Permission, wished: string | null | undefined): string | undefined {
  if (reachOf(actor, permission) === 'all') return wished ?? undefined
  const own = actor.staffId ?? NIL_ID
  return wished && wished !== own ? NIL_ID : own
}

/**
 * The same for what is kept of a person in the whole organisation, which has no clinic of its own: a right that is held at one clinic reaches
 * the people who belong to it, and one that is held for the organisation everybody.
 */
export function recordsInReach(
  actor: ClinicActor,
  permission: Permission,
  wished: string | null | undefined,
): { readonly staffId?: string; readonly staff?: Prisma.StaffProfileWhereInput } {
  const staffId = staffInReach(actor, permission, wished)
  const person = staffId === undefined ? {} : { staffId }
  if (reachOf(actor, permission) !== 'all' || holdsEverywhere(actor, permission)) return person
  return { ...person, staff: belongsHere(actor) }
}

/**
 * People of the active clinic: it is their primary one, or they hold or held a role that names it. Hours and shifts there do not count, because
 * whoever plans them at the clinic may plan anybody of the organisation; a role for the whole organisation names no clinic. Whoever has left is
 * among them, because somebody must answer for what is kept of them.
 */
function belongsHere({ organisationId, clinic }: ClinicActor): Prisma.StaffProfileWhereInput {
  return { OR: [{ primaryClinicId: clinic.id }, { user: { assignments: { some: { organisationId, clinicId: clinic.id } } } }] }
}

/** True when a right of the actor reaches what is kept of a person. */
async function isStaffInReach(tx: Tx, actor: ClinicActor, permission: Permission, id: string): Promise<boolean> {
  const { staffId, staff = {} } = recordsInReach(actor, permission, id)
  const found = await tx.prisma.staffProfile.findFirst({ where: { ...staff, organisationId: actor.organisationId, id: staffId ?? id }, select: { id: true } })
  return found?.id === id
}

/** Throws NotFoundError for a person whose records a right of the actor does not reach, as for nobody. */
export async function assertStaffInReach(tx: Tx, actor: ClinicActor, permission: Permission, id: string): Promise<void> {
  if (!(await isStaffInReach(tx, actor, permission, id))) throw new NotFoundError('StaffProfile')
}

/** Nobody brings people within their own reach: a person of another clinic is moved by whoever manages staff for the organisation. */
export async function assertMayMove(tx: Tx, actor: ClinicActor, id: string, primaryClinicId: string | null): Promise<void> {
  const current = await tx.prisma.staffProfile.findFirst({ where: { organisationId: actor.organisationId, id }, select: { primaryClinicId: true } })
  if (!current || current.primaryClinicId === primaryClinicId || (await isStaffInReach(tx, actor, 'staff:manage', id))) return
  throw new NotPermittedError('This person belongs to another clinic. Ask whoever manages staff for the organisation.', 'own_clinic_only')
}

/** The user who acts, as records name them; null for the installation itself. */
export function actingUser(actor: ClinicActor): string | null {
  return actor.kind === 'user' ? actor.userId : null
}
