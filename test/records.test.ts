import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { columnOf, type RecordSet } from '../modules/kernel/records.ts'
import { Prisma } from '../prisma/client/client.ts'
import { AccessLog } from '../server/audit/access-log.ts'
import { withClient } from '../server/database/connection.ts'
import { Database } from '../server/db.ts'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { insertOneOfEach, ROW } from './schema-rows.ts'

type Row = Record<string, unknown>
type Column = { table_name: string; column_name: string; data_type: string }

/** What a column of a type holds as JSON brings it, and as Prisma gives it. */
const SAMPLES: Readonly<Record<string, readonly [json: unknown, value: unknown]>> = {
  uuid: [ROW.patient, ROW.patient],
  text: ['2025-12-01', '2025-12-01'],
  character: ['MX', 'MX'],
  'character varying': ['x', 'x'],
  integer: [7, 7],
  smallint: [7, 7],
  boolean: [true, true],
  ARRAY: [['a'], ['a']],
  date: ['2025-12-01', new Date('2025-12-01T00:00:00Z')],
  'timestamp with time zone': ['2025-12-01T16:00:00.123+00:00', new Date('2025-12-01T16:00:00.123Z')],
  numeric: ['12.345678', new Prisma.Decimal('12.345678')],
  jsonb: [{ id: '1' }, { id: '1' }],
  bigint: ['9007199254740993', 9007199254740993n],
}
const AS_TEXT = new Set(['numeric', 'bigint'])

let clone: ClonedDatabase
let database: Database
let columns: Column[]
let sets: { name: string; table: string; set: RecordSet<Row> }[]

beforeAll(async () => {
  clone = await cloneDatabase(TEMPLATE)
  database = new Database({ ...clone, poolSize: 2 }, (error) => {
    throw error
  })
  columns = await withClient(clone.adminUrl, async (client: pg.Client) => {
    await insertOneOfEach(client)
    const { rows } = await client.query<Column>("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'")
    return rows
  })
  sets = await findSets()
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await clone.drop()
})

/** Every set that a module's records.ts exports, with its table: the singular of the set's name. */
async function findSets(): Promise<typeof sets> {
  const folder = fileURLToPath(new URL('../modules/', import.meta.url))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('/records.ts') && !path.startsWith('kernel/'))
  const tables = new Set(columns.map(({ table_name }) => table_name))
  const found: typeof sets = []
  for (const file of files) {
    const exported: Record<string, unknown> = await import(`${folder}${file}`)
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value !== 'object' || value === null || !('columns' in value)) continue
      const singular = [columnOf(name), columnOf(name).replace(/s$/, ''), columnOf(name).replace(/ies$/, 'y')].find((table) => tables.has(table))
      if (singular === undefined) throw new Error(`${file}: ${name} is the plural of no table`)
      found.push({ name, table: singular, set: value as RecordSet<Row> })
    }
  }
  return found
}

const columnsOf = (table: string) => columns.filter(({ table_name }) => table_name === table)
const fieldOf = (column: string) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
const scope = { organisationId: ROW.organisation, clinicIds: [ROW.clinic], sharePatients: true }

describe('the record sets', () => {
  it('are found', () => {
    expect(sets.length).toBeGreaterThanOrEqual(12)
  })

  it('name every column of their table, and send as text what a number of JSON would shorten', () => {
    for (const { name, table, set } of sets) {
      const expected = columnsOf(table).map(
        ({ column_name, data_type }) => `t.${column_name}${AS_TEXT.has(data_type) ? '::text' : ''} AS "${fieldOf(column_name)}"`,
      )
      expect([name, set.columns('t').split(', ').sort()]).toEqual([name, expected.sort()])
    }
  })

  it('turn each column into what Prisma gives for its type', () => {
    const db = database.reader(scope, new AccessLog())
    for (const { name, table, set } of sets) {
      const json: Row = {}
      const expected: Row = {}
      for (const { column_name, data_type } of columnsOf(table)) {
        const sample = SAMPLES[data_type]
        if (!sample) throw new Error(`${table}.${column_name}: no sample of ${data_type}`)
        ;[json[fieldOf(column_name)], expected[fieldOf(column_name)]] = sample
      }
      expect([name, set.take(db, [json])]).toEqual([name, [expected]])
      const empty = Object.fromEntries(Object.keys(json).map((field) => [field, null]))
      expect([name, set.take(db, [{ ...empty }])]).toEqual([name, [empty]])
    }
  })

  it('read the same rows as Prisma', async () => {
    const db = database.reader(scope, new AccessLog())
    for (const { name, table, set } of sets) {
      const rows = await set.read(db, { name: `test_${table}`, text: `SELECT ${set.columns('t')} FROM ${table} t ORDER BY 1`, values: [] })
      const model: { findMany: (options: object) => Promise<Row[]> } = Reflect.get(database.prisma(scope), fieldOf(table))
      const [first] = set.columns('t').matchAll(/"(\w+)"/g)
      const expected = await model.findMany({ orderBy: { [first?.[1] ?? '']: 'asc' } })
      expect([name, expected.length]).not.toEqual([name, 0])
      expect([name, rows]).toEqual([name, expected])
    }
  })

  it('report the records and fields that they read, all of which exist', () => {
    for (const { name, table, set } of sets) {
      const log = new AccessLog()
      const [column] = columnsOf(table).filter(({ column_name }) => column_name === 'id')
      if (!column) continue
      set.take(database.reader(scope, log), [{ id: ROW.patient }])
      const { reads } = log.summary()
      expect([name, reads.map(({ ids }) => ids)]).toEqual([name, [[ROW.patient]]])
      const fields = columnsOf(table).map(({ column_name }) => fieldOf(column_name))
      expect([name, reads.flatMap((read) => read.fields).filter((field) => !fields.includes(field))]).toEqual([name, []])
    }
  })
})
