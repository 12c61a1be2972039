import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CHARTS, ORGANISATION_WIDE } from '../modules/live/hearing.ts'
import { createApp } from '../server/app.ts'
import { EventStream, type StreamOptions } from './event-stream.ts'
import { actorOf, type Desk, openDesk, type Role, STEP } from './scheduling-desk.ts'
import { addNotification } from './world-communication.ts'
import { integrateAll } from './world-compliance.ts'
import { addPatient } from './world-patients.ts'
import { addRoom } from './world-scheduling.ts'
import { addCredential, addStaff } from './world-staff.ts'
import { addTimeOff } from './world-time-off.ts'

let desk: Desk
let sequencer: pg.Client
let admin: pg.Client
const streams: EventStream[] = []
const tokens = new Map<string, string>()

beforeAll(async () => {
  desk = await openDesk()
  sequencer = new pg.Client({ connectionString: desk.harness.database.sequencerUrl })
  admin = new pg.Client({ connectionString: desk.harness.database.adminUrl })
  await Promise.all([sequencer.connect(), admin.connect()])
  // Streams are opened with free documents here; every role may send them for once.
  await admin.query('BEGIN; SET LOCAL session_replication_role = replica')
  await admin.query(
    `INSERT INTO role_grant (id, organisation_id, role_id, permission, effect, condition)
     SELECT gen_random_uuid(), r.organisation_id, r.id, 'graphql:adhoc', 'allow', 'all' FROM role r ON CONFLICT DO NOTHING`,
  )
  await admin.query('COMMIT')
  await integrateAll(sequencer)
}, 60_000)
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close()
})
afterAll(async () => {
  await Promise.all([sequencer.end(), admin.end()])
  await desk[Symbol.asyncDispose]()
})

type Listener = StreamOptions & { role?: Role; clinic?: number; organisation?: Desk['org']; url?: string }

async function tokenOf({ role = 'owner', clinic = 0, organisation = desk.org }: Listener): Promise<string> {
  const email = organisation.email(role, clinic)
  const token = tokens.get(email) ?? (await desk.harness.signIn(email)).token
  tokens.set(email, token)
  return token
}

async function listen(listener: Listener = {}): Promise<EventStream> {
  const stream = await EventStream.open(listener.url ?? desk.harness.url, { token: await tokenOf(listener), ...listener })
  streams.push(stream)
  return stream
}

async function listenUntilOpen(listener: Listener = {}): Promise<EventStream> {
  const stream = await listen(listener)
  await stream.untilOpen()
  return stream
}

/** What everybody has heard once everything that was written is announced: a room of each clinic comes last. */
async function settle(...all: readonly EventStream[]): Promise<void> {
  const rooms: string[] = []
  for (const actor of [actorOf(desk.org), actorOf(desk.org, 1), actorOf(desk.foreign)]) rooms.push(await addRoom(desk.harness.app, actor))
  await integrateAll(sequencer)
  for (const stream of all) await stream.until(() => stream.heard.some((change) => rooms.some((id) => change === `Room ${id}`)))
}

// A booking's claims on people and rooms are the organisation's: a person works at several clinics.
const heardBy = (stream: EventStream) => stream.heard.filter((change) => !/^(Room|ResourceClaim) /.test(change))
const codeOf = (stream: EventStream) => stream.events.at(-1)?.errors?.[0]?.extensions.code

