import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql'
import { addProduct, addStock } from '../world-inventory.ts'
import { FAILED, type Reply } from './desk.ts'
import { count, type Fault, mustBeZero, mustHappen } from './fault.ts'
import type { Lab } from './lab.ts'

const SCHEMA = new URL('../../schema/schema.graphql', import.meta.url)

/** What no text of a person holds: as JSON, since a lone surrogate has no bytes of its own. */
const BAD_TEXTS: Readonly<Record<string, string>> = {
  NUL: '"bad\\u0000text"',
  'a lone surrogate': '"bad\\ud800text"',
  'half a pair at the end': '"badtext\\udc00"',
}

const AT_ONCE = 4

// These begin or end sessions, and would leave the others without one.
const OF_SESSIONS = new Set(['signOut', 'signOutEverywhere', 'refreshSession'])

export const badInput: Fault = {
  name: 'bad-input',
  title: 'bad input: UTF-8, surrogates, NUL, sizes, depth, types, numbers, ids',
  run: async ({ lab, say }) => {
    const desk = await lab.desk()
    const inputs = new Inputs(await fixturesOf(lab))
    const before = await countStored(lab)
    const totals = { answers: 0, failed: 0, accepted: 0, unanswered: 0 }
    const judge = (name: string, reply: Reply | null, isRead = false) => {
      totals.answers += 1
      const found = reply === null ? 'unanswered' : verdictOf(reply)
      // A read that looked for it and found what it found has done no harm.
      const verdict = isRead && found === 'accepted' ? 'refused' : found
      if (verdict === 'refused') return
      totals[verdict] += 1
      say(`    ${verdict}: ${name} ${reply === null ? '' : `${reply.status} ${JSON.stringify(reply.body).slice(0, 200)}`}`)
    }
    for (const { name, body, headers } of wholeRequests(inputs)) judge(name, await desk.sendRaw(body, headers).catch(() => null))
    let fields = 0
    const trials = inputs.everyString()
    const worker = async () => {
      for (const { name, body, isRead } of trials) {
        fields += 1
        judge(name, await desk.sendRaw(body).catch(() => null), isRead)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    const after = await desk.send('{ viewer { user { id } } }')
    return {
      times: totals.answers,
      lines: [
        ...mustHappen('of these with a bad text in one field', fields),
        count('fields that take a text', inputs.places),
        mustBeZero('answers that say nothing but that it failed', totals.failed),
        mustBeZero('bad inputs that were taken', totals.accepted),
        mustBeZero('requests that nobody answered', totals.unanswered),
        mustBeZero('rows stored or changed', (await countStored(lab)) - before),
        mustBeZero('service gone afterwards', after.status === 200 && after.value?.user?.id ? 0 : 1),
      ],
    }
  },
}

/** Refused: with a status that says so, with a code, or with a typed error. A read may as well find nothing. */
function verdictOf({ status, codes, value, body }: Reply): 'refused' | 'failed' | 'accepted' {
  if (status >= 500 || codes.includes('INTERNAL')) return 'failed'
  if (status >= 400 || codes.length > 0) return 'refused'
  if (typeof value?.code === 'string') return 'refused'
  const isEmpty = value === null || (Array.isArray(value) && value.length === 0) || (Array.isArray(value?.edges) && value.edges.length <= 100)
  return isEmpty || body.errors !== undefined ? 'refused' : 'accepted'
}

/** Every change of a row leaves a witness; sessions are not audited. */
const countStored = (lab: Lab) => lab.countRows("SELECT (SELECT count(*) FROM audit.entry WHERE source = 'row') + (SELECT count(*) FROM idempotency_key) AS n")

type Whole = { readonly name: string; readonly body: string | Uint8Array<ArrayBuffer>; readonly headers?: Record<string, string> }

const asBytes = (...parts: (string | readonly number[])[]) => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))))

