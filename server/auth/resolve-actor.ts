import { type ActorClinic, type Reach, toLocale, type UserActor } from '../../modules/kernel/actor.ts'
import { isPermission, type Permission } from '../../modules/kernel/permissions.ts'
import { dayInterval, localDateOf, MINUTE_MS } from '../../modules/kernel/time.ts'
import type { Database } from '../db.ts'
import { queryInScope } from '../scoped-query.ts'
import { type AccessClaims, IDLE_MINUTES } from './tokens.ts'

type Held = {
  code: string
  isClinical: boolean
  clinicId: string | null
  from: string
  until: string | null
  grants: { permission: string; effect: string; condition: string }[]
}
type SessionRow = {
  user_id: string
  user_name: string
  locale: string
  last_active_at: Date
  share_patients: boolean
  version: string
  staff_id: string | null
  clinics: ActorClinic[]
  held: Held[]
}

/** A person at one of their clinics, with the version of the organisation's rights from which theirs were worked out. */
export type Resolved = {
  readonly kind: 'user'
  readonly actor: UserActor
  readonly version: string
  readonly lastActiveAt: Date
  /** The first instant at which a day begins at one of the clinics: what is valid by date may change then. */
  readonly until: Date
}

/** Somebody who is signed in but holds no role at the clinic that they asked for. */
export type OutOfReach = { readonly kind: 'out-of-reach'; readonly userId: string; readonly userName: string }

// One prepared look-up: person, clinics, roles with their ancestors' grants, for whoever `s` names. Whatever an assignment says, it ends with
// the last day of employment.
const FACTS = `
SELECT s.user_id, u.name AS user_name, u.locale, s.last_active_at, o.share_patients, v.version,
  (SELECT sp.id FROM staff_profile sp WHERE sp.organisation_id = s.organisation_id AND sp.user_id = s.user_id AND sp.is_active) AS staff_id,
  (SELECT coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'timeZone', c.time_zone, 'currency', c.currency, 'countryCode', c.country_code,
      'locale', c.locale, 'opensMinute', c.opens_minute, 'closesMinute', c.closes_minute) ORDER BY c.created_at, c.id), '[]')
    FROM clinic c WHERE c.organisation_id = s.organisation_id AND c.archived_at IS NULL) AS clinics,
  (SELECT coalesce(json_agg(json_build_object('code', r.code, 'isClinical', r.is_clinical, 'clinicId', a.clinic_id, 'from', a.valid_from, 'until', least(a.valid_until, e.terminated_on + 1),
      'grants', (WITH RECURSIVE line AS (
          SELECT r.id, r.parent_id UNION SELECT p.id, p.parent_id FROM line JOIN role p ON p.id = line.parent_id)
        SELECT coalesce(json_agg(json_build_object('permission', g.permission, 'effect', g.effect, 'condition', g.condition)), '[]')
        FROM role_grant g JOIN line ON line.id = g.role_id))), '[]')
    FROM role_assignment a JOIN role r ON r.organisation_id = a.organisation_id AND r.id = a.role_id
    LEFT JOIN staff_profile e ON e.organisation_id = a.organisation_id AND e.user_id = a.user_id
    WHERE a.organisation_id = s.organisation_id AND a.user_id = s.user_id AND e.is_active IS NOT false) AS held`
const OF_PERSON = `
JOIN app_user u ON u.organisation_id = s.organisation_id AND u.id = s.user_id
JOIN organisation o ON o.id = s.organisation_id
JOIN access_version v ON v.organisation_id = s.organisation_id`
const RESOLVE = `${FACTS} FROM session s ${OF_PERSON} WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND u.is_active`
const RESOLVE_MEMBER = `${FACTS} FROM (SELECT organisation_id, id AS user_id, $2::timestamptz AS last_active_at FROM app_user WHERE id = $1) s ${OF_PERSON} WHERE u.is_active`

/**
 * The person behind a token at the wished clinic (or the first of theirs), unless that clinic is not theirs; null when the session has ended, has been idle
 * for 15 minutes, or the person is inactive or holds no role today. Rights are fresh: a change of role, permission or
 * activity counts from the next operation on.
 */
