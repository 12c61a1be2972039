import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { TEMPLATE } from '../../test/global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from '../../test/postgres.ts'
import { indexStep, rebuildIndex } from './indexer.ts'

const ORGANISATION = '01900000-0000-7000-8000-0000000000a1'
const CLINIC = '01900000-0000-7000-8000-0000000000c1'
const PATIENT = '01900000-0000-7000-8000-0000000000d1'
const NOTE = '01900000-0000-7000-8000-0000000000d2'
const ANA = '01900000-0000-7000-8000-0000000000f1'
const LUIS = '01900000-0000-7000-8000-0000000000f2'

let database: ClonedDatabase
let admin: pg.Client
let other: pg.Client
let sequencer: pg.Client
let auditor: pg.Client

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  const open = async (url: string) => {
    const client = new pg.Client(url)
    await client.connect()
    return client
  }
  admin = await open(database.adminUrl)
  other = await open(database.adminUrl)
  sequencer = await open(database.sequencerUrl)
  auditor = await open(database.auditorUrl)
  await auditor.query("SELECT set_config('app.org_id', $1, false), set_config('app.clinic_ids', $2, false)", [ORGANISATION, `{${CLINIC}}`])
})
afterAll(async () => {
  await Promise.all([admin, other, sequencer, auditor].map((client) => client.end()))
  await database.drop()
})
beforeEach(async () => {
  await admin.query(
    'BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM audit.entry; DELETE FROM audit.search; DELETE FROM audit.record_subject; COMMIT',
  )
  await rebuildIndex(sequencer)
})

/** A step once nothing older is running: transactions of other databases on the test server hold the horizon as well. */
async function settledStep(limit?: number) {
  const { rows } = await admin.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid')
  for (let isSettled = false; !isSettled; ) {
    const { rows: horizon } = await admin.query<{ isPast: boolean }>('SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AS "isPast"', [rows[0]?.xid])
    isSettled = horizon[0]?.isPast === true
    if (!isSettled) await sleep(10)
  }
  return indexStep(sequencer, limit)
}

type Person = { readonly id: string; readonly name: string; readonly address?: string; readonly reason?: string }

async function write(client: pg.Client, records: readonly string[], count = 1, person: Person | null = null) {
  const { rows } = await client.query<{ entry_id: string }>(
    `WITH logged AS (
       INSERT INTO audit.entry (organisation_id, clinic_id, body) SELECT $1, $2, '{}' FROM generate_series(1, $4) RETURNING id, shard, at
     )
     INSERT INTO audit.search (shard, entry_id, at, organisation_id, clinic_id, action, operation, origin, outcome, class, types, record_ids, request_id, user_id, user_name, address, reason)
     SELECT shard, id, at, $1, $2, 'read', 'ReadNote', 'web', 'ok', '{}', '{}', $3, id, $5, $6, $7, $8 FROM logged RETURNING entry_id`,
    [ORGANISATION, CLINIC, records, count, person?.id ?? null, person?.name ?? null, person?.address ?? null, person?.reason ?? null],
  )
  return rows.map(({ entry_id }) => entry_id)
}
const witness = (body: string | Buffer) =>
  admin.query("INSERT INTO audit.entry (organisation_id, clinic_id, source, body) VALUES ($1, $2, 'row', $3)", [ORGANISATION, CLINIC, Buffer.from(body)])
const created = (id: string, subject: string) => witness(`{"fields":["id"],"id":"${id}","op":"insert","source":"row","subject":"${subject}","v":2}`)

async function find(filter: Record<string, string>) {
  const { rows } = await auditor.query<{ entry_id: string }>('SELECT entry_id FROM audit.find_entries($1, 1000, false)', [
    JSON.stringify({ organisation: ORGANISATION, clinic: CLINIC, ...filter }),
  ])
  return rows.map(({ entry_id }) => entry_id)
}
const words = async (kind: string) =>
  (await admin.query<{ value: string }>('SELECT value FROM audit.vocabulary WHERE kind = $1 ORDER BY 1', [kind])).rows.map(({ value }) => value)
const indexed = async (term: string) =>
  (await admin.query<{ n: number }>('SELECT coalesce(sum(cardinality(entries)), 0)::int AS n FROM audit.posting WHERE term = $1', [term])).rows[0]?.n

