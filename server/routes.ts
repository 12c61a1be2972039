import { type Actor, toLocale } from '../modules/kernel/actor.ts'
import type { Clock } from '../modules/kernel/time.ts'
import { localDateOf } from '../modules/kernel/time.ts'
import type { GuardedSchema } from '../schema/index.ts'
import type { Claimed } from './audit/entry.ts'
import type { FloodGate } from './audit/flood-gate.ts'
import type { KeyRing } from './audit/images/key-ring.ts'
import { AuditUnavailableError } from './audit/writer.ts'
import { createAuditFiles } from './audit-files.ts'
import { readRefreshCookie } from './auth/cookies.ts'
import { createAuthPort } from './auth/port.ts'
import { resolveActor } from './auth/resolve-actor.ts'
import { actorOfCookie, issue, type SessionPorts } from './auth/sessions.ts'
import { readAccessToken } from './auth/tokens.ts'
import { buildContext } from './build-context.ts'
import type { Config } from './config.ts'
import type { Database } from './db.ts'
import { answerExport, isExportPath } from './exports-route.ts'
import { graphiqlPage } from './graphiql.ts'
import type { createPipeline } from './graphql-pipeline.ts'
import { type Answer, type Exchange, problem, type Route, readBody } from './http.ts'
import { ExportFiles } from './jobs/export-files.ts'
import type { LiveHub } from './live/hub.ts'
import { createLivePort, type RequestStreams } from './live/port.ts'
import { readableOf } from './live/readable-of.ts'
import type { Log } from './log.ts'
import { isUnavailable } from './mask-error.ts'
import { RequestRecord } from './operation.ts'
import { responseHeaders } from './response-headers.ts'
import type { StaticFiles } from './static-files.ts'

export type RoutePorts = {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly database: Database
  readonly sessions: SessionPorts
  readonly flood: FloodGate
  readonly yoga: ReturnType<typeof createPipeline>
  readonly guarded: GuardedSchema
  readonly files: StaticFiles
  /** Opens the trail's before and after images. */
  readonly imageKeys: KeyRing
  readonly live: LiveHub
  readonly isDraining: () => boolean
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'OPTIONS'])
const BUSY = { 'Retry-After': '2' }

/** Everything that the server answers. What comes from data passes `release` on its way out. */
export function createRoutes(ports: RoutePorts): Route {
  const exportFiles = new ExportFiles(ports.config.dataDir)
  const auditFiles = createAuditFiles(ports.database)
  return async (exchange) => {
    const { pathname } = exchange.url
    if (pathname === '/healthz') return { status: 200, headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }, body: 'ok' }
    if (pathname === '/readyz') return readiness(ports)
    if (pathname === '/graphql') return answerGraphql(ports, exchange)
    if (pathname === '/graphiql') return answerGraphiql(ports, exchange)
    if (isExportPath(pathname))
      return answerExport({ database: ports.database, clock: ports.clock, exportFiles, release: (record, answer) => release(ports, record, answer) }, exchange)
    return (await auditFiles(exchange)) ?? ports.files(exchange)
  }
}

async function readiness({ database, isDraining }: RoutePorts): Promise<Answer> {
  const headers = { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }
  if (isDraining()) return { status: 503, headers, body: 'draining' }
  try {
    await database.pool.query({ text: 'SELECT 1' })
    return { status: 200, headers, body: 'ready' }
  } catch {
    return { status: 503, headers, body: 'the database does not answer' }
  }
}

