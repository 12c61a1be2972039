import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { insertMessage } from './queue.ts'
import type { NewsRow, ShiftRow, StaffNewsWork } from './staff-news-work.ts'
import { kindOf } from './vocabulary.ts'

/**
 * Tells people who work here what is new for them: inside the product, and by mail unless they do not want it. Each thing once, by the key
 * of its message; of a week's shifts one message to each person whose shifts are new, changed or gone.
 * @returns how many messages were queued
 */
export async function planStaffNews(tx: Tx, actor: ClinicActor, { news, shifts }: StaffNewsWork): Promise<number> {
  reportRead(tx, news, shifts)
  let queued = 0
  for (const row of [...news, ...(await newsOfShifts(tx, actor, shifts))]) queued += await tell(tx, actor, row)
  await noteShifts(tx, actor, shifts)
  return queued
}

function reportRead(tx: Tx, news: readonly NewsRow[], shifts: readonly ShiftRow[]): void {
  const named = (name: 'credentialId' | 'swapId' | 'timeOffId'): string[] => [...new Set(news.flatMap(({ params }) => params[name] ?? []))]
  tx.reads('StaffCredential', named('credentialId'), ['expiresOn', 'staffId', 'status'])
  tx.reads('ShiftSwap', named('swapId'), ['fromStaffId', 'shiftId', 'status', 'toStaffId'])
  tx.reads('TimeOffRequest', named('timeOffId'), ['staffId', 'status'])
  tx.reads(
    'RosterShift',
    shifts.map(({ id }) => id),
    ['endsAt', 'staffId', 'startsAt', 'status'],
  )
}

async function tell(tx: Tx, actor: ClinicActor, { code, userId, locale, params, dedupeKey, isByMail }: NewsRow): Promise<number> {
  const shared = { recipient: { userId }, kind: kindOf(code), templateCode: code, locale, params, ruleId: null, notBefore: tx.clock.now(), notAfter: null }
  let queued = 0
  for (const channel of isByMail ? (['in_app', 'mail'] as const) : (['in_app'] as const))
    if ((await insertMessage(tx, actor, { ...shared, channel, dedupeKey: `${dedupeKey}/${channel}` })) !== null) queued += 1
  return queued
}

type Person = { readonly staffId: string; readonly userId: string; readonly locale: string }

async function newsOfShifts(tx: Tx, actor: ClinicActor, shifts: readonly ShiftRow[]): Promise<NewsRow[]> {
  const told = shifts
    .filter(({ isSwapped }) => !isSwapped)
    .flatMap((shift) => [...new Set([shift.staffId, shift.knownStaffId])].flatMap((staffId) => (staffId === null ? [] : [{ shift, staffId }])))
  if (told.length === 0) return []
  const people = new Map((await listPeople(tx, actor, [...new Set(told.map(({ staffId }) => staffId))])).map((person) => [person.staffId, person]))
  return [...Map.groupBy(told, ({ shift, staffId }) => `${shift.rosterId} ${staffId}`).values()].flatMap((rows): NewsRow[] => {
    const [first] = rows
    const person = first && people.get(first.staffId)
    if (!first || !person) return []
    const { rosterId, weekStart, isKnownWeek } = first.shift
    const changedAt = Math.max(...rows.map(({ shift }) => Number(shift.changedAt)))
    const { userId, locale, staffId } = person
    const params = { rosterId, weekStart, staffId }
    const code = isKnownWeek ? 'roster_changed' : 'roster_published'
    return [{ code, userId, locale, params, dedupeKey: `roster/${rosterId}/${userId}/${changedAt}`, isByMail: true }]
  })
}

async function listPeople(tx: Tx, { organisationId }: ClinicActor, staffIds: readonly string[]): Promise<Person[]> {
  const people = await tx.query<Person>({
    name: 'users_of_staff',
    text: `SELECT s.id::text AS "staffId", u.id::text AS "userId", u.locale FROM staff_profile s JOIN app_user u ON u.organisation_id = s.organisation_id AND u.id = s.user_id AND u.is_active
      WHERE s.organisation_id = $1::uuid AND s.id = ANY ($2::uuid[]) AND s.is_active`,
    values: [organisationId, [...staffIds]],
  })
  tx.reads(
    'User',
    people.map(({ userId }) => userId),
    ['locale'],
  )
  return people
}

async function noteShifts(tx: Tx, actor: ClinicActor, shifts: readonly ShiftRow[]): Promise<void> {
  if (shifts.length === 0) return
  await tx.query({
    name: 'note_shifts',
    text: `INSERT INTO shift_notice (shift_id, organisation_id, clinic_id, staff_id, starts_at, ends_at)
      SELECT noted.id, $1::uuid, $2::uuid, noted.staff_id, noted.starts_at, noted.ends_at
      FROM unnest($3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[]) AS noted(id, staff_id, starts_at, ends_at)
      ON CONFLICT (shift_id) DO UPDATE SET staff_id = excluded.staff_id, starts_at = excluded.starts_at, ends_at = excluded.ends_at`,
    values: [
      actor.organisationId,
      actor.clinic.id,
      shifts.map(({ id }) => id),
      shifts.map(({ staffId }) => staffId),
      shifts.map(({ startsAt }) => startsAt),
      shifts.map(({ endsAt }) => endsAt),
    ],
  })
}