describe('a step of the index', () => {
  it('leaves entries alone while an earlier transaction is still running, and misses none of them afterwards', async () => {
    await other.query('BEGIN')
    const [late] = await write(other, [PATIENT])
    const [early] = await write(admin, [PATIENT])
    expect(await indexStep(sequencer)).toEqual({ indexed: 0, isCaughtUp: true })
    expect(await find({ record: PATIENT })).toEqual([early])
    await other.query('COMMIT')
    expect(await find({ record: PATIENT })).toEqual([early, late])
    expect(await settledStep()).toEqual({ indexed: 2, isCaughtUp: true })
    expect(await find({ record: PATIENT })).toEqual([early, late])
  })

  it('takes up a transaction of any size over several steps', async () => {
    await write(admin, [PATIENT], 25)
    const steps = [await settledStep(10), await settledStep(10), await settledStep(10), await settledStep(10)]
    expect(steps.map((step) => step.indexed)).toEqual([10, 10, 5, 0])
    expect(steps.map((step) => step.isCaughtUp)).toEqual([false, false, true, true])
    expect(await indexed(PATIENT)).toBe(25)
  })

  it('adds lists of at most 512 entries, and rewrites none of those before', async () => {
    const lists = async () =>
      (
        await admin.query<{ slice: string; place: string; n: number }>(
          'SELECT slice::text, tableoid || ctid::text || xmin AS place, cardinality(entries) AS n FROM audit.posting p WHERE term = $1 ORDER BY p.slice',
          [PATIENT],
        )
      ).rows
    await write(admin, [PATIENT], 1_300)
    await settledStep()
    const before = await lists()
    expect(before.map(({ n }) => n).sort((a, b) => b - a)).toEqual([512, 512, 276])
    for (const more of [1, 2]) {
      await write(admin, [PATIENT], more)
      await settledStep()
    }
    const after = await lists()
    expect(after.slice(0, 3)).toEqual(before)
    expect(after.slice(3).map(({ n }) => n)).toEqual([1, 2])
    expect(await find({ record: PATIENT })).toHaveLength(1_000)
  })

  it('counts who saw a record among those who saw its subject, once', async () => {
    await created(NOTE, PATIENT)
    const [note] = await write(admin, [NOTE])
    const [both] = await write(admin, [NOTE, PATIENT])
    const [patient] = await write(admin, [PATIENT])
    expect(await find({ subject: PATIENT })).toEqual([patient, both, note])
    await settledStep()
    expect(await indexed(PATIENT)).toBe(3)
    expect(await find({ subject: PATIENT })).toEqual([patient, both, note])
    expect(await find({ record: PATIENT })).toEqual([patient, both])
    expect(await find({ subject: NOTE })).toEqual([both, note])
  })

  it('goes on past witnesses whose bodies somebody has altered', async () => {
    await witness(Buffer.from([0xff, 0x00, 0xfe]))
    await witness('{"id":"--------------------------------------","subject":"x"}')
    await created(NOTE, PATIENT)
    const [note] = await write(admin, [NOTE])
    expect(await settledStep()).toEqual({ indexed: 1, isCaughtUp: true })
    expect(await find({ subject: PATIENT })).toEqual([note])
  })

  it('gives the same answers after the index was forgotten and made anew', async () => {
    await created(NOTE, PATIENT)
    await write(admin, [NOTE], 3, { id: ANA, name: 'Ana' })
    await settledStep()
    const before = [await find({ subject: PATIENT }), await find({ query: 'ana' })]
    await rebuildIndex(sequencer)
    expect(await indexed(PATIENT)).toBe(0)
    expect([await find({ subject: PATIENT }), await find({ query: 'ana' })]).toEqual(before)
    await settledStep()
    expect(await indexed(PATIENT)).toBe(3)
    expect([await find({ subject: PATIENT }), await find({ query: 'ana' })]).toEqual(before)
    expect(before.map((ids) => ids.length)).toEqual([3, 3])
  })
})

