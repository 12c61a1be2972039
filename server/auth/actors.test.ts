import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Clock } from '../../modules/kernel/time.ts'
import { type Exposed, parseExposition } from '../../test/exposition.ts'
import { type Harness, startHarness } from '../../test/harness.ts'
import { entriesOf } from '../../test/trail.ts'
import { buildOrganisation, type WorldOrganisation } from '../../test/world.ts'
import { SessionCheck } from '../session-check.ts'

let now = Date.parse('2025-12-20T16:00:00Z')
const clock: Clock = { now: () => new Date(now) }

let harness: Harness
let org: WorldOrganisation
let admin: pg.Client
let token: string
let sessionId: string

beforeAll(async () => {
  harness = await startHarness({ clock, config: { metrics: { port: 0, host: '127.0.0.1', token: null, isTls: false } } })
  org = await buildOrganisation(harness.app, 'alfa')
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
})
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const CLIENTS = 'query Clients { clients(first: 5) { edges { node { id name } } } }'
const PATIENTS = 'query Patients { searchPatients(query: "Luna") { id name } }'
const VIEWER = 'query Viewer { viewer { user { id } roles } }'
const CREATE = 'mutation Create($input: CreateClientInput!) { createClient(input: $input) { __typename ... on Client { id } ... on Error { code message } } }'
const ask = (document: string, variables: object = {}) => harness.call(document, variables, { token })
const create = (name: string) => ask(CREATE, { input: { name } })
const clientsNamed = async (name: string) => (await admin.query('SELECT id FROM client WHERE name = $1', [name])).rowCount
const codesOf = ({ body }: Awaited<ReturnType<typeof ask>>) => (body.errors ?? []).map(({ extensions }) => extensions.code)
/** Changes rights behind the application's back, as another process would, without an entry. */
const change = async (statement: string) => {
  await admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; UPDATE access_version SET version = version + 1; COMMIT`)
}
/** What was counted and logged as an error while `work` ran. */
const watch = async <T>(work: () => Promise<T>) => {
  const expose = async (): Promise<Exposed> => parseExposition((await harness.app.metrics?.expose()) ?? '')
  const before = await expose()
  const error = vi.spyOn(harness.app.log, 'error')
  const answer = await work()
  // The server's own alarms carry no request.
  const logged = error.mock.calls.flatMap(([about, text]: unknown[]) => (typeof about === 'object' && about !== null && 'requestId' in about ? [text] : []))
  error.mockRestore()
  const after = await expose()
  const counted = (labels: Record<string, string>) => after.sum('chiron_request_seconds_count', labels) - before.sum('chiron_request_seconds_count', labels)
  return { answer, logged, counted }
}
const GRANT = "(SELECT id FROM role WHERE code = 'receptionist')"

beforeEach(async () => {
  token = (await harness.signIn(org.email('receptionist'))).token
  sessionId = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sub
  // Known from now on: rights are kept.
  expect(codesOf(await ask(CLIENTS))).toEqual([])
})

describe('a session that has ended elsewhere', () => {
  const revoke = () => admin.query("UPDATE session SET revoked_at = $2, revoked_reason = 'signed_out' WHERE id = $1", [sessionId, clock.now()])

  it('is seen by the next operation that reads: nothing is shown', async () => {
    await revoke()
    const answer = await ask(CLIENTS)
    expect([codesOf(answer), answer.body.data ?? null]).toEqual([['UNAUTHENTICATED'], null])
  })

  it('is seen by the next operation that reads nothing', async () => {
    expect((await ask(VIEWER)).body.data.viewer).not.toBeNull()
    await revoke()
    expect((await ask(VIEWER)).body.data.viewer).toBeNull()
  })

  it('is seen by the next mutation, which does nothing', async () => {
    await revoke()
    expect(codesOf(await create('After the end'))).toEqual(['UNAUTHENTICATED'])
    expect(await clientsNamed('After the end')).toBe(0)
  })

  it('by deactivation, too', async () => {
    await change(`UPDATE app_user SET is_active = false WHERE id = '${org.userId('receptionist')}'`)
    const [read, written] = [await ask(CLIENTS), await create('Dismissed')]
    await change(`UPDATE app_user SET is_active = true WHERE id = '${org.userId('receptionist')}'`)
    expect([codesOf(read), codesOf(written), await clientsNamed('Dismissed')]).toEqual([['UNAUTHENTICATED'], ['UNAUTHENTICATED'], 0])
  })

  it('by idleness is seen although its person is known', async () => {
    await admin.query("UPDATE session SET last_active_at = last_active_at - interval '15 minutes' WHERE id = $1", [sessionId])
    expect(codesOf(await create('Too late'))).toEqual(['UNAUTHENTICATED'])
    expect((await ask(VIEWER)).body.data.viewer).toBeNull()
    expect(await clientsNamed('Too late')).toBe(0)
  })
})

describe('rights that have changed elsewhere', () => {
  afterEach(() => change(`DELETE FROM role_grant WHERE role_id IN ${GRANT} AND effect = 'deny'`))
  const deny = (permission: string) =>
    change(`INSERT INTO role_grant (organisation_id, role_id, permission, effect)
      SELECT organisation_id, id, '${permission}', 'deny' FROM role WHERE code = 'receptionist'`)

  it('are seen by the next operation: taken', async () => {
    await change(`UPDATE role_assignment SET valid_from = '2025-12-21' WHERE user_id = '${org.userId('receptionist')}'`)
    const [read, written] = [await ask(CLIENTS), await create('Revoked')]
    await change(`UPDATE role_assignment SET valid_from = '2025-12-20' WHERE user_id = '${org.userId('receptionist')}'`)
    expect([read.body.data?.clients ?? null, written.body.data?.createClient ?? null, await clientsNamed('Revoked')]).toEqual([null, null, 0])
    expect(codesOf(await ask(CLIENTS))).toEqual([])
  })

  it('are seen by the next operation: given', async () => {
    const USERS = 'query Users { users(first: 5) { edges { node { id } } } }'
    expect(codesOf(await ask(USERS))).toEqual(['FORBIDDEN'])
    await change(
      'INSERT INTO role_assignment (organisation_id, user_id, role_id, clinic_id, valid_from) ' +
        `SELECT organisation_id, '${org.userId('receptionist')}', id, NULL, '2025-01-01' FROM role WHERE code = 'owner' AND organisation_id = '${org.id}'`,
    )
    const given = await ask(USERS)
    await change(`DELETE FROM role_assignment a USING role r WHERE r.id = a.role_id AND r.code = 'owner' AND a.user_id = '${org.userId('receptionist')}'`)
    expect(codesOf(given)).toEqual([])
    expect(codesOf(await ask(USERS))).toEqual(['FORBIDDEN'])
  })

  it('take the next mutation with them', async () => {
    await deny('client:create')
    expect(codesOf(await create('Denied'))).toEqual(['FORBIDDEN'])
    expect(await clientsNamed('Denied')).toBe(0)
  })

  it('and make an operation start again are no failure: it is answered, counted once and nothing is logged', async () => {
    const raise = () => change('SELECT')
    await raise()
    const read = await watch(() => ask(PATIENTS))
    await raise()
    const written = await watch(() => create('Started again'))
    expect([codesOf(read.answer), written.answer.body.data.createClient.__typename]).toEqual([[], 'Client'])
    expect([read.logged, written.logged]).toEqual([[], []])
    expect([read.counted({}), read.counted({ operation: 'Patients', outcome: 'ok', status: '200' })]).toEqual([1, 1])
    expect([written.counted({}), written.counted({ operation: 'Create', outcome: 'ok', status: '200' })]).toEqual([1, 1])
  })

  it('that change under each attempt end in 503 after four, with nothing shown or done, and say what happened', async () => {
    const { database } = harness.app
    let attempts = 0
    const raise = async () => void (await admin.query('UPDATE access_version SET version = version + 1'))
    // Between the look-up of rights and the operation's first statement, as a bulk change may.
    const begin = database.begin.bind(database)
    database.begin = async (scope, check, timeoutMs) => {
      attempts += 1
      if (check) check.settle('another version', String(now))
      await raise()
      return begin(scope, check, timeoutMs)
    }
    const { answer, logged, counted } = await watch(() => create('Never')).finally(() => {
      database.begin = begin
    })
    expect([answer.status, codesOf(answer), answer.headers.get('retry-after'), attempts]).toEqual([503, ['UNAVAILABLE'], '2', 4])
    expect([answer.body.errors?.[0]?.message, logged]).toEqual(['Sessions or rights are changing right now. Try again in a moment.', []])
    expect([counted({}), counted({ operation: 'Create', outcome: 'refused', status: '503' })]).toEqual([1, 1])
    const entries = await entriesOf(admin, answer.headers.get('x-request-id'))
    expect(entries.map(({ body }) => [body.outcome, body.detail])).toEqual([['refused', 'UNAVAILABLE']])
    expect(await clientsNamed('Never')).toBe(0)
    expect((await create('At last')).body.data.createClient.__typename).toBe('Client')
  })
})

describe('SessionCheck', () => {
  const make = (): SessionCheck => new SessionCheck({ sessionId: 's', version: '7', now: clock.now(), idleMs: 900_000 })
  it.each<[name: string, version: string | null, idleMs: number | null, state: string]>([
    ['the same version and recent activity', '7', 899_999, 'confirmed'],
    ['another version', '8', 0, 'outdated'],
    ['no activity for the whole time', '7', 900_000, 'outdated'],
    ['no session', null, null, 'outdated'],
  ])('after %s (version %s, idle for %s ms) is %s', (_case, version, idleMs, state) => {
    const check = make()
    expect(check.state).toBe('open')
    check.settle(version, idleMs === null ? null : String(now - idleMs))
    expect(check.state).toBe(state)
  })

  it('that is outdated stays so', () => {
    const check = make()
    check.settle('8', String(now))
    check.settle('7', String(now))
    expect(check.state).toBe('outdated')
  })
})

it('activity is written at most once a minute', async () => {
  const active = async (): Promise<number> =>
    (await admin.query('SELECT last_active_at FROM session WHERE id = $1', [sessionId])).rows[0].last_active_at.getTime()
  const before = await active()
  now += 59_000
  await ask(CLIENTS)
  expect(await active()).toBe(before)
  now += 2_000
  await ask(CLIENTS)
  expect(await active()).toBe(now)
})

it('activity is written for somebody who changes things and reads nothing, too', async () => {
  now += 61_000
  expect((await create('Busy')).body.data.createClient.__typename).toBe('Client')
  const { rows } = await admin.query<{ last_active_at: Date }>('SELECT last_active_at FROM session WHERE id = $1', [sessionId])
  expect(rows[0]?.last_active_at.getTime()).toBe(now)
})
