import { z } from 'zod'
import type { WaitlistEntry, WaitlistOffer } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid, newId } from '../kernel/ids.ts'
import { isLocalDate, localDateOf, MINUTE_MS, toDateColumn, toMinute } from '../kernel/time.ts'
import { text, validate } from '../kernel/validate.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findStaffByIds } from '../staff/index.ts'
import { bookAppointment } from './commands.ts'
import { HoldExpiredError } from './errors.ts'
import { offerFreedSlot } from './freed-slots.ts'
import { deleteHold } from './holds.ts'
import { currentType, knownType } from './placement.ts'
import { findEquipmentByIds, findTypesByIds, withinReach } from './queries.ts'
import { waitlistEntries, waitlistOffers } from './records.ts'

/** By which the job is known that lets offers go on; the migration has made its queue. */
export const EXPIRY_QUEUE = 'waitlist-expiry'

const WAITING_STATUSES = ['waiting', 'offered', 'booked', 'withdrawn', 'expired'] as const
export type WaitingStatus = (typeof WAITING_STATUSES)[number]
const OFFER_STATUSES = ['open', 'accepted', 'declined', 'expired'] as const
export type OfferStatus = (typeof OFFER_STATUSES)[number]

/** Reads a status from the database. Throws RangeError on anything else, which its CHECK makes impossible. */
export function toWaitingStatus(found: string): WaitingStatus {
  const status = WAITING_STATUSES.find((known) => known === found)
  if (status === undefined) throw new RangeError(`not a status of somebody who waits: ${found}`)
  return status
}

/** Reads a status from the database. Throws RangeError on anything else, which its CHECK makes impossible. */
export function toOfferStatus(found: string): OfferStatus {
  const status = OFFER_STATUSES.find((known) => known === found)
  if (status === undefined) throw new RangeError(`not a status of an offer: ${found}`)
  return status
}

const uuid = z.string().refine(isUuid, 'must be a UUID')
const day = z.string().refine(isLocalDate, 'must be a day such as 2025-12-20')
const minuteOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time such as 09:30')
  .transform(toMinute)
const entrySchema = z.object({
  patientId: uuid,
  typeId: uuid,
  staffId: uuid.nullish(),
  earliestOn: day,
  latestOn: day,
  weekdays: z
    .array(z.int().min(1).max(7))
    .max(7)
    .nullish()
    .transform((days) => [...new Set(days ?? [])].sort()),
  earliest: minuteOfDay.nullish(),
  latest: minuteOfDay.nullish(),
  priority: z
    .int()
    .min(0)
    .max(9)
    .nullish()
    .transform((priority) => priority ?? 0),
  note: text(500).nullish(),
})
export type NewWaitlistEntry = z.input<typeof entrySchema>

/** Puts a patient on the waitlist of the active clinic. Throws NotFoundError for a patient, type or person out of reach, InvalidInputError. */
export async function addToWaitlist(tx: Tx, actor: ClinicActor, input: NewWaitlistEntry): Promise<{ id: string }> {
  const { patientId, typeId, staffId, earliestOn, latestOn, earliest, latest, ...rest } = validate(entrySchema, input)
  if (latestOn < earliestOn) throw invalid('latestOn', 'ordered', 'must not be before earliestOn')
  if (latestOn < localDateOf(tx.clock.now(), actor.clinic.timeZone)) throw invalid('latestOn', 'past', 'must not be over')
  const [earliestMinute, latestMinute] = [earliest ?? 0, latest ?? 24 * 60]
  const [patients, types, staff] = await Promise.all([
    findPatientsByIds(tx, actor, [patientId]),
    findTypesByIds(tx, actor, [typeId]),
    staffId == null ? [] : findStaffByIds(tx, actor, [staffId]),
  ])
  if (patients.length === 0) throw new NotFoundError('Patient')
  const type = currentType(types[0] ?? null)
  if (staffId != null && staff.length === 0) throw new NotFoundError('StaffProfile')
  if (latestMinute - earliestMinute < type.durationMinutes) throw invalid('latest', 'ordered', 'must leave room for the visit')
  const id = newId()
  const wishes = { patientId, typeId, staffId: staffId ?? null, earliestOn: toDateColumn(earliestOn), latestOn: toDateColumn(latestOn) }
  const data = { id, ...here(actor), ...wishes, earliestMinute, latestMinute, ...rest, note: rest.note ?? null, createdAt: tx.clock.now() }
  await tx.prisma.waitlistEntry.create({ data })
  tx.changes('WaitlistEntry', [id], [...waitlistEntries.fields])
  return { id }
}

