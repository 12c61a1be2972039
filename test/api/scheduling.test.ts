import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { bookAppointment, setAppointmentStatus } from '../../modules/scheduling/index.ts'
import { withClient } from '../../server/database/connection.ts'
import { type CallOptions, type Harness, startHarness } from '../harness.ts'
import { entriesOf, findDisagreements } from '../trail.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addPatient } from '../world-patients.ts'
import { addAppointment, addAppointmentType, addPractice, addRoom, type Practice } from '../world-scheduling.ts'
import { addHours, addStaff } from '../world-staff.ts'

let harness: Harness
let org: WorldOrganisation
let foreign: WorldOrganisation
let here: Practice
let there: Practice
let abroad: Practice
const tokens = new Map<string, string>()

const APPOINTMENT = `id startsAt endsAt status reason version confirmedAt checkedInAt startedAt completedAt checkedOutAt cancelledAt noShowAt cancelReason isOverbooked overbookReason
  patient { id name } type { id name } staff { id name } room { id name }`
const ERRORS = `... on Error { code message params { name value } } ... on InvalidInput { issues { path rule } }`
const CONFLICT = '... on SlotTaken { resourceId resourceKind resourceName startsAt endsAt nextSlots }'
const BOOK = `mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on Appointment { ${APPOINTMENT} } ${CONFLICT} ${ERRORS} } }`
const MOVE = `mutation Move($input: RescheduleAppointmentInput!) { rescheduleAppointment(input: $input) { __typename ... on Appointment { ${APPOINTMENT} } ${CONFLICT} ${ERRORS} } }`
const CANCEL = `mutation Cancel($input: CancelAppointmentInput!) { cancelAppointment(input: $input) { __typename ... on Appointment { ${APPOINTMENT} } ${ERRORS} } }`
const STEP = `mutation Step($input: SetAppointmentStatusInput!) { setAppointmentStatus(input: $input) { __typename ... on Appointment { ${APPOINTMENT} } ${CONFLICT} ${ERRORS} } }`
const APPOINTMENT_BY_ID = `query One($id: UUID!) { appointment(id: $id) { ${APPOINTMENT} } }`
const DAY = `query Day($date: LocalDate!) { daySchedule(date: $date) { date day { startsAt endsAt }
  staff { staff { id name } shifts { startsAt endsAt clockChange } } rooms { id name } appointments { ${APPOINTMENT} patient { client { id name } } } } }`
const ROOMS = 'query Rooms($all: Boolean! = false) { rooms(includeArchived: $all) { id name kind position isArchived version } }'
const TYPES = 'query Types($all: Boolean! = false) { appointmentTypes(includeArchived: $all) { id code name durationMinutes colour serviceId isArchived version } }'
const CREATE_ROOM = `mutation CreateRoom($input: CreateRoomInput!) { createRoom(input: $input) { __typename ... on Room { id name kind position isArchived version } ${ERRORS} } }`
const UPDATE_ROOM = `mutation UpdateRoom($input: UpdateRoomInput!) { updateRoom(input: $input) { __typename ... on Room { id name kind position isArchived version } ${ERRORS} } }`
const CREATE_TYPE = `mutation CreateType($input: CreateAppointmentTypeInput!) { createAppointmentType(input: $input) { __typename ... on AppointmentType { id code name durationMinutes colour version } ${ERRORS} } }`
const UPDATE_TYPE = `mutation UpdateType($input: UpdateAppointmentTypeInput!) { updateAppointmentType(input: $input) { __typename ... on AppointmentType { id code name durationMinutes colour isArchived version } ${ERRORS} } }`

type Role = Parameters<WorldOrganisation['email']>[0]
async function tokenOf(role: Role, clinic = 0, organisation = org): Promise<string> {
  const email = organisation.email(role, clinic)
  const token = tokens.get(email) ?? (await harness.signIn(email)).token
  tokens.set(email, token)
  return token
}
function actorOf(organisation: WorldOrganisation, clinic = 0) {
  const place = organisation.clinics[clinic]
  if (!place) throw new Error('no such clinic')
  return place.actor
}
type Caller = { role?: Role; clinic?: number; organisation?: WorldOrganisation } & CallOptions
async function call(document: string, variables: object, { role = 'receptionist', clinic = 0, organisation = org, ...options }: Caller = {}) {
  const answer = await harness.call(document, variables, { token: await tokenOf(role, clinic, organisation), ...options })
  return { ...answer, requestId: answer.headers.get('x-request-id') }
}
/** The answer of the one root field. */
async function ask(document: string, variables: object, caller: Caller = {}) {
  const { body } = await call(document, variables, caller)
  if (!body.data) throw new Error(JSON.stringify(body))
  return Object.values<any>(body.data)[0]
}
const withAdmin = <T>(read: Parameters<typeof withClient<T>>[1]) => withClient(harness.database.adminUrl, read)
const paramsOf = (error: { params: { name: string; value: string | null }[] }) => Object.fromEntries(error.params.map(({ name, value }) => [name, value]))
async function claimsOf(appointmentId: string) {
  return withAdmin(async (client) => {
    const { rows } = await client.query('SELECT resource_id, lane, lower(during) AS starts_at, upper(during) AS ends_at FROM resource_claim WHERE appointment_id = $1 ORDER BY resource_id', [appointmentId])
    return rows
  })
}
async function countStatements<T>(run: () => Promise<T>): Promise<{ result: T; count: number }> {
  let count = 0
  harness.app.database.onStatement = () => {
    count += 1
  }
  try {
    const result = await run()
    return { result, count }
  } finally {
    harness.app.database.onStatement = null
  }
}

