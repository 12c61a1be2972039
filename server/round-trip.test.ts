import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TEMPLATE } from '../test/global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from '../test/postgres.ts'
import { insertOneOfEach, ROW } from '../test/schema-rows.ts'
import { withClient } from './database/connection.ts'
import { RoundTrip } from './round-trip.ts'
import { ScopedTransaction } from './scoped-transaction.ts'
import { SessionCheck, SessionOutdatedError } from './session-check.ts'

const SCOPE = { organisationId: ROW.organisation, clinicIds: [ROW.clinic], sharePatients: true }
const PID = { text: 'SELECT pg_backend_pid() AS pid', values: [] }
const FAILING = { text: 'SELECT 1 / $1::int AS none', values: [0] }
const PATIENTS = { text: 'SELECT id FROM patient', values: [] }

let database: ClonedDatabase
let pool: pg.Pool
let taken = 0

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  await withClient(database.adminUrl, insertOneOfEach)
  pool = new pg.Pool({ connectionString: database.appUrl, max: 4, pipeline: true })
  // The database is dropped behind connections that are about to end.
  pool.on('connect', (client) => client.on('error', () => {}))
  pool.on('acquire', () => {
    taken += 1
  })
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})
beforeEach(() => {
  taken = 0
})

const check = (version = '1') => new SessionCheck({ sessionId: ROW.session, version, now: new Date(), idleMs: 900_000 })

/** The organisation's version of rights, as the database counts it. */
const currentVersion = () =>
  withClient(database.adminUrl, async (client) => {
    const { rows } = await client.query<{ version: string }>('SELECT version FROM access_version WHERE organisation_id = $1', [ROW.organisation])
    return rows[0]?.version ?? ''
  })

describe('statements of one tick', () => {
  it('share one connection, in its order, and those of the next tick take another turn', async () => {
    const round = new RoundTrip(pool, SCOPE, null)
    const pids = await Promise.all([1, 2, 3].map(async () => (await round.query<{ pid: number }>(PID)).rows[0]?.pid))
    expect([new Set(pids).size, taken]).toEqual([1, 1])
    await round.query(PID)
    expect(taken).toBe(2)
  })

  it('that come one after the other in the same phase, as loaders send them, share it too', async () => {
    const round = new RoundTrip(pool, SCOPE, null)
    const first = round.query(PID)
    const second = Promise.resolve().then(() => round.query(PID))
    await Promise.all([first, second])
    expect(taken).toBe(1)
  })

  it('fail by themselves: one that fails leaves the others whole, and the connection usable', async () => {
    const round = new RoundTrip(pool, SCOPE, null)
    const settled = await Promise.allSettled([round.query(PATIENTS), round.query(FAILING), round.query(PATIENTS)])
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    for (const one of [settled[0], settled[2]]) expect(one).toMatchObject({ value: { rows: [{ id: ROW.patient }], rowCount: 1 } })
    expect(settled[1]).toMatchObject({ reason: { code: '22012' } })
    expect((await round.query(PATIENTS)).rows).toEqual([{ id: ROW.patient }])
  })

  it('that are prepared share one transaction, and still fail by themselves', async () => {
    const named = (name: string, text: string, values: unknown[] = []) => ({ name, text, values })
    const [xid, mine] = [named('xid', 'SELECT pg_current_xact_id()::text AS xid'), named('mine', 'SELECT id FROM patient WHERE name <> $1', [''])]
    const failing = named('failing', 'SELECT 1 / $1::int AS none', [0])
    const alone = new pg.Pool({ connectionString: database.appUrl, max: 1, pipeline: true })
    const ask = (...configs: pg.QueryConfig[]) => {
      const round = new RoundTrip(alone, SCOPE, null)
      return Promise.allSettled(configs.map((config) => round.query<{ xid: string }>(config)))
    }
    const xidsOf = (settled: Awaited<ReturnType<typeof ask>>) => settled.map((one) => (one.status === 'fulfilled' ? one.value.rows[0]?.xid : null))
    await ask(xid, mine, failing)
    const [first, , last] = xidsOf(await ask(xid, mine, xid))
    expect(last).toBe(first)
    const settled = await ask(xid, failing, mine, xid)
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(settled[2]).toMatchObject({ value: { rows: [{ id: ROW.patient }], rowCount: 1 } })
    const foreign = new RoundTrip(alone, { ...SCOPE, organisationId: ROW.user }, null)
    expect((await Promise.all([foreign.query(mine), foreign.query(mine)])).map(({ rowCount }) => rowCount)).toEqual([0, 0])
    expect((await alone.query('SELECT id FROM patient')).rows).toEqual([])
    await alone.end()
  })

  it('run in the scope of their operation each, and leave none behind', async () => {
    const [mine, foreign] = [new RoundTrip(pool, SCOPE, null), new RoundTrip(pool, { ...SCOPE, organisationId: ROW.user }, null)]
    const answers = await Promise.all([mine.query(PATIENTS), foreign.query(PATIENTS), mine.query(PATIENTS)])
    expect(answers.map(({ rowCount }) => rowCount)).toEqual([1, 0, 1])
    expect((await pool.query('SELECT id FROM patient')).rows).toEqual([])
  })

  it('all fail when there is no connection', async () => {
    const away = new pg.Pool({ connectionString: 'postgresql://x:x@127.0.0.1:1/x', max: 1 })
    const round = new RoundTrip(away, SCOPE, null)
    const settled = await Promise.allSettled([round.query(PID), round.query(PID)])
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await away.end()
  })
})