describe('a stream of changes', () => {
  it('begins with a resync and tells ids of what changed, and nothing else', async () => {
    const stream = await listenUntilOpen({ types: ['Appointment'] })
    const { headers, statusCode } = stream.response
    expect([statusCode, headers['content-type'], headers['cache-control'], headers['x-accel-buffering'], headers['content-encoding']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      'no-store',
      'no',
      undefined,
    ])
    const { id, version } = await desk.book('09:00')
    await integrateAll(sequencer)
    await stream.until(() => stream.heard.length === 1)
    await desk.ask(STEP, { input: { id, status: 'CONFIRMED', version } })
    await integrateAll(sequencer)
    await stream.until(() => stream.heard.length === 2)
    expect(stream.events.map(({ data }) => data.changes)).toEqual([
      { type: null, ids: null, isResync: true },
      { type: 'Appointment', ids: [id], isResync: false },
      { type: 'Appointment', ids: [id], isResync: false },
    ])
    // Between events a comment keeps proxies from closing the connection.
    const before = stream.comments
    await expect.poll(() => stream.comments, { timeout: 20_000 }).toBeGreaterThan(before)
  })

  it('tells of the active clinic, of what the organisation holds together, and of no other organisation', async () => {
    const [here, there, abroad] = [
      await listenUntilOpen(),
      await listenUntilOpen({ clinicId: desk.org.clinics[1]?.id ?? '' }),
      await listenUntilOpen({ organisation: desk.foreign }),
    ]
    desk.nextWeek()
    const { id } = await desk.book('10:00')
    const patient = await addPatient(desk.harness.app, actorOf(desk.org), { name: 'Luna' })
    await settle(here, there, abroad)
    expect(heardBy(here)).toEqual(expect.arrayContaining([`Appointment ${id}`, `Patient ${patient.id}`, `Client ${patient.clientId}`]))
    expect(heardBy(there).sort()).toEqual([`Client ${patient.clientId}`, `Patient ${patient.id}`].sort())
    expect(heardBy(abroad)).toEqual([])
    expect(new Set(here.heard.filter((change) => change.startsWith('Room ')))).not.toEqual(new Set(there.heard.filter((change) => change.startsWith('Room '))))
  })

  it('tells of records of which people read their own that some have changed, and names them to those alone who may read all', async () => {
    const types = ['TimeOffRequest']
    const [groomer, owner] = [await listenUntilOpen({ role: 'groomer', types: [...types, 'Room'] }), await listenUntilOpen({ types: [...types, 'Room'] })]
    desk.nextWeek()
    const { staffId } = desk.here
    const id = await addTimeOff(desk.harness.app, actorOf(desk.org), { staffId, firstDay: desk.dateOf(0), lastDay: desk.dateOf(0) })
    await settle(groomer, owner)
    const told = (stream: EventStream) => stream.heard.filter((change) => change.startsWith('TimeOffRequest'))
    expect([told(owner), told(groomer)]).toEqual([[`TimeOffRequest ${id}`], ['TimeOffRequest *']])
  })

  it('names what is kept of a person of another clinic to nobody here', async () => {
    const [here, there] = [await listenUntilOpen({ role: 'manager' }), await listenUntilOpen({ role: 'manager', clinic: 1 })]
    const actor = actorOf(desk.org, 1)
    const id = await addCredential(desk.harness.app, actor, { staffId: await addStaff(desk.harness.app, actor) })
    await settle(here, there)
    const told = (stream: EventStream) => stream.heard.filter((change) => change.startsWith('StaffCredential'))
    expect([told(here), told(there)]).toEqual([['StaffCredential *'], [`StaffCredential ${id}`]])
  })

  it('tells each person of the types alone that they may read, also when the right is taken away meanwhile', async () => {
    const [groomer, owner] = [await listenUntilOpen({ role: 'groomer' }), await listenUntilOpen()]
    const deny = (effect: string) =>
      admin.query(
        `BEGIN; SET LOCAL session_replication_role = replica;
         UPDATE role_grant SET effect = '${effect}' WHERE permission = 'appointment:read' AND role_id IN (SELECT id FROM role WHERE code = 'groomer' AND organisation_id = '${desk.org.id}'); COMMIT`,
      )
    const user = await desk.harness.app.asSystem(actorOf(desk.org), 'cli', 'rename', async (tx) => {
      const id = desk.org.userId('groomer')
      await tx.query({ name: 'rename', text: "UPDATE app_user SET name = 'Rename' WHERE id = $1::uuid", values: [id] })
      tx.changes('User', [id], ['name'])
      return id
    })
    desk.nextWeek()
    const { id: first } = await desk.book('11:00')
    await settle(groomer, owner)
    expect(heardBy(owner)).toEqual(expect.arrayContaining([`User ${user}`, `Appointment ${first}`]))
    expect(heardBy(groomer)).toEqual([`Appointment ${first}`])
    await deny('deny')
    try {
      await sleep(1_100)
      const { id: second } = await desk.book('12:00')
      await integrateAll(sequencer)
      await owner.until(() => owner.heard.includes(`Appointment ${second}`))
      await sleep(200)
      expect(heardBy(groomer)).toEqual([`Appointment ${first}`])
    } finally {
      await deny('allow')
    }
  })

  it('tells everybody that there are notifications, and whose only to those who read the trail', async () => {
    const [groomer, owner] = [await listenUntilOpen({ role: 'groomer' }), await listenUntilOpen()]
    const id = await addNotification(desk.harness.app, actorOf(desk.org), desk.org.userId('veterinarian'))
    await settle(groomer, owner)
    const ofNotifications = ({ events }: EventStream) => events.map(({ data }) => data.changes).filter(({ type }) => type === 'Notification')
    expect(ofNotifications(groomer)).toEqual([{ type: 'Notification', ids: null, isResync: false }])
    expect(ofNotifications(owner)).toEqual([{ type: 'Notification', ids: [id], isResync: false }])
  })

  it('is recorded before its first event, and refused ones are as well', async () => {
    const stream = await listenUntilOpen({ types: ['Appointment'] })
    await listen({ role: 'groomer', types: ['User'] }).then((refused) => refused.untilOver())
    const find = async (requestId: unknown) =>
      (await admin.query('SELECT action, operation, outcome, user_id, detail FROM audit.search WHERE request_id = $1', [requestId])).rows
    expect(await find(stream.response.headers['x-request-id'])).toEqual([
      { action: 'read', operation: 'changes', outcome: 'ok', user_id: desk.org.userId('owner'), detail: null },
    ])
    const denied = await listen({ role: 'groomer', types: ['User'] })
    await denied.untilOver()
    expect(await find(denied.response.headers['x-request-id'])).toEqual([
      { action: 'read', operation: 'changes', outcome: 'denied', user_id: desk.org.userId('groomer'), detail: 'FORBIDDEN' },
    ])
  })

  it('does not leave while its opening cannot be recorded', async () => {
    const token = await tokenOf({})
    await admin.query('BEGIN; LOCK TABLE audit.search IN ACCESS EXCLUSIVE MODE')
    let isThere = false
    const opening = EventStream.open(desk.harness.url, { token }).then((stream) => {
      isThere = true
      streams.push(stream)
      return stream
    })
    await sleep(500)
    expect(isThere).toBe(false)
    await admin.query('ROLLBACK')
    await (await opening).untilOpen()
  })

  it.each([
    ['nobody', async () => EventStream.open(desk.harness.url, {}), 401, 'UNAUTHENTICATED'],
    ['somebody who may read none of the types', () => listen({ role: 'groomer', types: ['User', 'Role'] }), 200, 'FORBIDDEN'],
    ['a type that there is not', () => listen({ types: ['Unicorn'] }), 200, 'BAD_USER_INPUT'],
  ])('is refused to %s', async (_whom, open, status, code) => {
    const stream = await open()
    await stream.untilOver()
    expect([stream.response.statusCode, codeOf(stream), stream.events.length]).toEqual([status, code, 1])
  })

  it.each(['application/json', 'multipart/mixed'])('is not given as %s', async (accept) => {
    const stream = await listen({ accept })
    expect(stream.response.statusCode).toBe(406)
  })

  it('ends with its session: signed out, revoked, or its clinic withdrawn', async () => {
    const session = await desk.harness.signIn(desk.org.email('manager'))
    const stream = await listenUntilOpen({ token: session.token })
    await desk.harness.call('mutation Out { signOut { __typename } }', {}, { token: session.token })
    await sleep(1_100)
    desk.nextWeek()
    const { id } = await desk.book('13:00')
    await integrateAll(sequencer)
    await stream.untilOver()
    expect([codeOf(stream), stream.isComplete, stream.heard.includes(`Appointment ${id}`)]).toEqual(['UNAUTHENTICATED', true, false])
  })
})