// Mexico City is six hours behind UTC all year. Each test books in a week of its own.
let week = 0
const at = (time: string, day = 0) => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return new Date(Date.UTC(2027, 0, 4 + 7 * week + day, hours + 6, minutes)).toISOString()
}
const dateOf = (day = 0) => new Date(Date.UTC(2027, 0, 4 + 7 * week + day)).toISOString().slice(0, 10)
const booking = (time: string, input: object = {}) => ({ patientId: here.patientId, typeId: here.typeId, staffId: here.staffId, roomId: here.roomId, startsAt: at(time), ...input })
const book = (time: string, input: object = {}, caller: Caller = {}) => ask(BOOK, { input: booking(time, input) }, caller)

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
  foreign = await buildOrganisation(harness.app, 'omega', [{ timeZone: 'Europe/Madrid', currency: 'EUR', countryCode: 'ES' }])
  here = await addPractice(harness.app, actorOf(org))
  there = await addPractice(harness.app, actorOf(org, 1))
  abroad = await addPractice(harness.app, actorOf(foreign))
})
beforeEach(() => {
  week += 1
})
afterAll(() => harness[Symbol.asyncDispose]())

describe('booking', () => {
  it('answers the visit, as long as its type unless another length is asked for', async () => {
    expect(await book('10:00', { reason: 'Vomits since Friday' })).toMatchObject({
      __typename: 'Appointment',
      startsAt: at('10:00'),
      endsAt: at('10:20'),
      status: 'SCHEDULED',
      reason: 'Vomits since Friday',
      version: 1,
      isOverbooked: false,
      patient: { id: here.patientId },
      type: { id: here.typeId },
      staff: { id: here.staffId },
      room: { id: here.roomId },
    })
    expect(await book('11:00', { durationMinutes: 45, roomId: null })).toMatchObject({ endsAt: at('11:45'), room: null })
  })

  it('allows visits back to back', async () => {
    expect(await book('10:00')).toMatchObject({ __typename: 'Appointment' })
    expect(await book('10:20')).toMatchObject({ __typename: 'Appointment' })
    expect(await book('09:40')).toMatchObject({ __typename: 'Appointment' })
  })

  it('refuses a person who is taken, and names what is in the way and the next free times', async () => {
    await book('10:00', { durationMinutes: 30 })
    const refused = await book('10:10', { roomId: here.otherRoomId })
    expect(refused).toMatchObject({
      __typename: 'SlotTaken',
      code: 'SLOT_TAKEN',
      resourceId: here.staffId,
      resourceKind: 'STAFF',
      startsAt: at('10:00'),
      endsAt: at('10:30'),
      nextSlots: [at('10:30'), at('10:40'), at('10:50')],
    })
    expect(refused.resourceName).toMatch(/^Staff/)
    expect(paramsOf(refused)).toEqual({ resourceId: here.staffId, resourceKind: 'staff', startsAt: at('10:00'), endsAt: at('10:30') })
  })

  it('refuses a room that is taken, and offers times at which the person is free too', async () => {
    await book('10:00', { durationMinutes: 30 })
    await book('10:30', { staffId: here.otherStaffId, roomId: null })
    expect(await book('10:00', { staffId: here.otherStaffId })).toMatchObject({
      __typename: 'SlotTaken',
      resourceId: here.roomId,
      resourceKind: 'ROOM',
      resourceName: expect.stringMatching(/^Room/),
      nextSlots: [at('10:50'), at('11:00'), at('11:10')],
    })
  })

  it('leaves nothing behind when it is refused', async () => {
    await book('10:00')
    const count = () => withAdmin(async (client) => (await client.query('SELECT (SELECT count(*) FROM appointment) AS visits, (SELECT count(*) FROM resource_claim) AS claims')).rows[0])
    const before = await count()
    expect(await book('10:00', { staffId: here.otherStaffId })).toMatchObject({ __typename: 'SlotTaken' })
    expect(await count()).toEqual(before)
  })

  it('offers times of the following days when the rest of the day does not fit, and none to somebody without hours', async () => {
    await book('16:40')
    expect((await book('16:40')).nextSlots).toEqual([at('09:00', 1), at('09:10', 1), at('09:20', 1)])
    const idle = await addStaff(harness.app, actorOf(org))
    await book('12:00', { staffId: idle, roomId: null }, { role: 'veterinarian' })
    expect(await book('12:00', { staffId: idle, roomId: null }, { role: 'veterinarian' })).toMatchObject({ __typename: 'SlotTaken', nextSlots: [] })
  })

  it('keeps a person to one place over all clinics, showing the interval alone of a visit elsewhere', async () => {
    const shared = await addStaff(harness.app, actorOf(org))
    await addHours(harness.app, actorOf(org), shared, { start: '09:00', end: '13:00' })
    await addHours(harness.app, actorOf(org, 1), shared, { start: '13:00', end: '17:00' })
    const input = { ...booking('12:50'), patientId: there.patientId, typeId: there.typeId, staffId: shared, roomId: null, durationMinutes: 20 }
    expect(await ask(BOOK, { input }, { role: 'veterinarian', clinic: 1 })).toMatchObject({ __typename: 'Appointment' })
    expect(await book('12:40', { staffId: shared, roomId: null })).toMatchObject({
      __typename: 'SlotTaken',
      resourceId: shared,
      resourceName: null,
      startsAt: at('12:50'),
      endsAt: at('13:10'),
      nextSlots: [at('09:00', 1), at('09:10', 1), at('09:20', 1)],
    })
  })

  it('is refused outside the hours of the person, unless the caller may overbook', async () => {
    expect(await book('16:50')).toMatchObject({ __typename: 'OutsideShift', code: 'OUTSIDE_SHIFT' })
    expect(paramsOf(await book('08:50'))).toEqual({ staffId: here.staffId, startsAt: at('08:50'), endsAt: at('09:10') })
    expect(await book('09:00', { startsAt: at('10:00', 6) })).toMatchObject({ __typename: 'OutsideShift' })
    expect(await book('16:40')).toMatchObject({ __typename: 'Appointment', endsAt: at('17:00') })
    expect(await book('22:00', {}, { role: 'veterinarian' })).toMatchObject({ __typename: 'Appointment', isOverbooked: false })
  })

  it('is refused for people who take no visits that day', async () => {
    const groomer = await addStaff(harness.app, actorOf(org), { isBookable: false })
    const leaving = await addStaff(harness.app, actorOf(org), { terminatedOn: dateOf() })
    await addHours(harness.app, actorOf(org), leaving)
    expect(await book('10:00', { staffId: groomer })).toMatchObject({ __typename: 'StaffNotBookable', code: 'STAFF_NOT_BOOKABLE' })
    expect(await book('10:00', { staffId: leaving })).toMatchObject({ __typename: 'Appointment' })
    expect(paramsOf(await book('10:00', { staffId: leaving, startsAt: at('10:00', 1) }))).toEqual({ staffId: leaving })
  })

  it('finds nothing that belongs elsewhere or is archived', async () => {
    const archivedRoom = await addRoom(harness.app, actorOf(org))
    await ask(UPDATE_ROOM, { input: { id: archivedRoom, version: 1, isArchived: true } }, { role: 'clinic_admin' })
    const archivedType = await addAppointmentType(harness.app, actorOf(org))
    await ask(UPDATE_TYPE, { input: { id: archivedType, version: 1, isArchived: true } }, { role: 'manager' })
    const cases: [string, object][] = [
      ['Patient', { patientId: abroad.patientId }],
      ['Patient', { patientId: newId() }],
      ['AppointmentType', { typeId: abroad.typeId }],
      ['AppointmentType', { typeId: archivedType }],
      ['StaffProfile', { staffId: abroad.staffId }],
      ['Room', { roomId: there.roomId }],
      ['Room', { roomId: archivedRoom }],
    ]
    for (const [type, input] of cases) expect(paramsOf(await book('10:00', input)), type).toEqual({ type })
  })

  it('names what is wrong with the input', async () => {
    const cases: [string, object][] = [
      ['startsAt', { startsAt: '2027-03-01T16:00:30Z' }],
      ['startsAt', { startsAt: '1850-03-01T16:00:00Z' }],
      ['durationMinutes', { durationMinutes: 4 }],
      ['durationMinutes', { durationMinutes: 721 }],
      ['reason', { reason: 'x'.repeat(501) }],
    ]
    for (const [path, input] of cases) expect((await book('10:00', input)).issues, path).toMatchObject([{ path }])
  })

  it('gives a last visit its time', async () => {
    const typeId = await addAppointmentType(harness.app, actorOf(org), { code: 'euthanasia', durationMinutes: 60 })
    expect((await book('10:00', { typeId, durationMinutes: 30 })).issues).toMatchObject([{ path: 'durationMinutes' }])
    const visit = await book('10:00', { typeId, durationMinutes: 40 })
    expect(visit).toMatchObject({ __typename: 'Appointment' })
    expect((await ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('11:00'), durationMinutes: 39 } })).issues).toMatchObject([{ path: 'durationMinutes' }])
  })

  it('is one visit for the same Idempotency-Key', async () => {
    const input = booking('10:00')
    const first = await ask(BOOK, { input }, { idempotencyKey: 'booking-0001' })
    expect(await ask(BOOK, { input }, { idempotencyKey: 'booking-0001' })).toEqual(first)
    expect(await ask(BOOK, { input: booking('11:00') }, { idempotencyKey: 'booking-0001' })).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' })
  })
})

