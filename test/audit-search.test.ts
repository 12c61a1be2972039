import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { indexStep, rebuildIndex } from '../server/audit/indexer.ts'
import { databaseRuns } from './effort.ts'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'

const NIL = '00000000-0000-0000-0000-000000000000'
const uuid = (kind: string, n: number) => `01900000-0000-7000-8000-${kind}${String(n).padStart(12 - kind.length, '0')}`
const ORGANISATION = uuid('a', 1)
const CLINIC = uuid('c', 1)
const OTHERS = [
  { organisation: ORGANISATION, clinic: uuid('c', 2) },
  { organisation: uuid('a', 2), clinic: uuid('c', 3) },
  { organisation: uuid('a', 2), clinic: NIL },
]
const RECORDS = Array.from({ length: 12 }, (_, n) => uuid('d', n))
const SUBJECTS = [uuid('e', 0), uuid('e', 1), uuid('e', 2)]
const USERS = [uuid('f', 0), uuid('f', 1)]
const SESSIONS = [uuid('b', 0), uuid('b', 1)]
/** The record with this index is about this subject; the last ones are about nobody. */
const subjectOf = (index: number): string | null => (index < 9 ? (SUBJECTS[index % 3] ?? null) : null)

type Entry = {
  id: string
  organisation: string
  clinic: string
  at: string
  shard: string
  user_id: string | null
  user_name: string | null
  roles: string[]
  action: string
  operation: string
  origin: string
  outcome: string
  class: string[]
  types: string[]
  records: string[]
  detail: string | null
  address: string | null
  session: string | null
  request: string
  reason: string | null
}
type Filter = Partial<
  Record<
    | 'user_id'
    | 'action'
    | 'outcome'
    | 'origin'
    | 'type'
    | 'class'
    | 'role'
    | 'record'
    | 'subject'
    | 'address'
    | 'session'
    | 'request'
    | 'query'
    | 'from_at'
    | 'until_at',
    string
  >
>

const MONTH = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 1))
const NEXT_MONTH = new Date(Date.UTC(MONTH.getUTCFullYear(), MONTH.getUTCMonth() + 1, 1))
const instant = (base: Date, seconds: number) => new Date(base.getTime() + seconds * 1000).toISOString().replace('Z', '000Z')

const pick = <T>(...values: T[]) => fc.constantFrom(...values)
/** Instants crowd: many in one hour, some equal, some in other months; a transaction may have begun in the month before. */
const when = fc.oneof(
  fc.integer({ min: 0, max: 30 }).map((n) => ({ at: instant(MONTH, n * 60), shard: MONTH })),
  fc.integer({ min: 0, max: 200 }).map((n) => ({ at: instant(MONTH, n * 1_800), shard: MONTH })),
  fc.integer({ min: 0, max: 50 }).map((n) => ({ at: instant(NEXT_MONTH, n * 3_000), shard: NEXT_MONTH })),
  fc.integer({ min: 0, max: 50 }).map((n) => ({ at: instant(NEXT_MONTH, n), shard: MONTH })),
)
const entry = fc.record({
  place: fc.oneof(
    { weight: 6, arbitrary: pick({ organisation: ORGANISATION, clinic: CLINIC }) },
    pick({ organisation: ORGANISATION, clinic: NIL }),
    pick(...OTHERS),
  ),
  when,
  user: pick(null, 0, 1),
  roles: fc.subarray(['owner', 'veterinarian']),
  action: pick('read', 'read', 'update', 'login'),
  operation: pick('ListPatients', 'EditPatient', '100%_sure'),
  origin: pick('web', 'job'),
  outcome: pick('ok', 'ok', 'denied'),
  class: fc.subarray(['medical', 'personal']),
  types: fc.subarray(['Patient', 'Invoice']),
  records: fc.subarray([...RECORDS, ...SUBJECTS], { maxLength: 4 }),
  detail: pick(null, 'FORBIDDEN', 'VERSIÓN'),
  address: pick(null, '10.0.0.1', '10.0.0.2'),
  session: pick(null, ...SESSIONS),
  reason: pick(null, 'cliente pidió', 'typo'),
})
const everyFilter = {
  user_id: pick(...USERS),
  action: pick('read', 'update', 'login', 'delete'),
  outcome: pick('ok', 'denied'),
  origin: pick('web', 'job'),
  type: pick('Patient', 'Invoice', 'Lot'),
  class: pick('medical', 'personal'),
  role: pick('owner', 'veterinarian'),
  record: pick(...RECORDS, ...SUBJECTS),
  subject: pick(...SUBJECTS),
  address: pick('10.0.0.1', '10.0.0.3'),
  session: pick(...SESSIONS),
  query: pick('patient', 'PATIÉNT', 'version', 'pidio', 'person 1', '%_', '\\', 'forb', 'nothing like it'),
  from_at: pick(instant(MONTH, 3_600), instant(NEXT_MONTH, 0)),
  until_at: pick(instant(MONTH, 40_000), instant(NEXT_MONTH, 10)),
}
/** One or two conditions: more of them would match nothing. */
const filter: fc.Arbitrary<Filter> = fc
  .tuple(fc.record(everyFilter), fc.subarray(Object.keys(everyFilter), { minLength: 1, maxLength: 2 }))
  .map(([all, names]) => Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))))

