import type { ClientBase } from 'pg'
import { inTransaction } from './transaction.ts'

export type Reconciled = { readonly findings: number; readonly isCaughtUp: boolean }

const ENTRIES = 20_000

/**
 * One step of reconciliation: whole transactions, in order. A row change whose transaction has no entry of an operation was made behind the
 * API; an entry that names changes without any changed row says what did not happen. Each becomes a finding.
 */
export function reconcile(client: ClientBase, limit = ENTRIES): Promise<Reconciled> {
  return inTransaction(client, async () => {
    const { rows: spans } = await client.query<{ from: string; shard: string; to: string; is_last: boolean }>(
      // Not beyond the sequencer: what it has passed is committed for good. The bound is a whole transaction.
      `SELECT c.xid::text AS from, coalesce(o.shard, '0001-01-01')::text AS shard, coalesce(b.xid, s.xid)::text AS to, b.xid IS NULL AS is_last
       FROM audit.cursor c JOIN audit.cursor s ON s.name = 'sequencer'
       LEFT JOIN LATERAL (SELECT min(shard) AS shard FROM audit.tree WHERE dropped_at IS NULL AND log > 0) o ON true
       LEFT JOIN LATERAL (SELECT e.xid FROM audit.entry e WHERE e.shard >= o.shard AND e.xid >= c.xid AND e.xid < s.xid ORDER BY e.xid, e.id OFFSET $1 LIMIT 1) b ON true
       WHERE c.name = 'reconciler' FOR UPDATE OF c`,
      [limit],
    )
    const [span] = spans
    if (!span || BigInt(span.to) <= BigInt(span.from)) return { findings: 0, isCaughtUp: true }
    const { rowCount } = await client.query(
      `WITH entries AS MATERIALIZED (
         SELECT e.id, e.xid, e.organisation_id, e.clinic_id, e.source, audit.read_body(e.body) AS body
         FROM audit.entry e WHERE e.shard >= $3::date AND e.xid >= $1::xid8 AND e.xid ${span.is_last ? '<' : '<='} $2::xid8
       ), transactions AS (
         SELECT xid, bool_or(source = 'row') AS has_rows, bool_or(source = 'api') AS has_entry FROM entries GROUP BY xid
       )
       INSERT INTO audit.finding (organisation_id, clinic_id, source, kind, entry_id, xid, detail)
       SELECT e.organisation_id, e.clinic_id, 'reconciliation', CASE WHEN e.body IS NULL THEN 'bad-body' WHEN e.source = 'row' THEN 'row-without-entry' ELSE 'entry-without-row' END, e.id, e.xid,
         jsonb_strip_nulls(jsonb_build_object('type', e.body ->> 'type', 'id', e.body ->> 'id', 'op', e.body ->> 'op', 'operation', e.body -> 'operation' ->> 'name'))
       FROM entries e JOIN transactions t ON t.xid = e.xid
       WHERE e.body IS NULL OR (e.source = 'row' AND NOT t.has_entry) OR (e.source = 'api' AND NOT t.has_rows AND e.body ? 'changes')
       ORDER BY e.xid, e.id`,
      [span.from, span.to, span.shard],
    )
    // The next step begins behind the last whole transaction.
    const next = span.is_last ? span.to : (BigInt(span.to) + 1n).toString()
    await client.query("UPDATE audit.cursor SET xid = $1::xid8, at = statement_timestamp() WHERE name = 'reconciler'", [next])
    return { findings: rowCount ?? 0, isCaughtUp: span.is_last }
  })
}