describe('booking over another visit', () => {
  it('needs the permission', async () => {
    await book('10:00')
    const refused = await book('10:00', { overbookReason: 'Emergency' })
    expect(refused).toMatchObject({ __typename: 'NotPermitted' })
    expect(paramsOf(refused)).toEqual({ rule: 'overbook' })
  })

  it('is marked and shows its reason', async () => {
    await book('10:00')
    const over = await book('10:10', { overbookReason: 'Emergency' }, { role: 'veterinarian' })
    expect(over).toMatchObject({ __typename: 'Appointment', isOverbooked: true, overbookReason: 'Emergency' })
    expect((await claimsOf(over.id)).map(({ lane }) => lane)).toEqual([1, 1])
  })

  it('is not marked when nothing was in the way', async () => {
    expect(await book('10:00', { overbookReason: 'Emergency' }, { role: 'veterinarian' })).toMatchObject({ isOverbooked: false, overbookReason: null })
  })

  it('keeps its lane when the other visit is cancelled, and the person stays taken', async () => {
    const regular = await book('10:00')
    const over = await book('10:00', { overbookReason: 'Emergency' }, { role: 'veterinarian' })
    await ask(CANCEL, { input: { id: regular.id, version: 1, reason: 'Moved away' } })
    expect((await claimsOf(over.id)).map(({ lane }) => lane)).toEqual([1, 1])
    expect(await book('10:00')).toMatchObject({ __typename: 'SlotTaken', startsAt: at('10:00'), nextSlots: [at('10:20'), at('10:30'), at('10:40')] })
  })

  it('has an end', async () => {
    for (let lane = 0; lane < 10; lane += 1) expect(await book('10:00', { overbookReason: 'Flood' }, { role: 'veterinarian' })).toMatchObject({ __typename: 'Appointment' })
    expect(await book('10:00', { overbookReason: 'Flood' }, { role: 'veterinarian' })).toMatchObject({ __typename: 'SlotTaken' })
  })

  it('is taken back by moving the visit to a free time', async () => {
    await book('10:00')
    const over = await book('10:00', { overbookReason: 'Emergency' }, { role: 'veterinarian' })
    expect(await ask(MOVE, { input: { id: over.id, version: 1, startsAt: at('12:00') } })).toMatchObject({ isOverbooked: false, overbookReason: null })
  })

  it('cannot lose its mark in the database', async () => {
    await book('10:00')
    const over = await book('10:00', { overbookReason: 'Emergency' }, { role: 'veterinarian' })
    const actor = actorOf(org)
    const unmark = harness.app.asSystem(actor, 'cli', 'unmark', async (tx) => {
      await tx.prisma.appointment.updateMany({ where: { organisationId: actor.organisationId, id: over.id }, data: { overbookReason: null } })
      return null
    })
    await expect(unmark).rejects.toThrow(/OVERBOOKING_UNMARKED/)
  })
})

