import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { AuditReader } from '../kernel/db.ts'
import { NIL_ID } from '../kernel/ids.ts'
import { dayInterval, type LocalDate } from '../kernel/time.ts'
import { searchText } from '../kernel/validate.ts'
import type { TrailPlace } from './trail-cursor.ts'

/** What narrows the trail. Whatever is left out or null does not narrow; all that is given must match. */
export type AuditFilter = {
  readonly userId?: string | null | undefined
  readonly action?: string | null | undefined
  readonly outcome?: string | null | undefined
  /** Record type that the operation read or changed. */
  readonly type?: string | null | undefined
  readonly recordId?: string | null | undefined
  /** First practice day. */
  readonly from?: LocalDate | null | undefined
  /** Last practice day, included. */
  readonly to?: LocalDate | null | undefined
  /** Part of the operation's name, of its detail or of the user's name; case and accents do not matter. */
  readonly query?: string | null | undefined
  readonly requestId?: string | null | undefined
}

/** Which entries of the order newest first; `isInverted` answers oldest first, from the far end. */
export type TrailWindow = { readonly limit: number; readonly after: TrailPlace | null; readonly before: TrailPlace | null; readonly isInverted: boolean }

const accesses = z.array(z.object({ type: z.string(), ids: z.array(z.string()), fields: z.array(z.string()) })).default([])
const aggregates = z.array(z.object({ name: z.string(), params: z.record(z.string(), z.string()) })).default([])
const bodySchema = z.object({ reads: accesses, changes: accesses, aggregates })

type SearchRow = TrailPlace & {
  readonly action: string
  readonly operation: string
  readonly origin: string
  readonly outcome: string
  readonly userId: string | null
  readonly userName: string | null
  readonly classes: readonly string[]
  readonly types: readonly string[]
  readonly recordIds: readonly string[]
  readonly detail: string | null
  readonly address: string | null
  readonly userAgent: string | null
  readonly sessionId: string | null
  readonly requestId: string
  readonly reason: string | null
}
/** One operation as the trail keeps it. */
export type AuditEntry = SearchRow & z.output<typeof bodySchema>

const ENTRY_FIELDS = [
  'action',
  'address',
  'at',
  'body',
  'class',
  'detail',
  'operation',
  'origin',
  'outcome',
  'reason',
  'recordIds',
  'requestId',
  'sessionId',
  'types',
  'userAgent',
  'userId',
  'userName',
] as const

/**
 * Entries of the actor's clinic and of the organisation as a whole (failed sign-ins have no clinic), newest first, in one
 * statement. Row-level security keeps other clinics' entries out as well.
 */
export async function listAuditEntries(db: AuditReader, actor: ClinicActor, filter: AuditFilter, window: TrailWindow): Promise<AuditEntry[]> {
  const rows = await db.query<SearchRow & { readonly body: string | null }>(trailStatement(actor, filter, window))
  db.reads(
    'AuditEntry',
    rows.map(({ id }) => id),
    ENTRY_FIELDS,
  )
  db.aggregates('audit_search', searchParams(filter))
  return rows.map(({ body, ...row }) => ({ ...row, ...bodySchema.parse(JSON.parse(body ?? '{}')) }))
}

// The evidence holds ids and codes only, so a typed text is noted as given, not repeated.
function searchParams({ query, ...rest }: AuditFilter): Record<string, string> {
  const given = Object.entries({ ...rest, query: query?.trim() ? 'given' : null })
  return Object.fromEntries(given.flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

const COLUMNS = `s.entry_id, s.at, s.action, s.operation, s.origin, s.outcome, s.user_id, s.user_name, s.class, s.types, s.record_ids, s.detail, s.address,
  s.user_agent, s.session_id, s.request_id, s.reason`

function trailStatement(actor: ClinicActor, filter: AuditFilter, { limit, after, before, isInverted }: TrailWindow) {
  const values: unknown[] = [actor.organisationId, [actor.clinic.id, NIL_ID], limit]
  const used: string[] = []
  const conditions: string[] = []
  const narrow = (name: string, condition: (...places: string[]) => string, ...given: unknown[]) => {
    used.push(name)
    conditions.push(condition(...given.map((value) => `$${values.push(value)}`)))
  }
  const { timeZone } = actor.clinic
  const text = searchText(filter.query)
  if (after) narrow('after', (at, id) => `(s.at, s.entry_id) < (${at}::timestamptz, ${id}::uuid)`, after.atText, after.id)
  if (before) narrow('before', (at, id) => `(s.at, s.entry_id) > (${at}::timestamptz, ${id}::uuid)`, before.atText, before.id)
  if (filter.from) narrow('from', (at) => `s.at >= ${at}::timestamptz`, dayInterval(filter.from, timeZone).start)
  if (filter.to) narrow('to', (at) => `s.at < ${at}::timestamptz`, dayInterval(filter.to, timeZone).end)
  if (filter.userId) narrow('user', (id) => `s.user_id = ${id}::uuid`, filter.userId)
  if (filter.action) narrow('action', (action) => `s.action = ${action}`, filter.action)
  if (filter.outcome) narrow('outcome', (outcome) => `s.outcome = ${outcome}`, filter.outcome)
  if (filter.type) narrow('type', (type) => `s.types @> ARRAY[${type}::text]`, filter.type)
  if (filter.recordId) narrow('record', (id) => `s.record_ids @> ARRAY[${id}::uuid]`, filter.recordId)
  if (filter.requestId) narrow('request', (id) => `s.request_id = ${id}::uuid`, filter.requestId)
  if (text) narrow('text', (part) => `strpos(search_key(concat_ws(' ', s.operation, s.detail, s.user_name)), search_key(${part})) > 0`, text)
  const order = isInverted ? 'at, entry_id' : 'at DESC, entry_id DESC'
  return {
    name: ['audit_entries', isInverted ? 'up' : 'down', ...used].join('_'),
    // One index scan in order per clinic: `clinic_id = ANY (…)` alone would sort the whole trail for every page.
    text: `SELECT s.entry_id AS id, to_char(s.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "atText", s.action, s.operation, s.origin, s.outcome,
  s.user_id AS "userId", s.user_name AS "userName", s.class AS classes, s.types, s.record_ids AS "recordIds", s.detail, s.address,
  s.user_agent AS "userAgent", s.session_id AS "sessionId", s.request_id AS "requestId", s.reason, convert_from(e.body, 'UTF8') AS body
FROM (
  SELECT found.* FROM unnest($2::uuid[]) AS place(clinic_id) CROSS JOIN LATERAL (
    SELECT ${COLUMNS} FROM audit.search s
    WHERE ${['s.organisation_id = $1', 's.clinic_id = place.clinic_id', ...conditions].join(' AND ')}
    ORDER BY ${order} LIMIT $3
  ) found ORDER BY ${order} LIMIT $3
) s
LEFT JOIN audit.entry e ON e.shard = date_trunc('month', s.at AT TIME ZONE 'UTC')::date AND e.id = s.entry_id
ORDER BY ${order.replaceAll(/at|entry_id/g, (column) => `s.${column}`)}`,
    values,
  }
}
