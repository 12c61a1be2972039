import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { request as plainRequest } from 'node:http'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { connect } from 'node:tls'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../server/app.ts'
import type { Config } from '../server/config.ts'
import { LIMITS } from '../server/graphql-pipeline.ts'
import { BODY_LIMIT_BYTES } from '../server/http.ts'
import { createLog } from '../server/log.ts'
import { type GraphqlAnswer, type Harness, startHarness, testConfig } from './harness.ts'
import { takePort } from './ports.ts'
import { entriesOf } from './trail.ts'
import { buildOrganisation, type WorldOrganisation } from './world.ts'

let harness: Harness
let org: WorldOrganisation
let admin: pg.Client
let owner: string
let vet: string

beforeAll(async () => {
  harness = await startHarness({ config: { corsOrigins: ['https://portal.example'], trustProxy: 1 } })
  org = await buildOrganisation(harness.app, 'alfa', [{}])
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  owner = (await harness.signIn(org.email('owner'))).token
  vet = (await harness.signIn(org.email('veterinarian'))).token
})
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const post = (body: string | Uint8Array<ArrayBuffer> | FormData, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  fetch(`${harness.url}/graphql`, { method: 'POST', body, headers })
const free = (query: string, token: string | null = owner) => harness.call(query, {}, { token, free: true })
const messages = ({ body }: GraphqlAnswer) => (body.errors ?? []).map(({ message }) => message).join('; ')

describe('limits', () => {
  it.each([
    ['aliases', `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, index) => `a${index}: setupRequired`).join(' ')} }`, /aliases limit/i],
    ['5,000 aliases', `{ ${Array.from({ length: 5_000 }, (_, index) => `a${index}: viewer { user { id } }`).join(' ')} }`, /Token limit/],
    ['depth', `{ users { edges ${'{ node { assignments { role '.repeat(4)}{ id }${'} } }'.repeat(4)} } }`, /depth limit/i],
    ['depth 200', `${'{ a '.repeat(200)}${'}'.repeat(200)}`, /depth limit/i],
    ['directives', `{ viewer { isClinical ${'@include(if: true) '.repeat(LIMITS.directives + 1)} } }`, /directives/i],
    ['tokens', `{ viewer { ${'isClinical '.repeat(LIMITS.tokens)} } }`, /Token limit/],
    ['cost', `{ users { edges { node { assignments { role { ${'id '.repeat(2_900)} } } } } } }`, /Cost limit/],
  ])('refuse too many: %s', async (_limit, document, message) => {
    const answer = await free(document)
    expect(messages(answer)).toMatch(message)
    expect(answer.body.data ?? null).toBeNull()
  })

  it('let the largest allowed of each pass', async () => {
    const answer = await free(`{ ${Array.from({ length: LIMITS.aliases }, (_, index) => `a${index}: setupRequired`).join(' ')} }`)
    expect(messages(answer)).toBe('')
  })

  it('refuse a circle of fragments without following it', async () => {
    expect(messages(await free('{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }'))).toMatch(/spread fragment|limit|cannot/i)
  })

  it('refuse a body above 1 MB, announced or not', async () => {
    const large = 'x'.repeat(10_000_000)
    const announced = await post(JSON.stringify({ query: `#${large}` }))
    expect([announced.status, (await announced.json()).errors[0].extensions.code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    const streamed = await new Promise<number>((resolve, reject) => {
      const request = plainRequest(
        `${harness.url}/graphql`,
        { method: 'POST', headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } },
        (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        },
      )
      request.on('error', reject)
      for (let sent = 0; sent <= BODY_LIMIT_BYTES; sent += 100_000) request.write('x'.repeat(100_000))
      request.end()
    })
    expect(streamed).toBe(413)
  })

  it('refuse a batch', async () => {
    const response = await post(JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]))
    expect(response.status).toBe(400)
  })
})