describe('moving', () => {
  it('changes time, person and room together with what they hold', async () => {
    const visit = await book('10:00')
    const moved = await ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('11:00'), staffId: here.otherStaffId, roomId: here.otherRoomId, durationMinutes: 30 } })
    expect(moved).toMatchObject({ startsAt: at('11:00'), endsAt: at('11:30'), staff: { id: here.otherStaffId }, room: { id: here.otherRoomId }, version: 2 })
    const held = await claimsOf(visit.id)
    expect(held.map(({ resource_id }) => resource_id).sort()).toEqual([here.otherStaffId, here.otherRoomId].sort())
    expect(held.map(({ starts_at }) => starts_at.toISOString())).toEqual([at('11:00'), at('11:00')])
    expect(await book('10:00')).toMatchObject({ __typename: 'Appointment' })
  })

  it('keeps what is left out, and gives up the room for null', async () => {
    const visit = await book('10:00', { durationMinutes: 25 })
    expect(await ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('11:00') } })).toMatchObject({ endsAt: at('11:25'), staff: { id: here.staffId }, room: { id: here.roomId } })
    expect(await ask(MOVE, { input: { id: visit.id, version: 2, startsAt: at('11:00'), roomId: null } })).toMatchObject({ room: null })
    expect(await claimsOf(visit.id)).toHaveLength(1)
  })

  it('may overlap the time that the visit itself held', async () => {
    const visit = await book('10:00')
    expect(await ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('10:10') } })).toMatchObject({ __typename: 'Appointment' })
  })

  it('is refused where somebody else is, and leaves the visit where it was', async () => {
    await book('10:00')
    const visit = await book('11:00')
    expect(await ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('10:10') } })).toMatchObject({
      __typename: 'SlotTaken',
      startsAt: at('10:00'),
      // Its own time counts as free.
      nextSlots: [at('10:20'), at('10:30'), at('10:40')],
    })
    expect(await ask(APPOINTMENT_BY_ID, { id: visit.id })).toMatchObject({ startsAt: at('11:00'), version: 1 })
    expect(await claimsOf(visit.id)).toHaveLength(2)
  })

  it('obeys hours and people like a booking', async () => {
    const visit = await book('10:00')
    const unbookable = await addStaff(harness.app, actorOf(org), { isBookable: false })
    expect(await ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('16:50') } })).toMatchObject({ __typename: 'OutsideShift' })
    expect(await ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('10:00'), staffId: unbookable } })).toMatchObject({ __typename: 'StaffNotBookable' })
    expect(paramsOf(await ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('10:00'), roomId: there.roomId } }))).toEqual({ type: 'Room' })
    expect(await ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('10:00'), overbookReason: 'Emergency' } })).toMatchObject({ __typename: 'NotPermitted' })
  })

  it('is refused for a stale version, a visit that has begun, and one that is not there', async () => {
    const visit = await book('10:00')
    const move = (input: object) => ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('11:00'), ...input } })
    expect(paramsOf(await move({ version: 7 }))).toEqual({ type: 'Appointment', current: '1' })
    expect(await move({ id: newId() })).toMatchObject({ __typename: 'NotFound' })
    await ask(STEP, { input: { id: visit.id, version: 1, status: 'CHECKED_IN' } })
    expect(paramsOf(await move({ version: 2 }))).toEqual({ type: 'Appointment', from: 'checked_in', to: 'rescheduled' })
  })
})

describe('cancelling', () => {
  it('keeps the reason and frees the time', async () => {
    const visit = await book('10:00')
    const cancelled = await ask(CANCEL, { input: { id: visit.id, version: 1, reason: 'The client is ill' } })
    expect(cancelled).toMatchObject({ status: 'CANCELLED', cancelReason: 'The client is ill', version: 2 })
    expect(cancelled.cancelledAt).not.toBeNull()
    expect(await claimsOf(visit.id)).toEqual([])
    expect(await book('10:00')).toMatchObject({ __typename: 'Appointment' })
  })

  it('is still possible when the client leaves unseen, and final', async () => {
    const visit = await book('10:00')
    await ask(STEP, { input: { id: visit.id, version: 1, status: 'CHECKED_IN' } })
    expect(await ask(CANCEL, { input: { id: visit.id, version: 2, reason: 'Left' } })).toMatchObject({ status: 'CANCELLED' })
    expect(await ask(CANCEL, { input: { id: visit.id, version: 3, reason: 'Again' } })).toMatchObject({ __typename: 'WrongState' })
    expect(await ask(STEP, { input: { id: visit.id, version: 3, status: 'SCHEDULED' } })).toMatchObject({ __typename: 'WrongState' })
  })

  it('needs a reason and the current version', async () => {
    const visit = await book('10:00')
    expect((await ask(CANCEL, { input: { id: visit.id, version: 1, reason: '  ' } })).issues).toMatchObject([{ path: 'reason' }])
    expect(await ask(CANCEL, { input: { id: visit.id, version: 2, reason: 'Ill' } })).toMatchObject({ __typename: 'StaleVersion' })
  })
})

