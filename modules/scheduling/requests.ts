import { z } from 'zod'
import type { BookingRequest, Client } from '../../prisma/client/client.ts'
import { listUserIdsWhoHold, TooManyAttemptsError } from '../access/index.ts'
import { isNumberOf, notifyUsers, queueRequestNews, type RequestNews } from '../communication/index.ts'
import { type ClinicActor, holds, LOCALES } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid, newId } from '../kernel/ids.ts'
import { localDateOf, MINUTE_MS } from '../kernel/time.ts'
import { line, text, validate } from '../kernel/validate.ts'
import { createClient, createPatient, findSpeciesByCodes, type NewClient, type NewPatient } from '../patients/index.ts'
import { listOfferedSlots } from './booking-page.ts'
import { bookAppointment, startsAt } from './commands.ts'
import { HoldExpiredError, SlotGoneError } from './errors.ts'
import { offerFreedSlot } from './freed-slots.ts'
import { deleteHold, holdSlot } from './holds.ts'
import { countOpenRequests, findBookingPage, findBookingRequestsByIds, listMatchesByRequest } from './request-queries.ts'
import { bookingRequests } from './request-records.ts'
import type { OpenSlot } from './slot-search.ts'

/** By which the job is known that ends what nobody has answered; the migration has made its queue. */
export const REQUEST_EXPIRY_QUEUE = 'booking-request-expiry'

// The clinic has a day to answer, and whoever asks still an hour to come.
const ANSWER_MINUTES = 24 * 60
const NOTICE_MINUTES = 60
const MOST_TOLD = 50
// Each keeps a slot from everybody for up to a day, so strangers may keep no more than a busy desk answers in a day, which is less than any week has
// to offer. Nobody needs more than one visit for each of a few animals.
const MOST_OPEN = 30
const MOST_OPEN_OF_ONE = 3
// The same for both limits, so that nobody learns whether an address is one that has asked.
const RETRY_SECONDS = 60 * 60

const uuid = z.string().refine(isUuid, 'must be a UUID')
const requestSchema = z.object({
  typeId: uuid,
  startsAt,
  locale: z.string().pipe(z.enum(LOCALES)),
  contactName: line(160),
  contactPhone: line(40)
    .refine((typed) => /^[+\d\s().\-/]+$/.test(typed) && typed.replaceAll(/\D/g, '').length >= 8, 'must be a telephone number')
    .nullish(),
  contactMail: z.string().trim().max(200).pipe(z.email()).nullish(),
  patientName: line(120),
  speciesCode: z.string().max(80),
  breed: line(120).nullish(),
  note: text(500).nullish(),
})
export type NewBookingRequest = z.input<typeof requestSchema>

/** What whoever has asked is told: no id of anything. */
export type Receipt = { readonly startsAt: string; readonly endsAt: string; readonly expiresAt: string }

/**
 * Asks the active clinic for a visit at a start that it offers to everybody, and keeps the slot, with the first who is free, until the clinic has
 * decided: for a day, but never longer than until an hour before it. The desk is told.
 * @throws SlotGoneError for a start that is not offered, SlotTakenError for a race that was lost, NotFoundError for a type that is not offered online,
 * TooManyAttemptsError while too much waits for an answer, InvalidInputError
 */
