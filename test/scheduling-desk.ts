import { withClient } from '../server/database/connection.ts'
import { type CallOptions, type Harness, startHarness } from './harness.ts'
import { buildOrganisation, type WorldOrganisation } from './world.ts'
import { addPractice, type Practice } from './world-scheduling.ts'

const APPOINTMENT = `id startsAt endsAt status reason version confirmedAt checkedInAt startedAt completedAt checkedOutAt cancelledAt noShowAt cancelReason isOverbooked overbookReason
  patient { id name } type { id name } staff { id name } room { id name }`
const ERRORS = `... on Error { code message params { name value } } ... on InvalidInput { issues { path rule } }`
const CONFLICT = '... on SlotTaken { resourceId resourceKind resourceName startsAt endsAt nextSlots }'
export const BOOK = `mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on Appointment { ${APPOINTMENT} } ${CONFLICT} ${ERRORS} } }`
export const MOVE = `mutation Move($input: RescheduleAppointmentInput!) { rescheduleAppointment(input: $input) { __typename ... on Appointment { ${APPOINTMENT} } ${CONFLICT} ${ERRORS} } }`
export const CANCEL = `mutation Cancel($input: CancelAppointmentInput!) { cancelAppointment(input: $input) { __typename ... on Appointment { ${APPOINTMENT} } ${ERRORS} } }`
export const STEP = `mutation Step($input: SetAppointmentStatusInput!) { setAppointmentStatus(input: $input) { __typename ... on Appointment { ${APPOINTMENT} } ${CONFLICT} ${ERRORS} } }`
export const APPOINTMENT_BY_ID = `query One($id: UUID!) { appointment(id: $id) { ${APPOINTMENT} } }`
export const DAY = `query Day($date: LocalDate!) { daySchedule(date: $date) { date day { startsAt endsAt }
  staff { staff { id name } shifts { startsAt endsAt clockChange } } rooms { id name } appointments { ${APPOINTMENT} patient { client { id name } } } } }`
export const ROOMS = 'query Rooms($all: Boolean! = false) { rooms(includeArchived: $all) { id name kind position isArchived version } }'
export const TYPES =
  'query Types($all: Boolean! = false) { appointmentTypes(includeArchived: $all) { id code name durationMinutes colour serviceId isArchived version } }'
export const CREATE_ROOM = `mutation CreateRoom($input: CreateRoomInput!) { createRoom(input: $input) { __typename ... on Room { id name kind position isArchived version } ${ERRORS} } }`
export const UPDATE_ROOM = `mutation UpdateRoom($input: UpdateRoomInput!) { updateRoom(input: $input) { __typename ... on Room { id name kind position isArchived version } ${ERRORS} } }`
export const CREATE_TYPE = `mutation CreateType($input: CreateAppointmentTypeInput!) { createAppointmentType(input: $input) { __typename ... on AppointmentType { id code name durationMinutes colour version } ${ERRORS} } }`
export const UPDATE_TYPE = `mutation UpdateType($input: UpdateAppointmentTypeInput!) { updateAppointmentType(input: $input) { __typename ... on AppointmentType { id code name durationMinutes colour isArchived version } ${ERRORS} } }`

export type Role = Parameters<WorldOrganisation['email']>[0]
export type Caller = { role?: Role; clinic?: number; organisation?: WorldOrganisation } & CallOptions

/** Two clinics of one organisation and one clinic of another, each ready to take bookings, and somebody at the desk of each. */
export type Desk = Awaited<ReturnType<typeof openDesk>>

export async function openDesk() {
  const harness = await startHarness()
  const org = await buildOrganisation(harness.app, 'alfa')
  const foreign = await buildOrganisation(harness.app, 'omega', [{ timeZone: 'Europe/Madrid', currency: 'EUR', countryCode: 'ES' }])
  const here = await addPractice(harness.app, actorOf(org))
  const there = await addPractice(harness.app, actorOf(org, 1))
  const abroad = await addPractice(harness.app, actorOf(foreign))
  const call = callThrough(harness, org)
  /** The answer of the one root field. */
  const ask = async (document: string, variables: object, caller: Caller = {}) => {
    const { body } = await call(document, variables, caller)
    if (!body.data) throw new Error(JSON.stringify(body))
    return body.data[Object.keys(body.data)[0] ?? '']
  }
  const calendar = calendarOf(here)
  const book = (time: string, input: object = {}, caller: Caller = {}) => ask(BOOK, { input: calendar.booking(time, input) }, caller)
  const withAdmin = <T>(read: Parameters<typeof withClient<T>>[1]) => withClient(harness.database.adminUrl, read)
  return { harness, org, foreign, here, there, abroad, call, ask, book, withAdmin, ...calendar, [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() }
}

function callThrough(harness: Harness, org: WorldOrganisation) {
  const tokens = new Map<string, string>()
  return async (document: string, variables: object, { role = 'receptionist', clinic = 0, organisation = org, ...options }: Caller = {}) => {
    const email = organisation.email(role, clinic)
    const token = tokens.get(email) ?? (await harness.signIn(email)).token
    tokens.set(email, token)
    const answer = await harness.call(document, variables, { token, ...options })
    return { ...answer, requestId: answer.headers.get('x-request-id') }
  }
}

/** Mexico City is six hours behind UTC all year. Each test books in a week of its own, which begins on a Monday. */
function calendarOf(practice: Practice) {
  let week = 0
  const instant = (day: number, hours: number, minutes: number) => new Date(Date.UTC(2027, 0, 4 + 7 * week + day, hours, minutes)).toISOString()
  const at = (time: string, day = 0) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number)
    return instant(day, hours + 6, minutes)
  }
  const { patientId, typeId, staffId, roomId } = practice
  return {
    at,
    dateOf: (day = 0) => instant(day, 0, 0).slice(0, 10),
    booking: (time: string, input: object = {}) => ({ patientId, typeId, staffId, roomId, startsAt: at(time), ...input }),
    nextWeek: () => {
      week += 1
    },
  }
}

export function actorOf(organisation: WorldOrganisation, clinic = 0) {
  const place = organisation.clinics[clinic]
  if (!place) throw new Error('no such clinic')
  return place.actor
}

export const paramsOf = (error: { params: { name: string; value: string | null }[] }) =>
  Object.fromEntries(error.params.map(({ name, value }) => [name, value]))

/** Runs something and counts the statements that it sends. */
export async function countStatements<T>({ app }: Harness, run: () => Promise<T>): Promise<{ result: T; count: number }> {
  let count = 0
  app.database.onStatement = () => {
    count += 1
  }
  try {
    const result = await run()
    return { result, count }
  } finally {
    app.database.onStatement = null
  }
}