/** What is wrong before, or beside, the fields. */
function* wholeRequests(inputs: Inputs): Generator<Whole> {
  const client = (name: string) => inputs.request('createClient', `{"name":${name},"phone":"+52 55 0000 0000"}`)
  const [head = '', tail = ''] = client('"@"').split('@')
  for (const [name, bytes] of Object.entries({
    'a byte that is none': [0xff],
    'an overlong slash': [0xc0, 0xaf],
    'a cut character': [0xe2, 0x82],
    'an encoded surrogate': [0xed, 0xa0, 0x80],
  }))
    yield { name: `malformed UTF-8: ${name}`, body: asBytes(head, bytes, tail) }
  yield { name: 'a raw NUL in the JSON', body: asBytes(head, [0], tail) }
  yield { name: 'UTF-16', body: new Uint8Array(Buffer.from(client('"x"'), 'utf16le')) }
  yield { name: 'a body of 10 MB', body: client(JSON.stringify('x'.repeat(10_000_000))) }
  yield { name: 'a text of 900 kB', body: client(JSON.stringify('x'.repeat(900_000))) }
  yield { name: 'JSON 400,000 deep', body: `{"query":"{ viewer { user { id } } }","variables":${'['.repeat(400_000)}${']'.repeat(400_000)}}` }
  yield { name: 'an input 100,000 deep', body: client(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) }
  yield { name: 'a document 10,000 deep', body: JSON.stringify({ query: `${'{ viewer '.repeat(10_000)}${'}'.repeat(10_000)}` }) }
  yield {
    name: 'lists 10,000 deep in a document',
    body: JSON.stringify({ query: `{ patients(first: ${'['.repeat(2_000)}1${']'.repeat(2_000)}) { edges { node { id } } } }` }),
  }
  for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])
    yield { name: `content type ${type}`, body: client('"typed"'), headers: { 'content-type': type } }
  for (const body of [
    '',
    'null',
    '[]',
    '7',
    '"text"',
    '{',
    '{"query":7}',
    '{"query":null}',
    '{"query":{}}',
    '{"query":"{ viewer { user { id } }","variables":7}',
  ])
    yield { name: `the body ${body || 'that is empty'}`, body }
  yield { name: 'a page of 1e6', body: JSON.stringify({ query: '{ patients(first: 1000000) { edges { node { id } } } }' }) }
  for (const first of ['1e400', '99999999999999999999', '-1', '1.5', '"7"', '-1e6'])
    yield { name: `first: ${first}`, body: `{"query":"query P($n: Int) { patients(first: $n) { edges { node { id } } } }","variables":{"n":${first}}}` }
  for (const cursor of ['x', '\\u0000', 'T2Zmc2V0Q29ubmVjdGlvbjotMQ==', 'T2Zmc2V0Q29ubmVjdGlvbjoxZTk5'])
    yield { name: `after: ${cursor}`, body: `{"query":"query P($c: String) { patients(after: $c) { edges { node { id } } } }","variables":{"c":"${cursor}"}}` }
  for (const id of ['""', '"x"', '"\\u0000"', '7', 'null', '{}', '["a"]', `"${'0'.repeat(10_000)}"`, '"00000000-0000-0000-0000-00000000000g"'])
    yield { name: `the id ${id.slice(0, 20)}`, body: `{"query":"query C($id: UUID!) { patient(id: $id) { id } }","variables":{"id":${id}}}` }
  for (const quantity of ['"1e400"', '"NaN"', '"Infinity"', '"99999999999999999999"', '1e308', '"-0"', '"0"', '"1,5"', '"\\u0661"'])
    yield { name: `the quantity ${quantity}`, body: inputs.request('receiveStock', `{"productId":"${inputs.fixture('productId')}","quantity":${quantity}}`) }
  for (const at of ['"0000-00-00T00:00:00Z"', '"9999-12-31T23:59:59Z"', '"+275760-09-13T00:00:00Z"', '"2027-02-30T10:00:00Z"', '0'])
    yield {
      name: `the instant ${at}`,
      body: inputs.request(
        'bookAppointment',
        `{"patientId":"${inputs.fixture('patientId')}","typeId":"${inputs.fixture('typeId')}","staffId":"${inputs.fixture('staffId')}","startsAt":${at}}`,
      ),
    }
  for (const name of ['\\u0000', '\\ud800'])
    yield { name: `operationName ${name}`, body: `{"query":"query A { viewer { user { id } } }","operationName":"${name}"}` }
  yield {
    name: 'a NUL in a literal',
    body: JSON.stringify({ query: 'mutation { createClient(input: { name: "a\\u0000b", phone: "+52 55 0000 0000" }) { __typename ... on Error { code } } }' }),
  }
  yield { name: 'an unknown persisted document', body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: '\u0000' } } }) }
}

