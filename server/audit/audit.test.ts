import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { NIL_ID } from '../../modules/kernel/ids.ts'
import { AccessLog } from './access-log.ts'
import { canonicalJson, type Json } from './canonical-json.ts'
import { buildEntries, type EntryRow, type Operation } from './entry.ts'
import { FloodGate } from './flood-gate.ts'
import { AuditUnavailableError, AuditWriter } from './writer.ts'

const operation = (address: string | null = '203.0.113.1'): Operation => ({
  requestId: '01900000-0000-7000-8000-000000000001',
  actor: { kind: 'anonymous', locale: 'en' },
  origin: 'graphql',
  address,
  userAgent: null,
  name: 'unparsed',
  documentHash: null,
  action: 'read',
})
const oneEntry = (facts: Parameters<typeof buildEntries>[0]): EntryRow => {
  const [row, ...more] = buildEntries(facts)
  if (!row || more.length > 0) throw new Error('one entry was expected')
  return row
}
const rowOf = (address?: string, organisation = NIL_ID): EntryRow => ({
  ...oneEntry({ operation: operation(address), access: new AccessLog(), outcome: 'rejected' }),
  organisation_id: organisation,
})

describe('canonicalJson', () => {
  it('sorts members by UTF-16 units and leaves out what is undefined', () => {
    expect(canonicalJson({ b: 1, a: [null, true, 'é'], '\u{1F600}': 1, '\ufb33': 2, left: undefined })).toBe(
      '{"a":[null,true,"é"],"b":1,"\u{1F600}":1,"\ufb33":2}',
    )
    expect(canonicalJson({ n: 1e21, z: -0, s: '\u0007"\\' })).toBe('{"n":1e+21,"s":"\\u0007\\"\\\\","z":0}')
  })

  it('says the same whatever the order of members, and says it in JSON', () => {
    const value = fc.jsonValue({ noUnicodeString: false })
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), value), (record) => {
        const shuffled = Object.fromEntries(Object.entries(record).reverse())
        const one = canonicalJson(record as Json)
        expect(canonicalJson(shuffled as Json)).toBe(one)
        expect(JSON.parse(one)).toEqual(JSON.parse(JSON.stringify(record)))
      }),
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { a: ['\udc00'] }])('refuses what has no canonical form: %s', (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError)
  })
})

describe('AccessLog', () => {
  it('groups ids by type and field set, each once and sorted', () => {
    const log = new AccessLog()
    log.reads('Patient', ['b', 'a'], ['name', 'id'])
    log.reads('Patient', ['a', 'c'], ['id', 'name'])
    log.reads('Patient', ['a'], ['name'])
    log.reads('Client', [], ['name'])
    log.changes('Appointment', ['z'], ['status'])
    expect(log.summary()).toEqual({
      reads: [
        { type: 'Patient', fields: ['id', 'name'], ids: ['a', 'b', 'c'] },
        { type: 'Patient', fields: ['name'], ids: ['a'] },
      ],
      changes: [{ type: 'Appointment', fields: ['status'], ids: ['z'] }],
      types: ['Appointment', 'Patient'],
      ids: ['a', 'b', 'c', 'z'],
    })
  })

  it('is empty until something is touched', () => {
    const log = new AccessLog()
    log.reads('Client', [], ['name'])
    expect(log.isEmpty()).toBe(true)
    log.aggregates.push({ name: 'revenue', params: {} })
    expect(log.isEmpty()).toBe(false)
  })
})

