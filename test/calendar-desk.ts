import ICAL from 'ical.js'
import pg from 'pg'
import { type CallOptions, startHarness } from './harness.ts'
import { actorOf, ERRORS } from './operations.ts'
import { buildOrganisation, type WorldOrganisation } from './world.ts'
import { addPatient } from './world-patients.ts'
import { addAppointment, addAppointmentType, addRoom } from './world-scheduling.ts'
import { addHours, addStaff } from './world-staff.ts'

export const CREATE_FEED = `mutation Create($input: CreateCalendarFeedInput!) { createCalendarFeed(input: $input) { __typename
  ... on NewCalendarFeed { url feed { id kind staffId roomId name createdByName createdAt lastReadAt revokedAt } } ${ERRORS} } }`
export const REVOKE_FEED = `mutation Revoke($input: RevokeCalendarFeedInput!) { revokeCalendarFeed(input: $input) { __typename ... on CalendarFeed { id revokedAt } ${ERRORS} } }`
export const FEEDS =
  'query Feeds($all: Boolean! = false) { calendarFeeds(first: 50, includeRevoked: $all) { edges { node { id kind name lastReadAt revokedAt } } } }'

export type FeedCaller = { role?: Parameters<WorldOrganisation['email']>[0]; clinic?: number; organisation?: WorldOrganisation } & CallOptions
export type ParsedEvent = { uid: string; start: string; end: string; summary: string; status: string; sequence: number }

export type CalendarDesk = Awaited<ReturnType<typeof openCalendarDesk>>

/**
 * Clinics in Tijuana and in Cancún, and one of another organisation in Madrid, with people who work every day from one to nine; calendars are
 * read over HTTP and parsed by a library that is not ours. It is 1 March 2027, until `pass`.
 */
export async function openCalendarDesk() {
  let now = Date.parse('2027-03-01T18:00:00Z')
  const harness = await startHarness({ clock: { now: () => new Date(now) } })
  const { app } = harness
  const admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  const org = await buildOrganisation(app, 'alfa', [{ timeZone: 'America/Tijuana' }, { timeZone: 'America/Cancun' }])
  const foreign = await buildOrganisation(app, 'omega', [{ timeZone: 'Europe/Madrid', currency: 'EUR', countryCode: 'ES' }])
  const [here, abroad] = [actorOf(org), actorOf(foreign)]
  const vet = await addStaff(app, here, { name: 'Ana Ruiz', userId: org.userId('veterinarian') })
  const other = await addStaff(app, here, { name: 'Luis Paz', userId: org.userId('assistant') })
  const foreignVet = await addStaff(app, abroad, { name: 'Eva Gil', userId: foreign.userId('veterinarian') })
  const everyNight = { weekdays: [1, 2, 3, 4, 5, 6, 7], start: '01:00', end: '09:00' }
  for (const staffId of [vet, other]) await addHours(app, here, staffId, everyNight)
  await addHours(app, abroad, foreignVet, everyNight)
  const room = await addRoom(app, here, { name: 'Sala 1' })
  const otherRoom = await addRoom(app, here, { name: 'Sala 2' })
  const type = await addAppointmentType(app, here, { name: 'Consulta' })
  const patient = (await addPatient(app, here, { name: 'Firulais' })).id

  /** The answer of the one root field. Signs in anew each time, because the clock moves. */
  const ask = async (document: string, variables: object, { role = 'veterinarian', clinic = 0, organisation = org, ...options }: FeedCaller = {}) => {
    const { token } = await harness.signIn(organisation.email(role, clinic))
    const { body } = await harness.call(document, variables, { token, ...options })
    if (!body.data) throw new Error(JSON.stringify(body))
    return body.data[Object.keys(body.data)[0] ?? '']
  }
  const create = async (input: object, caller: FeedCaller = {}): Promise<{ id: string; path: string; url: string }> => {
    const made = await ask(CREATE_FEED, { input }, caller)
    if (made.__typename !== 'NewCalendarFeed') throw new Error(JSON.stringify(made))
    return { id: made.feed.id, path: new URL(made.url).pathname, url: made.url }
  }
  const read = (path: string, init: RequestInit = {}) => fetch(`${harness.url}${path}`, init)
  const eventsOf = async (path: string): Promise<ParsedEvent[]> => {
    const response = await read(path)
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
    return parseEvents(await response.text())
  }
  return {
    harness,
    admin,
    ...{ org, foreign, vet, other, foreignVet, room, otherRoom, type, patient },
    now: () => now,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    ask,
    create,
    read,
    eventsOf,
    visitsIn: async (path: string) => (await eventsOf(path)).filter(isVisit),
    shiftsIn: async (path: string) => (await eventsOf(path)).filter((event) => !isVisit(event)),
    book: (startsAt: string, roomId: string | null = room, staffId = vet) =>
      addAppointment(app, here, { patientId: patient, typeId: type, staffId, roomId, startsAt: new Date(startsAt), reason: 'Vomita sangre' }),
    /** Changes rows behind the application's back, as an import or another process would, without an entry. */
    plant: (statement: string) =>
      admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; UPDATE access_version SET version = version + 1; COMMIT`),
    async [Symbol.asyncDispose]() {
      await admin.end()
      await harness[Symbol.asyncDispose]()
    },
  }
}

export function parseEvents(text: string): ParsedEvent[] {
  const calendar = new ICAL.Component(ICAL.parse(text))
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const event = new ICAL.Event(component)
    return {
      uid: event.uid,
      start: event.startDate.toJSDate().toISOString(),
      end: event.endDate.toJSDate().toISOString(),
      summary: event.summary,
      status: String(component.getFirstPropertyValue('status')),
      sequence: Number(component.getFirstPropertyValue('sequence')),
    }
  })
}

export const isVisit = ({ summary }: ParsedEvent) => summary.startsWith('Consulta')
