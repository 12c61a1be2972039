// Rate of the index's steps and cost of a page of the trail. Run: node test/bench/audit-search.ts [entries] [steps' entries]
// Compare the figures with each other and over sizes of the trail, not with other machines.
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { indexStep } from '../../server/audit/indexer.ts'
import { applyMigrations } from '../../server/database/migrate.ts'
import { createTestDatabase, startTestPostgres } from '../postgres.ts'

const MONTHS = 24
const CLINIC = '01900000-0000-7000-8000-00000000c001'
const ORGANISATION = '01900000-0000-7000-8000-00000000a001'
const NIL = '00000000-0000-0000-0000-000000000000'
const entries = Number(process.argv[2] ?? 1_000_000)
const stepEntries = Number(process.argv[3] ?? 30_000)

// Ids that a query can compute again: of the patient, record or user with a number.
const id = (kind: string, number: string) => `md5('${kind} ' || (${number}))::uuid`

/** Entries spread evenly over the last 24 months: 40 people, 20,000 patients with twelve records each. */
function history(count: number): string[] {
  const months = `SELECT audit.make_partition(parent, (date_trunc('month', now()) - make_interval(months => i))::date, false)
    FROM generate_series(0, ${MONTHS}) AS i, unnest(ARRAY['entry', 'search', 'posting']) AS parent`
  const draw = `CREATE TEMP TABLE drawn AS
    SELECT n, uuidv7(at - now()) AS id, at, date_trunc('month', at, 'UTC')::date AS shard, (random() * random() * 40)::int AS person, (random() * 20000)::int AS patient,
      (random() * 60)::int AS operation, random() AS luck
    FROM (SELECT n, now() - interval '${MONTHS} months' * (1 - n / ${count}::float8) - interval '1 second' AS at FROM generate_series(1, ${count}) AS n) d`
  const log = `INSERT INTO audit.entry (shard, id, organisation_id, clinic_id, at, body) SELECT shard, id, '${ORGANISATION}', '${CLINIC}', at, '{}' FROM drawn`
  const search = `INSERT INTO audit.search (shard, entry_id, organisation_id, clinic_id, at, user_id, user_name, roles, action, operation, origin, outcome, class, types, record_ids,
      detail, address, session_id, request_id)
    SELECT shard, id, '${ORGANISATION}', '${CLINIC}', at, ${id('user', 'person')}, 'Person ' || person, ARRAY[CASE person % 3 WHEN 0 THEN 'veterinarian' ELSE 'receptionist' END],
      CASE WHEN luck < 0.001 THEN 'delete' WHEN luck < 0.2 THEN 'update' ELSE 'read' END, 'Operation' || operation, CASE WHEN luck < 0.01 THEN 'job' ELSE 'web' END,
      CASE WHEN luck > 0.998 THEN 'denied' ELSE 'ok' END, ARRAY['medical', 'personal'], ARRAY['Patient', 'ClinicalNote'],
      ARRAY[${id('patient', 'patient')}] || ARRAY(SELECT ${id('record', 'patient * 12 + (n + r) % 12')} FROM generate_series(1, 6) AS r),
      CASE WHEN luck > 0.998 THEN 'FORBIDDEN x:' || operation END, '10.0.0.' || person, ${id('session', "person || ' ' || at::date")}, id FROM drawn`
  const subjects = `INSERT INTO audit.record_subject SELECT ${id('record', 'r')}, ${id('patient', 'r / 12')} FROM generate_series(0, 240011) AS r`
  return [months, draw, log, search, 'DROP TABLE drawn', subjects, 'ANALYZE']
}

/** Entries of one busy stretch, 500 a second, each naming 40 of 20,000 records. */
function load(count: number): string[] {
  const draw = `CREATE TEMP TABLE drawn AS SELECT n, uuidv7() AS id, now() - make_interval(secs => (${count} - n) / 500.0) AS at FROM generate_series(1, ${count}) AS n`
  const log = `INSERT INTO audit.entry (shard, id, organisation_id, clinic_id, at, body) SELECT date_trunc('month', at, 'UTC')::date, id, '${ORGANISATION}', '${CLINIC}', at, '{}' FROM drawn`
  const search = `INSERT INTO audit.search (shard, entry_id, organisation_id, clinic_id, at, user_id, user_name, roles, action, operation, origin, outcome, class, types, record_ids, address,
      session_id, request_id)
    SELECT date_trunc('month', at, 'UTC')::date, id, '${ORGANISATION}', '${CLINIC}', at, ${id('user', 'n % 200')}, 'Person ' || n % 200, '{veterinarian}', 'read', 'Operation' || n % 60, 'web',
      'ok', '{medical,personal}', '{Patient,ClinicalNote}', ARRAY(SELECT ${id('record', '(random() * 20000)::int + n * 0')} FROM generate_series(1, 40)), '10.0.0.1',
      ${id('session', 'n % 400')}, id FROM drawn`
  return [draw, log, search, 'DROP TABLE drawn']
}

async function timed<T>(run: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const start = performance.now()
  const result = await run()
  return { ms: performance.now() - start, result }
}

async function catchUp(sequencer: pg.Client, limit: number): Promise<{ count: number; seconds: number; slowest: number }> {
  let count = 0
  let seconds = 0
  let slowest = 0
  for (;;) {
    const { ms, result } = await timed(() => indexStep(sequencer, limit))
    count += result.indexed
    seconds += ms / 1000
    slowest = Math.max(slowest, ms)
    if (result.isCaughtUp) return { count, seconds, slowest }
  }
}

const print = (line: string) => process.stdout.write(`${line}\n`)

type Page = { readonly name: string; readonly filter: Record<string, string>; readonly isInverted?: boolean }