describe('streams', () => {
  it('are bounded per person and per process, end by themselves when the session does, and when the server drains', async () => {
    const { harness } = desk
    const app = await createApp(harness.config, {
      log: harness.app.log,
      documents: { find: () => null },
      liveLimits: { streams: 3, streamsPerUser: 2, checkMs: 300 },
    })
    const { url } = await app.listen()
    try {
      const manager = await harness.signIn(desk.org.email('manager', 1))
      const first = await listenUntilOpen({ url, token: manager.token })
      await listenUntilOpen({ url, token: manager.token })
      const third = await listen({ url, token: manager.token })
      await third.untilOver()
      expect(codeOf(third)).toBe('TOO_MANY_STREAMS')
      const other = await listenUntilOpen({ url })
      const fourth = await listen({ url, role: 'veterinarian' })
      await fourth.untilOver()
      expect(codeOf(fourth)).toBe('TOO_MANY_STREAMS')
      await harness.call('mutation Out { signOut { __typename } }', {}, { token: manager.token })
      await first.untilOver()
      expect([codeOf(first), first.isComplete]).toEqual(['UNAUTHENTICATED', true])
      const late = await listenUntilOpen({ url, role: 'veterinarian' })
      await app.drain()
      await Promise.all([other.untilOver(), late.untilOver()])
      expect([codeOf(other), codeOf(late)]).toEqual(['DRAINING', 'DRAINING'])
      const refused = await listen({ url })
      await refused.untilOver()
      expect([codeOf(refused), refused.response.headers.connection]).toEqual(['DRAINING', 'close'])
    } finally {
      await app[Symbol.asyncDispose]()
    }
  }, 60_000)

  it('tell their readers to read anew when the listening connection was cut', async () => {
    const stream = await listenUntilOpen({ types: ['Appointment'] })
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chiron live' AND datname = current_database()")
    await stream.until((events) => events.filter(({ data }) => data.changes.isResync).length === 2)
    desk.nextWeek()
    const { id } = await desk.book('14:00')
    await integrateAll(sequencer)
    await stream.until(() => stream.heard.includes(`Appointment ${id}`))
  })

  it('leave nothing behind when readers go away', async () => {
    const one = await listenUntilOpen()
    const two = await listenUntilOpen()
    const open = desk.harness.app.liveStreams
    expect(open).toBeGreaterThanOrEqual(2)
    one.close()
    two.close()
    await expect.poll(() => desk.harness.app.liveStreams).toBe(open - 2)
  })
})

describe('what every clinic hears', () => {
  it('is what row-level security lets every clinic read', async () => {
    const { rows } = await admin.query<{ type: string; reach: string }>(
      `SELECT DISTINCT split_part(encode(t.tgargs, 'escape'), '\\000', 1) AS type, pg_get_expr(p.polqual, p.polrelid) AS reach
       FROM pg_trigger t JOIN pg_policy p ON p.polrelid = t.tgrelid AND p.polname = 'app_read' WHERE t.tgname = 'audit_witness'`,
    )
    const typesOf = (isThis: (reach: string) => boolean) =>
      rows
        .filter(({ reach }) => isThis(reach))
        .map(({ type }) => type)
        .sort()
    expect(typesOf((reach) => !reach.includes('app.clinic_ids'))).toEqual([...ORGANISATION_WIDE].sort())
    expect(typesOf((reach) => reach.includes('app.share_patients'))).toEqual([...CHARTS].sort())
  })
})