let database: ClonedDatabase
let admin: pg.Client
let auditor: pg.Client
let sequencer: pg.Client

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  const open = async (url: string) => {
    const client = new pg.Client(url)
    await client.connect()
    return client
  }
  admin = await open(database.adminUrl)
  auditor = await open(database.auditorUrl)
  sequencer = await open(database.sequencerUrl)
  await auditor.query("SELECT set_config('app.org_id', $1, false), set_config('app.clinic_ids', $2, false)", [ORGANISATION, `{${CLINIC}}`])
})
afterAll(async () => {
  await Promise.all([admin, auditor, sequencer].map((client) => client.end()))
  await database.drop()
})

/** Empties the trail, which only the database's owner can, with triggers off. */
async function empty() {
  await admin.query(
    'BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM audit.entry; DELETE FROM audit.search; DELETE FROM audit.record_subject; COMMIT',
  )
  await rebuildIndex(sequencer)
}

const body = (record: string, subject: string | null) =>
  `{"at":"","fields":["id","name"],"id":"${record}","op":"insert","source":"row","subject":${subject ? `"${subject}"` : 'null'},"type":"Note","v":2}`

/** Witnesses of every record, in a transaction of their own, as they come before whatever reads the records. */
async function writeRecords() {
  for (const [index, record] of RECORDS.entries())
    await admin.query("INSERT INTO audit.entry (organisation_id, clinic_id, source, body) VALUES ($1, $2, 'row', convert_to($3, 'UTF8'))", [
      ORGANISATION,
      CLINIC,
      body(record, subjectOf(index)),
    ])
}

async function write(entries: readonly Entry[]) {
  await admin.query(
    `WITH given AS MATERIALIZED (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS e(id uuid, organisation uuid, clinic uuid, at timestamptz, shard date, user_id uuid, user_name text, roles text[], action text,
         operation text, origin text, outcome text, class text[], types text[], records uuid[], detail text, address text, session uuid, request uuid, reason text)
     ), logged AS (
       INSERT INTO audit.entry (shard, id, organisation_id, clinic_id, at, body) SELECT shard, id, organisation, clinic, at, '{}' FROM given
     )
     INSERT INTO audit.search (shard, entry_id, organisation_id, clinic_id, at, user_id, user_name, roles, action, operation, origin, outcome, class, types, record_ids, detail,
       address, session_id, request_id, reason)
     SELECT shard, id, organisation, clinic, at, user_id, user_name, roles, action, operation, origin, outcome, class, types, records, detail, address, session, request, reason FROM given`,
    [JSON.stringify(entries)],
  )
}

type Cursor = { at: string; id: string }
async function find(wanted: Filter, size: number, { after, before, isInverted = false }: { after?: Cursor; before?: Cursor; isInverted?: boolean } = {}) {
  const { rows } = await auditor.query<{ id: string; at: string }>(
    `SELECT p.entry_id AS id, to_char(p.at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at FROM audit.find_entries($1, $2, $3) p`,
    [
      JSON.stringify({
        organisation: ORGANISATION,
        clinic: CLINIC,
        ...wanted,
        ...(after && { after_at: after.at, after_id: after.id }),
        ...(before && { before_at: before.at, before_id: before.id }),
      }),
      size,
      isInverted,
    ],
  )
  return rows
}

async function walk(wanted: Filter, size: number, isInverted: boolean): Promise<string[]> {
  const seen: string[] = []
  for (let last: Cursor | undefined; ; ) {
    const page = await find(wanted, size, { ...(last && (isInverted ? { before: last } : { after: last })), isInverted })
    seen.push(...page.map(({ id }) => id))
    last = page.at(-1)
    if (page.length < size || !last) return seen
  }
}

const plain = (text: string) =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase()

