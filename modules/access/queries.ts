import type { CountryPreset, Role, RoleAssignment, User } from '../../prisma/client/client.ts'
import type { ActorClinic, ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { isPermission, type Permission } from '../kernel/permissions.ts'
import { defineRecords } from '../kernel/records.ts'
import type { LocalDate } from '../kernel/time.ts'

const USER_FIELDS = ['email', 'isActive', 'locale', 'name'] as const
/** A user without what nobody may read. */
export type UserRow = Omit<User, 'passwordHash'>
export type RoleRow = Role & { readonly permissions: readonly Permission[]; readonly denied: readonly Permission[] }

/** Users by id, in one statement. */
export async function findUsersByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<UserRow[]> {
  const rows = await db.prisma.user.findMany({ where: { organisationId: actor.organisationId, id: { in: [...ids] } }, omit: { passwordHash: true } })
  db.reads(
    'User',
    rows.map(({ id }) => id),
    USER_FIELDS,
  )
  return rows
}

/** A page of the organisation's users by name, one row more than the limit when there is more. */
export async function listUsers(db: Db, actor: ClinicActor, page: { limit: number; offset: number }): Promise<UserRow[]> {
  const rows = await db.prisma.user.findMany({
    where: { organisationId: actor.organisationId },
    omit: { passwordHash: true },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: page.limit,
    skip: page.offset,
  })
  db.reads(
    'User',
    rows.map(({ id }) => id),
    USER_FIELDS,
  )
  return rows
}

/** Role assignments of users, grouped by user, newest first. */
export async function listAssignmentsByUser(db: Db, actor: ClinicActor, userIds: readonly string[]): Promise<ReadonlyMap<string, RoleAssignment[]>> {
  const rows = await db.prisma.roleAssignment.findMany({
    where: { organisationId: actor.organisationId, userId: { in: [...userIds] } },
    orderBy: [{ validFrom: 'desc' }, { id: 'desc' }],
  })
  db.reads(
    'RoleAssignment',
    rows.map(({ id }) => id),
    ['clinicId', 'roleId', 'userId', 'validFrom', 'validUntil'],
  )
  return Map.groupBy(rows, ({ userId }) => userId)
}

/** Roles with their rights, in one statement each for roles and grants. */
export async function listRoles(db: Db, actor: ClinicActor): Promise<RoleRow[]> {
  return readRoles(db, { organisationId: actor.organisationId })
}

export async function findRolesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<RoleRow[]> {
  return readRoles(db, { organisationId: actor.organisationId, id: { in: [...ids] } })
}

async function readRoles(db: Db, where: { organisationId: string; id?: { in: string[] } }): Promise<RoleRow[]> {
  const roles = await db.prisma.role.findMany({ where, include: { grants: true }, orderBy: { createdAt: 'asc' } })
  db.reads(
    'Role',
    roles.map(({ id }) => id),
    ['code', 'grants', 'isClinical', 'name'],
  )
  return roles.map(({ grants, ...role }) => ({
    ...role,
    permissions: grants.flatMap(({ permission, effect }) => (effect === 'allow' && isPermission(permission) ? [permission] : [])).sort(),
    denied: grants.flatMap(({ permission, effect }) => (effect === 'deny' && isPermission(permission) ? [permission] : [])).sort(),
  }))
}

/** What rules, prices and dates need to know of clinics; the rest of the table is nobody's business here. */
export const clinics = defineRecords<ActorClinic>(
  {
    id: 'plain',
    name: 'plain',
    timeZone: 'plain',
    currency: 'plain',
    countryCode: 'plain',
    locale: 'plain',
    opensMinute: 'plain',
    closesMinute: 'plain',
  },
  { type: 'Clinic', key: 'id', fields: ['currency', 'name', 'timeZone'] },
)

/** Clinics of the organisation by id. */
export async function findClinicsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<ActorClinic[]> {
  return clinics.read(db, {
    name: 'find_clinics_by_ids',
    text: `SELECT ${clinics.columns('c')} FROM clinic c WHERE c.organisation_id = $1::uuid AND c.id = ANY ($2::uuid[])`,
    values: [actor.organisationId, [...ids]],
  })
}

/** Reference data, open to everybody: what a first clinic can start with. */
export function listCountryPresets(db: Db): Promise<CountryPreset[]> {
  return db.prisma.countryPreset.findMany({ orderBy: { code: 'asc' } })
}

/** Whether another active person holds the right over all records at the active clinic today. */
export async function doOthersHold(db: Db, actor: ClinicActor, permission: Permission, today: LocalDate): Promise<boolean> {
  const userId = actor.kind === 'user' ? actor.userId : null
  const [row] = await db.query<{ isHeld: boolean }>({
    name: 'do_others_hold',
    text: `SELECT EXISTS (SELECT FROM (${holdersOf({ permission: '$4', today: '$5' })}) AS holder WHERE holder.user_id IS DISTINCT FROM $3::uuid) AS "isHeld"`,
    values: [actor.organisationId, actor.clinic.id, userId, permission, today],
  })
  db.aggregates('doOthersHold', { permission })
  return row?.isHeld === true
}

/** Ids of the people who hold a right at the active clinic, over all records, on a day. */
export async function listUserIdsWhoHold(db: Db, actor: ClinicActor, permission: Permission, today: LocalDate): Promise<string[]> {
  const rows = await db.query<{ userId: string }>({
    name: 'list_user_ids_who_hold',
    text: `SELECT holder.user_id::text AS "userId" FROM (${holdersOf({ permission: '$3', today: '$4' })}) AS holder ORDER BY 1`,
    values: [actor.organisationId, actor.clinic.id, permission, today],
  })
  db.aggregates('usersWhoHold', { permission })
  return rows.map(({ userId }) => userId)
}

/**
 * A query of the `user_id` of each active person who holds a right over all records at a clinic on a day, and whether they hold it for the whole
 * organisation (`is_everywhere`), for a statement in which $1 is the organisation and $2 the clinic; the others are placeholders. A denial by any
 * role wins, as when a person's own rights are worked out.
 */
export function holdersOf({ permission, today }: { readonly permission: string; readonly today: string }): string {
  return `WITH RECURSIVE held AS (
    SELECT a.user_id, r.id, r.parent_id, a.clinic_id IS NULL AS is_everywhere FROM role_assignment a JOIN role r ON r.organisation_id = a.organisation_id AND r.id = a.role_id
    WHERE a.organisation_id = $1::uuid AND (a.clinic_id IS NULL OR a.clinic_id = $2::uuid) AND a.valid_from <= ${today}::date AND (a.valid_until IS NULL OR a.valid_until > ${today}::date)
    UNION SELECT h.user_id, p.id, p.parent_id, h.is_everywhere FROM held h JOIN role p ON p.organisation_id = $1::uuid AND p.id = h.parent_id)
  SELECT h.user_id, bool_or(g.effect = 'allow' AND g.condition = 'all' AND h.is_everywhere) AS is_everywhere FROM held h
    JOIN role_grant g ON g.organisation_id = $1::uuid AND g.role_id = h.id AND g.permission = ${permission}
    JOIN app_user u ON u.organisation_id = $1::uuid AND u.id = h.user_id AND u.is_active
    WHERE NOT EXISTS (SELECT FROM staff_profile e WHERE e.organisation_id = $1::uuid AND e.user_id = h.user_id AND (NOT e.is_active OR e.terminated_on < ${today}::date))
    GROUP BY h.user_id HAVING bool_or(g.effect = 'allow' AND g.condition = 'all') AND NOT bool_or(g.effect = 'deny')`
}
