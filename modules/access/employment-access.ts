import { type ClinicActor, holds, holdsEverywhere } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { NotPermittedError } from '../kernel/errors.ts'
import { addDays, fromDateColumn, type LocalDate, localDateOf, toDateColumn } from '../kernel/time.ts'
import { assertAdministers, assertNotLastOwner } from './commands.ts'

type Held = { readonly clinicId: string | null; readonly isKey: boolean }

/**
 * Throws NotPermittedError unless the actor may end this user's access by ending their employment: not the own one, not the last owner's,
 * not that of people of other clinics without a right that reaches there, and not that of whoever administers roles without doing so too.
 */
export async function assertMayEndAccess(tx: Tx, actor: ClinicActor, userId: string): Promise<void> {
  if (actor.kind === 'user' && actor.userId === userId) throw new NotPermittedError('Ask somebody else to end your own employment.', 'own_account')
  await assertNotLastOwner(tx, actor, userId)
  const held = await listHeld(tx, actor, userId)
  if (held.some(({ clinicId }) => clinicId !== actor.clinic.id) && !holdsEverywhere(actor, 'staff:manage'))
    throw new NotPermittedError('This person also works beyond the active clinic. Ask somebody who manages staff for the organisation.', 'own_clinic_only')
  for (const { clinicId, isKey } of held) {
    if (!isKey) continue
    if (!holds(actor, 'role:administer'))
      throw new NotPermittedError('This person administers roles, which you do not. Ask somebody who does.', 'beyond_own_rights')
    assertAdministers(actor, clinicId)
  }
}

/** Roles that count today or later, and whether they, or the roles above them, give the right to administer roles. */
function listHeld(tx: Tx, actor: ClinicActor, userId: string): Promise<Held[]> {
  return tx.query<Held>({
    name: 'list_held_roles',
    text: `SELECT a.clinic_id AS "clinicId", EXISTS (
        WITH RECURSIVE line AS (
          SELECT r.id, r.parent_id FROM role r WHERE r.organisation_id = a.organisation_id AND r.id = a.role_id
          UNION SELECT p.id, p.parent_id FROM line JOIN role p ON p.id = line.parent_id)
        SELECT FROM role_grant g JOIN line ON line.id = g.role_id WHERE g.permission = 'role:administer' AND g.effect = 'allow') AS "isKey"
      FROM role_assignment a WHERE a.organisation_id = $1::uuid AND a.user_id = $2::uuid AND (a.valid_until IS NULL OR a.valid_until > $3::date)`,
    values: [actor.organisationId, userId, localDateOf(tx.clock.now(), actor.clinic.timeZone)],
  })
}

/**
 * Ends every role of a user with a day, which is the last one on which it applies; roles that end before stay, and roles that would begin
 * later never apply. Throws as assertMayEndAccess does.
 * @returns ids of the roles that now end earlier
 */
export async function endAccess(tx: Tx, actor: ClinicActor, { userId, lastDay }: { userId: string; lastDay: LocalDate }): Promise<string[]> {
  await assertMayEndAccess(tx, actor, userId)
  const { organisationId } = actor
  const until = toDateColumn(addDays(lastDay, 1))
  const rows = await tx.prisma.roleAssignment.findMany({
    where: { organisationId, userId, OR: [{ validUntil: null }, { validUntil: { gt: until } }] },
    select: { id: true, validFrom: true },
  })
  const [begun, later] = [rows.filter((row) => row.validFrom < until), rows.filter((row) => row.validFrom >= until)].map((some) => some.map(({ id }) => id))
  if (begun?.length) await tx.prisma.roleAssignment.updateMany({ where: { organisationId, id: { in: begun } }, data: { validUntil: until } })
  if (later?.length) {
    // An assignment is never deleted: its one day lies in the past, whatever the zone, so that it applies on none to come.
    const never = toDateColumn([addDays(fromDateColumn(tx.clock.now()), -2), lastDay].sort()[0] ?? lastDay)
    await tx.prisma.roleAssignment.updateMany({
      where: { organisationId, id: { in: later } },
      data: { validFrom: never, validUntil: toDateColumn(addDays(fromDateColumn(never), 1)) },
    })
    tx.changes('RoleAssignment', later, ['validFrom', 'validUntil'])
  }
  tx.changes('RoleAssignment', begun ?? [], ['validUntil'])
  return rows.map(({ id }) => id)
}

/** How many roles of a user `endAccess` would end with a day. */
export async function countRolesBeyond(db: Db, { organisationId }: ClinicActor, { userId, lastDay }: { userId: string; lastDay: LocalDate }): Promise<number> {
  const until = toDateColumn(addDays(lastDay, 1))
  const rows = await db.prisma.roleAssignment.findMany({
    where: { organisationId, userId, OR: [{ validUntil: null }, { validUntil: { gt: until } }] },
    select: { id: true },
  })
  db.reads(
    'RoleAssignment',
    rows.map(({ id }) => id),
    ['userId', 'validUntil'],
  )
  return rows.length
}