describe('a session that is checked on the way', () => {
  it('is confirmed by the first statement of several', async () => {
    const confirmed = check(await currentVersion())
    const round = new RoundTrip(pool, SCOPE, confirmed)
    const answers = await Promise.all([round.query(PATIENTS), round.query(PATIENTS)])
    expect([answers.map(({ rowCount }) => rowCount), confirmed.state]).toEqual([[1, 1], 'confirmed'])
    expect(confirmed.lastActiveAt).toBeInstanceOf(Date)
  })

  it('that is confirmed is so although the statement itself fails', async () => {
    const confirmed = check(await currentVersion())
    await expect(new RoundTrip(pool, SCOPE, confirmed).query(FAILING)).rejects.toMatchObject({ code: '22012' })
    expect(confirmed.state).toBe('confirmed')
  })

  it.each([
    ['not prepared', PATIENTS],
    ['prepared', { ...PATIENTS, name: 'patients' }],
  ])('and is not what it was shows nothing of statements that are %s', async (_which, config) => {
    // Four connections at the most, each of which has prepared it then.
    const warm = () => new RoundTrip(pool, SCOPE, null).query(config)
    await Promise.all([warm(), warm(), warm(), warm()])
    const outdated = check('0')
    const round = new RoundTrip(pool, SCOPE, outdated)
    const settled = await Promise.allSettled([round.query(config), round.query(config)])
    for (const one of settled) expect(one).toMatchObject({ status: 'rejected', reason: expect.any(SessionOutdatedError) })
    expect(outdated.state).toBe('outdated')
    expect((await new RoundTrip(pool, SCOPE, null).query(PATIENTS)).rowCount).toBe(1)
  })

  it('undoes a transaction whose first statement finds it changed', async () => {
    const renamed = { text: "UPDATE room SET name = 'renamed'", values: [] }
    const transaction = await ScopedTransaction.open(pool, SCOPE, check('0'), 5_000)
    await expect(transaction.query(renamed)).rejects.toBeInstanceOf(SessionOutdatedError)
    await transaction.end()
    expect((await new RoundTrip(pool, SCOPE, null).query({ text: "SELECT FROM room WHERE name = 'renamed'", values: [] })).rowCount).toBe(0)
  })

  it('lets no transaction commit, not even one that went on regardless', async () => {
    const transaction = await ScopedTransaction.open(pool, SCOPE, check('0'), 5_000)
    await transaction.query(PATIENTS).catch(() => {})
    await expect(transaction.commit([{ text: "UPDATE room SET name = 'regardless'", values: [] }])).rejects.toBeInstanceOf(SessionOutdatedError)
    await transaction.end()
    expect((await new RoundTrip(pool, SCOPE, null).query({ text: "SELECT FROM room WHERE name = 'regardless'", values: [] })).rowCount).toBe(0)
  })
})