async function fixturesOf({ app, world }: Lab): Promise<Readonly<Record<string, string>>> {
  const { actor, practice } = world
  const productId = await addProduct(app, actor, { sku: `BAD-${Date.now()}`, isLotTracked: true })
  const { lotId } = await addStock(app, actor, { productId, lotNumber: 'B1', expiresOn: '2099-12-31', quantity: '10' })
  return { ...practice, productId, lotId: lotId ?? '', clinicId: actor.clinic.id }
}

type InputField = GraphQLInputField | GraphQLArgument

/** Inputs that are sound but for one field, made from the schema: a mutation that is added is tried without further ado. */
class Inputs {
  readonly #schema = buildSchema(readFileSync(SCHEMA, 'utf8'))
  readonly #fixtures: Readonly<Record<string, string>>
  places = 0

  constructor(fixtures: Readonly<Record<string, string>>) {
    this.#fixtures = fixtures
  }

  fixture(name: string): string {
    return this.#fixtures[name] ?? ''
  }

  /** A request for one mutation with this JSON as its input. */
  request(field: string, inputJson: string): string {
    const mutation = this.#schema.getMutationType()?.getFields()[field]
    const type = mutation?.args[0]?.type
    const query = `mutation Bad($input: ${type}) { ${field}(input: $input) { __typename ${FAILED} } }`
    return `{"query":${JSON.stringify(query)},"variables":{"input":${inputJson}}}`
  }