describe('erasing a person', () => {
  const erase = async () => {
    await admin.query('BEGIN')
    await admin.query("SELECT set_config('app.org_id', $1, true)", [ORGANISATION])
    const { rows } = await admin.query<{ n: number }>('SELECT audit.erase_words($1) AS n', [ANA])
    await admin.query('COMMIT')
    return rows[0]?.n
  }

  it('takes name, address and reason out of the entries and out of the vocabulary, but for words that others share', async () => {
    await write(admin, [], 2, { id: ANA, name: 'Ana', address: '10.0.0.1', reason: 'typo' })
    const [kept] = await write(admin, [], 1, { id: LUIS, name: 'Luis', address: '10.0.0.1', reason: 'other' })
    await settledStep()
    await write(admin, [], 1, { id: ANA, name: 'Ana' })
    expect(await words('userName')).toEqual(['Ana', 'Luis'])
    expect(await erase()).toBe(3)
    expect(await words('userName')).toEqual(['Luis'])
    expect(await words('address')).toEqual(['10.0.0.1'])
    expect(await words('reason')).toEqual(['other'])
    expect(await find({ query: 'ana' })).toEqual([])
    expect(await find({ query: 'typo' })).toEqual([])
    expect(await find({ address: '10.0.0.1' })).toEqual([kept])
    expect(await find({ user_id: ANA })).toHaveLength(3)
    await settledStep()
    expect(await words('userName')).toEqual(['Luis'])
  })

  it('needs the organisation of the operation', async () => {
    await expect(admin.query('SELECT audit.erase_words($1)', [ANA])).rejects.toThrow(/needs the organisation/)
  })
})

describe('the index', () => {
  it('is written by its definer functions alone, and the application reads none of it', async () => {
    const refusal = (client: pg.Client, statement: string) =>
      client.query(statement).then(
        () => 'allowed',
        (error: pg.DatabaseError) => error.code,
      )
    for (const table of ['posting', 'vocabulary', 'record_subject']) {
      expect([table, await refusal(sequencer, `INSERT INTO audit.${table} DEFAULT VALUES`)]).toEqual([table, '42501'])
      expect([table, await refusal(auditor, `DELETE FROM audit.${table}`)]).toEqual([table, '42501'])
    }
    const app = new pg.Client(database.appUrl)
    await app.connect()
    try {
      for (const statement of [
        'SELECT FROM audit.posting',
        'SELECT FROM audit.vocabulary',
        "SELECT audit.find_entries('{}', 1, false)",
        'SELECT audit.index_step(1)',
      ])
        expect([statement, await refusal(app, statement)]).toEqual([statement, '42501'])
    } finally {
      await app.end()
    }
  })

  it('gets its months with those of the trail, from midnight UTC whatever the zone of whoever makes them', async () => {
    await admin.query("BEGIN; SET LOCAL timezone = 'America/Mexico_City'")
    try {
      await admin.query('SELECT audit.ensure_partitions(9)')
      await admin.query("SET LOCAL timezone = 'UTC'")
      const { rows } = await admin.query<{ bounds: string; month: string }>(
        `SELECT pg_get_expr(c.relpartbound, c.oid) AS bounds, to_char(date_trunc('month', now(), 'UTC') + interval '9 months', 'YYYY-MM-01') AS month
         FROM pg_class c WHERE c.oid = ('audit.posting_' || to_char(date_trunc('month', now(), 'UTC') + interval '9 months', 'YYYY_MM'))::regclass`,
      )
      expect(rows[0]?.bounds).toContain(`FROM ('${rows[0]?.month} 00:00:00+00')`)
    } finally {
      await admin.query('ROLLBACK')
    }
  })

  it('shows a reader no words of another clinic', async () => {
    await write(admin, [], 1, { id: ANA, name: 'Ana' })
    await settledStep()
    expect((await auditor.query("SELECT FROM audit.find_words('ana', 10)")).rowCount).toBe(1)
    await auditor.query('BEGIN')
    await auditor.query("SELECT set_config('app.clinic_ids', $1, true)", [`{${ORGANISATION}}`])
    expect((await auditor.query("SELECT FROM audit.find_words('ana', 10)")).rowCount).toBe(0)
    expect((await auditor.query("SELECT FROM audit.vocabulary WHERE kind = 'userName'")).rowCount).toBe(0)
    await auditor.query('COMMIT')
  })
})