async function answerGraphql(ports: RoutePorts, exchange: Exchange): Promise<Answer> {
  const { request } = exchange
  if (!METHODS.has(request.method ?? '')) return { ...problem(405, 'METHOD_NOT_ALLOWED', 'Use POST.'), headers: { Allow: [...METHODS].join(', ') } }
  const cors = corsHeaders(ports.config, request.headers.origin)
  if (request.method === 'OPTIONS') return { status: cors === null ? 403 : 204, headers: cors ?? {} }
  const body = request.method === 'POST' ? await readBody(request) : undefined
  const claims = await identify(ports, exchange)
  const record = newRecord(exchange, claims.actor)
  record.claimed = claims.claimed ?? null
  const key = request.headers['idempotency-key']
  if (body === null)
    return reject(ports, record, 'rejected', 'PAYLOAD_TOO_LARGE', problem(413, 'PAYLOAD_TOO_LARGE', 'The body is larger than 1 MB.', { Connection: 'close' }))
  if (claims.refusal) return reject(ports, record, 'denied', claims.code, claims.refusal)
  // A key that is not kept would promise one effect and deliver two.
  if (typeof key === 'string' && (key.length < 8 || key.length > 200))
    return reject(ports, record, 'rejected', 'BAD_IDEMPOTENCY_KEY', problem(400, 'BAD_IDEMPOTENCY_KEY', 'An Idempotency-Key has 8 to 200 characters.'))
  const cookies: string[] = []
  const auth = createAuthPort({
    sessions: ports.sessions,
    record,
    address: exchange.address,
    cookie: readRefreshCookie(request.headers.cookie, ports.config.isSecureOrigin),
    isSecure: ports.config.isSecureOrigin,
    setCookie: (cookie) => cookies.push(cookie),
  })
  const live = createLivePort({
    hub: ports.live,
    database: ports.database,
    clock: ports.clock,
    tokenKey: ports.sessions.tokenKey,
    actor: record.actor,
    token: bearerOf(request) ?? '',
  })
  const context = buildContext({
    database: ports.database,
    clock: ports.clock,
    log: ports.log,
    access: ports.guarded.access,
    imageKeys: ports.imageKeys,
    record,
    idempotencyKey: typeof key === 'string' ? key : null,
    auth,
    live,
  })
  const response = await ports.yoga.fetch(
    new Request(exchange.url, { method: request.method ?? 'GET', headers: plainHeaders(exchange), ...(body ? { body } : {}) }),
    { record, context },
  )
  if (record.isStream) return releaseStream(ports, record, response, live, cors)
  const text = await response.text()
  const headers: Record<string, string | string[]> = { ...responseHeaders(response), ...cors, 'Cache-Control': 'no-store' }
  if (cookies.length > 0) headers['Set-Cookie'] = cookies
  if (response.status === 503) headers['Retry-After'] = BUSY['Retry-After']
  return release(ports, record, { status: response.status, headers, body: text })
}

/** How long a stream that the server has ended may take to say so to a reader who does not read. */
const FAREWELL_MS = 5_000

/** A stream passes the gate once, before its first event: its opening is what the trail keeps. */
async function releaseStream(
  ports: RoutePorts,
  record: RequestRecord,
  response: Response,
  live: RequestStreams,
  cors: Record<string, string> | null,
): Promise<Answer> {
  const source = response.body && readableOf(response.body)
  const isEventStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  if (source === null || !isEventStream) {
    source?.destroy()
    live.close()
    return reject(ports, record, 'rejected', 'NOT_ACCEPTABLE', problem(406, 'NOT_ACCEPTABLE', 'A subscription answers as text/event-stream: accept that.'))
  }
  source.once('close', live.close)
  void live.ended.then(() => setTimeout(() => source.destroy(), FAREWELL_MS).unref())
  const headers = { ...cors, 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }
  const answer = await release(ports, record, { status: response.status, headers, stream: source, isLive: true })
  if (answer.stream === undefined) source.destroy()
  return answer
}

function bearerOf({ headers }: Exchange['request']): string | undefined {
  return /^Bearer ([\w.-]+)$/i.exec(headers.authorization ?? '')?.[1]
}

function reject(ports: RoutePorts, record: RequestRecord, outcome: 'denied' | 'rejected', code: string, answer: Answer): Promise<Answer> {
  record.outcome = outcome
  record.details.add(code)
  return release(ports, record, answer)
}

/**
 * The gate. The answer leaves only after the trail has made durable what was read, changed or refused; otherwise the
 * caller gets 503 and may repeat the request, with its Idempotency-Key if it changed something.
 */
