import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  parse,
  typeFromAST,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NotFoundError } from '../modules/kernel/errors.ts'
import { newId } from '../modules/kernel/ids.ts'
import type { Context } from '../schema/context.ts'
import { composeSchema, type GuardedSchema } from '../schema/index.ts'
import { KeyRing } from '../server/audit/images/key-ring.ts'
import { LocalKeyWrapper } from '../server/audit/images/key-wrapper.ts'
import { Actors } from '../server/auth/actors.ts'
import { buildContext } from '../server/build-context.ts'
import { CompiledDocuments } from '../server/compiled-documents.ts'
import { loadMasterKeys } from '../server/config-keys.ts'
import { coordinatesOf } from '../server/document-coordinates.ts'
import { RequestRecord } from '../server/operation.ts'
import { buildFullOrganisation, type FullOrganisation } from './full-world.ts'
import { type Harness, startHarness } from './harness.ts'

let harness: Harness
let guarded: GuardedSchema
let compiled: CompiledDocuments
let organisation: FullOrganisation
let caller: NonNullable<Awaited<ReturnType<Actors['find']>>>
let keys: KeyRing
let documents: { name: string; document: DocumentNode; operation: OperationDefinitionNode }[]

beforeAll(async () => {
  harness = await startHarness()
  guarded = await composeSchema()
  compiled = new CompiledDocuments(guarded.lean)
  organisation = await buildFullOrganisation(harness, 'alfa')
  const { token } = await harness.signIn(organisation.email('owner'))
  const actors = new Actors(harness.app.database, harness.config.secrets.tokenKey)
  const claims = await actors.claimsOf(token, harness.app.clock.now())
  const found = claims && (await actors.find(claims, organisation.clinics[0]?.id ?? null, harness.app.clock.now()))
  if (!found) throw new Error('nobody')
  caller = found
  keys = new KeyRing(new LocalKeyWrapper(await loadMasterKeys(harness.config.audit.masterKey)))
  const manifest: Record<string, string> = JSON.parse(await readFile(new URL('../web/gql/persisted-documents.json', import.meta.url), 'utf8'))
  documents = Object.values(manifest).flatMap((text) => {
    const document = parse(text)
    const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    return operation && operation.operation !== 'subscription' ? [{ name: operation.name?.value ?? '', document, operation }] : []
  })
}, 120_000)
afterAll(() => harness[Symbol.asyncDispose]())

/** How the records behind an answer behave: as they are; missing where a reference needs them; out of order. */
const WORLDS: Readonly<Record<string, (context: Context) => Partial<Context>>> = {
  'as they are': () => ({}),
  'missing, where a field may not be null': () => ({ find: () => null, get: (() => null) as never, many: () => [] }),
  'that cannot be read': () => {
    const fail = () => {
      throw new Error('broken')
    }
    return { find: () => Promise.reject(new NotFoundError('Patient')), get: fail, many: async () => fail() }
  },
}

/** A context whose commands do nothing and answer with this id, so that both executions meet the same world. */
function contextFor(document: DocumentNode, id: string, change: (context: Context) => Partial<Context>): Context {
  if (caller.kind !== 'user') throw new Error('out of reach')
  const record = new RequestRecord({
    requestId: newId(),
    actor: caller.actor,
    origin: 'web',
    address: '',
    userAgent: null,
    name: 'test',
    documentHash: null,
    action: 'read',
  })
  record.selected = coordinatesOf(document, guarded.lean)
  const { database, clock, log } = harness.app
  const nobody = new Proxy({} as never, { get: () => () => Promise.reject(new NotFoundError('Session')) })
  const ports = {
    database,
    clock,
    log,
    access: guarded.access,
    record,
    check: null,
    idempotencyKey: null,
    auth: nobody,
    live: nobody,
    imageKeys: keys,
    fields: harness.app.fields,
    calendar: { link: (id: string) => ({ url: `https://chiron.example/feeds/${id}`, tokenHash: Buffer.from(id) }) } as never,
    booking: nobody,
  }
  const context = buildContext(ports)
  const done = { id } as never
  return { ...context, transact: async () => done, change: async (_info, _input, _command, read) => read(context.db, done), ...change(context) }
}

function sampleOf(type: GraphQLInputType, name: string): unknown {
  if (isNonNullType(type)) return sampleOf(type.ofType, name)
  if (isListType(type)) return [sampleOf(type.ofType, name)]
  if (isEnumType(type)) return type.getValues()[0]?.name
  const { ids, date, checkpoint } = organisation.fixtures[0] ?? { ids: {}, date: '', checkpoint: '' }
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields()).flatMap((field) => (isNonNullType(field.type) ? [[field.name, sampleOf(field.type, field.name)]] : [])),
    )
  if (type.name === 'UUID') {
    const kind = Object.keys(ids).find((candidate) => name.toLowerCase() === `${candidate.toLowerCase()}id`)
    return ids[kind ?? 'Patient']
  }
  if (name === 'checkpoint') return checkpoint
  const plain: Record<string, unknown> = {
    LocalDate: date,
    DateTime: '2027-03-01T16:00:00.000Z',
    Int: 5,
    Boolean: true,
    Float: 1,
    String: 'Milo',
    BigInt: '1',
    Decimal: '1',
  }
  return plain[type.name] ?? '1'
}

