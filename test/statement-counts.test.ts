import { type GraphQLObjectType, getNamedType, isLeafType, isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeSchema, type GuardedSchema } from '../schema/index.ts'
import { type ArgumentOf, callOf, selectAll } from './documents.ts'
import { buildFullOrganisation, type Fixtures } from './full-world.ts'
import { type Harness, startHarness } from './harness.ts'
import { statementsOf } from './operations.ts'
import { argumentsFor, recordOf, selectEdges } from './root-fields.ts'
import { crowd } from './world-crowd.ts'

/** A clinic with a number of records of every kind, and its owner. */
type Place = { readonly size: number; readonly fixtures: Fixtures; readonly token: string }
type Measured = { readonly name: string; readonly statements: readonly number[]; readonly records: readonly (number | null)[] }

let harness: Harness
let guarded: GuardedSchema
let few: Place
let many: Place

beforeAll(async () => {
  harness = await startHarness()
  guarded = await composeSchema()
  few = await settle('few', 5)
  many = await settle('many', 50)
}, 240_000)
afterAll(() => harness[Symbol.asyncDispose]())

async function settle(slug: string, size: number): Promise<Place> {
  const organisation = await buildFullOrganisation(harness, slug)
  const [fixtures] = organisation.fixtures
  if (!fixtures) throw new Error('no fixtures')
  await crowd(harness.app, organisation, fixtures, size)
  return { size, fixtures, token: (await harness.signIn(organisation.email('owner'))).token }
}

/** Root fields whose records no clinic adds to, or that answer one record; every other one must show as many as it is asked for. */
const FIXED = new Set([
  'countryPresets',
  'dailySummary',
  'daySchedule',
  'inventoryAlerts',
  'messageTemplates',
  'noteTemplates',
  'previewSeries',
  'roles',
  'setupRequired',
  'species',
  'viewer',
  // Which the owner, whom nobody leads and who leads nobody, does not see.
  'wellbeingFlags',
  'publicHolidays',
  'timeOffBalances',
  'myShifts',
  'rosterWeek',
  'workRule',
  'scheduleCounts',
  'bookingPage',
  'publicBookingPage',
  'publicSlots',
])

type Variant = { readonly name: string; readonly document: (place: Place, first: number) => string }

/** Per root field: all of it one step deep, the same narrowed to one record's, and each edge of its records two steps deep. */
function variants(): Variant[] {
  return Object.values(guarded.lean.getQueryType()?.getFields() ?? {}).flatMap((field): Variant[] => {
    const type = getNamedType(field.type)
    const name = `Query.${field.name}`
    const call = ({ fixtures }: Place, first: number, isNarrow = false): string => {
      const argumentOf = argumentsFor(fixtures, { first, isNarrow })
      const text = callOf(name, field, (coordinate, argument) => (isNarrow && argument.name === 'query' ? '"Milo"' : argumentOf(coordinate, argument)))
      if (text === null) throw new Error(`${name} needs an argument that no fixture gives`)
      return text
    }
    const isPaged = field.args.some(({ name: argument }) => argument === 'first')
    if (!isObjectType(type)) return [{ name, document: (place, first) => `query Count { root: ${call(place, first)} }` }]
    const selected = (make: (argumentOf: ArgumentOf) => string, isNarrow = false): Variant['document'] => {
      return (place, first) => `query Count { root: ${call(place, first, isNarrow)} ${make(pagesOf(type, place, isPaged ? 1 : first))} }`
    }
    const isCheap = (coordinate: string) => coordinate.startsWith(`${recordOf(type).name}.`) || !isOrdinary(coordinate)
    const wide = selected((argumentOf) => selectAll(guarded.lean, type, 1, argumentOf, isCheap))
    const narrow = selected((argumentOf) => selectAll(guarded.lean, type, 1, argumentOf, isCheap), true)
    const isNarrowable = field.args.some((argument) => argument.name !== 'id' && (argument.name === 'query' || getNamedType(argument.type).name === 'UUID'))
    return [
      { name, document: wide },
      ...(isNarrowable ? [{ name: `${name} (narrowed)`, document: narrow }] : []),
      ...edgesOf(type).map((edge) => ({
        name: `${name} > ${edge}`,
        document: selected((argumentOf) => selectEdges(guarded.lean, type, argumentOf).get(edge) ?? ''),
      })),
    ]
  })
}

/** A plain value that is read with its record; leaving those of neighbours out keeps a page of fifty within the cost limit. */
function isOrdinary(coordinate: string): boolean {
  const [owner = '', name = ''] = coordinate.split('.')
  const type = guarded.lean.getType(owner)
  const field = isObjectType(type) ? type.getFields()[name] : undefined
  return field !== undefined && isLeafType(getNamedType(field.type)) && !/^(id|name)$/.test(name)
}

/** The page size for what hangs on a field's record; the cost limit multiplies page sizes, so pages of pages stay small. */
function pagesOf(type: GraphQLObjectType, { fixtures }: Place, first: number): ArgumentOf {
  const argumentOf = argumentsFor(fixtures, { first })
  const record = recordOf(type).name
  return (coordinate, argument) => (argument.name === 'first' && !coordinate.startsWith(`${record}.`) ? '1' : argumentOf(coordinate, argument))
}