describe('cross-site requests', () => {
  const mutation = 'mutation { signOut { everywhere } }'

  it('cannot send a mutation as a multipart form, a plain text or a form', async () => {
    const form = new FormData()
    form.set('operations', JSON.stringify({ query: mutation }))
    form.set('map', '{}')
    const answers = [
      await post(form, { authorization: `Bearer ${owner}` }),
      await post(JSON.stringify({ query: mutation }), { 'content-type': 'text/plain', authorization: `Bearer ${owner}` }),
      await post(new URLSearchParams({ query: mutation }).toString(), { 'content-type': 'application/x-www-form-urlencoded' }),
      await fetch(`${harness.url}/graphql`, { method: 'POST', body: new Uint8Array(Buffer.from(JSON.stringify({ query: mutation }))) }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403])
    expect((await free('{ viewer { isClinical } }')).body.data.viewer.isClinical).toBe(true)
  })

  it('cannot multipart even with the header', async () => {
    const form = new FormData()
    form.set('operations', JSON.stringify({ query: mutation }))
    form.set('map', '{}')
    expect((await post(form, { 'x-graphql-yoga-csrf': '1', authorization: `Bearer ${owner}` })).status).toBeGreaterThanOrEqual(400)
    expect((await free('{ viewer { isClinical } }')).body.data.viewer.isClinical).toBe(true)
  })

  it('cannot mutate by GET, nor read by GET without the header', async () => {
    const address = (query: string) => `${harness.url}/graphql?query=${encodeURIComponent(query)}`
    expect((await fetch(address(mutation), { headers: { authorization: `Bearer ${owner}`, 'x-graphql-yoga-csrf': '1' } })).status).toBe(405)
    expect((await fetch(address('{ __typename }'))).status).toBe(403)
    expect((await fetch(address('{ __typename }'), { headers: { 'x-graphql-yoga-csrf': '1' } })).status).toBe(200)
  })

  it('get CORS headers for listed origins alone', async () => {
    const preflight = (origin: string) => fetch(`${harness.url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
    const listed = await preflight('https://portal.example')
    expect([listed.status, listed.headers.get('access-control-allow-origin'), listed.headers.get('vary')]).toEqual([204, 'https://portal.example', 'Origin'])
    expect(listed.headers.get('access-control-allow-credentials')).toBeNull()
    for (const origin of ['https://evil.example', 'null', 'https://portal.example.evil.example']) {
      const other = await preflight(origin)
      expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([403, null])
      const answer = await post('{"query":"{ __typename }"}', { 'content-type': 'application/json', origin })
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  })
})

describe('nobody', () => {
  it.each([
    '{ __schema { types { name } } }',
    '{ __type(name: "User") { fields { name } } }',
    'query Hidden { ...F } fragment F on Query { __schema { types { name } } }',
    '{ ... { __schema { types { name } } } }',
    '{ users { edges { node { id } } } }',
    '{ viewer { isClinical } roles { code } }',
  ])('gets nothing of the schema by %s', async (document) => {
    const answer = await free(document, null)
    expect(answer.body.data ?? null).toBeNull()
    expect(answer.body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  it('learns no names from hints', async () => {
    for (const document of [
      '{ viewr { id } }',
      '{ viewer { rols } }',
      '{ viewer { ... on Usr { id } } }',
      '{ viewer { clinic(x: 1) { id } } }',
      'mutation { signIn(input: { mail: "x" }) { __typename } }',
    ])
      expect(messages(await free(document, null))).not.toMatch(/did you mean/i)
  })

  it('may use the way in', async () => {
    expect((await free('{ __typename viewer { isClinical } setupRequired countryPresets { code } }', null)).body.data).toMatchObject({
      __typename: 'Query',
      viewer: null,
      setupRequired: false,
    })
  })

  it('is refused what somebody with the right was just answered, and the other way round', async () => {
    const first = '{ users(first: 1) { edges { node { id } } } }'
    expect(messages(await free(first))).toBe('')
    expect(messages(await free(first, null))).toBe('Sign in first.')
    expect(messages(await free(first, vet))).toMatch(/graphql:adhoc/)
    const second = '{ users(first: 2) { edges { node { id } } } }'
    expect(messages(await free(second, null))).toBe('Sign in first.')
    expect(messages(await free(second, vet))).toMatch(/graphql:adhoc/)
    expect(messages(await free(second))).toBe('')
  })

  it('is who sends a token that is not ours, has another algorithm or was tampered with', async () => {
    const [head = '', claims = '', signature = ''] = owner.split('.')
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
    const changed = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('chiron', 'others')).toString('base64url')
    for (const token of [
      'x',
      'a.b.c',
      `${none}.${claims}.`,
      `${none}.${claims}.${signature}`,
      `${head}.${changed}.${signature}`,
      `${head}.${claims}.${'A'.repeat(43)}`,
    ])
      expect((await free('{ viewer { isClinical } }', token)).body.data.viewer).toBeNull()
  })
})

describe('errors', () => {
  it('of our side say nothing but the request id', async () => {
    await admin.query('ALTER TABLE role_assignment RENAME COLUMN valid_from TO hidden_valid_from')
    const answer = await harness.call('{ users(first: 1) { edges { node { assignments { id } } } } }', {}, { token: null })
    await admin.query('ALTER TABLE role_assignment RENAME COLUMN hidden_valid_from TO valid_from')
    expect(answer.body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    await admin.query('ALTER TABLE role RENAME COLUMN name TO hidden_name')
    const failed = await harness.call('{ roles { id } }', {}, { token: owner })
    await admin.query('ALTER TABLE role RENAME COLUMN hidden_name TO name')
    const requestId = failed.headers.get('x-request-id')
    expect(failed.body.errors).toMatchObject([{ message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL', requestId } }])
    expect(JSON.stringify(failed.body)).not.toMatch(/column|name"|prisma|stack|select/i)
    const [entry] = await entriesOf(admin, requestId)
    expect(entry?.body).toMatchObject({ outcome: 'failed', detail: 'INTERNAL' })
  })
})

describe('headers', () => {
  it('are on every answer', async () => {
    for (const path of ['/healthz', '/graphql', '/nothing.js', '/sign-in', '/graphiql']) {
      const { headers } = await fetch(`${harness.url}${path}`, { redirect: 'manual' })
      expect(headers.get('content-security-policy')).toMatch(
        /default-src 'self'; script-src 'self';.*object-src 'none'; base-uri 'none'.*frame-ancestors 'none'/,
      )
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      })
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('strict-transport-security')).toBeNull()
    }
  })

  it('keep answers with data out of caches', async () => {
    expect((await free('{ __typename }')).headers.get('cache-control')).toBe('no-store')
  })
})

describe('GraphiQL', () => {
  it('opens for owners, offline and under a nonce, is refused to others and sends nobody to sign in', async () => {
    const open = async (cookie: string) => fetch(`${harness.url}/graphiql`, { headers: { cookie }, redirect: 'manual' })
    const nobody = await open('')
    expect([nobody.status, nobody.headers.get('location')]).toEqual([302, '/sign-in?next=%2Fgraphiql'])
    expect((await open((await harness.signIn(org.email('veterinarian'))).cookie)).status).toBe(403)
    const page = await open((await harness.signIn(org.email('owner'))).cookie)
    const html = await page.text()
    expect(page.status).toBe(200)
    const nonce = /script-src 'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1] ?? ''
    expect(nonce.length).toBeGreaterThan(20)
    // Scripts hold texts that look like tags.
    const tags = html.replaceAll(/(<script[^>]*>).*?<\/script>/gs, '$1')
    expect(tags.match(/<script/g)?.length).toBeGreaterThan(0)
    for (const [tag] of tags.matchAll(/<script[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`)
    expect(tags).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/)
    const [entry] = await entriesOf(admin, page.headers.get('x-request-id'))
    expect(entry?.body).toMatchObject({ outcome: 'ok', operation: { name: 'graphiql.open' } })
  })
})