describe('the status of a visit', () => {
  it('goes its way step by step and notes each moment', async () => {
    let visit = await book('10:00')
    for (const status of ['CONFIRMED', 'CHECKED_IN', 'IN_PROGRESS', 'COMPLETED', 'CHECKED_OUT']) visit = await ask(STEP, { input: { id: visit.id, version: visit.version, status } })
    expect(visit).toMatchObject({ status: 'CHECKED_OUT', version: 6 })
    const moments = [visit.confirmedAt, visit.checkedInAt, visit.startedAt, visit.completedAt, visit.checkedOutAt]
    expect(moments).not.toContain(null)
    expect([...moments].sort()).toEqual(moments)
    expect(await ask(STEP, { input: { id: visit.id, version: 6, status: 'COMPLETED' } })).toMatchObject({ status: 'COMPLETED', checkedOutAt: null, completedAt: visit.completedAt })
  })

  it('skips no step, is not cancelled without a reason, and needs the current version', async () => {
    const visit = await book('10:00')
    expect(paramsOf(await ask(STEP, { input: { id: visit.id, version: 1, status: 'COMPLETED' } }))).toEqual({ type: 'Appointment', from: 'scheduled', to: 'completed' })
    expect((await ask(STEP, { input: { id: visit.id, version: 1, status: 'CANCELLED' } })).issues).toMatchObject([{ path: 'status', rule: 'needs_reason' }])
    expect(await ask(STEP, { input: { id: visit.id, version: 3, status: 'CONFIRMED' } })).toMatchObject({ __typename: 'StaleVersion' })
  })

  it('of a missed visit frees the time, and claims it again when the client comes after all', async () => {
    const visit = await book('10:00')
    expect(await ask(STEP, { input: { id: visit.id, version: 1, status: 'NO_SHOW' } })).toMatchObject({ status: 'NO_SHOW', noShowAt: expect.any(String) })
    expect(await claimsOf(visit.id)).toEqual([])
    expect(await ask(STEP, { input: { id: visit.id, version: 2, status: 'SCHEDULED' } })).toMatchObject({ status: 'SCHEDULED', noShowAt: null })
    expect(await claimsOf(visit.id)).toHaveLength(2)
    await ask(STEP, { input: { id: visit.id, version: 3, status: 'NO_SHOW' } })
    expect(await book('10:10')).toMatchObject({ __typename: 'Appointment' })
    expect(await ask(STEP, { input: { id: visit.id, version: 4, status: 'SCHEDULED' } })).toMatchObject({ __typename: 'SlotTaken', startsAt: at('10:10') })
  })

  it('answers each step of one document as it was after it', async () => {
    const visit = await book('10:00')
    const twice = `mutation Twice($a: SetAppointmentStatusInput!, $b: SetAppointmentStatusInput!) {
      a: setAppointmentStatus(input: $a) { ... on Appointment { status version } } b: setAppointmentStatus(input: $b) { ... on Appointment { status version } } }`
    const { body } = await call(twice, { a: { id: visit.id, version: 1, status: 'CONFIRMED' }, b: { id: visit.id, version: 2, status: 'CHECKED_IN' } })
    expect(body.data).toEqual({ a: { status: 'CONFIRMED', version: 2 }, b: { status: 'CHECKED_IN', version: 3 } })
  })

  it("takes its moments from the transaction's clock", async () => {
    const actor = actorOf(org)
    const clock = { now: () => new Date('2025-12-20T16:00:00Z') }
    const id = await addAppointment(harness.app, actor, { ...booking('10:00'), startsAt: new Date(at('10:00')) }, clock)
    await harness.app.asSystem(actor, 'demo', 'world', (tx) => setAppointmentStatus(tx, actor, { id, version: 1, status: 'confirmed' }), clock)
    expect(await ask(APPOINTMENT_BY_ID, { id })).toMatchObject({ confirmedAt: '2025-12-20T16:00:00.000Z' })
  })
})

describe('the day schedule', () => {
  it('shows people with their shifts, rooms in their order, and visits in order of time', async () => {
    const second = await book('11:00')
    const first = await book('10:00', { staffId: here.otherStaffId, roomId: null })
    await book('10:00', { startsAt: at('10:00', 1) })
    const day = await ask(DAY, { date: dateOf() })
    expect(day).toMatchObject({ date: dateOf(), day: { startsAt: at('00:00'), endsAt: at('00:00', 1) } })
    expect(day.appointments.map(({ id }: { id: string }) => id)).toEqual([first.id, second.id])
    const column = day.staff.find(({ staff }: { staff: { id: string } }) => staff.id === here.staffId)
    expect(column.shifts).toEqual([{ startsAt: at('09:00'), endsAt: at('17:00'), clockChange: 'NONE' }])
    const rooms = day.rooms.map(({ id }: { id: string }) => id)
    expect(rooms).toEqual(expect.arrayContaining([here.roomId, here.otherRoomId]))
    expect(rooms).not.toContain(there.roomId)
  })

  it('keeps cancelled and missed visits in sight', async () => {
    const visit = await book('10:00')
    await ask(CANCEL, { input: { id: visit.id, version: 1, reason: 'Ill' } })
    expect((await ask(DAY, { date: dateOf() })).appointments).toMatchObject([{ id: visit.id, status: 'CANCELLED' }])
  })

  it('shows a visit that runs over midnight on both days', async () => {
    const visit = await book('23:50', {}, { role: 'veterinarian' })
    for (const day of [0, 1]) expect((await ask(DAY, { date: dateOf(day) })).appointments).toMatchObject([{ id: visit.id }])
    expect((await ask(DAY, { date: dateOf(2) })).appointments).toEqual([])
  })

  it('leaves out people who are off, unless they have a visit', async () => {
    const sunday = dateOf(6)
    expect((await ask(DAY, { date: sunday })).staff).toEqual([])
    await book('10:00', { startsAt: at('10:00', 6) }, { role: 'veterinarian' })
    expect((await ask(DAY, { date: sunday })).staff).toEqual([{ staff: { id: here.staffId, name: expect.any(String) }, shifts: [] }])
  })

  it('shows an archived room only on days on which it has a visit', async () => {
    const roomId = await addRoom(harness.app, actorOf(org))
    await book('10:00', { roomId })
    await ask(UPDATE_ROOM, { input: { id: roomId, version: 1, isArchived: true } }, { role: 'clinic_admin' })
    const roomsOn = async (day: number) => (await ask(DAY, { date: dateOf(day) })).rooms.map(({ id }: { id: string }) => id)
    expect(await roomsOn(0)).toContain(roomId)
    expect(await roomsOn(1)).not.toContain(roomId)
  })

  it("counts days in the clinic's zone, with 23 and 25 hours when the clock changes", async () => {
    const of = (date: string) => ask(DAY, { date }, { organisation: foreign })
    expect(await of('2027-03-28')).toMatchObject({ day: { startsAt: '2027-03-27T23:00:00.000Z', endsAt: '2027-03-28T22:00:00.000Z' } })
    expect(await of('2027-10-31')).toMatchObject({ day: { startsAt: '2027-10-30T22:00:00.000Z', endsAt: '2027-10-31T23:00:00.000Z' } })
    const shifts = (await of('2027-03-29')).staff[0].shifts
    expect(shifts).toEqual([{ startsAt: '2027-03-29T07:00:00.000Z', endsAt: '2027-03-29T15:00:00.000Z', clockChange: 'NONE' }])
  })

  it('costs the same number of statements for 5 and for 50 visits', async () => {
    const actor = actorOf(org)
    const types = [here.typeId, await addAppointmentType(harness.app, actor)]
    const people = [here.staffId, here.otherStaffId]
    const fill = (count: number, day: number) =>
      harness.app.asSystem(actor, 'cli', 'world', async (tx) => {
        for (let index = 0; index < count; index += 1) {
          const startsAt = new Date(new Date(at('08:00', day)).getTime() + Math.floor(index / 2) * 20 * 60_000)
          await bookAppointment(tx, actor, { ...booking('00:00'), startsAt, staffId: people[index % 2] ?? '', roomId: [here.roomId, here.otherRoomId][index % 2], typeId: types[index % 2] ?? '' })
        }
        return null
      })
    await fill(5, 0)
    await fill(50, 1)
    await ask(DAY, { date: dateOf(2) })
    const few = await countStatements(() => ask(DAY, { date: dateOf(0) }))
    const many = await countStatements(() => ask(DAY, { date: dateOf(1) }))
    expect(few.result.appointments).toHaveLength(5)
    expect(many.result.appointments).toHaveLength(50)
    expect(many.count).toBe(few.count)
    expect(many.count).toBeLessThanOrEqual(DAY_STATEMENTS)
  })
})