  /** Every text of every mutation's input, and of every query's arguments, bad in each way. */
  *everyString(): Generator<{ name: string; body: string; isRead: boolean }> {
    for (const field of Object.values(this.#schema.getMutationType()?.getFields() ?? {})) {
      const type = field.args[0] && getNamedType(field.args[0].type)
      if (!type || !isInputObjectType(type) || OF_SESSIONS.has(field.name)) continue
      for (const path of this.#textPaths(type)) {
        this.places += 1
        for (const [kind, bad] of Object.entries(BAD_TEXTS))
          yield {
            name: `${field.name}.${path.join('.')}: ${kind}`,
            body: this.request(field.name, this.#objectJson(type, path, bad, field.name)),
            isRead: false,
          }
      }
    }
    for (const field of Object.values(this.#schema.getQueryType()?.getFields() ?? {}))
      for (const argument of field.args.filter(({ type }) => getNamedType(type).name === 'String')) {
        this.places += 1
        for (const [kind, bad] of Object.entries(BAD_TEXTS))
          yield { name: `${field.name}(${argument.name}): ${kind}`, body: this.#query(field, argument, bad), isRead: true }
      }
  }

  #query(field: { name: string; args: readonly GraphQLArgument[]; type: unknown }, bad: GraphQLArgument, text: string): string {
    const given = field.args.filter((argument) => argument === bad || isNonNullType(argument.type))
    const declared = given.map(({ name, type }) => `$${name}: ${type}`).join(', ')
    const passed = given.map(({ name }) => `${name}: $${name}`).join(', ')
    const isLeaf = isLeafType(getNamedType(field.type as GraphQLInputType))
    const type = getNamedType(field.type as GraphQLInputType).name
    const selection = isLeaf ? '' : type.endsWith('Connection') ? '{ edges { node { __typename } } }' : '{ __typename }'
    const values = given.map((argument) => `${JSON.stringify(argument.name)}:${argument === bad ? listed(argument.type, text) : this.#valueJson(argument, '')}`)
    return `{"query":${JSON.stringify(`query Bad(${declared}) { ${field.name}(${passed}) ${selection} }`)},"variables":{${values.join(',')}}}`
  }

  *#textPaths(type: GraphQLInputObjectType): Generator<string[]> {
    for (const field of Object.values(type.getFields())) {
      const inner = getNamedType(field.type)
      if (inner.name === 'String' || inner.name === 'ID') yield [field.name]
      else if (isInputObjectType(inner)) for (const rest of this.#textPaths(inner)) yield [field.name, ...rest]
    }
  }

  #objectJson(type: GraphQLInputObjectType, [wanted, ...rest]: readonly string[], bad: string, mutation: string): string {
    const parts: string[] = []
    for (const field of Object.values(type.getFields())) {
      const inner = getNamedType(field.type)
      if (field.name === wanted) {
        const value = rest.length > 0 && isInputObjectType(inner) ? this.#objectJson(inner, rest, bad, mutation) : bad
        parts.push(`"${field.name}":${listed(field.type, value)}`)
      } else if (isNonNullType(field.type)) parts.push(`"${field.name}":${this.#valueJson(field, mutation)}`)
    }
    return `{${parts.join(',')}}`
  }

  #valueJson(field: InputField, mutation: string): string {
    const inner = getNamedType(field.type)
    if (isInputObjectType(inner)) return listed(field.type, this.#objectJson(inner, [], '', mutation))
    const known: Readonly<Record<string, string>> = {
      UUID: JSON.stringify(this.fixture(field.name) || this.fixture(OWN_ID[mutation] ?? '') || '01900000-0000-7000-8000-000000000001'),
      Int: '1',
      Float: '1',
      Boolean: 'true',
      Decimal: '"1"',
      MinorUnits: '"100"',
      LocalDate: '"2027-03-01"',
      LocalTime: '"09:30"',
      DateTime: '"2027-03-01T16:00:00Z"',
      String: JSON.stringify(TEXTS[field.name] ?? 'adjustment'),
    }
    const value = known[inner.name] ?? this.#enumJson(inner.name)
    return listed(field.type, value)
  }

  #enumJson(name: string): string {
    const type = this.#schema.getType(name)
    const [first] = type && 'getValues' in type ? type.getValues() : []
    return JSON.stringify(first?.name ?? '')
  }
}

/** What `id` names, for mutations whose records the laboratory has. */
const OWN_ID: Readonly<Record<string, string>> = {
  updatePatient: 'patientId',
  updateProduct: 'productId',
  updateRoom: 'roomId',
  updateAppointmentType: 'typeId',
  updateStaffProfile: 'staffId',
  setLotStatus: 'lotId',
}

/** Texts that must be right for the others to be looked at. */
const TEXTS: Readonly<Record<string, string>> = {
  email: 'somebody@faults.example',
  password: 'correct horse battery staple',
  phone: '+52 55 0000 0000',
  locale: 'es-MX',
  category: 'accessory',
  kind: 'adjustment',
  method: 'cash',
  speciesCode: 'canine',
  roleCode: 'receptionist',
  status: 'active',
  position: 'veterinarian',
  countryCode: 'MX',
  timeZone: 'America/Mexico_City',
  currency: 'MXN',
  format: 'csv',
}

function listed(type: GraphQLInputType, value: string): string {
  const bare = isNonNullType(type) ? type.ofType : type
  return isListType(bare) ? `[${value}]` : value
}