async function pages(admin: pg.Client): Promise<Page[]> {
  const known = async (text: string) => String((await admin.query<{ value: string }>(`SELECT (${text})::text AS value`)).rows[0]?.value)
  const person = await known(id('user', '7'))
  const patient = await known(id('patient', '77'))
  const yearAgo = await known("now() - interval '12 months'")
  return [
    { name: 'everything', filter: {} },
    { name: 'everything, a year ago', filter: { after_at: yearAgo, after_id: NIL } },
    { name: 'oldest first', filter: {}, isInverted: true },
    { name: 'a patient', filter: { subject: patient } },
    { name: 'a patient, oldest first', filter: { subject: patient }, isInverted: true },
    { name: 'a record', filter: { record: await known(id('record', '924')) } },
    { name: 'a person', filter: { user_id: person } },
    { name: 'a person, a year ago', filter: { user_id: person, after_at: yearAgo, after_id: NIL } },
    { name: 'a person and a patient', filter: { user_id: person, subject: patient } },
    { name: 'deletions', filter: { action: 'delete' } },
    { name: 'deletions by a person', filter: { action: 'delete', user_id: person } },
    { name: 'denials of a role', filter: { outcome: 'denied', role: 'veterinarian' } },
    { name: 'a text in few entries', filter: { query: 'forbidden x:13' } },
    { name: 'a text in most entries', filter: { query: 'operation' } },
    { name: 'a text in none', filter: { query: 'no such words' } },
    { name: 'an address and an origin', filter: { address: '10.0.0.39', origin: 'job' } },
    { name: 'two large lists that hardly meet', filter: { user_id: person, action: 'delete', outcome: 'denied' } },
  ]
}

async function measurePages(auditor: pg.Client, wanted: readonly Page[]): Promise<void> {
  await auditor.query(`SELECT set_config('app.org_id', '${ORGANISATION}', false), set_config('app.clinic_ids', '{${CLINIC}}', false)`)
  for (const { name, filter, isInverted = false } of wanted) {
    const statement = {
      text: `SELECT count(s.operation)::int AS n FROM audit.find_entries($1, 26, $2) p
        CROSS JOIN LATERAL (SELECT s.* FROM audit.search s WHERE s.shard = p.shard AND s.entry_id = p.entry_id LIMIT 1) s`,
      values: [JSON.stringify({ organisation: ORGANISATION, clinic: CLINIC, ...filter }), isInverted],
    }
    const times: number[] = []
    let n = 0
    for (let round = 0; round < 7; round += 1) {
      const { ms, result } = await timed(() => auditor.query<{ n: number }>(statement))
      times.push(ms)
      n = result.rows[0]?.n ?? 0
    }
    const explained = await auditor.query<{ 'QUERY PLAN': string }>({ ...statement, text: `EXPLAIN (ANALYZE, BUFFERS) ${statement.text}` })
    const buffers = explained.rows.map((row) => row['QUERY PLAN']).find((line) => line.includes('Buffers:'))
    const [first = 0, ...rest] = times
    const median = rest.sort((a, b) => a - b)[3] ?? 0
    print(
      `${name.padEnd(36)} ${String(n).padStart(3)} rows  first ${first.toFixed(1).padStart(7)} ms  median ${median.toFixed(1).padStart(7)} ms  ${buffers?.trim() ?? ''}`,
    )
  }
}

async function main(): Promise<void> {
  const server = await startTestPostgres()
  const clients: pg.Client[] = []
  try {
    const database = await createTestDatabase()
    await applyMigrations({ adminUrl: database.adminUrl, dir: fileURLToPath(new URL('../../prisma/migrations', import.meta.url)), backup: 'none' })
    const open = async (url: string) => {
      const client = new pg.Client(url)
      await client.connect()
      clients.push(client)
      return client
    }
    const admin = await open(database.adminUrl)
    const [auditor, sequencer] = [await open(database.auditorUrl), await open(database.sequencerUrl)]
    const { ms } = await timed(async () => {
      for (const statement of history(entries)) await admin.query(statement)
    })
    print(`${entries} entries of 7 records over ${MONTHS} months, made in ${(ms / 1000).toFixed(0)} s`)
    const built = await catchUp(sequencer, 20_000)
    print(`indexed ${built.count} in ${built.seconds.toFixed(0)} s: ${(built.count / built.seconds).toFixed(0)} entries/s`)
    await admin.query('ANALYZE')
    const { rows } = await admin.query<{ name: string; size: string }>(`SELECT parent AS name, pg_size_pretty(sum(pg_total_relation_size(inhrelid))) AS size
      FROM unnest(ARRAY['entry', 'search', 'posting']) AS parent JOIN pg_inherits ON inhparent = ('audit.' || parent)::regclass GROUP BY 1 ORDER BY 1`)
    print(rows.map(({ name, size }) => `${name} ${size}`).join(', '))
    await measurePages(auditor, await pages(admin))
    for (const statement of load(stepEntries)) await admin.query(statement)
    const { count, seconds, slowest } = await catchUp(sequencer, 5_000)
    print(`${count} entries of 40 records: ${(count / seconds).toFixed(0)} entries/s, slowest step ${slowest.toFixed(0)} ms`)
    const again = await (async () => {
      for (const statement of load(stepEntries)) await admin.query(statement)
      return catchUp(sequencer, 5_000)
    })()
    print(`the same hour again: ${(again.count / again.seconds).toFixed(0)} entries/s, slowest step ${again.slowest.toFixed(0)} ms`)
    for (const statement of load(stepEntries)) await admin.query(statement)
    print(`with ${stepEntries} entries that are not indexed yet:`)
    await measurePages(auditor, (await pages(admin)).slice(3, 8))
  } finally {
    await Promise.all(clients.map((client) => client.end()))
    await server.stop()
  }
}

await main()