// Session and rights; visits, people, hours, rooms; then, for all visits together, patients, owners, types, people, rooms.
const DAY_STATEMENTS = 10

describe('the visits of a patient', () => {
  const PAGE = 'query Visits($id: UUID!, $first: Int, $after: String) { patient(id: $id) { appointments(first: $first, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } } }'
  const LIST = `query List($query: String!, $first: Int!) { searchPatients(query: $query, first: 20) { id appointments(first: $first) { edges { node { id type { id } staff { id } } } } } }`

  it('come in pages, newest first, without those of the other clinic', async () => {
    const { id: patientId } = await addPatient(harness.app, actorOf(org), { name: 'Nube' })
    const ids: string[] = []
    for (const time of ['09:00', '10:00', '11:00']) ids.unshift((await book(time, { patientId })).id)
    const elsewhere = { ...booking('10:00'), patientId, typeId: there.typeId, staffId: there.staffId, roomId: there.roomId }
    expect(await ask(BOOK, { input: elsewhere }, { clinic: 1 })).toMatchObject({ __typename: 'Appointment' })
    const first = (await ask(PAGE, { id: patientId, first: 2 })).appointments
    expect(first.edges.map(({ node }: { node: { id: string } }) => node.id)).toEqual(ids.slice(0, 2))
    expect(first.pageInfo.hasNextPage).toBe(true)
    const second = (await ask(PAGE, { id: patientId, first: 2, after: first.pageInfo.endCursor })).appointments
    expect(second).toMatchObject({ edges: [{ node: { id: ids[2] } }], pageInfo: { hasNextPage: false } })
  })

  it('cost the same number of statements for 5 and for 50 a page, and for one patient and many', async () => {
    const actor = actorOf(org)
    const first = await addPatient(harness.app, actor, { name: 'Solovino' })
    for (let index = 0; index < 19; index += 1) await addPatient(harness.app, actor, { name: 'Canela', clientId: first.clientId })
    for (const time of ['09:00', '10:00', '11:00', '12:00', '13:00', '14:00']) await book(time, { patientId: first.id })
    await ask(LIST, { query: 'Solovino', first: 5 })
    const one = await countStatements(() => ask(LIST, { query: 'Solovino', first: 5 }))
    const same = await countStatements(() => ask(LIST, { query: 'Solovino', first: 50 }))
    await book('15:00', { patientId: (await ask('query Other { searchPatients(query: "Canela") { id } }', {}))[0].id })
    const many = await countStatements(() => ask(LIST, { query: 'Lucía', first: 50 }))
    expect(one.result[0].appointments.edges).toHaveLength(5)
    expect(same.result[0].appointments.edges).toHaveLength(6)
    expect(many.result).toHaveLength(20)
    expect([same.count, many.count]).toEqual([one.count, one.count])
  })

  it('are hidden from people who may see patients and not the calendar', async () => {
    const setRight = (effect: string) =>
      ask('mutation Right($input: SetRolePermissionInput!) { setRolePermission(input: $input) { __typename } }', { input: { roleCode: 'groomer', permission: 'appointment:read', effect } }, { role: 'owner' })
    await setRight('DENY')
    const { body } = await call(PAGE, { id: here.patientId }, { role: 'groomer' })
    await setRight('NONE')
    await setRight('ALLOW')
    expect(body.data).toEqual({ patient: { appointments: null } })
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'appointment:read' })
  })
})