function matches(one: Entry, wanted: Filter): boolean {
  const about = (id: string) => one.records.some((record) => record === id || (RECORDS.includes(record) && subjectOf(RECORDS.indexOf(record)) === id))
  const texts = [one.operation, one.detail, one.user_name, one.reason].flatMap((text) => text ?? [])
  const checks: [string | undefined, (value: string) => boolean][] = [
    [wanted.user_id, (value) => one.user_id === value],
    [wanted.action, (value) => one.action === value],
    [wanted.outcome, (value) => one.outcome === value],
    [wanted.origin, (value) => one.origin === value],
    [wanted.type, (value) => one.types.includes(value)],
    [wanted.class, (value) => one.class.includes(value)],
    [wanted.role, (value) => one.roles.includes(value)],
    [wanted.record, (value) => one.records.includes(value)],
    [wanted.subject, about],
    [wanted.address, (value) => one.address === value],
    [wanted.session, (value) => one.session === value],
    [wanted.request, (value) => one.request === value],
    [wanted.query, (value) => texts.some((text) => plain(text).includes(plain(value)))],
    [wanted.from_at, (value) => one.at >= value],
    [wanted.until_at, (value) => one.at < value],
  ]
  const isHere = one.organisation === ORGANISATION && (one.clinic === CLINIC || one.clinic === NIL)
  return isHere && checks.every(([value, check]) => value === undefined || check(value))
}

/** What a reader of every entry would answer, newest first. */
function scan(entries: readonly Entry[], wanted: Filter): string[] {
  return entries
    .filter((one) => matches(one, wanted))
    .sort((a, b) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1))
    .map(({ id }) => id)
}

function toEntries(drawn: readonly (typeof entry extends fc.Arbitrary<infer T> ? T : never)[], offset = 0): Entry[] {
  return drawn.map(({ place, when: { at, shard }, user, ...rest }, index) => ({
    ...rest,
    id: uuid('9', (index * 7 + offset) % 100_003),
    ...place,
    at,
    shard: shard.toISOString().slice(0, 10),
    user_id: user === null ? null : (USERS[user] ?? null),
    user_name: user === null ? null : `Pérson ${user}`,
    request: uuid('8', index % 40),
  }))
}

describe('the index of the trail', () => {
  it('answers what reading every entry would, wherever its cursor stands, in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 1, maxLength: 60 }),
        fc.array(filter, { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 0, max: 8 }),
        pick(1, 2, 3, 7),
        async (drawn, filters, steps, size) => {
          await empty()
          await writeRecords()
          const entries = toEntries(drawn)
          // Several transactions, so that the cursor can stand between them as well as inside one.
          const half = Math.ceil(entries.length / 2)
          await write(entries.slice(0, half))
          await write(entries.slice(half))
          for (let step = 0; step < steps; step += 1) await indexStep(sequencer, 11)
          for (const wanted of [...filters, { request: uuid('8', 0) }, {}]) {
            const expected = scan(entries, wanted)
            expect([wanted, await walk(wanted, size, false)]).toEqual([wanted, expected])
            expect([wanted, await walk(wanted, size, true)]).toEqual([wanted, expected.toReversed()])
          }
        },
      ),
      { numRuns: databaseRuns(25) },
    )
  })

  it('reads on through the lists where the trail in order stops, for terms of thousands of entries', async () => {
    await empty()
    await writeRecords()
    const [sample] = fc.sample(entry, 1)
    if (!sample) throw new Error('nothing drawn')
    const base = { ...sample, place: { organisation: ORGANISATION, clinic: CLINIC }, outcome: 'ok', origin: 'web', detail: null, reason: null, user: null }
    // 2,100 old entries of one action, then 2,500 of another.
    const drawn = Array.from({ length: 4_600 }, (_, n) => ({
      ...base,
      when: { at: instant(MONTH, n * 5), shard: MONTH },
      action: n < 2_100 ? 'export' : 'read',
      records: n % 3 === 0 ? [RECORDS[0] ?? ''] : [],
    }))
    const entries = toEntries(drawn)
    await write(entries)
    while (!(await indexStep(sequencer, 1_000)).isCaughtUp);
    for (const wanted of [{ action: 'export' }, { action: 'export', subject: SUBJECTS[0] ?? '' }, { action: 'read', record: RECORDS[0] ?? '' }]) {
      const expected = scan(entries, wanted)
      expect(await walk(wanted, 200, false)).toEqual(expected)
      expect(await walk(wanted, 200, true)).toEqual(expected.toReversed())
    }
  })
})