function edgesOf(type: GraphQLObjectType): string[] {
  return Object.values(recordOf(type).getFields())
    .filter((field) => !isLeafType(getNamedType(field.type)))
    .map(({ name }) => name)
}

/** How many records a root field answered; null when it answers one thing. */
function recordsIn(root: unknown): number | null {
  if (Array.isArray(root)) return root.length
  const edges: unknown = typeof root === 'object' && root !== null ? Reflect.get(root, 'edges') : null
  return Array.isArray(edges) ? edges.length : null
}

async function count(document: string, token: string): Promise<{ statements: number; root: unknown }> {
  let root: unknown = null
  const statements = await statementsOf(harness, async () => {
    const { body } = await harness.call(document, {}, { token })
    expect([document, body.errors ?? null]).toEqual([document, null])
    root = body.data.root
  })
  return { statements, root }
}

/** Pages of 1, 5 and 50 records, and all of the smaller world and of the larger one for fields that know no page. */
async function measure({ name, document }: Variant): Promise<Measured> {
  const asked: [Place, number][] = [
    [many, 1],
    [many, 5],
    [many, 50],
    [few, 5],
  ]
  const statements: number[] = []
  const records: (number | null)[] = []
  for (const [place, first] of asked) {
    const { statements: sent, root } = await count(document(place, first), place.token)
    statements.push(sent)
    records.push(recordsIn(root))
  }
  return { name, statements, records }
}

/** Proofs read a level of tiles at a time: two statements for each power of 256 that a log holds, whatever the number of entries. */
const PER_LEVEL = new Map([
  ['Query.auditConsistency', 8],
  ['Query.auditProof', 24],
  ['Query.auditProof (narrowed)', 24],
])

function findVarying(all: readonly Measured[]): string[] {
  return all
    .filter(({ name, statements }) => (PER_LEVEL.has(name) ? Math.max(...statements) > (PER_LEVEL.get(name) ?? 0) : new Set(statements).size !== 1))
    .map(({ name, statements }) => `${name}: ${statements.join(', ')}`)
}

describe('the statements of a root field', () => {
  let all: Measured[]
  beforeAll(async () => {
    all = []
    for (const variant of variants()) all.push(await measure(variant))
  }, 240_000)

  it('are as many for one record as for five and for fifty', () => {
    expect(findVarying(all)).toEqual([])
  })

  it('are those that were reviewed', async () => {
    const text = all
      .map(({ name, statements }) => `${name}: ${PER_LEVEL.has(name) ? `at most ${PER_LEVEL.get(name)}` : [...new Set(statements)].join(', ')}\n`)
      .join('')
    await expect(text).toMatchFileSnapshot('./statement-counts.snapshot.txt')
  })

  it('are counted for every root field, over as many records as were asked for', () => {
    const fields = Object.keys(guarded.lean.getQueryType()?.getFields() ?? {})
    expect(fields.filter((field) => !all.some(({ name }) => name === `Query.${field}`))).toEqual([])
    const short = all.filter(({ name, records: [, , fifty] }) => {
      const field = name.replace(/^Query\./, '').split(' ')[0] ?? ''
      return typeof fifty === 'number' && fifty < 50 && !FIXED.has(field)
    })
    expect(short.map(({ name, records }) => `${name}: ${records.join(', ')}`)).toEqual([])
  })

  it('planted: one that grows with the page is found', () => {
    const grown = { name: 'planted', statements: [2, 6, 51, 6], records: [1, 5, 50, 5] }
    expect(findVarying([...all, grown])).toEqual(['planted: 2, 6, 51, 6'])
  })
})

describe('the screens', () => {
  const RECORD = (id: string, first: number) => `query Record { root: patient(id: "${id}") {
    id name recordNumber client { id name phone } species { code } breed { code } homeClinic { id }
    appointments(first: ${first}) { edges { node { id startsAt status type { id name } staff { id name } room { id name } } } }
    notes(first: ${first}) { edges { node { id title status author { id name } signedBy { id name } template { id } versions { version } addenda { id } } } }
    invoices(first: ${first}) { edges { node { id number total { minorUnits } lines { id } } } }
  } }`
  const DAY = (date: string) => `query Day { root: daySchedule(date: "${date}") {
    rooms { id name } staff { staff { id name } shifts { startsAt endsAt } }
    appointments { id startsAt type { id name } patient { id name client { id name } } staff { id } room { id } }
  } }`

  it('patient record: client, visits, notes and invoices, five or fifty of each, take the same statements', async () => {
    const statements: number[] = []
    for (const first of [5, 50]) {
      const { statements: sent, root } = await count(RECORD(many.fixtures.ids.Patient ?? '', first), many.token)
      expect(root).toMatchObject({ appointments: { edges: { length: first } }, notes: { edges: { length: first } }, invoices: { edges: { length: first } } })
      statements.push(sent)
    }
    expect(statements).toEqual([7, 7])
  })

  it('day schedule: five or fifty visits take the same statements', async () => {
    const statements: number[] = []
    for (const place of [few, many]) {
      const { statements: sent, root } = await count(DAY(place.fixtures.date), place.token)
      expect(root).toMatchObject({ appointments: { length: place.size + 1 } })
      statements.push(sent)
    }
    expect(statements).toEqual([1, 1])
  })
})