async function release(ports: RoutePorts, record: RequestRecord, answer: Answer): Promise<Answer> {
  const rows = record.entries()
  if (rows.length === 0) return answer
  try {
    await ports.flood.record(rows, record.operation)
    return answer
  } catch (error) {
    if (!(error instanceof AuditUnavailableError)) throw error
    ports.log.error({ requestId: record.operation.requestId, err: error.cause }, 'a response was withheld: its audit entry is not durable')
    return problem(
      503,
      'AUDIT_UNAVAILABLE',
      'The audit trail could not record this, so nothing is shown. Repeat the request with the same Idempotency-Key.',
      BUSY,
      record.operation.requestId,
    )
  }
}

type Identity = { readonly actor: Actor; readonly claimed?: Claimed; readonly refusal: Answer | null; readonly code: string }

/** Who calls. A token that has ended makes nobody of its bearer; a clinic out of reach is refused outright. */
async function identify(ports: RoutePorts, { request, requestId }: Exchange): Promise<Identity> {
  const nobody: Actor = { kind: 'anonymous', locale: toLocale(request.headers['accept-language']) }
  const token = bearerOf(request)
  if (token === undefined) return { actor: nobody, refusal: null, code: '' }
  const now = ports.clock.now()
  const claims = await readAccessToken(ports.sessions.tokenKey, token, now)
  if (!claims) return { actor: nobody, refusal: null, code: '' }
  const wish = request.headers['x-clinic-id']
  try {
    // Whatever is no clinic of theirs is refused, also when it is no id: at another clinic than the one that was meant nothing may happen.
    const actor = await resolveActor(ports.database, claims, typeof wish === 'string' && wish !== '' ? wish : null, now)
    if (actor !== null && actor.kind === 'out-of-reach')
      return {
        actor: nobody,
        claimed: { organisationId: claims.organisationId, userId: actor.userId, userName: actor.userName },
        refusal: problem(403, 'CLINIC_OUT_OF_REACH', 'You hold no role at this clinic. Choose one of yours.'),
        code: 'CLINIC_OUT_OF_REACH',
      }
    return { actor: actor ?? nobody, refusal: null, code: '' }
  } catch (error) {
    if (!(error instanceof Error) || !isUnavailable(error)) throw error
    return { actor: nobody, refusal: problem(503, 'UNAVAILABLE', 'The database does not answer. Try again in a moment.', BUSY, requestId), code: 'UNAVAILABLE' }
  }
}

function newRecord({ request, requestId, address }: Exchange, actor: Actor): RequestRecord {
  return new RequestRecord({
    requestId,
    actor,
    origin: request.headers['x-chiron-origin'] === 'graphiql' ? 'graphiql' : 'graphql',
    address,
    userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
    name: 'unparsed',
    documentHash: null,
    action: 'read',
  })
}

async function answerGraphiql(ports: RoutePorts, exchange: Exchange): Promise<Answer> {
  const now = ports.clock.now()
  const viewer = await actorOfCookie(ports.sessions, readRefreshCookie(exchange.request.headers.cookie, ports.config.isSecureOrigin))
  const session = viewer && (await issue(ports.sessions, viewer.organisationId, viewer.sessionId, now))
  const answer = graphiqlPage(viewer, session?.accessToken ?? null, viewer ? localDateOf(now, viewer.clinic.timeZone) : '')
  if (!viewer) return answer
  const record = newRecord(exchange, viewer)
  record.operation.name = 'graphiql.open'
  record.operation.origin = 'graphiql'
  record.outcome = answer.status === 200 ? 'ok' : 'denied'
  return release(ports, record, answer)
}

/** CORS by allow-list: null for an origin that is not on it. */
function corsHeaders({ corsOrigins }: Config, origin: string | undefined): Record<string, string> | null {
  if (origin === undefined || !corsOrigins.includes(origin)) return null
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Methods': 'POST, GET',
    'Access-Control-Allow-Headers': 'authorization, content-type, idempotency-key, x-clinic-id, x-graphql-yoga-csrf',
    'Access-Control-Expose-Headers': 'x-request-id, retry-after',
    'Access-Control-Max-Age': '600',
    Vary: 'Origin',
  }
}

function plainHeaders({ request }: Exchange): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === 'string' && name !== 'content-length' && name !== 'connection') headers.set(name, value)
  return headers
}