export async function requestBooking(tx: Tx, actor: ClinicActor, input: NewBookingRequest): Promise<Receipt> {
  const wanted = validate(requestSchema, input)
  if (wanted.contactPhone == null && wanted.contactMail == null) throw invalid('contactPhone', 'reachable', 'give a telephone number or an e-mail address')
  assertHarmless(actor, wanted)
  const [species] = await findSpeciesByCodes(tx, actor, [wanted.speciesCode])
  if (!species) throw invalid('speciesCode', 'unknown', 'is not a species of the vocabulary')
  const slot = await findOfferedSlot(tx, actor, wanted)
  const { staffId, roomId, start: startsAt, end: endsAt } = slot
  const equipmentIds = [...slot.equipmentIds]
  const now = tx.clock.now()
  const minutes = Math.min(ANSWER_MINUTES, Math.floor((startsAt.getTime() - now.getTime()) / MINUTE_MS) - NOTICE_MINUTES)
  if (minutes < 1) throw new SlotGoneError()
  await assertRoomForMore(tx, actor, wanted)
  const { id: holdId } = await holdSlot(tx, actor, { typeId: wanted.typeId, staffId, roomId, equipmentIds, startsAt, minutes, purpose: 'online' })
  const [id, expiresAt] = [newId(), new Date(now.getTime() + minutes * MINUTE_MS)]
  await tx.prisma.bookingRequest.create({
    data: { id, ...here(actor), ...wanted, holdId, staffId, roomId, equipmentIds, startsAt, endsAt, expiresAt, createdAt: now },
  })
  tx.changes('BookingRequest', [id], [...bookingRequests.fields])
  const userIds = await listUserIdsWhoHold(tx, actor, 'appointment:create', localDateOf(now, actor.clinic.timeZone))
  await notifyUsers(tx, actor, {
    userIds: userIds.slice(0, MOST_TOLD),
    kind: 'booking_requested',
    params: { requestId: id, startsAt: startsAt.toISOString() },
  })
  return { startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString(), expiresAt: expiresAt.toISOString() }
}

/** Throws InvalidInputError for what would make the clinic's answer somebody else's message, or one that costs the clinic. */
function assertHarmless({ clinic }: ClinicActor, wanted: z.output<typeof requestSchema>): void {
  // Names come to stand in what the clinic writes, once somebody has confirmed, and on its screens: they lead nowhere.
  for (const path of ['contactName', 'patientName', 'breed'] as const)
    if (/:\/\/|www\.|@/i.test(wanted[path] ?? '')) throw invalid(path, 'no_address', 'must not hold an address')
  // Without an e-mail address, the answer is a text message.
  if (wanted.contactMail == null && !isNumberOf(wanted.contactPhone ?? '', clinic.countryCode))
    throw invalid('contactPhone', 'number_abroad', "must be a number of the clinic's country, unless there is an e-mail address")
}

type Contact = { readonly contactMail?: string | null | undefined; readonly contactPhone?: string | null | undefined }

/** One request of a clinic is counted at a time, until its transaction ends: together they could all be the last one. */
async function assertRoomForMore(tx: Tx, actor: ClinicActor, { contactMail, contactPhone }: Contact): Promise<void> {
  await tx.query({
    name: 'await_turn_at_door',
    text: "SELECT pg_advisory_xact_lock(hashtextextended('booking-door:' || $1, 0))::text AS turn",
    values: [actor.clinic.id],
  })
  const { open, own } = await countOpenRequests(tx, actor, { contactMail: contactMail ?? null, contactPhone: contactPhone ?? null })
  if (open >= MOST_OPEN || own >= MOST_OPEN_OF_ONE) throw new TooManyAttemptsError(RETRY_SECONDS)
}

async function findOfferedSlot(tx: Tx, actor: ClinicActor, { typeId, startsAt }: { typeId: string; startsAt: Date }): Promise<OpenSlot> {
  const page = await findBookingPage(tx, actor)
  if (!page?.isOpen) throw new NotFoundError('BookingPage')
  const date = localDateOf(startsAt, actor.clinic.timeZone)
  const slots = await listOfferedSlots(tx, actor, page, { typeId, from: date, until: date }, tx.clock.now())
  const slot = slots.find(({ start }) => start.getTime() === startsAt.getTime())
  if (!slot) throw new SlotGoneError()
  return slot
}

const decided = { id: uuid, version: z.int() }