describe('the address of the browser', () => {
  it('is the one that the nearest proxy saw, whatever was forged before it', async () => {
    const response = await post('{"query":"{ __typename }"}', { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.1, 203.0.113.9' })
    const [entry] = await entriesOf(admin, response.headers.get('x-request-id'))
    expect(entry?.search?.address).toBe('203.0.113.9')
  })
})

/** A second app on the same database, with another configuration. */
async function withApp(
  overrides: Partial<Config>,
  work: (url: string, app: Awaited<ReturnType<typeof createApp>>) => Promise<void>,
  log?: ReturnType<typeof createLog>,
): Promise<void> {
  await using app = await createApp(testConfig(harness.database, overrides), {
    ...(log ? { log } : { log: createLog('silent') }),
    documents: { find: () => null },
  })
  const { url } = await app.listen()
  await work(url, app)
}

describe('TLS', () => {
  let folder: string
  let files: { certFile: string; keyFile: string }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'chiron-tls-'))
    files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      files.keyFile,
      '-out',
      files.certFile,
    ])
    expect([made.status, String(made.stderr ?? made.error)]).toEqual([0, expect.anything()])
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const handshake = (url: string, maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false, maxVersion }, () => {
        resolve(socket.getProtocol() ?? 'none')
        socket.destroy()
      })
      socket.on('error', (error) => resolve(`refused: ${'code' in error ? error.code : error.message}`))
    })

  it('is 1.3 and nothing older', async () => {
    await withApp({ tls: files, isSecureOrigin: true }, async (url) => {
      expect(url).toMatch(/^https:/)
      expect(await handshake(url, 'TLSv1.3')).toBe('TLSv1.3')
      expect(await handshake(url, 'TLSv1.2')).toMatch(/^refused/)
    })
  })

  it('is that of the listener for metrics as well, where figures leave this machine', async () => {
    const token = '5f1e0d2c3b4a59687786958473625140a1b2c3d4e5f60718293a4b5c6d7e8f90'
    const port = await takePort()
    await withApp({ tls: files, isSecureOrigin: true, metrics: { port, host: '127.0.0.1', token, isTls: true } }, async () => {
      const url = `https://127.0.0.1:${port}/metrics`
      const ask = (authorization: string) =>
        new Promise<[status: number | undefined, text: string]>((resolve, reject) => {
          get(url, { rejectUnauthorized: false, headers: { authorization } }, async (response) => {
            resolve([response.statusCode, (await response.setEncoding('utf8').toArray()).join('')])
          }).on('error', reject)
        })
      expect(await handshake(url, 'TLSv1.3')).toBe('TLSv1.3')
      expect(await handshake(url, 'TLSv1.2')).toMatch(/^refused/)
      expect(await ask(`Bearer ${token}`)).toEqual([200, expect.stringContaining('chiron_readings_up 1')])
      expect(await ask('Bearer other')).toEqual([401, 'a bearer token is needed'])
      await expect(fetch(url.replace('https:', 'http:'))).rejects.toThrow('fetch failed')
    })
  })

  it('brings HSTS and Secure cookies, also behind a proxy', async () => {
    await withApp({ isSecureOrigin: true }, async (url) => {
      const query = `mutation { signIn(input: { email: "${org.email('owner')}", password: "correct horse battery staple" }) { __typename } }`
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) })
      expect(await response.json()).toEqual({ data: { signIn: { __typename: 'Session' } } })
      expect(response.headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains')
      expect(response.headers.get('set-cookie')).toMatch(/^__Host-chiron_refresh=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800; Secure$/)
    })
  })
})