function variablesOf({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.map(({ variable, type }) => {
      const known = typeFromAST(guarded.lean, type as never)
      if (!isInputType(known)) throw new Error('no input')
      return [variable.name.value, sampleOf(known, variable.name.value)]
    }),
  )
}

type Seen = { readonly data?: unknown; readonly errors: readonly { readonly message: string; readonly path?: readonly (string | number)[] }[] }

/** Whether the error's place lies within something that is null, because of it or of a sibling. */
function isBelowNull(data: unknown, { path = [] }: Seen['errors'][number]): boolean {
  let place: any = data
  for (const key of path.slice(0, -1)) {
    if (place === null) return true
    place = place[key]
  }
  return place === null
}

/** What a caller sees of a result: errors in the order of their places, since siblings may end in any order. */
function seen({ data, errors = [] }: ExecutionResult): Seen {
  const shown = errors.map(({ message, path, locations, extensions }) => ({ message, path, locations, extensions }))
  const all = { data, errors: shown.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) }
  // The clock goes on between the two.
  return JSON.parse(JSON.stringify(all, (key, value) => (key === 'lagSeconds' ? typeof value : value)))
}

/**
 * Of several fields of one object that may not be null GraphQL tells the one that failed first, and compiled documents tell others: what only one
 * of the two tells lies within something that is null, of which the other tells something as well.
 */
function expectSame(name: string, quick: Seen, plain: Seen): void {
  expect([name, quick.data]).toEqual([name, plain.data])
  for (const [some, others] of [
    [quick, plain],
    [plain, quick],
  ] as const) {
    const alone = some.errors.filter((error) => !others.errors.some((known) => isDeepStrictEqual(known, error)))
    expect([name, alone.filter((error) => !isBelowNull(plain.data, error))]).toEqual([name, []])
    expect([name, others.errors.length > 0]).toEqual([name, some.errors.length > 0])
  }
}

async function both(args: (context: Context) => ExecutionArgs, make: () => Context): Promise<[plain: Seen, quick: Seen]> {
  const { document, operationName } = args(make())
  const run = compiled.find(document, operationName)
  if (run === null) throw new Error('not compiled')
  return [seen(await execute(args(make()))), seen(await run(args(make())))]
}

describe('compiled documents', () => {
  it('are all that the web client registers', () => {
    expect(documents.length).toBeGreaterThan(30)
    expect(documents.filter(({ document }) => compiled.find(document, undefined) === null).map(({ name }) => name)).toEqual([])
  })

  it.each(Object.keys(WORLDS))(
    'answer as GraphQL itself does, over records %s',
    async (world) => {
      let answered = 0
      let failed = 0
      for (const { name, document, operation } of documents) {
        const ids = operation.operation === 'mutation' ? Object.values(organisation.fixtures[0]?.ids ?? {}) : ['']
        for (const id of ids) {
          const variableValues = variablesOf(operation)
          const [plain, quick] = await both(
            (contextValue) => ({ schema: guarded.lean, document, contextValue, variableValues }),
            () => contextFor(document, id, WORLDS[world] ?? (() => ({}))),
          )
          expectSame(name, quick, plain)
          const { data, errors } = plain
          if (data !== null) answered += 1
          if (errors.length > 0) failed += 1
        }
      }
      expect(answered).toBeGreaterThan(20)
      if (world !== 'as they are') expect(failed).toBeGreaterThan(5)
    },
    120_000,
  )

  it.each(['left out', 'null', 'of another type'])(
    'say what GraphQL says of variables that are %s',
    async (how) => {
      let refused = 0
      for (const { name, document, operation } of documents) {
        const value = how === 'null' ? null : { not: ['this'] }
        const variableValues = how === 'left out' ? {} : Object.fromEntries(Object.keys(variablesOf(operation)).map((variable) => [variable, value]))
        const [plain, quick] = await both(
          (contextValue) => ({ schema: guarded.lean, document, contextValue, variableValues }),
          () => contextFor(document, organisation.fixtures[0]?.ids.Patient ?? '', () => ({})),
        )
        expect([name, quick]).toEqual([name, plain])
        if (!('data' in plain)) refused += 1
      }
      expect(refused).toBeGreaterThan(20)
    },
    60_000,
  )

  it('are not those whose variables or inputs have defaults, which the library gets wrong', () => {
    expect(compiled.find(parse('query Q($all: Boolean! = false) { rooms(includeArchived: $all) { id } }'), undefined)).toBeNull()
    const inputs = Object.values(guarded.lean.getTypeMap()).filter(isInputObjectType)
    expect(
      inputs.flatMap((type) => Object.values(type.getFields()).flatMap((field) => (field.defaultValue === undefined ? [] : [`${type.name}.${field.name}`]))),
    ).toEqual([])
  })
})