/** The animal, and its owner: one of the clinic's clients, or a new one. */
export type RequestedPatient = Omit<NewPatient, 'clientId'> & { readonly clientId?: string | null; readonly newClient?: NewClient | null }
export type Confirmation = {
  readonly id: string
  readonly version: number
  /** A patient of the clinic, or else `newPatient`. */
  readonly patientId?: string | null
  readonly newPatient?: RequestedPatient | null
}

/**
 * Books the visit that was asked for, in the slot that was kept, for a patient of the clinic or a new one, and tells whoever has asked.
 * @throws HoldExpiredError when the clinic has taken too long, WrongStateError when it has decided, NotPermittedError for a new patient or client without
 * the right to record one, and like bookAppointment
 */
export async function confirmBookingRequest(tx: Tx, actor: ClinicActor, input: Confirmation): Promise<{ id: string; appointmentId: string }> {
  const request = await lockOpenRequest(tx, actor, input, 'confirmed')
  if (request.expiresAt <= tx.clock.now()) throw new HoldExpiredError(request.holdId)
  const patientId = await recordPatient(tx, actor, input)
  const { typeId, staffId, roomId, equipmentIds, startsAt, endsAt, holdId, note } = request
  const { id: appointmentId } = await bookAppointment(tx, actor, {
    patientId,
    typeId,
    staffId,
    roomId,
    equipmentIds,
    startsAt,
    durationMinutes: (endsAt.getTime() - startsAt.getTime()) / MINUTE_MS,
    holdId,
    reason: note,
    origin: 'online',
  })
  await closeRequest(tx, actor, request, { status: 'confirmed', appointmentId, decidedById: deciderOf(actor) })
  await queueRequestNews(tx, actor, { ...newsOf(request, 'request_confirmed'), appointmentId })
  return { id: request.id, appointmentId }
}

async function recordPatient(tx: Tx, actor: ClinicActor, { patientId, newPatient }: Confirmation): Promise<string> {
  if ((patientId == null) === (newPatient == null)) throw invalid('patientId', 'one_of', 'name a patient or describe a new one')
  if (newPatient == null) return patientId ?? ''
  const { clientId, newClient, ...chart } = newPatient
  if ((clientId == null) === (newClient == null)) throw invalid('newPatient.clientId', 'one_of', 'name a client or describe a new one')
  if (!holds(actor, 'patient:create')) throw new NotPermittedError('A new patient needs the permission patient:create.', 'new_patient')
  if (newClient != null && !holds(actor, 'client:create')) throw new NotPermittedError('A new client needs the permission client:create.', 'new_client')
  const owner = newClient == null ? (clientId ?? '') : (await createClient(tx, actor, newClient)).id
  return (await createPatient(tx, actor, { ...chart, clientId: owner })).id
}

const declineSchema = z.object({ ...decided, reason: text(500) })
export type Refusal = z.input<typeof declineSchema>

/** Declines what was asked for, with a reason for the clinic's own use; whoever has asked is told, and the slot goes to whoever waits for one like it. */
export async function declineBookingRequest(tx: Tx, actor: ClinicActor, input: Refusal): Promise<{ id: string }> {
  const { reason, ...wanted } = validate(declineSchema, input)
  const request = await lockOpenRequest(tx, actor, wanted, 'declined')
  await deleteHold(tx, actor, request.holdId)
  await closeRequest(tx, actor, request, { status: 'declined', decisionReason: reason, decidedById: deciderOf(actor) })
  tx.because(reason)
  await queueRequestNews(tx, actor, newsOf(request, 'request_declined'))
  await offerSlotOf(tx, actor, request)
  return { id: request.id }
}

// A job takes so many at once; it comes again in a minute.
const MOST_AT_ONCE = 50

/**
 * Ends requests that nobody has decided in time, and tells those who have asked as far as the clinic knows them: nobody has looked at the address,
 * which can be anybody's. It offers their slots to whoever waits.
 */
