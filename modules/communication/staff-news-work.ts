import { holdersOf } from '../access/index.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Reader } from '../kernel/db.ts'
import { localDateOf } from '../kernel/time.ts'
import { EXPIRY_DAYS } from '../staff/index.ts'
import type { MessageParams } from './params.ts'
import type { StaffCode } from './vocabulary.ts'

/** Something that one person who works here is to be told. */
export type NewsRow = {
  readonly code: StaffCode
  readonly userId: string
  readonly locale: string
  readonly params: MessageParams
  /** Without the channel. */
  readonly dedupeKey: string
  /** Whoever merely has to see to it is told inside the product alone. */
  readonly isByMail: boolean
}

/** A shift to come that is not as people were told. */
export type ShiftRow = {
  readonly id: string
  readonly rosterId: string
  readonly weekStart: string
  readonly startsAt: Date
  readonly endsAt: Date
  /** Who has it now, and who had it; null: nobody. */
  readonly staffId: string | null
  readonly knownStaffId: string | null
  /** Milliseconds, as a text: what makes two runs mean the same change. */
  readonly changedAt: string
  /** Whether people have been told of this week before. */
  readonly isKnownWeek: boolean
  /** It changed hands by a swap, of which both are told. */
  readonly isSwapped: boolean
}

export type StaffNewsWork = { readonly news: readonly NewsRow[]; readonly shifts: readonly ShiftRow[] }

const BATCH = 500
/** What was decided longer ago is no news, however late it is noticed. */
const RECENT = "interval '24 hours'"

// Exactly one clinic tells of a person: their primary one; else the first at which they hold a role, so that they see it there; else the first of
// all. An archived one tells nobody. Which it is may depend on the instant alone: at clinics of different zones it is not the same day.
const HOME = `SELECT k.id FROM clinic k WHERE k.organisation_id = s.organisation_id AND k.archived_at IS NULL
  ORDER BY k.id = s.primary_clinic_id DESC NULLS LAST, EXISTS (SELECT FROM role_assignment a WHERE a.organisation_id = s.organisation_id AND a.user_id = s.user_id AND a.clinic_id = k.id
    AND a.valid_from <= ($3::timestamptz AT TIME ZONE 'UTC')::date AND (a.valid_until IS NULL OR a.valid_until > ($3::timestamptz AT TIME ZONE 'UTC')::date)) DESC, k.created_at, k.id
  LIMIT 1`

// The nearest limit alone: whoever records a credential that expires next week need not hear that it expires within three months.
const EXPIRING = `SELECT c.id, c.expires_on, near.days, s.id AS staff_id, s.user_id, coalesce(s.primary_clinic_id = $2::uuid, false) AS is_of_clinic
  FROM staff_credential c JOIN staff_profile s ON s.organisation_id = c.organisation_id AND s.id = c.staff_id
  JOIN LATERAL (${HOME}) AS home ON home.id = $2::uuid
  CROSS JOIN LATERAL (SELECT min(days) AS days FROM unnest(ARRAY[${EXPIRY_DAYS.join(', ')}]) AS days WHERE c.expires_on - $4::date <= days) AS near
  WHERE c.organisation_id = $1::uuid AND c.status <> 'revoked' AND c.expires_on >= $4::date AND c.expires_on <= $4::date + ${Math.max(...EXPIRY_DAYS)}
    AND s.is_active AND (s.terminated_on IS NULL OR s.terminated_on >= $4::date)`

// The key names the clinic: what a sister clinic has told is out of sight, and whoever goes to another clinic is news to those who manage it.
// Of whoever has no primary clinic only those are told who hold the right for the whole organisation: no one clinic answers for them.
const CREDENTIALS = `SELECT 'credential_expiring' AS code, u.id AS "userId", u.locale, json_build_object('credentialId', c.id, 'staffId', c.staff_id, 'expiresOn', c.expires_on) AS params,
    'credential/' || $2::uuid || '/' || c.id || '/' || c.expires_on || '/' || c.days || '/' || u.id AS "dedupeKey", coalesce(u.id = c.user_id, false) AS "isByMail"
  FROM expiring c
  CROSS JOIN LATERAL (SELECT c.user_id UNION SELECT holder.user_id FROM holder WHERE holder.is_everywhere OR c.is_of_clinic) AS told
  JOIN app_user u ON u.organisation_id = $1::uuid AND u.id = told.user_id AND u.is_active`