describe('rooms and types', () => {
  it('are created, changed, archived and restored', async () => {
    const room = await ask(CREATE_ROOM, { input: { name: 'Quirófano', kind: 'surgery', position: 3 } }, { role: 'clinic_admin' })
    expect(room).toMatchObject({ name: 'Quirófano', kind: 'surgery', position: 3, isArchived: false, version: 1 })
    const update = (input: object) => ask(UPDATE_ROOM, { input: { id: room.id, ...input } }, { role: 'clinic_admin' })
    expect(await update({ version: 1, name: 'Quirófano 1', isArchived: true })).toMatchObject({ name: 'Quirófano 1', kind: 'surgery', isArchived: true, version: 2 })
    const names = async (all: boolean) => (await ask(ROOMS, { all })).map(({ name }: { name: string }) => name)
    expect(await names(false)).not.toContain('Quirófano 1')
    expect(await names(true)).toContain('Quirófano 1')
    expect(await update({ version: 2, isArchived: false, kind: 'hospital' })).toMatchObject({ kind: 'hospital', isArchived: false, version: 3 })

    const type = await ask(CREATE_TYPE, { input: { code: 'dental', name: 'Limpieza dental', durationMinutes: 40, colour: '#A0B0C0' } }, { role: 'manager' })
    expect(type).toMatchObject({ code: 'dental', durationMinutes: 40, colour: '#a0b0c0', version: 1 })
    const change = (input: object) => ask(UPDATE_TYPE, { input: { id: type.id, ...input } }, { role: 'manager' })
    expect(await change({ version: 1, durationMinutes: 30, isArchived: true })).toMatchObject({ durationMinutes: 30, isArchived: true })
    const codes = async (all: boolean) => (await ask(TYPES, { all })).map(({ code }: { code: string }) => code)
    expect(await codes(false)).not.toContain('dental')
    expect(await codes(true)).toContain('dental')
    expect(await change({ version: 2, isArchived: false, name: 'Dental', serviceId: null })).toMatchObject({ name: 'Dental', isArchived: false, version: 3 })
  })

  it('have names and codes of their own', async () => {
    const input = { name: 'Consultorio A' }
    const first = await ask(CREATE_ROOM, { input }, { role: 'clinic_admin' })
    const taken = await ask(CREATE_ROOM, { input }, { role: 'clinic_admin' })
    expect(paramsOf(taken)).toEqual({ type: 'Room', field: 'name' })
    expect(await ask(CREATE_ROOM, { input }, { role: 'clinic_admin', clinic: 1 })).toMatchObject({ __typename: 'Room' })
    const second = await ask(CREATE_ROOM, { input: { name: 'Consultorio B' } }, { role: 'clinic_admin' })
    expect(await ask(UPDATE_ROOM, { input: { id: second.id, version: 1, ...input } }, { role: 'clinic_admin' })).toMatchObject({ __typename: 'AlreadyExists' })
    expect(first.position).toBe(0)
    await ask(CREATE_TYPE, { input: { code: 'grooming', name: 'Baño', durationMinutes: 40 } }, { role: 'manager' })
    expect(await ask(CREATE_TYPE, { input: { code: 'grooming', name: 'Corte', durationMinutes: 40 } }, { role: 'manager' })).toMatchObject({ __typename: 'AlreadyExists' })
  })

  it('are refused when they break a rule, are stale, or are not there', async () => {
    const admin = { role: 'clinic_admin' } as const
    expect((await ask(CREATE_ROOM, { input: { name: ' ', kind: 'garage', position: -1 } }, admin)).issues.map(({ path }: { path: string }) => path).sort()).toEqual(['kind', 'name', 'position'])
    expect(await ask(UPDATE_ROOM, { input: { id: here.roomId, version: 9, name: 'X' } }, admin)).toMatchObject({ __typename: 'StaleVersion' })
    expect(await ask(UPDATE_ROOM, { input: { id: there.roomId, version: 1, name: 'X' } }, admin)).toMatchObject({ __typename: 'NotFound' })
    expect((await ask(CREATE_TYPE, { input: { code: 'Bad Code', name: 'X', durationMinutes: 3, colour: 'red' } }, admin)).issues.map(({ path }: { path: string }) => path).sort()).toEqual(['code', 'colour', 'durationMinutes'])
    expect((await ask(CREATE_TYPE, { input: { code: 'euthanasia', name: 'X', durationMinutes: 30 } }, admin)).issues).toMatchObject([{ path: 'durationMinutes' }])
    expect(paramsOf(await ask(CREATE_TYPE, { input: { code: 'lost', name: 'X', durationMinutes: 30, serviceId: newId() } }, admin))).toEqual({ type: 'Service' })
    expect(await ask(UPDATE_TYPE, { input: { id: here.typeId, version: 9, name: 'X' } }, admin)).toMatchObject({ __typename: 'StaleVersion' })
    expect(await ask(UPDATE_TYPE, { input: { id: abroad.typeId, version: 1, name: 'X' } }, admin)).toMatchObject({ __typename: 'NotFound' })
    expect(await ask(UPDATE_TYPE, { input: { id: here.typeId, version: 1, serviceId: newId() } }, admin)).toMatchObject({ __typename: 'NotFound' })
  })
})