describe('stopping', () => {
  it('finishes what has begun, takes nothing new, and then closes', async () => {
    const app = await createApp(testConfig(harness.database), { log: createLog('silent'), documents: { find: () => null } })
    const { url } = await app.listen()
    const ask = () =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${owner}` },
        body: JSON.stringify({ query: '{ roles { code } }' }),
      })
    // Holds the request inside the database until it is let go.
    await admin.query('BEGIN; LOCK TABLE role IN ACCESS EXCLUSIVE MODE')
    const begun = ask()
    await expect.poll(async () => (await admin.query("SELECT FROM pg_locks WHERE NOT granted AND relation = 'role'::regclass")).rowCount).toBeGreaterThan(0)
    const stopped = app[Symbol.asyncDispose]()
    await expect(ask()).rejects.toThrow('fetch failed')
    await admin.query('COMMIT')
    const response = await begun
    expect([response.status, (await response.json()).data.roles.length]).toEqual([200, 10])
    await stopped
    expect((await entriesOf(admin, response.headers.get('x-request-id')))[0]?.body.outcome).toBe('ok')
  })
})

describe('the log', () => {
  it('names requests by id and holds no personal data, not even when something fails', async () => {
    const lines: string[] = []
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString())
        done()
      },
    })
    await withApp(
      {},
      async (url) => {
        const query = (text: string, variables: object = {}) =>
          fetch(`${url}/graphql?secret=in-the-address`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${owner}`, cookie: 'chiron_refresh=crumbs' },
            body: JSON.stringify({ query: text, variables }),
          })
        await query('mutation ($e: String!) { signIn(input: { email: $e, password: "a very secret one" }) { __typename } }', { e: org.email('manager') })
        await query('{ users(first: 50) { edges { node { name email } } } }')
        await admin.query('ALTER TABLE role RENAME COLUMN name TO hidden_name')
        const failed = await query('{ roles { id } }')
        await admin.query('ALTER TABLE role RENAME COLUMN hidden_name TO name')
        const requestId = failed.headers.get('x-request-id') ?? 'none'
        await expect.poll(() => lines.length).toBeGreaterThanOrEqual(4)
        expect(
          lines
            .filter((line) => line.includes(requestId))
            .map((line) => JSON.parse(line).msg)
            .toSorted(),
        ).toEqual(['an operation failed', 'request'])
      },
      createLog('debug', sink),
    )
    const text = lines.join('')
    expect(text).toContain('"path":"/graphql"')
    for (const personal of ['@alfa', 'manager 1', 'very secret', 'crumbs', 'in-the-address', owner, '127.0.0.1']) expect(text).not.toContain(personal)
  })
})