// Whoever has decided knows.
const SWAPS = `SELECT 'swap_' || w.status, u.id, u.locale,
    json_strip_nulls(json_build_object('swapId', w.id, 'shiftId', w.shift_id, 'staffId', CASE p.id WHEN w.from_staff_id THEN w.to_staff_id ELSE w.from_staff_id END)),
    'swap/' || w.id || '/' || w.status || '/' || u.id, true
  FROM shift_swap w JOIN roster_shift d ON d.clinic_id = w.clinic_id AND d.id = w.shift_id
  JOIN staff_profile p ON p.organisation_id = w.organisation_id AND CASE w.status WHEN 'asked' THEN p.id = w.to_staff_id WHEN 'accepted' THEN p.id = w.from_staff_id
    ELSE p.id IN (w.from_staff_id, w.to_staff_id) END
  JOIN app_user u ON u.organisation_id = p.organisation_id AND u.id = p.user_id AND u.is_active AND u.id IS DISTINCT FROM w.decided_by_id
  WHERE w.organisation_id = $1::uuid AND w.clinic_id = $2::uuid AND p.is_active AND d.starts_at > $3::timestamptz
    AND (w.status IN ('asked', 'accepted') OR (w.status IN ('approved', 'refused') AND w.decided_at > $3::timestamptz - ${RECENT}))`

const TIME_OFF = `SELECT 'time_off_' || r.status, u.id, u.locale, json_build_object('timeOffId', r.id, 'staffId', r.staff_id), 'time-off/' || r.id || '/' || r.status || '/' || u.id, true
  FROM time_off_request r JOIN staff_profile p ON p.organisation_id = r.organisation_id AND p.id = r.staff_id
  JOIN app_user u ON u.organisation_id = p.organisation_id AND u.id = p.user_id AND u.is_active AND u.id IS DISTINCT FROM r.decided_by_id
  WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND p.is_active AND r.status IN ('approved', 'refused') AND r.decided_at > $3::timestamptz - ${RECENT}`

// Materialised, so that a wrong guess of how few there are works nobody's rights out more than once.
const NEWS = `WITH expiring AS MATERIALIZED (${EXPIRING}), holder AS MATERIALIZED (${holdersOf({ permission: "'credential:manage'", today: '$4' })})
  SELECT * FROM (${CREDENTIALS} UNION ALL ${SWAPS} UNION ALL ${TIME_OFF}) AS news
  WHERE NOT EXISTS (SELECT FROM message m WHERE m.organisation_id = $1::uuid AND m.dedupe_key = news."dedupeKey" || '/in_app' AND m.status <> 'cancelled')
  ORDER BY "dedupeKey" LIMIT ${BATCH}`

// Of one roster all rows or none: what one person is told of a week is one message.
const SHIFTS = `SELECT s.id::text, r.id::text AS "rosterId", r.week_start::text AS "weekStart", s.starts_at AS "startsAt", s.ends_at AS "endsAt", now_has.staff_id::text AS "staffId",
    n.staff_id::text AS "knownStaffId", (extract(epoch FROM greatest(s.updated_at, r.published_at)) * 1000)::bigint::text AS "changedAt",
    EXISTS (SELECT FROM shift_notice k JOIN roster_shift o ON o.clinic_id = k.clinic_id AND o.id = k.shift_id WHERE o.clinic_id = s.clinic_id AND o.week_start = s.week_start) AS "isKnownWeek",
    EXISTS (SELECT FROM shift_swap w WHERE w.clinic_id = s.clinic_id AND w.status = 'approved' AND s.id IN (w.shift_id, w.counter_shift_id)
      AND now_has.staff_id IN (w.from_staff_id, w.to_staff_id) AND n.staff_id IN (w.from_staff_id, w.to_staff_id)) AS "isSwapped"
  FROM roster_shift s JOIN roster r ON r.clinic_id = s.clinic_id AND r.week_start = s.week_start AND r.status = 'published'
  CROSS JOIN LATERAL (SELECT CASE s.status WHEN 'planned' THEN s.staff_id END AS staff_id) AS now_has
  LEFT JOIN shift_notice n ON n.clinic_id = s.clinic_id AND n.shift_id = s.id
  WHERE s.organisation_id = $1::uuid AND s.clinic_id = $2::uuid AND s.work_date >= $4::date - 1 AND s.ends_at > $3::timestamptz
    AND (n.staff_id IS DISTINCT FROM now_has.staff_id OR (now_has.staff_id IS NOT NULL AND (n.starts_at <> s.starts_at OR n.ends_at <> s.ends_at)))
  ORDER BY r.week_start, s.starts_at, s.id`

/** What people who work at a clinic are to be told at an instant, and have not been. */
export async function findStaffNewsWork(db: Reader, actor: ClinicActor, now: Date): Promise<StaffNewsWork> {
  const values = [actor.organisationId, actor.clinic.id, now, localDateOf(now, actor.clinic.timeZone)]
  const news = await db.query<NewsRow>({ name: 'plan_staff_news', text: NEWS, values })
  const shifts = await db.query<ShiftRow>({ name: 'plan_changed_shifts', text: SHIFTS, values })
  return { news, shifts }
}