describe('who may do what', () => {
  const refusal = async (document: string, variables: object, role: Role) => (await call(document, variables, { role })).body.errors?.[0]?.extensions.permission

  it.each<[string, string, () => object, Role, string]>([
    ['read the calendar', DAY, () => ({ date: dateOf() }), 'compliance_officer', 'appointment:read'],
    ['read a visit', APPOINTMENT_BY_ID, () => ({ id: newId() }), 'client', 'appointment:read'],
    ['list rooms', ROOMS, () => ({}), 'compliance_officer', 'appointment:read'],
    ['list types', TYPES, () => ({}), 'client', 'appointment:read'],
    ['book', BOOK, () => ({ input: booking('10:00') }), 'groomer', 'appointment:create'],
    ['move', MOVE, () => ({ input: { id: newId(), version: 1, startsAt: at('10:00') } }), 'compliance_officer', 'appointment:update'],
    ['change the status', STEP, () => ({ input: { id: newId(), version: 1, status: 'CONFIRMED' } }), 'compliance_officer', 'appointment:update'],
    ['cancel', CANCEL, () => ({ input: { id: newId(), version: 1, reason: 'x' } }), 'assistant', 'appointment:cancel'],
    ['create rooms', CREATE_ROOM, () => ({ input: { name: 'X' } }), 'veterinarian', 'clinic:administer'],
    ['change rooms', UPDATE_ROOM, () => ({ input: { id: newId(), version: 1 } }), 'receptionist', 'clinic:administer'],
    ['create types', CREATE_TYPE, () => ({ input: { code: 'x', name: 'X', durationMinutes: 20 } }), 'veterinarian', 'service:manage'],
    ['change types', UPDATE_TYPE, () => ({ input: { id: newId(), version: 1 } }), 'receptionist', 'service:manage'],
  ])('to %s needs its permission', async (_what, document, variables, role, permission) => {
    expect(await refusal(document, variables(), role)).toBe(permission)
  })

  it('is decided before anything is looked at by nobody', async () => {
    const { body } = await harness.call(DAY, { date: dateOf() })
    expect(body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  it("ends at the clinic: another clinic's visits are not found", async () => {
    const visit = await book('10:00')
    const [id, elsewhere, outside] = [visit.id, { clinic: 1, role: 'veterinarian' } as const, { organisation: foreign, role: 'owner' } as const]
    for (const caller of [elsewhere, outside]) {
      expect(await ask(APPOINTMENT_BY_ID, { id }, caller)).toBeNull()
      expect((await ask(DAY, { date: dateOf() }, caller)).appointments).toEqual([])
      expect(await ask(CANCEL, { input: { id, version: 1, reason: 'x' } }, caller)).toMatchObject({ __typename: 'NotFound' })
      expect(await ask(STEP, { input: { id, version: 1, status: 'CONFIRMED' } }, caller)).toMatchObject({ __typename: 'NotFound' })
      expect(await ask(MOVE, { input: { id, version: 1, startsAt: at('11:00') } }, caller)).toMatchObject({ __typename: 'NotFound' })
      const rooms = (await ask(ROOMS, {}, caller)).map((room: { id: string }) => room.id)
      expect(rooms).not.toContain(here.roomId)
    }
    expect((await ask(TYPES, {}, outside)).map((type: { id: string }) => type.id)).toEqual([abroad.typeId])
    expect(await ask(APPOINTMENT_BY_ID, { id })).toMatchObject({ id, status: 'SCHEDULED' })
  })

  it("lets a sister clinic's patient go, with its visits, when charts are no longer shared", async () => {
    const input = { ...booking('10:00'), patientId: here.patientId, typeId: there.typeId, staffId: there.staffId, roomId: there.roomId }
    const visit = await ask(BOOK, { input }, { clinic: 1 })
    const share = (isShared: boolean) => withAdmin((client) => client.query('UPDATE organisation SET share_patients = $2 WHERE id = $1', [org.id, isShared]))
    // The audit gate asks for an entry, which a change by hand does not have.
    await withAdmin((client) => client.query('ALTER TABLE organisation DISABLE TRIGGER USER'))
    await share(false)
    try {
      expect((await ask(DAY, { date: dateOf() }, { clinic: 1 })).appointments).toEqual([])
      expect(await ask(APPOINTMENT_BY_ID, { id: visit.id }, { clinic: 1 })).toBeNull()
      expect(await ask(STEP, { input: { id: visit.id, version: 1, status: 'CONFIRMED' } }, { clinic: 1 })).toMatchObject({ __typename: 'NotFound' })
      expect(await ask(BOOK, { input: { ...input, startsAt: at('11:00') } }, { clinic: 1 })).toMatchObject({ __typename: 'NotFound' })
    } finally {
      await share(true)
      await withAdmin((client) => client.query('ALTER TABLE organisation ENABLE TRIGGER USER'))
    }
    expect(await ask(APPOINTMENT_BY_ID, { id: visit.id }, { clinic: 1 })).toMatchObject({ id: visit.id })
  })
})

describe('the audit trail', () => {
  const idsOf = (accesses: { type: string; ids: string[] }[] | undefined, type: string) => (accesses ?? []).filter((access) => access.type === type).flatMap(({ ids }) => ids)

  it('names the visit that was booked and what it holds', async () => {
    const { body, requestId } = await call(BOOK, { input: booking('10:00') })
    const entries = await withAdmin((admin) => entriesOf(admin, requestId))
    const written = entries.find((entry) => entry.body.changes)
    expect(written?.body).toMatchObject({ action: 'create', outcome: 'ok' })
    expect(idsOf(written?.body.changes, 'Appointment')).toEqual([body.data.bookAppointment.id])
    expect(idsOf(written?.body.changes, 'ResourceClaim')).toHaveLength(2)
    expect(idsOf(entries.flatMap((entry) => entry.body.reads ?? []), 'Patient')).toContain(here.patientId)
  })

  it('says that a refusal showed the claim in the way', async () => {
    await book('10:00')
    const { requestId } = await call(BOOK, { input: booking('10:00') })
    const [entry] = await withAdmin((admin) => entriesOf(admin, requestId))
    expect(entry?.body).toMatchObject({ outcome: 'refused' })
    expect(entry?.body.changes).toBeUndefined()
    expect(idsOf(entry?.body.reads, 'ResourceClaim').length).toBeGreaterThan(0)
    expect(idsOf(entry?.body.reads, 'StaffProfile')).toEqual([here.staffId])
  })

  it('keeps the reason of a cancellation for people who search, and codes alone as evidence', async () => {
    const visit = await book('10:00')
    const { requestId } = await call(CANCEL, { input: { id: visit.id, version: 1, reason: 'The owner is in hospital' } })
    const rows = await withAdmin(async (admin) => (await admin.query('SELECT reason FROM audit.search WHERE request_id = $1 AND reason IS NOT NULL', [requestId])).rows)
    expect(rows).toEqual([{ reason: 'The owner is in hospital' }])
    for (const { text } of await withAdmin((admin) => entriesOf(admin, requestId))) expect(text).not.toContain('hospital')
  })

  it('names every visit, person, room and patient of a day schedule', async () => {
    const visit = await book('10:00')
    const { requestId } = await call(DAY, { date: dateOf() })
    const [entry] = await withAdmin((admin) => entriesOf(admin, requestId))
    expect(idsOf(entry?.body.reads, 'Appointment')).toEqual([visit.id])
    expect(idsOf(entry?.body.reads, 'Patient')).toEqual([here.patientId])
    expect(idsOf(entry?.body.reads, 'StaffProfile')).toContain(here.staffId)
    expect(idsOf(entry?.body.reads, 'Room')).toContain(here.roomId)
  })

  it('agrees with what the database saw, in every transaction of these tests', async () => {
    expect(await withAdmin(findDisagreements)).toEqual([])
  })
})