export async function resolveActor(database: Database, claims: AccessClaims, wishedClinicId: string | null, now: Date): Promise<Resolved | OutOfReach | null> {
  const scope = { organisationId: claims.organisationId, clinicIds: [], sharePatients: false }
  const { rows } = await queryInScope<SessionRow>(database.pool, scope, { name: 'resolve_session', text: RESOLVE, values: [claims.sessionId, now] })
  const row = rows[0]
  if (!row || now.getTime() - row.last_active_at.getTime() >= IDLE_MINUTES * MINUTE_MS) return null
  return toResolved(row, claims, wishedClinicId, now)
}

/**
 * A person who is not there but on whose behalf something is read that they have arranged (a calendar that a program subscribes to), with the
 * rights that they have now at that clinic; null when they are inactive or hold no role there.
 * @param grantId what the trail names instead of a session: by which standing permission it is read
 */
export async function resolveMember(
  database: Database,
  organisationId: string,
  userId: string,
  clinicId: string,
  now: Date,
  grantId: string,
): Promise<UserActor | null> {
  const scope = { organisationId, clinicIds: [], sharePatients: false }
  const { rows } = await queryInScope<SessionRow>(database.pool, scope, { name: 'resolve_member', text: RESOLVE_MEMBER, values: [userId, now] })
  const resolved = rows[0] ? toResolved(rows[0], { sessionId: grantId, organisationId }, clinicId, now) : null
  return resolved?.kind === 'user' ? resolved.actor : null
}

function toResolved(row: SessionRow, claims: AccessClaims, wishedClinicId: string | null, now: Date): Resolved | OutOfReach | null {
  const clinics = row.clinics.map((clinic) => ({ ...clinic, locale: toLocale(clinic.locale) })).filter((clinic) => heldAt(row.held, clinic, now).length > 0)
  const clinic = wishedClinicId === null ? clinics[0] : clinics.find(({ id }) => id === wishedClinicId)
  if (!clinic) return clinics.length > 0 ? { kind: 'out-of-reach', userId: row.user_id, userName: row.user_name } : null
  const held = heldAt(row.held, clinic, now)
  const actor: UserActor = {
    kind: 'user',
    userId: row.user_id,
    userName: row.user_name,
    sessionId: claims.sessionId,
    organisationId: claims.organisationId,
    clinic,
    clinics,
    sharePatients: row.share_patients,
    staffId: row.staff_id,
    roles: [...new Set(held.map(({ code }) => code))].sort(),
    isClinical: held.some(({ isClinical }) => isClinical),
    rights: resolveRights(held.flatMap(({ grants }) => grants)),
    rightsEverywhere: resolveRights(held.flatMap(({ clinicId, grants }) => grants.filter(({ effect }) => clinicId === null || effect === 'deny'))),
    locale: toLocale(row.locale),
  }
  const midnights = row.clinics.map(({ timeZone }) => dayInterval(localDateOf(now, timeZone), timeZone).end.getTime())
  return { kind: 'user', actor, version: row.version, lastActiveAt: row.last_active_at, until: new Date(Math.min(...midnights)) }
}

function heldAt(held: readonly Held[], clinic: ActorClinic, now: Date): Held[] {
  const today = localDateOf(now, clinic.timeZone)
  return held.filter(({ clinicId, from, until }) => (clinicId === null || clinicId === clinic.id) && from <= today && (until === null || until > today))
}

/** Joins grants of several roles: a denial wins over every allow, and `all` over `own`. */
export function resolveRights(grants: readonly { permission: string; effect: string; condition: string }[]): ReadonlyMap<Permission, Reach> {
  const rights = new Map<Permission, Reach>()
  for (const { permission, effect, condition } of grants) {
    if (effect !== 'allow' || !isPermission(permission)) continue
    if (condition === 'all' || !rights.has(permission)) rights.set(permission, condition === 'all' ? 'all' : 'own')
  }
  for (const { permission, effect } of grants) if (effect === 'deny' && isPermission(permission)) rights.delete(permission)
  return rights
}

/** Activity is written at most once a minute. */
export const TOUCH_MS = MINUTE_MS

/** Notes that the person did something. */
export async function touchSession(database: Database, claims: AccessClaims, now: Date): Promise<void> {
  const scope = { organisationId: claims.organisationId, clinicIds: [], sharePatients: false }
  await queryInScope(database.pool, scope, {
    name: 'touch_session',
    text: 'UPDATE session SET last_active_at = $2 WHERE id = $1 AND last_active_at < $2',
    values: [claims.sessionId, now],
  })
}
