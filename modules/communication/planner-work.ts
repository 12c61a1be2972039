import type { ClinicActor } from '../kernel/actor.ts'
import type { Reader } from '../kernel/db.ts'

/** What the planner needs to know of a visit. */
export type VisitRow = {
  readonly id: string
  readonly clientId: string
  /** The client's language. */
  readonly locale: string
  readonly typeId: string
  readonly origin: string
  /** The user of whoever sees the patient. */
  readonly userId: string | null
  readonly startsAt: Date
  readonly status: string
  readonly version: number
  readonly createdAt: Date
  /** When it began as the planner last saw it; null: it is new. */
  readonly knownStartsAt: Date | null
}
export type ReminderRow = VisitRow & { readonly ruleId: string; readonly dedupeKey: string }

export type PlannedWork = {
  /** Visits to come that are not as they were last seen. */
  readonly changed: readonly VisitRow[]
  /** Reminders of the next day that are not in the outbox. */
  readonly reminders: readonly ReminderRow[]
  /** Reminders that wait although their visit has moved, ended or been given up, or their rule has ended. */
  readonly stale: readonly string[]
}

/** Visits and reminders in one run; the rest waits for the next minute. */
const BATCH = 500
/** The outbox holds the reminders of a day, so that people see what will be sent, and the quiet hours of a night can be avoided. */
const AHEAD = "interval '24 hours'"
/** A server that was down for longer does not remind of what was due then. */
const BELATED = "interval '6 hours'"

// A rule for the visit's own type takes the place of those for all types.
const APPLIES = `(r.appointment_type_id = a.type_id OR (r.appointment_type_id IS NULL AND NOT EXISTS (
  SELECT FROM message_rule s WHERE s.organisation_id = r.organisation_id AND s.clinic_id = r.clinic_id AND s.is_active AND s.event = r.event AND s.channel = r.channel
    AND s.appointment_type_id = a.type_id)))`
// Of a visit at a time: moved away and back it is the same reminder again.
const KEY = "'reminder/' || r.id || '/' || a.id || '/' || (extract(epoch FROM a.starts_at) * 1000)::bigint"
const LEAD = "r.lead_minutes * interval '1 minute'"
const VISIT = `a.id::text, p.client_id::text AS "clientId", c.locale, a.type_id::text AS "typeId", a.origin, s.user_id::text AS "userId", a.starts_at AS "startsAt", a.status, a.version,
  a.created_at AS "createdAt"`
const PEOPLE = `JOIN patient p ON p.organisation_id = a.organisation_id AND p.id = a.patient_id
  JOIN client c ON c.organisation_id = p.organisation_id AND c.id = p.client_id
  JOIN staff_profile s ON s.organisation_id = a.organisation_id AND s.id = a.staff_id`

const CHANGED = `SELECT ${VISIT}, n.starts_at AS "knownStartsAt" FROM appointment a ${PEOPLE}
  LEFT JOIN visit_notice n ON n.clinic_id = a.clinic_id AND n.appointment_id = a.id
  WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.starts_at > $3::timestamptz
    AND (n.appointment_id IS NULL OR n.starts_at <> a.starts_at OR n.is_cancelled <> (a.status = 'cancelled'))
  ORDER BY a.starts_at, a.id LIMIT ${BATCH}`

const REMINDERS = `SELECT ${VISIT}, NULL::timestamptz AS "knownStartsAt", r.id::text AS "ruleId", ${KEY} AS "dedupeKey" FROM message_rule r
  JOIN appointment a ON a.organisation_id = r.organisation_id AND a.clinic_id = r.clinic_id AND a.status IN ('scheduled', 'confirmed') AND ${APPLIES}
    AND a.starts_at > $3::timestamptz AND a.starts_at <= $3::timestamptz + ${LEAD} + ${AHEAD} AND a.starts_at > $3::timestamptz + ${LEAD} - ${BELATED}
    AND a.starts_at - ${LEAD} >= a.created_at
  ${PEOPLE}
  WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND r.event = 'reminder' AND r.is_active AND (r.channel <> 'in_app' OR s.user_id IS NOT NULL)
    AND NOT EXISTS (SELECT FROM message m WHERE m.organisation_id = r.organisation_id AND m.dedupe_key = ${KEY} AND m.status <> 'cancelled')
  ORDER BY a.starts_at, a.id, r.id LIMIT ${BATCH}`

const STALE = `SELECT m.id::text FROM message m
  JOIN appointment a ON a.clinic_id = m.clinic_id AND a.id = m.appointment_id
  JOIN message_rule r ON r.clinic_id = m.clinic_id AND r.id = m.rule_id
  WHERE m.organisation_id = $1::uuid AND m.clinic_id = $2::uuid AND m.status = 'queued' AND m.kind = 'reminder'
    AND (a.status NOT IN ('scheduled', 'confirmed') OR NOT r.is_active OR NOT ${APPLIES} OR m.dedupe_key NOT IN (${KEY}) AND m.dedupe_key NOT LIKE 'resend/%')`

/** What there is to do at a clinic at an instant. */
export async function findPlannedWork(db: Reader, actor: ClinicActor, now: Date): Promise<PlannedWork> {
  const place = [actor.organisationId, actor.clinic.id]
  const changed = await db.query<VisitRow>({ name: 'plan_changed_visits', text: CHANGED, values: [...place, now] })
  const reminders = await db.query<ReminderRow>({ name: 'plan_reminders', text: REMINDERS, values: [...place, now] })
  const stale = await db.query<{ id: string }>({ name: 'plan_stale_reminders', text: STALE, values: place })
  return { changed, reminders, stale: stale.map(({ id }) => id) }
}

export function isWorthless({ changed, reminders, stale }: PlannedWork): boolean {
  return changed.length + reminders.length + stale.length === 0
}