describe('buildEntries', () => {
  it('puts aggregates and replays into the body, and reasons and addresses beside it', () => {
    const access = new AccessLog()
    access.aggregates.push({ name: 'revenue', params: { date: '2025-12-20' } })
    access.reason = 'the owner asked'
    const row = oneEntry({ operation: operation(), access, outcome: 'ok', isReplay: true, detail: 'D' })
    expect(JSON.parse(row.body)).toMatchObject({
      aggregates: [{ name: 'revenue', params: { date: '2025-12-20' } }],
      replay: true,
      detail: 'D',
      organisation: NIL_ID,
      at: '',
    })
    expect([row.reason, row.address, row.detail]).toEqual(['the owner asked', '203.0.113.1', 'D'])
    expect(row.body).not.toMatch(/owner asked|203\.0/)
  })

  it('cuts parameters of aggregates, so that no value makes a body that the log refuses', () => {
    const access = new AccessLog()
    access.aggregates.push({ name: 'audit_search', params: { action: 'x'.repeat(70_000), type: `${'y'.repeat(199)}\u{1F600}`, role: 'owner' } })
    const row = oneEntry({ operation: operation(), access, outcome: 'ok' })
    expect(JSON.parse(row.body)).toMatchObject({ aggregates: [{ params: { action: 'x'.repeat(200), type: `${'y'.repeat(199)}\ufffd`, role: 'owner' } }] })
  })

  it('tells an operation of any size in parts that fit, without losing or repeating a record', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 40 }), (count, groups) => {
        const access = new AccessLog()
        const idOf = (index: number) => `01900000-0000-7000-8000-${String(index).padStart(12, '0')}`
        for (let index = 0; index < count; index += 1) access.reads('Patient', [idOf(index)], [`field${index % groups}`, 'id'])
        access.changes('Client', [idOf(count)], ['name'])
        const rows = buildEntries({ operation: { ...operation(), name: 'n'.repeat(500_000) }, access, outcome: 'ok', detail: 'D'.repeat(90_000) })
        const bodies = rows.map(({ body }) => JSON.parse(body) as { reads?: { ids: string[] }[]; changes?: unknown[]; part?: { number: number; of: number } })
        expect(Math.max(...rows.map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(65_000)
        expect(bodies.flatMap(({ reads = [] }) => reads.flatMap(({ ids }) => ids)).sort()).toEqual(Array.from({ length: count }, (_, index) => idOf(index)))
        expect(bodies.flatMap(({ changes = [] }) => changes)).toHaveLength(1)
        expect(bodies.map(({ part }) => part)).toEqual(rows.length === 1 ? [undefined] : rows.map((_, index) => ({ number: index + 1, of: rows.length })))
        expect(rows.flatMap(({ record_ids }) => record_ids)).toHaveLength(count + 1)
      }),
      { numRuns: 50 },
    )
  })
})

/** A pool that takes down what it is asked to insert, one batch at a time, when it is let go. */
function fakePool() {
  const batches: EntryRow[][] = []
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = []
  const query = ({ values }: { values: string[] }) => {
    batches.push(JSON.parse(values[0] ?? '[]') as EntryRow[])
    return new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))
  }
  return { pool: { query } as unknown as ConstructorParameters<typeof AuditWriter>[0], batches, waiting }
}

