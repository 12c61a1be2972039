import type { ClientBase } from 'pg'
import { announceChanges } from './announce.ts'
import { type BatchBounds, batchOf } from './batch.ts'
import { growTrees } from './growth.ts'
import { inTransaction } from './transaction.ts'

export type Integrated = {
  readonly leaves: number
  /** False when more entries wait than one step takes. */
  readonly isCaughtUp: boolean
}

const BATCH = batchOf('e.id, e.clinic_id, e.shard, e.leaf_hash, e.xid')

type Place = { readonly xid: string; readonly id: string; readonly high: string; readonly epoch_started_at: string; readonly open_from: string }
type Group = {
  readonly log: number
  readonly shard: string
  readonly size: string
  readonly frontier: Buffer
  readonly hashes: Buffer
  readonly count: string
  readonly last_xid: string
  readonly last_id: string
}

/**
 * One step of the sequencer: integrates committed entries, in the order of their transactions, into the trees of their clinics and
 * months. Takes entries of transactions below the snapshot's xmin only: below it nothing can be committed any more, so that none is
 * missed. A transaction of any size is taken up over several steps.
 */
export function integrate(client: ClientBase, limit = 20_000): Promise<Integrated> {
  return integrateBelow(client, null, limit)
}

/** As `integrate`, below a transaction id instead of the snapshot's xmin: for what an earlier epoch has left. */
export async function integrateBelow(client: ClientBase, horizon: string | null, limit = 20_000): Promise<Integrated> {
  return inTransaction(client, async () => {
    const { rows: places } = await client.query<Place>(
      `SELECT c.xid::text, c.id, coalesce($1, pg_snapshot_xmin(pg_current_snapshot())::text) AS high, i.epoch_started_at::text,
         (SELECT coalesce(max(shard) + interval '1 month', '0001-01-01')::date::text FROM audit.tree WHERE closed_at IS NOT NULL) AS open_from
       FROM audit.cursor c, audit.installation i WHERE c.name = 'sequencer' FOR UPDATE OF c`,
      [horizon],
    )
    const [place] = places
    if (!place) throw new Error('the cursor of the sequencer is missing')
    const bounds: BatchBounds = [place.xid, place.id, place.high, place.epoch_started_at, limit, place.open_from]
    await client.query({
      name: 'sequencer_trees',
      text: `INSERT INTO audit.tree (clinic_id, shard) SELECT DISTINCT b.clinic_id, b.shard FROM (${BATCH}) b
        WHERE NOT EXISTS (SELECT FROM audit.tree t WHERE t.clinic_id = b.clinic_id AND t.shard = b.shard)`,
      values: [...bounds],
    })
    const { rows: groups } = await client.query<Group>({
      name: 'sequencer_leaves',
      text: `WITH batch AS MATERIALIZED (${BATCH}), numbered AS MATERIALIZED (
          SELECT b.*, t.log, t.size, t.frontier, t.size + row_number() OVER (PARTITION BY t.log ORDER BY b.xid, b.id) - 1 AS idx
          FROM batch b JOIN audit.tree t ON t.clinic_id = b.clinic_id AND t.shard = b.shard
        ), logged AS (
          INSERT INTO audit.leaf (shard, log, idx, entry_id, leaf_hash) SELECT shard, log, idx, id, leaf_hash FROM numbered
        ), ends AS (SELECT xid::text AS last_xid, id AS last_id FROM batch ORDER BY xid DESC, id DESC LIMIT 1)
        SELECT n.log, n.shard::text, n.size, n.frontier, string_agg(n.leaf_hash, ''::bytea ORDER BY n.idx) AS hashes, count(*), e.last_xid, e.last_id
        FROM numbered n, ends e GROUP BY n.log, n.shard, n.size, n.frontier, e.last_xid, e.last_id`,
      values: [...bounds],
    })
    const leaves = groups.reduce((sum, { count }) => sum + Number(count), 0)
    const [first] = groups
    if (!first) return { leaves: 0, isCaughtUp: true }
    await growTrees(
      client,
      groups.map(({ log, shard, size, frontier, hashes }) => ({ tree: { log, shard, size: BigInt(size), frontier }, hashes })),
    )
    await announceChanges(client, bounds)
    const isCaughtUp = leaves < limit
    // Everything below `high` is done; when there was more, everything up to the last one taken.
    const [xid, id] = isCaughtUp ? [place.high, '00000000-0000-0000-0000-000000000000'] : [first.last_xid, first.last_id]
    await client.query("UPDATE audit.cursor SET xid = $1::xid8, id = $2::uuid, at = statement_timestamp() WHERE name = 'sequencer'", [xid, id])
    return { leaves, isCaughtUp }
  })
}
