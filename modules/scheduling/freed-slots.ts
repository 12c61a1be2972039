import type { Appointment, WaitlistEntry } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { newId } from '../kernel/ids.ts'
import { addDays, type Interval, localDateOf, localMinuteOf, MINUTE_MS, weekdayOf } from '../kernel/time.ts'
import { listWorkPlans, NO_WORK, shiftsOf } from '../staff/index.ts'
import { tryHoldSlot } from './holds.ts'
import { withinReach } from './queries.ts'
import { waitlistEntries } from './records.ts'
import { isCovered } from './slots.ts'

// Whoever is asked has a day to answer, and whoever is asked last still an hour to come.
const ANSWER_MINUTES = 24 * 60
const NOTICE_MINUTES = 60
// So many are tried for one slot: those before them wanted it by their wishes, but the type of their visit did not fit.
const MOST_TRIED = 20

/** A person's time that has become free, with the room and the equipment that went with it. */
export type FreedSlot = Interval & { readonly staffId: string; readonly roomId: string | null; readonly equipmentIds: readonly string[] }

/** What a visit gives up when it is cancelled, missed or moved. */
export function slotOf({ startsAt, endsAt, staffId, roomId, equipmentIds }: Appointment): FreedSlot {
  return { start: startsAt, end: endsAt, staffId, roomId, equipmentIds }
}

/**
 * Offers a slot that has become free to the first of those who wait for one like it, by priority and then by age, and keeps it for them: for
 * a day, but never longer than until an hour before it. Nobody is offered the same slot twice. Nothing happens when it is too late, when
 * nobody waits for it, or when it is not free after all; whoever has freed it goes on.
 */
export async function offerFreedSlot(tx: Tx, actor: ClinicActor, slot: FreedSlot): Promise<{ offerId: string } | null> {
  const now = tx.clock.now()
  const minutes = Math.min(ANSWER_MINUTES, Math.floor((slot.start.getTime() - now.getTime()) / MINUTE_MS) - NOTICE_MINUTES)
  if (minutes < 1) return null
  const entries = await lockMatchingEntries(tx, actor, slot)
  if (entries.length === 0 || !(await isWorkingTime(tx, actor, slot))) return null
  for (const entry of entries) {
    const hold = await tryHoldSlot(tx, actor, {
      typeId: entry.typeId,
      staffId: slot.staffId,
      roomId: slot.roomId,
      equipmentIds: [...slot.equipmentIds],
      startsAt: slot.start,
      minutes,
      purpose: 'waitlist',
    })
    if (hold === null) continue
    const endsAt = hold.placement.interval.end
    return await insertOffer(tx, actor, entry, slot, { holdId: hold.id, endsAt, expiresAt: new Date(now.getTime() + minutes * MINUTE_MS) })
  }
  return null
}

type Kept = { readonly holdId: string; readonly endsAt: Date; readonly expiresAt: Date }

async function insertOffer(tx: Tx, actor: ClinicActor, entry: WaitlistEntry, slot: FreedSlot, kept: Kept): Promise<{ offerId: string }> {
  const [id, createdAt] = [newId(), tx.clock.now()]
  const { start: startsAt, end: slotEndsAt, staffId, roomId, equipmentIds } = slot
  const place = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
  const data = { id, ...place, entryId: entry.id, staffId, roomId, equipmentIds: [...equipmentIds], startsAt, slotEndsAt, createdAt, ...kept }
  await tx.prisma.waitlistOffer.create({ data })
  await tx.prisma.waitlistEntry.updateMany({ where: { ...place, id: entry.id }, data: { status: 'offered', version: { increment: 1 } } })
  tx.changes('WaitlistOffer', [id], ['endsAt', 'entryId', 'equipmentIds', 'expiresAt', 'holdId', 'roomId', 'slotEndsAt', 'staffId', 'startsAt', 'status'])
  tx.changes('WaitlistEntry', [entry.id], ['status'])
  return { offerId: id }
}

// Somebody whom another transaction is about to offer a slot is passed over, instead of being waited for.
async function lockMatchingEntries(tx: Tx, actor: ClinicActor, { start, end, staffId }: FreedSlot): Promise<WaitlistEntry[]> {
  const { timeZone } = actor.clinic
  const date = localDateOf(start, timeZone)
  const minutes = Math.floor((end.getTime() - start.getTime()) / MINUTE_MS)
  const rows = await tx.query<{ entry: WaitlistEntry }>({
    name: 'lock_matching_entries',
    text: MATCHING_ENTRIES,
    values: [
      actor.organisationId,
      actor.clinic.id,
      staffId,
      date,
      weekdayOf(date),
      localMinuteOf(start, timeZone),
      minutes,
      start.toISOString(),
      actor.sharePatients,
      MOST_TRIED,
    ],
  })
  return waitlistEntries.take(
    tx,
    rows.map(({ entry }) => entry),
  )
}

const MATCHING_ENTRIES = `SELECT row_to_json(found) AS entry FROM (SELECT ${waitlistEntries.columns('a')}
  FROM waitlist_entry a JOIN appointment_type t ON t.organisation_id = a.organisation_id AND t.id = a.type_id
  WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.status = 'waiting' AND (a.staff_id IS NULL OR a.staff_id = $3::uuid)
    AND $4::date BETWEEN a.earliest_on AND a.latest_on AND (a.weekdays = '{}' OR $5::smallint = ANY (a.weekdays))
    AND a.earliest_minute <= $6::int AND $6::int + t.duration_minutes <= a.latest_minute AND t.archived_at IS NULL AND t.duration_minutes <= $7::int
    AND NOT EXISTS (SELECT FROM waitlist_offer o WHERE o.organisation_id = a.organisation_id AND o.staff_id = $3::uuid AND o.starts_at = $8::timestamptz AND o.entry_id = a.id)
    AND EXISTS (SELECT FROM patient q WHERE q.organisation_id = a.organisation_id AND q.id = a.patient_id AND q.died_on IS NULL AND q.archived_at IS NULL)
    AND ${withinReach('$9')}
  ORDER BY a.priority DESC, a.created_at, a.id LIMIT $10::int FOR UPDATE OF a SKIP LOCKED) AS found`

// A visit may have been booked outside the person's hours; nobody else is asked to come then.
async function isWorkingTime(tx: Tx, actor: ClinicActor, { start, end, staffId }: FreedSlot): Promise<boolean> {
  const { timeZone } = actor.clinic
  const first = localDateOf(start, timeZone)
  const next = addDays(first, 1)
  const plan = (await listWorkPlans(tx, actor, [staffId], first, addDays(next, 1))).get(staffId) ?? NO_WORK
  return isCovered(
    { start, end },
    [first, next].flatMap((date) => shiftsOf(plan, date, timeZone)),
  )
}
