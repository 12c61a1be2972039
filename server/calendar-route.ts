import { createHash } from 'node:crypto'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { openCalendar, renderCalendar } from '../modules/calendar/index.ts'
import { toLocale, type UserActor } from '../modules/kernel/actor.ts'
import type { Clock } from '../modules/kernel/time.ts'
import { resolveMember } from './auth/resolve-actor.ts'
import { scopeOf } from './build-context.ts'
import type { CalendarLinks, FeedAddress } from './calendar-links.ts'
import type { Database } from './db.ts'
import { unavailable } from './graphql-attempt.ts'
import { type Answer, type Exchange, problem } from './http.ts'
import { isUnavailable } from './mask-error.ts'
import { RequestRecord } from './operation.ts'
import { queryInScope } from './scoped-query.ts'

export type CalendarRoutePorts = {
  readonly database: Database
  readonly clock: Clock
  readonly links: CalendarLinks
  /** The gate of every route: hands the answer back once the trail holds it, or another answer instead. */
  readonly release: (record: RequestRecord, answer: Answer) => Promise<Answer>
}

/** Readings of one feed from all devices together: more than programs make, less than hurts. */
const READINGS = { points: 60, duration: 5 * 60 }
const USE_KEPT = '1 minute'

type FeedRow = { id: string; organisation_id: string; clinic_id: string; created_by_id: string; is_revoked: boolean }

/**
 * `GET /calendar/<id>.<secret>.<signature>.ics`: what a feed shows now, to whoever holds its address. It is read as the person who made the feed, with
 * the rights that they have at this moment, and recorded as theirs before the first byte leaves. Whatever is wrong with an address, the
 * answer is the same 404.
 */
export function createCalendarRoute(ports: CalendarRoutePorts): (exchange: Exchange) => Promise<Answer> {
  const limiter = new RateLimiterMemory(READINGS)
  return async (exchange) => {
    if (exchange.request.method !== 'GET') return { ...problem(405, 'METHOD_NOT_ALLOWED', 'Use GET.'), headers: { Allow: 'GET' } }
    const address = ports.links.read(exchange.url.pathname)
    // Nobody made it, so there is nothing to ask and nothing to record.
    if (address === null) return gone()
    const waitSeconds = await consume(limiter, address.feedId)
    if (waitSeconds > 0) {
      const tooMany = problem(429, 'TOO_MANY_REQUESTS', 'This calendar is read too often. Try again later.', { 'Retry-After': String(waitSeconds) })
      return refuse(ports, newRecord(exchange, null), 'TOO_MANY_ATTEMPTS', tooMany)
    }
    try {
      return await answerFeed(ports, exchange, address)
    } catch (error) {
      if (!(error instanceof Error) || !isUnavailable(error)) throw error
      return unavailable(exchange.requestId)
    }
  }
}

async function answerFeed(ports: CalendarRoutePorts, exchange: Exchange, address: FeedAddress): Promise<Answer> {
  const { database, clock } = ports
  const now = clock.now()
  const feed = await findFeed(database, address)
  const reader = feed && !feed.is_revoked ? await resolveMember(database, feed.organisation_id, feed.created_by_id, feed.clinic_id, now, feed.id) : null
  const record = newRecord(exchange, reader)
  // The organisation learns that somebody still holds an address of it.
  if (feed && reader === null) record.claimed = { organisationId: feed.organisation_id, userId: feed.created_by_id, userName: null }
  const calendar = feed && reader && (await openCalendar(database.reader(scopeOf(reader), record.access), reader, feed.id, now))
  if (!feed || !reader || !calendar) return refuse(ports, record, feed ? 'FEED_OVER' : 'NO_SUCH_FEED', gone())
  await noteUse(database, reader, feed.id, now)
  record.outcome = 'ok'
  return ports.release(record, answerWith(renderCalendar(calendar), calendar.changedAt, exchange))
}

/**
 * What is shown also changes by the passing of time, which no date of a change tells: only the ETag decides whether the reader has it already.
 * `no-cache`, because a revoked address must not go on answering from somebody's store.
 */
function answerWith(text: string, changedAt: Date, { request }: Exchange): Answer {
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`
  const headers = { ETag: etag, 'Last-Modified': changedAt.toUTCString(), 'Cache-Control': 'private, no-cache' }
  const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (known.includes(etag) || known.includes('*')) return { status: 304, headers }
  return {
    status: 200,
    headers: { ...headers, 'Content-Type': 'text/calendar; charset=utf-8', 'Content-Disposition': 'inline; filename="chiron.ics"' },
    body: text,
  }
}

/** The one look-up before a tenant is known. */
async function findFeed({ pool }: Database, { feedId, tokenHash }: FeedAddress): Promise<FeedRow | null> {
  const { rows } = await pool.query<FeedRow>({
    name: 'find_calendar_feed',
    text: 'SELECT * FROM find_calendar_feed($1::bytea)',
    values: [Buffer.from(tokenHash)],
  })
  const [row] = rows
  return row?.id === feedId ? row : null
}

/** Notes that the feed was read, at most once a minute. */
async function noteUse({ pool }: Database, actor: UserActor, feedId: string, now: Date): Promise<void> {
  await queryInScope(pool, scopeOf(actor), {
    name: 'note_calendar_feed_use',
    text: `INSERT INTO calendar_feed_use AS u (feed_id, organisation_id, clinic_id, last_read_at) VALUES ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz)
      ON CONFLICT (feed_id) DO UPDATE SET last_read_at = excluded.last_read_at WHERE u.last_read_at <= excluded.last_read_at - interval '${USE_KEPT}'`,
    values: [feedId, actor.organisationId, actor.clinic.id, now],
  })
}

function newRecord({ request, requestId, address }: Exchange, actor: UserActor | null): RequestRecord {
  const record = new RequestRecord({
    requestId,
    actor: actor ?? { kind: 'anonymous', locale: toLocale(request.headers['accept-language']) },
    origin: 'file',
    address,
    userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
    name: 'calendar.feed',
    documentHash: null,
    action: 'read',
  })
  record.access.classes.add('personal')
  return record
}

function gone(): Answer {
  return problem(404, 'NOT_FOUND', 'There is no calendar at this address any more. Ask for a new one.', { 'Cache-Control': 'no-store' })
}

function refuse({ release }: CalendarRoutePorts, record: RequestRecord, code: string, answer: Answer): Promise<Answer> {
  record.outcome = 'denied'
  record.details.add(code)
  return release(record, answer)
}

/** Seconds to wait; 0 when it may be read now. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<number> {
  try {
    await limiter.consume(key)
    return 0
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
    throw refusal
  }
}
