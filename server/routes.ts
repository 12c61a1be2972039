import { isUtf8 } from 'node:buffer'
import { type Actor, toLocale } from '../modules/kernel/actor.ts'
import type { Clock } from '../modules/kernel/time.ts'
import { localDateOf } from '../modules/kernel/time.ts'
import type { GuardedSchema } from '../schema/index.ts'
import type { Claimed } from './audit/entry.ts'
import type { FloodGate } from './audit/flood-gate.ts'
import type { KeyRing } from './audit/images/key-ring.ts'
import { AuditUnavailableError } from './audit/writer.ts'
import { createAuditFiles } from './audit-files.ts'
import type { Actors, Caller } from './auth/actors.ts'
import { readRefreshCookie } from './auth/cookies.ts'
import { createAuthPort } from './auth/port.ts'
import { actorOfCookie, issue, type SessionPorts } from './auth/sessions.ts'
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
import type { Metrics } from './metrics/metrics.ts'
import { RequestRecord } from './operation.ts'
import type { RegisteredOperations } from './registered-operations.ts'
import { responseHeaders } from './response-headers.ts'
import type { StaticFiles } from './static-files.ts'

export type RoutePorts = {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly database: Database
  readonly sessions: SessionPorts
  readonly actors: Actors
  readonly flood: FloodGate
  readonly yoga: ReturnType<typeof createPipeline>
  readonly registered: RegisteredOperations
  readonly guarded: GuardedSchema
  readonly files: StaticFiles
  /** Opens the trail's before and after images. */
  readonly imageKeys: KeyRing
  readonly metrics: Pick<Metrics, 'operation'> | null
  readonly live: LiveHub
  readonly isDraining: () => boolean
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'OPTIONS'])
/** Rights that change while an operation starts again and again are somebody's bulk change; then it has to wait. */
const MAX_ATTEMPTS = 4
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
  for (let attempt = 1; ; attempt += 1) {
    const { record, caller, answer } = await attemptGraphql(ports, exchange, body, cors)
    const holds = caller === null || (await confirms(ports, caller, answer.status))
    // What was committed was confirmed by its own transaction, and must not be done again.
    const isConfirmed = record.committed > 0 || holds
    if (isConfirmed) return leave(ports, record, answer)
    // The session ended, or somebody's rights changed, since they were last worked out: nothing was shown or done, so it starts again.
    answer.stream?.destroy()
    if (isConfirmed === null || attempt === MAX_ATTEMPTS) return fail(ports, record, unavailable(exchange.requestId))
  }
}

/** Whether the caller is who they were; null when the database cannot be asked. */
async function confirms({ actors }: RoutePorts, caller: Caller, status: number): Promise<boolean | null> {
  // The operation has waited for a connection in vain: who asks once more keeps the caller waiting twice as long.
  if (status === 503 && caller.check.state === 'open') return null
  try {
    return await actors.confirm(caller)
  } catch (error) {
    if (!(error instanceof Error) || !isUnavailable(error)) throw error
    return null
  }
}

async function leave(ports: RoutePorts, record: RequestRecord, answer: Answer): Promise<Answer> {
  const released = await release(ports, record, answer)
  if (released !== answer) answer.stream?.destroy()
  return released
}

function fail(ports: RoutePorts, record: RequestRecord, answer: Answer): Promise<Answer> {
  record.outcome = 'failed'
  record.details.add('UNAVAILABLE')
  return release(ports, record, answer)
}

function unavailable(requestId: string): Answer {
  return problem(503, 'UNAVAILABLE', 'The database does not answer. Try again in a moment.', BUSY, requestId)
}

type Attempt = { readonly record: RequestRecord; readonly caller: Caller | null; readonly answer: Answer }

