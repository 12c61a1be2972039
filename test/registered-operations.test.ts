import { createHash } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { newId } from '../modules/kernel/ids.ts'
import { RegisteredOperations } from '../server/registered-operations.ts'
import { buildFullOrganisation, type FullOrganisation } from './full-world.ts'
import { type Harness, startHarness } from './harness.ts'
import { entriesOf } from './trail.ts'

let harness: Harness
let org: FullOrganisation
let admin: pg.Client
let owner: string
let groomer: string

beforeAll(async () => {
  harness = await startHarness()
  org = await buildFullOrganisation(harness, 'alfa')
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  owner = (await harness.signIn(org.email('owner'))).token
  groomer = (await harness.signIn(org.email('groomer'))).token
  for (const document of DOCUMENTS) await harness.call(document)
}, 120_000)
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const CLIENTS = 'query Clients { clients(first: 5) { edges { node { id name patients { id name } } } } }'
const PATIENT = 'query Chart($id: UUID!) { patient(id: $id) { id name client { id name } } }'
const USERS = 'query Users { viewer { user { id } } users(first: 5) { edges { node { id } } } }'
const VIEWER = 'query Viewer { viewer { user { id } roles } setupRequired }'
const TWO = 'query One { setupRequired } query Two { setupRequired }'
const CREATE =
  'mutation Create($input: CreateClientInput!) { createClient(input: $input) { __typename ... on Client { id name } ... on Error { code message } } }'
const MISSING = 'mutation Missing($input: UpdateClientInput!) { updateClient(input: $input) { __typename ... on Client { id } } }'
const DOCUMENTS = [CLIENTS, PATIENT, USERS, VIEWER, TWO, CREATE, MISSING]

const hashOf = (document: string) => createHash('sha256').update(document).digest('hex')
const answer = vi.spyOn(RegisteredOperations.prototype, 'answer')
/** Who answered: the short way, which may also decline once it knows the caller, or the pipeline. */
async function wayOf(): Promise<'short' | 'pipeline'> {
  const [last] = answer.mock.results.slice(-1)
  return last && (await last.value) ? 'short' : 'pipeline'
}
beforeEach(() => {
  answer.mockClear()
})

type Asked = {
  readonly document?: string
  readonly variables?: unknown
  readonly token?: string | null
  readonly headers?: Readonly<Record<string, string>>
  /** What else the body holds, in place of what it would. */
  readonly body?: object
  readonly persistedQuery?: object
  readonly raw?: string
}
type Answered = {
  readonly way: string
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly entries: Awaited<ReturnType<typeof entriesOf>>
}