describe('AuditWriter', () => {
  it('gathers what arrives meanwhile into the next batch, and answers each when its batch is durable', async () => {
    const { pool, batches, waiting } = fakePool()
    const writer = new AuditWriter(pool)
    const done: number[] = []
    const all = [0, 1, 2].map((index) => writer.record([rowOf()]).then(() => done.push(index)))
    expect(batches.map((batch) => batch.length)).toEqual([1])
    waiting.shift()?.resolve()
    await all[0]
    expect(done).toEqual([0])
    expect(batches.map((batch) => batch.length)).toEqual([1, 2])
    waiting.shift()?.resolve()
    await Promise.all(all)
    expect(done).toEqual([0, 1, 2])
  })

  it('waits a moment for more when few wait, and not when many do', async () => {
    const { pool, batches, waiting } = fakePool()
    const writer = new AuditWriter(pool, 5)
    const few = [0, 1, 2].map(() => writer.record([rowOf()]))
    expect(batches).toEqual([])
    await vi.waitUntil(() => batches.length === 1)
    const many = Array.from({ length: 20 }, () => writer.record([rowOf()]))
    waiting.shift()?.resolve()
    await Promise.all(few)
    expect(batches.map((batch) => batch.length)).toEqual([3, 20])
    waiting.shift()?.resolve()
    await Promise.all(many)
  })

  it('holds at most 500 entries in a batch', async () => {
    const { pool, batches, waiting } = fakePool()
    const writer = new AuditWriter(pool)
    const all = Array.from({ length: 1_002 }, () => writer.record([rowOf()]))
    for (let round = 0; round < 4; round += 1) {
      waiting.shift()?.resolve()
      await new Promise(setImmediate)
    }
    await Promise.all(all)
    expect(batches.map((batch) => batch.length)).toEqual([1, 500, 500, 1])
  })

  it('fails those of a failed batch and goes on with the next', async () => {
    const { pool, waiting } = fakePool()
    const writer = new AuditWriter(pool)
    const [first, second] = [writer.record([rowOf()]), writer.record([rowOf()])]
    waiting.shift()?.reject(new Error('gone'))
    await expect(first).rejects.toThrow(AuditUnavailableError)
    await new Promise(setImmediate)
    waiting.shift()?.resolve()
    await expect(second).resolves.toBeUndefined()
  })

  const failure = (code: string) => Object.assign(new Error('refused'), { code })
  /** Five operations: the first on its way alone, the others in the batch that fails with this code. */
  async function failBatch(code: string) {
    const { pool, batches, waiting } = fakePool()
    const writer = new AuditWriter(pool)
    const all = Array.from({ length: 5 }, () => writer.record([rowOf()]))
    const settled = Promise.allSettled(all)
    waiting.shift()?.resolve()
    await new Promise(setImmediate)
    waiting.shift()?.reject(failure(code))
    return { batches, waiting, settled }
  }

  it.each(['22P05', '23514'])('lets a bad entry fail alone: SQLSTATE %s undoes the batch, and the others are written one by one', async (code) => {
    const { batches, waiting, settled } = await failBatch(code)
    for (let index = 1; index < 5; index += 1) {
      await new Promise(setImmediate)
      const next = waiting.shift()
      if (index === 2) next?.reject(failure(code))
      else next?.resolve()
    }
    const results = await settled
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))).toEqual([expect.any(AuditUnavailableError)])
    expect(batches.map((batch) => batch.length)).toEqual([1, 4, 1, 1, 1, 1])
    expect(batches.slice(2).flat()).toEqual(batches[1])
  })

  it('does not ask again where the database is at fault', async () => {
    const { batches, settled } = await failBatch('53100')
    expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'rejected'])
    expect(batches).toHaveLength(2)
  })
})

describe('FloodGate', () => {
  function gate() {
    const rows: EntryRow[] = []
    const errors: string[] = []
    const writer = { record: async (more: EntryRow[]) => void rows.push(...more) }
    const log = pino({ level: 'error' }, { write: (line: string) => void errors.push(line) })
    return { flood: new FloodGate(writer as unknown as AuditWriter, log), rows, errors, writer }
  }
  const record = (flood: FloodGate, count: number, now: number, address = '203.0.113.1', organisation?: string) =>
    Promise.all(Array.from({ length: count }, () => flood.record([rowOf(address, organisation)], operation(address), now)))

  it('writes 20 entries of nobody a minute per address, then counts them into one', async () => {
    const { flood, rows } = gate()
    await record(flood, 50, 0)
    await record(flood, 3, 0, '203.0.113.2')
    expect(rows).toHaveLength(23)
    await flood.sweep(59_999)
    expect(rows).toHaveLength(23)
    await flood.sweep(60_000)
    expect(rows).toHaveLength(24)
    expect(rows.at(-1)).toMatchObject({ operation: 'suppressed', outcome: 'rejected', detail: 'COUNT_30', address: '203.0.113.1' })
    await flood[Symbol.asyncDispose]()
    expect(rows).toHaveLength(24)
  })

  it('begins a new window after a minute and reports the one before', async () => {
    const { flood, rows } = gate()
    await record(flood, 21, 0)
    await record(flood, 1, 60_000)
    expect(rows.map(({ detail }) => detail).filter(Boolean)).toEqual(['COUNT_1'])
    expect(rows).toHaveLength(22)
    await flood[Symbol.asyncDispose]()
  })

  it('never counts away entries of an organisation', async () => {
    const { flood, rows } = gate()
    await record(flood, 50, 0, '203.0.113.1', '01900000-0000-7000-8000-000000000009')
    expect(rows).toHaveLength(50)
    await flood[Symbol.asyncDispose]()
  })

  it('reports what it has counted when the server stops, and says when that fails', async () => {
    const { flood, rows, errors, writer } = gate()
    await record(flood, 22, 0)
    writer.record = () => Promise.reject(new Error('gone'))
    await flood[Symbol.asyncDispose]()
    expect(rows).toHaveLength(20)
    expect(errors.join()).toContain('a counted audit entry was lost')
  })
})
