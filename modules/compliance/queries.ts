import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { AuditReader } from '../kernel/db.ts'
import { dayInterval, type LocalDate } from '../kernel/time.ts'
import { searchText } from '../kernel/validate.ts'
import { assertFilter, filterParams } from './filter-params.ts'
import type { TrailPlace } from './trail-cursor.ts'

/** What narrows the trail. Whatever is left out or null does not narrow; all that is given must match. */
export type AuditFilter = {
  readonly userId?: string | null | undefined
  readonly action?: string | null | undefined
  readonly outcome?: string | null | undefined
  /** Record type that the operation read or changed. */
  readonly type?: string | null | undefined
  readonly recordId?: string | null | undefined
  /** A patient, client, user or staff member: finds what touched it or any record that is about it. */
  readonly subjectId?: string | null | undefined
  /** Class of data that the operation could reach. */
  readonly class?: string | null | undefined
  /** Code of a role under which the person acted. */
  readonly role?: string | null | undefined
  readonly origin?: string | null | undefined
  /** The whole address, as the trail shows it. */
  readonly address?: string | null | undefined
  readonly sessionId?: string | null | undefined
  /** First practice day. */
  readonly from?: LocalDate | null | undefined
  /** Last practice day, included. */
  readonly to?: LocalDate | null | undefined
  /** Part of the operation's name, of its detail, of the user's name or of the reason; case and accents do not matter. */
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
  readonly roles: readonly string[]
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
export type AuditEntry = SearchRow &
  z.output<typeof bodySchema> & {
    /** False when the evidence has been retired, or altered beyond reading. */
    readonly hasEvidence: boolean
  }

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
  'roles',
  'sessionId',
  'types',
  'userAgent',
  'userId',
  'userName',
] as const

/**
 * Entries of the actor's clinic and of the organisation as a whole (failed sign-ins have no clinic), newest first, in one
 * statement. Row-level security keeps other clinics' entries out as well. Throws InvalidInputError for a filter with a text of more than
 * 200 characters.
 */
export async function listAuditEntries(db: AuditReader, actor: ClinicActor, filter: AuditFilter, window: TrailWindow): Promise<AuditEntry[]> {
  assertFilter(filter)
  const rows = await db.query<SearchRow & { readonly body: Buffer | null }>({
    name: window.isInverted ? 'audit_entries_up' : 'audit_entries_down',
    text: window.isInverted ? ENTRIES.replaceAll('DESC', 'ASC') : ENTRIES,
    values: [JSON.stringify(trailFilter(actor, filter, window)), window.limit, window.isInverted],
  })
  db.reads(
    'AuditEntry',
    rows.map(({ id }) => id),
    ENTRY_FIELDS,
  )
  db.aggregates('audit_search', filterParams(filter))
  return rows.map(({ body, ...row }) => ({ ...row, ...readBody(body) }))
}

// audit.find_entries answers keys; each is then read from its own month alone.
const ENTRIES = `SELECT s.entry_id AS id, to_char(s.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "atText", s.action, s.operation, s.origin, s.outcome,
  s.user_id AS "userId", s.user_name AS "userName", s.roles, s.class AS classes, s.types, s.record_ids AS "recordIds", s.detail, s.address,
  s.user_agent AS "userAgent", s.session_id AS "sessionId", s.request_id AS "requestId", s.reason, e.body
FROM audit.find_entries($1::jsonb, $2::int, $3::boolean) p
CROSS JOIN LATERAL (SELECT * FROM audit.search s WHERE s.shard = p.shard AND s.entry_id = p.entry_id LIMIT 1) s
LEFT JOIN LATERAL (SELECT e.body FROM audit.entry e WHERE e.shard = p.shard AND e.id = p.entry_id LIMIT 1) e ON true
ORDER BY p.at DESC, p.entry_id DESC`

/** A filter as audit.find_entries takes it: instants instead of practice days, and only what is given. */
export function trailFilter(actor: ClinicActor, filter: AuditFilter, { after, before }: Pick<TrailWindow, 'after' | 'before'>): Record<string, unknown> {
  const { timeZone } = actor.clinic
  return {
    organisation: actor.organisationId,
    clinic: actor.clinic.id,
    user_id: filter.userId,
    action: storable(filter.action),
    outcome: storable(filter.outcome),
    type: storable(filter.type),
    record: filter.recordId,
    subject: filter.subjectId,
    class: storable(filter.class),
    role: storable(filter.role),
    origin: storable(filter.origin),
    address: storable(filter.address),
    session: filter.sessionId,
    request: filter.requestId,
    from_at: filter.from ? dayInterval(filter.from, timeZone).start : null,
    until_at: filter.to ? dayInterval(filter.to, timeZone).end : null,
    query: searchText(filter.query),
    after_at: after?.atText,
    after_id: after?.id,
    before_at: before?.atText,
    before_id: before?.id,
  }
}

// What PostgreSQL cannot hold stands in no entry, and neither does the empty text.
function storable(text: string | null | undefined): string | null {
  return text ? (text.isWellFormed() && !text.includes('\0') ? text : '') : null
}

// The trail must stay readable where somebody has altered it; the verifier says what was done.
function readBody(body: Buffer | null): Omit<AuditEntry, keyof SearchRow> {
  const parsed = bodySchema.safeParse(parseJson(body?.toString() ?? ''))
  return parsed.success ? { ...parsed.data, hasEvidence: true } : { reads: [], changes: [], aggregates: [], hasEvidence: false }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