/** Takes somebody off the waitlist; an open offer goes on to the next. Throws WrongStateError when they do not wait any more, StaleVersionError. */
export async function withdrawFromWaitlist(tx: Tx, actor: ClinicActor, input: { id: string; version: number }): Promise<{ id: string }> {
  const { id, version } = validate(z.object({ id: uuid, version: z.int() }), input)
  // In the same order as whoever answers an offer: the offer first.
  const [open] = await lockOffers(tx, actor, 'a.entry_id = $3::uuid', id)
  const entry = await lockEntry(tx, actor, id)
  if (entry.version !== version) throw new StaleVersionError('WaitlistEntry', entry.version)
  if (entry.status !== 'waiting' && entry.status !== 'offered') throw new WrongStateError('WaitlistEntry', entry.status, 'withdrawn')
  await setEntryStatus(tx, actor, id, 'withdrawn')
  if (open) {
    await closeOffer(tx, actor, open, 'declined', null)
    await passOn(tx, actor, open)
  }
  return { id }
}

/**
 * Books the slot that was offered, for the client who has said yes. The equipment that the visit does not need is let go.
 * @throws HoldExpiredError when the offer has lasted too long, WrongStateError when it has been answered, and like bookAppointment
 */
export async function acceptOffer(tx: Tx, actor: ClinicActor, input: { id: string }): Promise<{ id: string; appointmentId: string }> {
  const offer = await lockOpenOffer(tx, actor, input, 'accepted')
  if (offer.expiresAt <= tx.clock.now()) throw new HoldExpiredError(offer.holdId)
  const entry = await lockEntry(tx, actor, offer.entryId)
  const [types, equipment] = await Promise.all([findTypesByIds(tx, actor, [entry.typeId]), findEquipmentByIds(tx, actor, offer.equipmentIds)])
  const kinds = new Set(knownType(types[0]).equipmentKinds)
  const { id: appointmentId } = await bookAppointment(tx, actor, {
    patientId: entry.patientId,
    typeId: entry.typeId,
    staffId: offer.staffId,
    roomId: offer.roomId,
    equipmentIds: equipment.filter(({ kind }) => kinds.has(kind)).map(({ id }) => id),
    startsAt: offer.startsAt,
    durationMinutes: (offer.endsAt.getTime() - offer.startsAt.getTime()) / MINUTE_MS,
    holdId: offer.holdId,
    reason: entry.note,
    origin: 'waitlist',
  })
  await closeOffer(tx, actor, offer, 'accepted', appointmentId)
  await setEntryStatus(tx, actor, entry.id, 'booked')
  return { id: offer.id, appointmentId }
}

/** Lets a slot go that was offered, to whoever waits next; the client waits on. Throws WrongStateError when it has been answered. */
export async function declineOffer(tx: Tx, actor: ClinicActor, input: { id: string }): Promise<{ id: string }> {
  const offer = await lockOpenOffer(tx, actor, input, 'declined')
  await closeOffer(tx, actor, offer, 'declined', null)
  await setEntryStatus(tx, actor, offer.entryId, 'waiting')
  await passOn(tx, actor, offer)
  return { id: offer.id }
}

// A job takes so many at once; it comes again in a minute.
const MOST_AT_ONCE = 50

/** Ends offers that nobody has answered in time, each of which goes on to the next, and takes those off the list whose days are over. */
export async function expireWaiting(tx: Tx, actor: ClinicActor): Promise<{ offers: number; entries: number }> {
  const now = tx.clock.now()
  const due = await lockOffers(tx, actor, `a.expires_at <= $3::timestamptz ORDER BY a.expires_at, a.id LIMIT ${MOST_AT_ONCE}`, now.toISOString())
  for (const offer of due) {
    await closeOffer(tx, actor, offer, 'expired', null)
    await setEntryStatus(tx, actor, offer.entryId, 'waiting')
  }
  for (const offer of due) await passOn(tx, actor, offer)
  const over = await tx.query<{ id: string }>({
    name: 'expire_waitlist_entries',
    text: `UPDATE waitlist_entry SET status = 'expired', version = version + 1, updated_at = $3::timestamptz
      WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND status = 'waiting' AND latest_on < $4::date RETURNING id`,
    values: [actor.organisationId, actor.clinic.id, now.toISOString(), localDateOf(now, actor.clinic.timeZone)],
  })
  tx.changes(
    'WaitlistEntry',
    over.map(({ id }) => id),
    ['status'],
  )
  return { offers: due.length, entries: over.length }
}

async function passOn(tx: Tx, actor: ClinicActor, { startsAt, slotEndsAt, staffId, roomId, equipmentIds }: WaitlistOffer): Promise<void> {
  await offerFreedSlot(tx, actor, { start: startsAt, end: slotEndsAt, staffId, roomId, equipmentIds })
}

async function lockOpenOffer(tx: Tx, actor: ClinicActor, input: { id: string }, wanted: string): Promise<WaitlistOffer> {
  const { id } = validate(z.object({ id: uuid }), input)
  const [open] = await lockOffers(tx, actor, 'a.id = $3::uuid', id)
  if (open) return open
  const [answered] = await findOffersByIds(tx, actor, [id])
  if (!answered) throw new NotFoundError('WaitlistOffer')
  throw new WrongStateError('WaitlistOffer', answered.status, wanted)
}