export async function expireBookingRequests(tx: Tx, actor: ClinicActor): Promise<{ requests: number }> {
  const due = await lockRequests(tx, actor, `a.expires_at <= $3::timestamptz ORDER BY a.expires_at, a.id LIMIT ${MOST_AT_ONCE}`, tx.clock.now().toISOString())
  const ids = due.map(({ id }) => id)
  const known = ids.length === 0 ? new Map<string, readonly Client[]>() : await listMatchesByRequest(tx, actor, ids)
  for (const request of due) {
    await deleteHold(tx, actor, request.holdId)
    await closeRequest(tx, actor, request, { status: 'expired' })
    const channel = channelTo(request, known.get(request.id) ?? [])
    if (channel !== null) await queueRequestNews(tx, actor, { ...newsOf(request, 'request_expired'), channel })
  }
  for (const request of due) await offerSlotOf(tx, actor, request)
  return { requests: due.length }
}

async function lockOpenRequest(tx: Tx, actor: ClinicActor, input: { id: string; version: number }, to: string): Promise<BookingRequest> {
  const { id, version } = validate(z.object(decided), input)
  const [open] = await lockRequests(tx, actor, 'a.id = $3::uuid', id)
  if (open?.version === version) return open
  if (open) throw new StaleVersionError('BookingRequest', open.version)
  const [closed] = await findBookingRequestsByIds(tx, actor, [id])
  if (!closed) throw new NotFoundError('BookingRequest')
  throw new WrongStateError('BookingRequest', closed.status, to)
}

async function lockRequests(tx: Tx, actor: ClinicActor, condition: string, value: string): Promise<BookingRequest[]> {
  const rows = await tx.query<{ request: BookingRequest }>({
    name: `lock_requests ${condition}`.slice(0, 60),
    text: `SELECT row_to_json(found) AS request FROM (SELECT ${bookingRequests.columns('a')} FROM booking_request a
      WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.status = 'requested' AND ${condition} FOR UPDATE OF a) AS found`,
    values: [actor.organisationId, actor.clinic.id, value],
  })
  return bookingRequests.take(
    tx,
    rows.map(({ request }) => request),
  )
}

type Decision = Pick<BookingRequest, 'status'> & Partial<Pick<BookingRequest, 'appointmentId' | 'decidedById' | 'decisionReason'>>

async function closeRequest(tx: Tx, actor: ClinicActor, { id }: BookingRequest, decision: Decision): Promise<void> {
  const data = { ...decision, decidedAt: tx.clock.now() }
  await tx.prisma.bookingRequest.updateMany({ where: { ...here(actor), id }, data: { ...data, version: { increment: 1 } } })
  tx.changes('BookingRequest', [id], Object.keys(data).sort())
}

/** By which a known client has given the same address; null where nobody has. */
function channelTo({ contactMail, contactPhone }: BookingRequest, clients: readonly Client[]): RequestNews['channel'] | null {
  const mail = contactMail?.toLowerCase()
  if (clients.some(({ email }) => mail !== undefined && email?.toLowerCase() === mail)) return 'mail'
  return clients.length > 0 && contactPhone !== null ? 'sms' : null
}

function newsOf({ id, contactMail, locale, startsAt }: BookingRequest, templateCode: RequestNews['templateCode']): RequestNews {
  return { requestId: id, channel: contactMail === null ? 'sms' : 'mail', locale, templateCode, startsAt }
}

async function offerSlotOf(tx: Tx, actor: ClinicActor, { startsAt: start, endsAt: end, staffId, roomId, equipmentIds }: BookingRequest): Promise<void> {
  await offerFreedSlot(tx, actor, { start, end, staffId, roomId, equipmentIds })
}

function deciderOf(actor: ClinicActor): string | null {
  return actor.kind === 'user' ? actor.userId : null
}

function here(actor: ClinicActor): { organisationId: string; clinicId: string } {
  return { organisationId: actor.organisationId, clinicId: actor.clinic.id }
}
