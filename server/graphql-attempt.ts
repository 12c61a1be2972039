import { isUtf8 } from 'node:buffer'
import { type Actor, toLocale } from '../modules/kernel/actor.ts'
import type { FieldCipher } from '../modules/kernel/field-cipher.ts'
import type { Clock } from '../modules/kernel/time.ts'
import type { GuardedSchema } from '../schema/index.ts'
import type { Claimed } from './audit/entry.ts'
import type { KeyRing } from './audit/images/key-ring.ts'
import type { Actors, Caller } from './auth/actors.ts'
import { readRefreshCookie } from './auth/cookies.ts'
import { createAuthPort } from './auth/port.ts'
import type { BookingLimits } from './auth/rate-limits.ts'
import type { SessionPorts } from './auth/sessions.ts'
import { createBookingPort } from './booking-door.ts'
import { buildContext } from './build-context.ts'
import type { CalendarLinks } from './calendar-links.ts'
import type { Config } from './config.ts'
import type { Database } from './db.ts'
import type { createPipeline } from './graphql-pipeline.ts'
import { type Answer, type Exchange, problem } from './http.ts'
import type { LiveHub } from './live/hub.ts'
import { createLivePort, type RequestStreams } from './live/port.ts'
import { readableOf } from './live/readable-of.ts'
import type { Log } from './log.ts'
import { AWAY, isUnavailable } from './mask-error.ts'
import type { Metrics } from './metrics/metrics.ts'
import { RequestRecord } from './operation.ts'
import type { RegisteredOperations } from './registered-operations.ts'
import { responseHeaders } from './response-headers.ts'

export type AttemptPorts = {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly database: Database
  readonly sessions: SessionPorts
  readonly actors: Actors
  readonly yoga: ReturnType<typeof createPipeline>
  readonly registered: RegisteredOperations
  readonly guarded: GuardedSchema
  /** Opens the trail's before and after images. */
  readonly imageKeys: KeyRing
  readonly fields: FieldCipher
  readonly metrics: Pick<Metrics, 'operation'> | null
  readonly live: LiveHub
  readonly calendar: CalendarLinks
  readonly bookingLimits: BookingLimits
}

/** What came out of it: nothing has been shown yet, and the record has not been written. */
export type Attempt = { readonly record: RequestRecord; readonly caller: Caller | null; readonly answer: Answer }

type Body = Uint8Array<ArrayBuffer> | null | undefined
type Cors = Readonly<Record<string, string>> | null

export const BUSY = { 'Retry-After': '2' }

export function unavailable(requestId: string, message: string = AWAY): Answer {
  return problem(503, 'UNAVAILABLE', message, BUSY, requestId)
}

/** One attempt at a GraphQL request, by whoever its token names as far as is known. `body` is null when it was too large. */
export async function attemptGraphql(ports: AttemptPorts, exchange: Exchange, body: Body, cors: Cors): Promise<Attempt> {
  const { request } = exchange
  const identity = await identify(ports, exchange)
  const { caller } = identity
  const record = recordOf(exchange, caller?.actor ?? { kind: 'anonymous', locale: toLocale(request.headers['accept-language']) })
  record.claimed = identity.claimed ?? null
  ports.metrics?.operation(record)
  const refusal = refusalOf(identity, body, request.headers['idempotency-key'])
  if (refusal !== null) return turnAway(record, caller, refusal)
  const cookies: string[] = []
  const live = livePortOf(ports, exchange, record)
  const context = contextOf(ports, exchange, record, caller, live, cookies)
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
    return answer === null ? turnAway(record, caller, NO_STREAM) : { record, caller, answer }
  }
  return complete({ status: response.status, headers: responseHeaders(response), body: await response.text() })
}

type Refusal = { readonly outcome: 'denied' | 'rejected'; readonly code: string; readonly answer: Answer }

function rejection(status: number, code: string, message: string, headers: Record<string, string> = {}): Refusal {
  return { outcome: 'rejected', code, answer: problem(status, code, message, headers) }
}

const NO_STREAM = rejection(406, 'NOT_ACCEPTABLE', 'A subscription answers as text/event-stream: accept that.')

function turnAway(record: RequestRecord, caller: Caller | null, { outcome, code, answer }: Refusal): Attempt {
  record.outcome = outcome
  record.details.add(code)
  return { record, caller, answer }
}

/** Why a request goes no further; null for one that does. */
function refusalOf(identity: Identity, body: Body, key: string | readonly string[] | undefined): Refusal | null {
  if (body === null) return rejection(413, 'PAYLOAD_TOO_LARGE', 'The body is larger than 1 MB.', { Connection: 'close' })
  // Decoded leniently it would be stored as something that nobody wrote.
  if (body && !isUtf8(body)) return rejection(400, 'MALFORMED_UTF8', 'The body is not well-formed UTF-8.')
  if (identity.refusal) return { outcome: 'denied', code: identity.code, answer: identity.refusal }
  // A key that is not kept would promise one effect and deliver two.
  if (typeof key === 'string' && (key.length < 8 || key.length > 200))
    return rejection(400, 'BAD_IDEMPOTENCY_KEY', 'An Idempotency-Key has 8 to 200 characters.')
  return null
}

function livePortOf(ports: AttemptPorts, { request }: Exchange, { actor }: RequestRecord): RequestStreams {
  const { live: hub, database, clock, sessions } = ports
  return createLivePort({ hub, database, clock, tokenKey: sessions.tokenKey, actor, token: bearerOf(request) ?? '' })
}

function contextOf(
  ports: AttemptPorts,
  { request, address }: Exchange,
  record: RequestRecord,
  caller: Caller | null,
  live: RequestStreams,
  cookies: string[],
): ReturnType<typeof buildContext> {
  const { database, clock, log, guarded, imageKeys, fields, sessions, config, calendar } = ports
  const key = request.headers['idempotency-key']
  const auth = createAuthPort({
    sessions,
    record,
    address,
    cookie: readRefreshCookie(request.headers.cookie, config.isSecureOrigin),
    isSecure: config.isSecureOrigin,
    setCookie: (cookie) => cookies.push(cookie),
  })
  const idempotencyKey = typeof key === 'string' ? key : null
  const mutating = { database, clock, access: guarded.access, record, check: caller?.check ?? null, idempotencyKey }
  const locale = toLocale(request.headers['accept-language'])
  const booking = createBookingPort({ ...mutating, limits: ports.bookingLimits, address, locale })
  return buildContext({ ...mutating, log, imageKeys, fields, auth, live, calendar, booking })
}

/** How long a stream that the server has ended may take to say so to a reader who does not read. */
const FAREWELL_MS = 5_000

/** A stream passes the gate once, before its first event: its opening is what the trail keeps. Null for what is no stream. */
function streamOf(response: Response, live: RequestStreams, cors: Cors): Answer | null {
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

type Identity = { readonly caller: Caller | null; readonly claimed?: Claimed; readonly refusal: Answer | null; readonly code: string }

/** Who calls. A token that has ended makes nobody of its bearer; a clinic out of reach is refused outright. */
async function identify(ports: AttemptPorts, { request, requestId }: Exchange): Promise<Identity> {
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

/** What a request is recorded as before anything is known of its document. */
export function recordOf({ request, requestId, address }: Exchange, actor: Actor): RequestRecord {
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

function plainHeaders({ request }: Exchange): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === 'string' && name !== 'content-length' && name !== 'connection') headers[name] = value
  return headers
}
