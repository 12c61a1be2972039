import type { ClinicActor } from '../kernel/actor.ts'
import type { AuditReader } from '../kernel/db.ts'
import type { LocalDate } from '../kernel/time.ts'
import { trailFilter } from './queries.ts'

/** One person, job or command and what it did with a subject. */
export type PersonAccess = {
  /** Null for jobs and commands. */
  readonly userId: string | null
  readonly userName: string | null
  /** Codes of all roles under which the person did it. */
  readonly roles: readonly string[]
  readonly readCount: number
  readonly changeCount: number
  readonly firstAt: Date
  readonly lastAt: Date
}

export type AccessSummary = {
  readonly people: readonly PersonAccess[]
  readonly entryCount: number
  /** Older entries exist that are not counted. */
  readonly isPartial: boolean
}

export type SummaryRange = { readonly from?: LocalDate | null | undefined; readonly to?: LocalDate | null | undefined }

const MOST_ENTRIES = 5_000

const SUMMARY = `WITH keys AS MATERIALIZED (
  SELECT p.* FROM audit.find_entries($1::jsonb, $2::int + 1, false) p
), found AS MATERIALIZED (
  SELECT s.at, s.user_id, s.user_name, s.roles, s.outcome = 'ok' AND s.action IN ('create', 'update', 'delete') AS is_change
  FROM (SELECT * FROM keys ORDER BY at DESC, entry_id DESC LIMIT $2::int) p
  CROSS JOIN LATERAL (SELECT * FROM audit.search s WHERE s.shard = p.shard AND s.entry_id = p.entry_id LIMIT 1) s
)
SELECT user_id AS "userId", (array_agg(user_name ORDER BY at DESC) FILTER (WHERE user_name IS NOT NULL))[1] AS "userName",
  array(SELECT DISTINCT code FROM found f CROSS JOIN unnest(f.roles) AS code
    WHERE f.user_id IS NOT DISTINCT FROM g.user_id AND (g.user_id IS NOT NULL OR f.user_name IS NOT DISTINCT FROM g.user_key) ORDER BY code) AS roles,
  (count(*) FILTER (WHERE NOT is_change))::int AS "readCount", (count(*) FILTER (WHERE is_change))::int AS "changeCount",
  min(at) AS "firstAt", max(at) AS "lastAt", (SELECT count(*) FROM keys) > $2::int AS "isPartial"
FROM (SELECT f.*, CASE WHEN f.user_id IS NULL THEN f.user_name END AS user_key FROM found f) g
GROUP BY user_id, user_key ORDER BY max(at) DESC, user_id`

/**
 * Who read or changed anything about a subject (a patient, client, user or staff member) at the actor's clinic on these practice days, both
 * included, the latest first. Counts operations, a refused change as a read; at most the newest 5,000, and says when there are more.
 */
export async function summariseAccess(db: AuditReader, actor: ClinicActor, subjectId: string, range: SummaryRange): Promise<AccessSummary> {
  const filter = { subjectId, from: range.from, to: range.to }
  const people = await db.query<PersonAccess & { readonly isPartial: boolean }>({
    name: 'audit_access_summary',
    text: SUMMARY,
    values: [JSON.stringify(trailFilter(actor, filter, { after: null, before: null })), MOST_ENTRIES],
  })
  db.reads(
    'User',
    people.flatMap(({ userId }) => userId ?? []),
    ['name', 'roles'],
  )
  db.aggregates('audit_access_summary', { subjectId, ...(range.from ? { from: range.from } : {}), ...(range.to ? { to: range.to } : {}) })
  const entryCount = people.reduce((sum, { readCount, changeCount }) => sum + readCount + changeCount, 0)
  return { people, entryCount, isPartial: people.some(({ isPartial }) => isPartial) }
}