async function attemptGraphql(
  ports: RoutePorts,
  exchange: Exchange,
  body: Uint8Array<ArrayBuffer> | null | undefined,
  cors: Record<string, string> | null,
): Promise<Attempt> {
  const { request } = exchange
  const identity = await identify(ports, exchange)
  const { caller } = identity
  const record = newRecord(exchange, caller?.actor ?? { kind: 'anonymous', locale: toLocale(request.headers['accept-language']) })
  record.claimed = identity.claimed ?? null
  ports.metrics?.operation(record)
  const turnAway = (outcome: 'denied' | 'rejected', code: string, answer: Answer): Attempt => {
    record.outcome = outcome
    record.details.add(code)
    return { record, caller, answer }
  }
  const key = request.headers['idempotency-key']
  if (body === null)
    return turnAway('rejected', 'PAYLOAD_TOO_LARGE', problem(413, 'PAYLOAD_TOO_LARGE', 'The body is larger than 1 MB.', { Connection: 'close' }))
  // Decoded leniently it would be stored as something that nobody wrote.
  if (body && !isUtf8(body)) return turnAway('rejected', 'MALFORMED_UTF8', problem(400, 'MALFORMED_UTF8', 'The body is not well-formed UTF-8.'))
  if (identity.refusal) return turnAway('denied', identity.code, identity.refusal)
  // A key that is not kept would promise one effect and deliver two.
  if (typeof key === 'string' && (key.length < 8 || key.length > 200))
    return turnAway('rejected', 'BAD_IDEMPOTENCY_KEY', problem(400, 'BAD_IDEMPOTENCY_KEY', 'An Idempotency-Key has 8 to 200 characters.'))
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
    check: caller?.check ?? null,
    idempotencyKey: typeof key === 'string' ? key : null,
    auth,
    live,
  })
  const complete = (plain: Answer): Attempt => {
    const added = { ...cors, 'Cache-Control': 'no-store', ...(plain.status === 503 ? BUSY : {}), ...(cookies.length > 0 ? { 'Set-Cookie': cookies } : {}) }
    return { record, caller, answer: { ...plain, headers: { ...plain.headers, ...added } } }
  }
  const call = body && ports.registered.find(request.headers['content-type'], Buffer.from(body).toString())
  const quick = call && (await ports.registered.answer(call, record, context, request.headers.accept))
  if (quick) return complete(quick)
  const { Request } = ports.yoga.fetchAPI
  const response = await ports.yoga.fetch(
    new Request(exchange.url.href, { method: request.method ?? 'GET', headers: plainHeaders(exchange), ...(body ? { body } : {}) }),
    { record, context, confirm: () => (caller === null ? Promise.resolve(true) : ports.actors.confirm(caller)) },
  )
  if (record.isStream) {
    const answer = streamOf(response, live, cors)
    if (answer !== null) return { record, caller, answer }
    return turnAway('rejected', 'NOT_ACCEPTABLE', problem(406, 'NOT_ACCEPTABLE', 'A subscription answers as text/event-stream: accept that.'))
  }
  return complete({ status: response.status, headers: responseHeaders(response), body: await response.text() })
}

/** How long a stream that the server has ended may take to say so to a reader who does not read. */
const FAREWELL_MS = 5_000

/** A stream passes the gate once, before its first event: its opening is what the trail keeps. Null for what is no stream. */
function streamOf(response: Response, live: RequestStreams, cors: Record<string, string> | null): Answer | null {
  const source = response.body && readableOf(response.body)
  const isEventStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  if (source === null || !isEventStream) {
    source?.destroy()
    live.close()
    return null
  }
  source.once('close', live.close)
  void live.ended.then(() => setTimeout(() => source.destroy(), FAREWELL_MS).unref())
  const headers = { ...cors, 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' }
  return { status: response.status, headers, stream: source, isLive: true }
}

function bearerOf({ headers }: Exchange['request']): string | undefined {
  return /^Bearer ([\w.-]+)$/i.exec(headers.authorization ?? '')?.[1]
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

type Identity = { readonly caller: Caller | null; readonly claimed?: Claimed; readonly refusal: Answer | null; readonly code: string }

/** Who calls. A token that has ended makes nobody of its bearer; a clinic out of reach is refused outright. */
async function identify(ports: RoutePorts, { request, requestId }: Exchange): Promise<Identity> {
  const nobody: Identity = { caller: null, refusal: null, code: '' }
  const token = bearerOf(request)
  if (token === undefined) return nobody
  const now = ports.clock.now()
  const claims = await ports.actors.claimsOf(token, now)
  if (!claims) return nobody
  const wish = request.headers['x-clinic-id']
  try {
    // Whatever is no clinic of theirs is refused, also when it is no id: at another clinic than the one that was meant nothing may happen.
    const found = await ports.actors.find(claims, typeof wish === 'string' && wish !== '' ? wish : null, now)
    if (found?.kind === 'out-of-reach')
      return {
        caller: null,
        claimed: { organisationId: claims.organisationId, userId: found.userId, userName: found.userName },
        refusal: problem(403, 'CLINIC_OUT_OF_REACH', 'You hold no role at this clinic. Choose one of yours.'),
        code: 'CLINIC_OUT_OF_REACH',
      }
    return { ...nobody, caller: found }
  } catch (error) {
    if (!(error instanceof Error) || !isUnavailable(error)) throw error
    return { caller: null, refusal: unavailable(requestId), code: 'UNAVAILABLE' }
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

function plainHeaders({ request }: Exchange): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === 'string' && name !== 'content-length' && name !== 'connection') headers[name] = value
  return headers
}
