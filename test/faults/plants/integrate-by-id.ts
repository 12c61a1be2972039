import type { ClientBase } from 'pg'
import { growTrees } from '../../../server/audit/sequencer/growth.ts'
import { inTransaction } from '../../../server/audit/sequencer/transaction.ts'

type Batch = {
  readonly log: number
  readonly shard: string
  readonly size: string
  readonly frontier: Buffer
  readonly hashes: Buffer
  readonly last_id: string
}

/**
 * What `integrate` must not be: takes the entries whose ids follow the last one, in their order. An entry whose transaction commits after
 * one with a greater id has been integrated is passed over for good.
 */
export function integrate(client: ClientBase, limit = 20_000): Promise<{ leaves: number; isCaughtUp: boolean }> {
  return inTransaction(client, async () => {
    const { rows: places } = await client.query<{ id: string; high: string }>(
      "SELECT id, pg_snapshot_xmax(pg_current_snapshot())::text AS high FROM audit.cursor WHERE name = 'sequencer' FOR UPDATE",
    )
    const [place] = places
    const page = 'SELECT e.id, e.clinic_id, e.shard, e.leaf_hash FROM audit.entry e WHERE e.id > $1 ORDER BY e.id LIMIT $2'
    await client.query(
      `INSERT INTO audit.tree (clinic_id, shard) SELECT DISTINCT p.clinic_id, p.shard FROM (${page}) p
       WHERE NOT EXISTS (SELECT FROM audit.tree t WHERE t.clinic_id = p.clinic_id AND t.shard = p.shard)`,
      [place?.id, limit],
    )
    const { rows } = await client.query<Batch & { count: string }>(
      `WITH numbered AS MATERIALIZED (
         SELECT p.*, t.log, t.size, t.frontier, t.size + row_number() OVER (PARTITION BY t.log ORDER BY p.id) - 1 AS idx
         FROM (${page}) p JOIN audit.tree t ON t.clinic_id = p.clinic_id AND t.shard = p.shard
       ), logged AS (INSERT INTO audit.leaf (shard, log, idx, entry_id, leaf_hash) SELECT shard, log, idx, id, leaf_hash FROM numbered)
       SELECT log, shard::text, size, frontier, string_agg(leaf_hash, ''::bytea ORDER BY idx) AS hashes, count(*), (SELECT id FROM numbered ORDER BY id DESC LIMIT 1) AS last_id
       FROM numbered GROUP BY log, shard, size, frontier`,
      [place?.id, limit],
    )
    const [first] = rows
    if (!first) return { leaves: 0, isCaughtUp: true }
    await growTrees(
      client,
      rows.map(({ log, shard, size, frontier, hashes }) => ({ tree: { log, shard, size: BigInt(size), frontier }, hashes })),
    )
    await client.query("UPDATE audit.cursor SET xid = $1::xid8, id = $2::uuid WHERE name = 'sequencer'", [place?.high, first.last_id])
    const leaves = rows.reduce((sum, { count }) => sum + Number(count), 0)
    return { leaves, isCaughtUp: leaves < limit }
  })
}

export const integrateBelow = (client: ClientBase, _horizon: string | null, limit?: number) => integrate(client, limit)
