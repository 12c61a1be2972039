/** What one step of the sequencer takes: entries after the cursor, in the order of their transactions. Parameters are `BatchBounds`. */
export const batchOf = (columns: string): string => `SELECT ${columns} FROM audit.entry e
  WHERE e.shard >= $6::date AND (e.xid, e.id) > ($1::xid8, $2::uuid) AND e.xid < $3::xid8 AND e.at >= $4::timestamptz
  ORDER BY e.xid, e.id LIMIT $5`

/** Transaction and id of the cursor, transaction at which to stop, start of the epoch, greatest number, first month that is open. */
export type BatchBounds = readonly [xid: string, id: string, high: string, epochStartedAt: string, limit: number, openFrom: string]