async function lockOffers(tx: Tx, actor: ClinicActor, condition: string, value: string): Promise<WaitlistOffer[]> {
  const rows = await tx.query<{ offer: WaitlistOffer }>({
    name: `lock_offers ${condition}`.slice(0, 60),
    text: `SELECT row_to_json(found) AS offer FROM (SELECT ${waitlistOffers.columns('a')} FROM waitlist_offer a
      WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.status = 'open' AND ${condition} FOR UPDATE OF a) AS found`,
    values: [actor.organisationId, actor.clinic.id, value],
  })
  return waitlistOffers.take(
    tx,
    rows.map(({ offer }) => offer),
  )
}

async function lockEntry(tx: Tx, actor: ClinicActor, id: string): Promise<WaitlistEntry> {
  const rows = await tx.query<{ entry: WaitlistEntry }>({
    name: 'lock_waitlist_entry',
    text: `SELECT row_to_json(found) AS entry FROM (SELECT ${waitlistEntries.columns('a')} FROM waitlist_entry a
      WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = $3::uuid AND ${withinReach('$4')} FOR UPDATE OF a) AS found`,
    values: [actor.organisationId, actor.clinic.id, id, actor.sharePatients],
  })
  const [entry] = waitlistEntries.take(
    tx,
    rows.map((row) => row.entry),
  )
  if (!entry) throw new NotFoundError('WaitlistEntry')
  return entry
}

async function closeOffer(tx: Tx, actor: ClinicActor, offer: WaitlistOffer, status: OfferStatus, appointmentId: string | null): Promise<void> {
  if (status !== 'accepted') await deleteHold(tx, actor, offer.holdId)
  await tx.prisma.waitlistOffer.updateMany({ where: { ...here(actor), id: offer.id }, data: { status, decidedAt: tx.clock.now(), appointmentId } })
  tx.changes('WaitlistOffer', [offer.id], appointmentId === null ? ['decidedAt', 'status'] : ['appointmentId', 'decidedAt', 'status'])
}

async function setEntryStatus(tx: Tx, actor: ClinicActor, id: string, status: WaitingStatus): Promise<void> {
  await tx.prisma.waitlistEntry.updateMany({ where: { ...here(actor), id }, data: { status, version: { increment: 1 } } })
  tx.changes('WaitlistEntry', [id], ['status'])
}

function here(actor: ClinicActor): { organisationId: string; clinicId: string } {
  return { organisationId: actor.organisationId, clinicId: actor.clinic.id }
}

const MOST_ENTRIES = 200

/** Who waits at the active clinic, by priority and then by age: those with one of the statuses, at most 200. */
export async function listWaitlist(db: Db, actor: ClinicActor, statuses: readonly WaitingStatus[]): Promise<WaitlistEntry[]> {
  return waitlistEntries.read(db, {
    name: 'list_waitlist',
    text: `SELECT ${waitlistEntries.columns('a')} FROM waitlist_entry a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.status = ANY ($3::text[])
      AND ${withinReach('$4')} ORDER BY a.priority DESC, a.created_at, a.id LIMIT ${MOST_ENTRIES}`,
    values: [actor.organisationId, actor.clinic.id, [...statuses], actor.sharePatients],
  })
}

export async function findEntriesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<WaitlistEntry[]> {
  return waitlistEntries.read(db, {
    name: 'find_waitlist_entries_by_ids',
    text: `SELECT ${waitlistEntries.columns('a')} FROM waitlist_entry a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = ANY ($3::uuid[]) AND ${withinReach('$4')}`,
    values: [actor.organisationId, actor.clinic.id, [...ids], actor.sharePatients],
  })
}

export async function findOffersByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<WaitlistOffer[]> {
  return waitlistOffers.read(db, {
    name: 'find_waitlist_offers_by_ids',
    text: `SELECT ${waitlistOffers.columns('o')} FROM waitlist_offer o WHERE o.organisation_id = $1::uuid AND o.clinic_id = $2::uuid AND o.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

/** Offers that were made to each of those who wait, newest first. One statement. */
export async function listOffersByEntry(db: Db, actor: ClinicActor, entryIds: readonly string[]): Promise<ReadonlyMap<string, readonly WaitlistOffer[]>> {
  const offers = await waitlistOffers.read(db, {
    name: 'list_offers_by_entry',
    text: `SELECT ${waitlistOffers.columns('o')} FROM waitlist_offer o WHERE o.organisation_id = $1::uuid AND o.clinic_id = $2::uuid AND o.entry_id = ANY ($3::uuid[])
      ORDER BY o.created_at DESC, o.id DESC`,
    values: [actor.organisationId, actor.clinic.id, [...entryIds]],
  })
  return Map.groupBy(offers, ({ entryId }) => entryId)
}
