import { createHash } from 'node:crypto'
import { pino } from 'pino'
import type { Clock } from '../modules/kernel/time.ts'
import { type App, createApp } from '../server/app.ts'
import type { Config } from '../server/config.ts'
import { withClient } from '../server/database/connection.ts'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { findDisagreements } from './trail.ts'

export type GraphqlAnswer = {
  status: number
  headers: Headers
  body: { data?: any; errors?: { message: string; path?: (string | number)[]; extensions: Record<string, any> }[] }
}
export type CallOptions = {
  token?: string | null
  clinicId?: string
  idempotencyKey?: string
  cookie?: string
  free?: boolean
  headers?: Record<string, string>
}

/** The real app over real HTTP on a database of its own. */
export type Harness = AsyncDisposable & {
  app: App
  url: string
  database: ClonedDatabase
  config: Config
  /** Registers the document as the web client's build would, and sends its hash; `free` sends the text. */
  call: (document: string, variables?: object, options?: CallOptions) => Promise<GraphqlAnswer>
  signIn: (email: string, password?: string) => Promise<{ token: string; cookie: string; viewer: any }>
}

/** Sixty-four hexadecimal digits, as CHIRON_MASTER_KEY wants them. */
export const TEST_MASTER_KEY = '6d1f0c2b9a8e7d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a4938271605f4e'
export const TEST_PASSWORD = 'correct horse battery staple'

export function testConfig(database: Pick<ClonedDatabase, 'appUrl' | 'adminUrl' | 'auditorUrl' | 'sequencerUrl'>, overrides: Partial<Config> = {}): Config {
  return {
    port: 0,
    host: '127.0.0.1',
    publicUrl: 'http://localhost:4000',
    dataDir: '/nonexistent',
    demo: false,
    isEmbedded: false,
    // A burst on a busy machine waits its turn here; what `chiron serve` does then is a fault of its own (test/faults/pool.ts).
    database: { ...database, poolSize: 10, waitMs: 10_000 },
    secrets: { tokenKey: new Uint8Array(32).fill(7) },
    audit: {
      signingKeyFile: '/nonexistent/audit-signing.key',
      anchorFile: '/nonexistent/spine.log',
      witnesses: [],
      mail: null,
      masterKey: { value: TEST_MASTER_KEY, file: undefined, dataDir: '/nonexistent', isEmbedded: false },
      isSequencerWanted: false,
    },
    messaging: { mail: null, sms: null },
    tls: null,
    trustProxy: 0,
    corsOrigins: [],
    drainSeconds: 0,
    logLevel: 'silent',
    metrics: null,
    isSecureOrigin: false,
    ...overrides,
  }
}

export async function startHarness(options: { clock?: Clock; config?: Partial<Config>; template?: string } = {}): Promise<Harness> {
  const database = await cloneDatabase(options.template ?? TEMPLATE)
  const config = testConfig(database, options.config)
  const registered = new Map<string, string>()
  const app = await createApp(config, {
    ...(options.clock ? { clock: options.clock } : {}),
    log: pino({ level: process.env.TEST_LOG ?? 'silent' }),
    documents: { find: (hash) => registered.get(hash) ?? null },
  })
  const { url } = await app.listen()
  const call: Harness['call'] = async (document, variables = {}, { token, clinicId, idempotencyKey, cookie, free, headers } = {}) => {
    const sha256Hash = createHash('sha256').update(document).digest('hex')
    registered.set(sha256Hash, document)
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(clinicId ? { 'x-clinic-id': clinicId } : {}),
        ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
        ...(cookie ? { cookie } : {}),
        ...headers,
      },
      body: JSON.stringify(free ? { query: document, variables } : { variables, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as GraphqlAnswer['body'] }
  }
  const signIn: Harness['signIn'] = async (email, password = TEST_PASSWORD) => {
    const { body, headers } = await call(SIGN_IN, { email, password })
    const session = body.data?.signIn
    if (session?.__typename !== 'Session') throw new Error(`no session for ${email}: ${JSON.stringify(body)}`)
    return { token: session.accessToken, cookie: (headers.get('set-cookie') ?? '').split(';')[0] ?? '', viewer: session.viewer }
  }
  return {
    app,
    url,
    database,
    config,
    call,
    signIn,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      // Whatever a test file did through the product, its entries and the row triggers' witnesses must agree.
      const disagreements = await withClient(database.adminUrl, findDisagreements)
      await database.drop()
      if (disagreements.length > 0) throw new Error(`The trail and the rows disagree:\n${disagreements.join('\n')}`)
    },
  }
}

export const SIGN_IN = `mutation SignIn($email: String!, $password: String!) {
  signIn(input: { email: $email, password: $password }) {
    __typename
    ... on Session { accessToken expiresAt viewer { user { id name } clinic { id timeZone } clinics { id } staffId roles permissions isClinical } }
    ... on Error { code message params { name value } }
  }
}`