/** node:http, because fetch would add headers of its own. */
function post(body: string, headers: Readonly<Record<string, string>>): Promise<Pick<Answered, 'status' | 'headers' | 'text'>> {
  const { promise, resolve, reject } = Promise.withResolvers<Pick<Answered, 'status' | 'headers' | 'text'>>()
  const sent = request(`${harness.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', reject)
    response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }))
  })
  sent.once('error', reject).end(body)
  return promise
}

async function send(asked: Asked, isLong: boolean): Promise<Answered> {
  const { document = VIEWER, token = owner, headers, body, persistedQuery = { version: 1, sha256Hash: hashOf(document) } } = asked
  const variables = 'variables' in asked ? { variables: asked.variables } : {}
  // A key that the short way does not know, and that means nothing.
  const extensions = { persistedQuery, ...(isLong ? { long: true } : {}) }
  answer.mockClear()
  const text = asked.raw ?? JSON.stringify({ ...variables, extensions, ...body })
  const response = await post(text, { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers })
  const requestId = String(response.headers['x-request-id'])
  return { ...response, way: await wayOf(), entries: await entriesOf(admin, requestId) }
}

/** All that the two ways must agree on: what differs from request to request is left out. */
function comparable({ status, headers, text, entries }: Answered) {
  const requestId = String(headers['x-request-id'])
  const { date: _date, 'x-request-id': _id, 'content-length': _length, 'keep-alive': _alive, ...rest } = headers
  const shown = entries.map(({ body: { at: _at, request: _request, ...body }, search }) => {
    const { at: _when, entry_id: _entry, xid: _xid, ...row } = { at: '', entry_id: '', xid: '', ...search }
    return { body: { ...body, entry: '', tx: '' }, row }
  })
  return JSON.parse(JSON.stringify({ status, headers: rest, text, shown }).replaceAll(requestId, '<request>'))
}

/** Sends it both ways, and expects the same of both. */
async function expectSame(asked: Asked, way: 'short' | 'pipeline' = 'short'): Promise<Answered> {
  const long = await send(asked, true)
  const short = await send(asked, false)
  expect([long.way, short.way]).toEqual(['pipeline', way])
  expect(comparable(short)).toEqual(comparable(long))
  return short
}
const codesOf = ({ text }: Answered): string[] => (JSON.parse(text).errors ?? []).map(({ extensions }: { extensions: { code: string } }) => extensions.code)
const patientId = () => org.fixtures[0]?.ids.Patient ?? ''

describe('the short way and the pipeline say, show and record the same', () => {
  it('of what succeeds', async () => {
    const clients = await expectSame({ document: CLIENTS })
    expect([clients.status, JSON.parse(clients.text).data.clients.edges.length > 0, clients.entries.length]).toEqual([200, true, 1])
    const chart = await expectSame({ document: PATIENT, variables: { id: patientId() } })
    expect(JSON.parse(chart.text).data.patient.id).toBe(patientId())
    expect(chart.entries[0]?.body).toMatchObject({ origin: 'web', outcome: 'ok', operation: { name: 'Chart', hash: hashOf(PATIENT) } })
  })

  it.each<[name: string, variables: unknown]>([
    ['of another type', { id: { not: 'this' } }],
    ['that are no id', { id: 'x' }],
    ['that are null', { id: null }],
    ['left out', {}],
    ['unknown', { id: newId(), more: 1 }],
  ])('of variables %s', async (_name, variables) => {
    await expectSame({ document: PATIENT, variables })
    await expectSame({ document: PATIENT, variables, headers: { accept: 'application/graphql-response+json' } })
  })

  it.each<[name: string, input: unknown]>([
    ['a field that the input does not have', { name: 'x', nonsense: 1 }],
    ['a null that is required', { name: null }],
    ['a number in place of a text', { name: 7 }],
    ['a list in place of an input', [{ name: 'x' }]],
  ])('of an input with %s', async (_name, input) => {
    const { text } = await expectSame({ document: CREATE, variables: { input } })
    expect(JSON.parse(text).data ?? null).toBeNull()
  })

  it('of variables null, none, and a list', async () => {
    await expectSame({ variables: null })
    await expectSame({})
    await expectSame({ document: PATIENT, variables: null })
    await expectSame({ variables: [] }, 'pipeline')
    await expectSame({ variables: 'text' }, 'pipeline')
  })

  it('of a denied field', async () => {
    const denied = await expectSame({ document: USERS, token: groomer }, 'pipeline')
    expect([codesOf(denied), denied.entries[0]?.body.outcome]).toEqual([['FORBIDDEN'], 'denied'])
  })

  it('of a refused command, as a member of the union and as an error', async () => {
    const refused = await expectSame({ document: CREATE, variables: { input: { name: ' ' } } })
    expect(JSON.parse(refused.text).data.createClient.__typename).not.toBe('Client')
    expect(refused.entries[0]?.body.outcome).toBe('refused')
    await expectSame({ document: MISSING, variables: { input: { id: newId(), version: 1, name: 'Nobody' } } })
  })

  it.each<[name: string, error: () => Error, code: string, status: number]>([
    ['nobody expected', () => new Error('broken'), 'INTERNAL', 200],
    ['says that the database is away', () => Object.assign(new Error('terminating'), { code: '57P01' }), 'UNAVAILABLE', 503],
  ])('of an error that %s', async (_name, error, code, status) => {
    const { database } = harness.app
    const reader = database.reader.bind(database)
    const spy = vi.spyOn(database, 'reader').mockImplementation((...args) => ({ ...reader(...args), query: () => Promise.reject(error()) }))
    try {
      for (const accept of ['application/json', 'application/graphql-response+json']) {
        const failed = await expectSame({ document: PATIENT, variables: { id: patientId() }, headers: { accept } })
        expect([codesOf(failed), failed.status, failed.entries[0]?.body.outcome]).toEqual([[code], status, 'failed'])
        expect(failed.text).not.toContain('broken')
      }
    } finally {
      spy.mockRestore()
    }
  })

  it('of nobody, and of a session that has ended', async () => {
    const nobody = await expectSame({ token: null })
    expect(JSON.parse(nobody.text).data.viewer).toBeNull()
    await expectSame({ document: CLIENTS, token: null }, 'pipeline')
    await expectSame({ document: CLIENTS, token: 'no.such.token' }, 'pipeline')
    const { token } = await harness.signIn(org.email('receptionist'))
    await expectSame({ document: CLIENTS, token })
    await admin.query("UPDATE session SET revoked_at = now(), revoked_reason = 'signed_out' WHERE user_id = $1", [org.userId('receptionist')])
    const ended = await expectSame({ document: CLIENTS, token }, 'pipeline')
    expect(codesOf(ended)).toContain('UNAUTHENTICATED')
    expect(JSON.parse((await expectSame({ token })).text).data.viewer).toBeNull()
  })

  it('of a clinic out of reach, and of one that is no id', async () => {
    for (const clinic of [newId(), 'nonsense']) {
      const { status } = await expectSame({ document: CLIENTS, headers: { 'x-clinic-id': clinic } }, 'pipeline')
      expect(status).toBe(403)
    }
  })

  it('of hashes that are unknown, none, or without their version', async () => {
    await expectSame({ persistedQuery: { version: 1, sha256Hash: hashOf('nothing') } }, 'pipeline')
    await expectSame({ persistedQuery: { version: 1, sha256Hash: '__proto__' } }, 'pipeline')
    await expectSame({ persistedQuery: { version: 1, sha256Hash: hashOf(VIEWER).toUpperCase() } }, 'pipeline')
    await expectSame({ persistedQuery: { version: 2, sha256Hash: hashOf(VIEWER) } }, 'pipeline')
    await expectSame({ persistedQuery: { sha256Hash: hashOf(VIEWER) } }, 'pipeline')
  })

  it('of names of operations', async () => {
    await expectSame({ body: { operationName: 'Viewer' } })
    await expectSame({ body: { operationName: null } })
    await expectSame({ body: { operationName: '' } }, 'pipeline')
    await expectSame({ body: { operationName: 'Other' } }, 'pipeline')
    await expectSame({ document: TWO, body: { operationName: 'Two' } }, 'pipeline')
    await expectSame({ document: TWO }, 'pipeline')
  })

  it('of bodies with more in them', async () => {
    await expectSame({ body: { query: '' } }, 'pipeline')
    await expectSame({ body: { query: CLIENTS } }, 'pipeline')
    await expectSame({ body: { more: 1 } }, 'pipeline')
    await expectSame({ persistedQuery: { version: 1, sha256Hash: hashOf(VIEWER), more: 1 } })
    for (const raw of ['{', '', 'null', '7', '[]', '{"extensions":null}']) await expectSame({ raw }, 'pipeline')
  })

  it.each<[accept: string | null, way: 'short' | 'pipeline', type: string | null]>([
    [null, 'short', 'application/json'],
    ['', 'short', 'application/json'],
    ['*/*', 'short', 'application/json'],
    ['application/*', 'short', 'application/json'],
    ['application/json', 'short', 'application/json'],
    ['APPLICATION/JSON', 'short', 'application/json'],
    ['application/json; charset=utf-8', 'short', 'application/json'],
    ['application/graphql-response+json', 'short', 'application/graphql-response+json'],
    ['application/graphql-response+json; charset=utf-8, application/json; charset=utf-8', 'short', 'application/graphql-response+json'],
    // What urql sends.
    [
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
      'short',
      'application/graphql-response+json',
    ],
    ['application/json, application/graphql-response+json', 'short', 'application/json'],
    ['text/html, application/xhtml+xml, */*;q=0.8', 'short', 'application/json'],
    ['application/json;charset=latin1', 'pipeline', null],
    ['application/graphql-response+json-not', 'pipeline', null],
    ['text/html', 'pipeline', null],
    ['text/event-stream', 'pipeline', null],
    ['multipart/mixed', 'pipeline', null],
  ])('to a caller who accepts %s', async (accept, way, type) => {
    const { headers } = await expectSame({ document: CLIENTS, ...(accept === null ? {} : { headers: { accept } }) }, way)
    if (type !== null) expect(headers['content-type']).toBe(`${type}; charset=utf-8`)
  })

  it.each<[type: string, way: 'short' | 'pipeline']>([
    ['application/json; charset=utf-8', 'short'],
    ['application/json;charset=utf-8', 'short'],
    ['application/json-not', 'pipeline'],
    ['application/graphql+json', 'pipeline'],
    ['text/plain', 'pipeline'],
  ])('of a body of type %s', async (type, way) => {
    await expectSame({ headers: { 'content-type': type } }, way)
  })

  it('of an Idempotency-Key, whichever way comes first', async () => {
    const clientsNamed = async (name: string) => (await admin.query('SELECT FROM client WHERE name = $1', [name])).rowCount
    for (const [name, isLong] of [
      ['Short first', false],
      ['Pipeline first', true],
    ] as const) {
      const asked = { document: CREATE, variables: { input: { name } }, headers: { 'idempotency-key': `key of ${name}` } }
      const first = await send(asked, isLong)
      const second = await send(asked, !isLong)
      expect(new Set([first.way, second.way])).toEqual(new Set(['short', 'pipeline']))
      expect([second.text, first.status, second.status]).toEqual([first.text, 200, 200])
      expect(await clientsNamed(name)).toBe(1)
      expect(comparable(await send(asked, false))).toEqual(comparable(await send(asked, true)))
      expect(second.entries.map(({ body }) => body.replay)).toEqual([true])
      await expectSame({ ...asked, variables: { input: { name: `${name}, but other` } } })
      expect(await clientsNamed(`${name}, but other`)).toBe(0)
    }
    await expectSame({ document: CREATE, variables: { input: { name: 'x' } }, headers: { 'idempotency-key': 'short' } }, 'pipeline')
  })
})

it('a command that fails at a field that may not be null runs once', async () => {
  const { database } = harness.app
  const begin = vi.spyOn(database, 'begin')
  try {
    const failed = await send({ document: MISSING, variables: { input: { id: newId(), version: 1, name: 'Nobody' } } }, false)
    expect([failed.way, begin.mock.calls.length]).toEqual(['short', 1])
  } finally {
    begin.mockRestore()
  }
})

it('who sets an installation up the short way stays signed in', async () => {
  await using empty = await startHarness()
  const setUp = `mutation SetUp($input: SetUpInput!) { setUpInstallation(input: $input) { __typename } }`
  const input = {
    ownerName: 'Ana Ruiz',
    ownerEmail: 'ana@clinic.example',
    password: 'a long enough password',
    organisationName: 'Clínica del Río',
    clinicName: 'Clínica del Río',
    countryCode: 'MX',
    currency: 'MXN',
    locale: 'es-MX',
    timeZone: 'America/Mexico_City',
  }
  const { headers, body } = await empty.call(setUp, { input })
  expect([body.data, await wayOf()]).toEqual([{ setUpInstallation: { __typename: 'Session' } }, 'short'])
  const [cookie] = headers.getSetCookie()
  const refreshed = await empty.call('mutation Refresh { refreshSession { __typename } }', {}, { cookie: cookie?.split(';')[0] ?? '' })
  expect(refreshed.body.data).toEqual({ refreshSession: { __typename: 'Session' } })
})
