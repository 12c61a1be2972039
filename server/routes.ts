import { localDateOf } from '../modules/kernel/time.ts'
import type { FloodGate } from './audit/flood-gate.ts'
import { AuditUnavailableError } from './audit/writer.ts'
import { createAuditFiles } from './audit-files.ts'
import type { Caller } from './auth/actors.ts'
import { readRefreshCookie } from './auth/cookies.ts'
import { actorOfCookie, issue } from './auth/sessions.ts'
import { isCalendarPath } from './calendar-links.ts'
import { createCalendarRoute } from './calendar-route.ts'
import type { Config } from './config.ts'
import { answerExport, isExportPath } from './exports-route.ts'
import { graphiqlPage } from './graphiql.ts'
import { type AttemptPorts, attemptGraphql, BUSY, recordOf, unavailable } from './graphql-attempt.ts'
import { type Answer, type Exchange, problem, type Route, readBody } from './http.ts'
import { ExportFiles } from './jobs/export-files.ts'
import { isUnavailable, OUTDATED } from './mask-error.ts'
import { answerUnsubscribe, UNSUBSCRIBE_PATH } from './messages/unsubscribe-route.ts'
import { UnsubscribeTokens } from './messages/unsubscribe-token.ts'
import type { RequestRecord } from './operation.ts'
import type { StaticFiles } from './static-files.ts'

export type RoutePorts = AttemptPorts & {
  readonly flood: FloodGate
  readonly files: StaticFiles
  readonly isDraining: () => boolean
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'OPTIONS'])
/** Rights that change while an operation starts again and again are somebody's bulk change; then it has to wait. */
const MAX_ATTEMPTS = 4

/** Everything that the server answers. What comes from data passes `release` on its way out. */
export function createRoutes(ports: RoutePorts): Route {
  const exportFiles = new ExportFiles(ports.config.dataDir)
  const auditFiles = createAuditFiles(ports.database)
  const tokens = new UnsubscribeTokens(ports.config.secrets.tokenKey)
  const { database, clock, calendar: links } = ports
  const calendar = createCalendarRoute({ database, clock, links, release: (record, answer) => release(ports, record, answer) })
  return async (exchange) => {
    const { pathname } = exchange.url
    if (pathname === '/healthz') return { status: 200, headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }, body: 'ok' }
    if (pathname === '/readyz') return readiness(ports)
    if (pathname === '/graphql') return answerGraphql(ports, exchange)
    if (pathname === '/graphiql') return answerGraphiql(ports, exchange)
    if (pathname === UNSUBSCRIBE_PATH) return answerUnsubscribe({ database: ports.database, clock: ports.clock, tokens }, exchange)
    if (isExportPath(pathname))
      return answerExport({ database: ports.database, clock: ports.clock, exportFiles, release: (record, answer) => release(ports, record, answer) }, exchange)
    if (isCalendarPath(pathname)) return calendar(exchange)
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
    if (isConfirmed === null) return fail(ports, record, 'failed', unavailable(exchange.requestId))
    if (attempt === MAX_ATTEMPTS) return fail(ports, record, 'refused', unavailable(exchange.requestId, OUTDATED))
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

function fail(ports: RoutePorts, record: RequestRecord, outcome: 'failed' | 'refused', answer: Answer): Promise<Answer> {
  record.outcome = outcome
  record.details.add('UNAVAILABLE')
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

async function answerGraphiql(ports: RoutePorts, exchange: Exchange): Promise<Answer> {
  const now = ports.clock.now()
  const viewer = await actorOfCookie(ports.sessions, readRefreshCookie(exchange.request.headers.cookie, ports.config.isSecureOrigin))
  const session = viewer && (await issue(ports.sessions, viewer.organisationId, viewer.sessionId, now))
  const answer = graphiqlPage(viewer, session?.accessToken ?? null, viewer ? localDateOf(now, viewer.clinic.timeZone) : '')
  if (!viewer) return answer
  const record = recordOf(exchange, viewer)
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
