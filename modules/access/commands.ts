import { z } from 'zod'
import { type ClinicActor, holds, holdsEverywhere, LOCALES, type Locale, type SystemActor, toLocale } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, invalid, NotFoundError, NotPermittedError, StaleVersionError } from '../kernel/errors.ts'
import { isPermission, type Permission } from '../kernel/permissions.ts'
import { DAY_MS, isLocalDate, isTimeZone, type LocalDate, localDateOf, toDateColumn } from '../kernel/time.ts'
import { line, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { DEFAULT_ROLES } from './default-roles.ts'

const USER_FIELDS = ['email', 'name', 'locale', 'isActive'] as const

const clinicSchema = z.object({
  name: line(120),
  countryCode: z.string().regex(/^[A-Z]{2}$/),
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone such as America/Mexico_City'),
  currency: z.string().regex(/^[A-Z]{3}$/),
  locale: z.enum(LOCALES),
})
export type NewClinic = z.input<typeof clinicSchema>

const organisationSchema = z.object({ name: line(120), clinics: z.array(clinicSchema).min(1).max(50) })
export type NewOrganisation = z.input<typeof organisationSchema>

/**
 * Creates an organisation with its clinics and the default roles. The actor is the installation, scoped to the new
 * organisation's id.
 * @returns ids of the clinics, in the order given
 */
export async function createOrganisation(tx: Tx, actor: SystemActor, input: NewOrganisation): Promise<{ clinicIds: string[] }> {
  const { name, clinics } = validate(organisationSchema, input)
  const [first] = clinics
  if (!first) throw invalid('clinics', 'too_small', 'needs at least one clinic')
  const { organisationId } = actor
  await tx.prisma.organisation.create({ data: { id: organisationId, name, countryCode: first.countryCode, locale: first.locale } })
  const clinicIds: string[] = []
  for (const [index, clinic] of clinics.entries()) {
    const created = await tx.prisma.clinic.create({ data: { ...(index === 0 ? { id: actor.clinic.id } : {}), organisationId, ...clinic } })
    clinicIds.push(created.id)
  }
  const roleIds: string[] = []
  for (const { code, isClinical, allow, own = [] } of DEFAULT_ROLES) {
    const role = await tx.prisma.role.create({ data: { organisationId, code, isClinical } })
    roleIds.push(role.id)
    const grants = [...allow.map((permission) => ({ permission, condition: 'all' })), ...own.map((permission) => ({ permission, condition: 'own' }))]
    await tx.prisma.roleGrant.createMany({ data: grants.map((grant) => ({ organisationId, roleId: role.id, ...grant })) })
  }
  tx.changes('Organisation', [organisationId], ['name', 'countryCode', 'locale'])
  tx.changes('Clinic', clinicIds, ['name', 'countryCode', 'timeZone', 'currency', 'locale'])
  tx.changes('Role', roleIds, ['code', 'isClinical', 'grants'])
  return { clinicIds }
}

/**
 * The next consecutive number of a clinic's counter (`patient`, `invoice`), starting at 1. The counter's row stays locked
 * until the transaction ends, so that a rollback leaves no gap: take numbers as late as you can.
 */
export async function takeNumber(tx: Tx, actor: ClinicActor, name: string): Promise<bigint> {
  const [taken] = await tx.query<{ value: bigint }>({
    name: 'take_number',
    text: `INSERT INTO clinic_counter AS c (organisation_id, clinic_id, name, value) VALUES ($1::uuid, $2::uuid, $3, 1)
      ON CONFLICT (organisation_id, clinic_id, name) DO UPDATE SET value = c.value + 1 RETURNING value`,
    values: [actor.organisationId, actor.clinic.id, name],
  })
  if (!taken) throw new Error(`the counter ${name} gave no number`)
  return BigInt(taken.value)
}

const userSchema = z.object({
  email: z.string().trim().toLowerCase().pipe(z.email()).pipe(z.string().max(200)),
  name: line(120),
  locale: z.enum(LOCALES),
  /** An argon2id hash: passwords never reach a command. */
  passwordHash: z.string().startsWith('$argon2id$'),
})
export type NewUser = z.input<typeof userSchema>

/** Creates a person who can sign in. Throws AlreadyExistsError for an address that is taken. */
export async function createUser(tx: Tx, actor: ClinicActor, input: NewUser): Promise<{ id: string }> {
  const data = validate(userSchema, input)
  try {
    const user = await tx.prisma.user.create({ data: { organisationId: actor.organisationId, ...data } })
    tx.changes('User', [user.id], USER_FIELDS)
    return { id: user.id }
  } catch (error) {
    if (violation(error)?.code === '23505') throw new AlreadyExistsError('User', 'email')
    throw error
  }
}

export type RoleToAssign = {
  userId: string
  roleCode: string
  clinicId?: string | null | undefined
  validFrom?: LocalDate | null | undefined
  validUntil?: LocalDate | null | undefined
}

/**
 * Gives a role to a person, at one clinic or (no clinic) at all of them. It counts from the person's next operation on.
 * Throws NotPermittedError for a place beyond the caller's own right to administer roles.
 */
export async function assignRole(tx: Tx, actor: ClinicActor, input: RoleToAssign): Promise<{ id: string; userId: string }> {
  const { organisationId } = actor
  assertAdministers(actor, input.clinicId ?? null)
  const role = await tx.prisma.role.findFirst({ where: { organisationId, code: input.roleCode }, include: { grants: true } })
  if (!role) throw new NotFoundError('Role')
  assertWithinOwnRights(actor, input.userId, role.grants)
  if (!(await tx.prisma.user.findFirst({ where: { organisationId, id: input.userId } }))) throw new NotFoundError('User')
  const clinics = await tx.prisma.clinic.findMany({ where: { organisationId, ...(input.clinicId ? { id: input.clinicId } : {}) } })
  if (clinics.length === 0) throw new NotFoundError('Clinic')
  // Today at the clinic that is furthest behind, so that the role counts at every one of them from now on.
  const today = clinics.map(({ timeZone }) => localDateOf(tx.clock.now(), timeZone)).sort()[0] ?? localDateOf(tx.clock.now(), actor.clinic.timeZone)
  const validFrom = input.validFrom ?? today
  for (const [path, date] of [
    ['validFrom', validFrom],
    ['validUntil', input.validUntil],
  ] as const)
    if (date && !isLocalDate(date)) throw invalid(path, 'date', 'must be a day')
  if (input.validUntil && input.validUntil <= validFrom) throw invalid('validUntil', 'ordered', 'must be after validFrom')
  const assignment = await tx.prisma.roleAssignment.create({
    data: {
      organisationId,
      userId: input.userId,
      roleId: role.id,
      clinicId: input.clinicId ?? null,
      validFrom: toDateColumn(validFrom),
      validUntil: input.validUntil ? toDateColumn(input.validUntil) : null,
    },
  })
  tx.changes('RoleAssignment', [assignment.id], ['userId', 'roleId', 'clinicId', 'validFrom', 'validUntil'])
  return { id: assignment.id, userId: input.userId }
}

// An administrator hires veterinarians without being one, but neither becomes one alone nor makes somebody mightier than
// themselves.
function assertWithinOwnRights(actor: ClinicActor, userId: string, grants: readonly { permission: string; effect: string }[]): void {
  const given = grants.flatMap(({ permission, effect }) => (effect === 'allow' && isPermission(permission) ? [permission] : []))
  const isOwnRole = actor.kind === 'user' && actor.userId === userId
  if ((isOwnRole || given.some(isKeyRight)) && given.some((permission) => !holds(actor, permission)))
    throw new NotPermittedError('This role holds rights that you do not have. Ask somebody who has them.', 'beyond_own_rights')
}

// Whoever administers roles at one clinic would otherwise give themselves every other one.
export function assertAdministers(actor: ClinicActor, clinicId: string | null): void {
  if (clinicId === actor.clinic.id || holdsEverywhere(actor, 'role:administer')) return
  throw new NotPermittedError('You administer roles at the active clinic only. Ask somebody who does so for the organisation.', 'own_clinic_only')
}

/**
 * Ends a role on a day: the first day on which it no longer applies. Throws NotPermittedError for the last owner, and for a
 * role beyond the caller's own right to administer roles.
 */
export async function endRoleAssignment(
  tx: Tx,
  actor: ClinicActor,
  input: { id: string; validUntil?: LocalDate | null | undefined },
): Promise<{ id: string; userId: string }> {
  const { organisationId } = actor
  const assignment = await tx.prisma.roleAssignment.findFirst({ where: { organisationId, id: input.id }, include: { role: true } })
  if (!assignment) throw new NotFoundError('RoleAssignment')
  assertAdministers(actor, assignment.clinicId)
  if (assignment.role.code === 'owner') await assertAnotherOwner(tx, actor, assignment.userId)
  const today = localDateOf(tx.clock.now(), actor.clinic.timeZone)
  const until = toDateColumn(input.validUntil ?? today)
  if (until <= assignment.validFrom) {
    // It began today or later: ending it before it began means that it never applied.
    await tx.prisma.roleAssignment.updateMany({
      where: { organisationId, id: input.id },
      data: { validFrom: new Date(until.getTime() - DAY_MS), validUntil: until },
    })
  } else await tx.prisma.roleAssignment.updateMany({ where: { organisationId, id: input.id }, data: { validUntil: until } })
  tx.changes('RoleAssignment', [input.id], ['validUntil'])
  return { id: input.id, userId: assignment.userId }
}

async function assertAnotherOwner(tx: Tx, actor: ClinicActor, userId: string): Promise<void> {
  const { organisationId } = actor
  // Two owners who remove each other at the same moment would each see the other one still there.
  await tx.query({
    name: 'take_turn_with_owners',
    text: "SELECT pg_advisory_xact_lock(hashtextextended('owners:' || $1, 0))::text AS turn",
    values: [organisationId],
  })
  const today = toDateColumn(localDateOf(tx.clock.now(), actor.clinic.timeZone))
  const others = await tx.prisma.roleAssignment.count({
    where: {
      organisationId,
      role: { code: 'owner' },
      userId: { not: userId },
      // Nor would one whose employment ends, and their access with it.
      user: { isActive: true, OR: [{ staff: null }, { staff: { isActive: true, terminatedOn: null } }] },
      validFrom: { lte: today },
      // One whose role ends on a known day would leave nobody behind.
      validUntil: null,
    },
  })
  if (others === 0) throw new NotPermittedError('The last owner keeps the role. Give it to somebody else first.', 'last_owner')
}

export type PermissionChange = { roleCode: string; permission: string; effect: 'allow' | 'deny' | 'none' }

/**
 * Allows, denies or clears a right of a role. A denial wins over every allow of the person's other roles. Roles belong to
 * the organisation, so that only who administers them everywhere may change one.
 */
export async function setRolePermission(tx: Tx, actor: ClinicActor, input: PermissionChange): Promise<{ id: string }> {
  const { organisationId } = actor
  assertAdministers(actor, null)
  if (!isPermission(input.permission)) throw invalid('permission', 'unknown', 'is not a permission of this version')
  const role = await tx.prisma.role.findFirst({ where: { organisationId, code: input.roleCode } })
  if (!role) throw new NotFoundError('Role')
  if (role.code === 'owner' && input.effect !== 'allow' && isKeyRight(input.permission))
    throw new NotPermittedError('The owner keeps the right to administer roles: nobody could give it back.', 'owner_keeps_roles')
  if (input.effect === 'allow' && actor.kind === 'user' && actor.roles.includes(role.code) && !holds(actor, input.permission))
    throw new NotPermittedError('You cannot give your own role a right that you do not have.', 'beyond_own_rights')
  // First, so that changes of one role take turns: a grant that another one has just written must be seen to be deleted.
  await tx.prisma.role.updateMany({ where: { organisationId, id: role.id }, data: { version: { increment: 1 } } })
  await tx.prisma.roleGrant.deleteMany({ where: { organisationId, roleId: role.id, permission: input.permission } })
  if (input.effect !== 'none')
    await tx.prisma.roleGrant.create({ data: { organisationId, roleId: role.id, permission: input.permission, effect: input.effect } })
  tx.changes('Role', [role.id], ['grants'])
  return { id: role.id }
}

function isKeyRight(permission: Permission): boolean {
  return permission === 'role:administer'
}

/**
 * Activates or deactivates a person; an inactive one is out on the next operation. Nobody deactivates themselves, and who
 * administers one clinic decides over people of that clinic alone.
 */
export async function setUserActive(tx: Tx, actor: ClinicActor, input: { id: string; version: number; isActive: boolean }): Promise<{ id: string }> {
  const { organisationId } = actor
  const user = await tx.prisma.user.findFirst({ where: { organisationId, id: input.id } })
  if (!user) throw new NotFoundError('User')
  if (actor.kind === 'user' && actor.userId === user.id && !input.isActive) throw new NotPermittedError('Ask somebody else to deactivate you.', 'own_account')
  const elsewhere = await tx.prisma.roleAssignment.findFirst({
    where: { organisationId, userId: user.id, OR: [{ clinicId: null }, { clinicId: { not: actor.clinic.id } }] },
  })
  if (elsewhere) assertAdministers(actor, elsewhere.clinicId)
  if (!input.isActive) await assertNotLastOwner(tx, actor, user.id)
  const changed = await tx.prisma.user.updateMany({
    where: { organisationId, id: input.id, version: input.version },
    data: { isActive: input.isActive, version: { increment: 1 } },
  })
  if (changed.count === 0) throw new StaleVersionError('User', user.version)
  if (!input.isActive)
    await tx.prisma.session.updateMany({
      where: { organisationId, userId: input.id, revokedAt: null },
      data: { revokedAt: tx.clock.now(), revokedReason: 'deactivated' },
    })
  tx.changes('User', [input.id], ['isActive'])
  return { id: input.id }
}

export async function assertNotLastOwner(tx: Tx, actor: ClinicActor, userId: string): Promise<void> {
  const { organisationId } = actor
  const isOwner = await tx.prisma.roleAssignment.count({ where: { organisationId, userId, role: { code: 'owner' } } })
  if (isOwner > 0) await assertAnotherOwner(tx, actor, userId)
}

/** Replaces the person's own password, given as its hash, and ends every other session of theirs. */
export async function changePassword(tx: Tx, actor: ClinicActor, input: { passwordHash: string }): Promise<{ id: string }> {
  if (actor.kind !== 'user') throw new NotPermittedError('Only a person has a password.', 'person_only')
  const { organisationId, userId, sessionId } = actor
  await tx.prisma.user.updateMany({ where: { organisationId, id: userId }, data: { passwordHash: input.passwordHash, version: { increment: 1 } } })
  await tx.prisma.session.updateMany({
    where: { organisationId, userId, id: { not: sessionId }, revokedAt: null },
    data: { revokedAt: tx.clock.now(), revokedReason: 'password_changed' },
  })
  tx.changes('User', [userId], ['passwordHash'])
  return { id: userId }
}

/** Keeps the language that a person has chosen for themselves. */
/** The language of a tag, of which a browser's own are understood (es-AR, en-GB). Throws InvalidInputError for what is none at all. */
export function readLocale(tag: string): Locale {
  if (!/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag)) throw invalid('locale', 'language', `must be a language such as ${LOCALES.join(' or ')}`)
  return toLocale(tag)
}

export async function setLocale(tx: Tx, actor: ClinicActor, input: { locale: string }): Promise<{ id: string }> {
  if (actor.kind !== 'user') throw new NotPermittedError('Only a person has a language.', 'person_only')
  await tx.prisma.user.updateMany({ where: { organisationId: actor.organisationId, id: actor.userId }, data: { locale: readLocale(input.locale) } })
  tx.changes('User', [actor.userId], ['locale'])
  return { id: actor.userId }
}
