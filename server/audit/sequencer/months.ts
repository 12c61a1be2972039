import { hash } from 'node:crypto'
import type { ClientBase } from 'pg'
import { Frontier } from '../../../modules/kernel/merkle.ts'
import type { Json } from '../canonical-json.ts'
import { extendSpine, type Published, publish } from './publish.ts'
import type { LogSigner } from './signing-key.ts'
import { inTransaction } from './transaction.ts'

/** Transactions last seconds; a day also forgives a clock that ran ahead: a sealed month takes no entry any more. */
const GRACE = "interval '1 day'"

type TreeRow = { readonly log: number; readonly clinic_id: string; readonly shard: string; readonly size: string; readonly frontier: Buffer }

/**
 * Closes the months that have ended, one per call: seals the month's partition, and once all of its entries are integrated, writes one
 * `closed` leaf per clinic into the spine. Answers the closed month (YYYY-MM), or null when there is nothing to close yet.
 */
export async function closeMonth(client: ClientBase, signer: LogSigner): Promise<{ month: string; published: Published } | null> {
  const { rows: months } = await client.query<{ shard: string }>(
    `SELECT min(shard)::text AS shard FROM audit.tree WHERE log > 0 AND closed_at IS NULL
     HAVING min(shard) + interval '1 month' + ${GRACE} <= statement_timestamp() AT TIME ZONE 'UTC'`,
  )
  const shard = months[0]?.shard
  if (shard === undefined) return null
  await client.query('SELECT audit.seal_month($1::date)', [shard])
  const { rows: waiting } = await client.query(
    `SELECT FROM audit.entry e, audit.cursor c, audit.installation i WHERE c.name = 'sequencer' AND e.shard = $1::date AND (e.xid, e.id) > (c.xid, c.id)
       AND e.xid < pg_snapshot_xmax(pg_current_snapshot()) AND e.at >= i.epoch_started_at LIMIT 1`,
    [shard],
  )
  if (waiting.length > 0) return null
  await publish(client, signer)
  const month = shard.slice(0, 7)
  const census = await countRows(client, shard)
  const published = await inTransaction(client, async () => {
    await lockTrees(client, shard)
    const { rows } = await client.query<TreeRow & { at: string }>(
      `UPDATE audit.tree SET closed_at = statement_timestamp() WHERE shard = $1::date AND closed_at IS NULL
       RETURNING log, clinic_id, shard::text, size, frontier, to_char(closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`,
      [shard],
    )
    const leaves = rows
      .toSorted((a, b) => a.log - b.log)
      .map(({ at, clinic_id, size, frontier }) => ({
        at,
        census: census.get(clinic_id)?.toJson() ?? {},
        clinic: clinic_id,
        kind: 'closed',
        month,
        root: new Frontier(BigInt(size), frontier).root().toString('hex'),
        size: Number(size),
        v: 1,
      }))
    return extendSpine(client, signer, [], leaves)
  })
  return { month, published }
}

/** In the order in which publication locks them. */
async function lockTrees(client: ClientBase, shard: string): Promise<void> {
  await client.query('SELECT FROM audit.tree WHERE shard = $1::date ORDER BY log FOR UPDATE', [shard])
}

/** Sums over row changes by record type (docs/audit-format.md, "Census"). */
class Census {
  readonly #types = new Map<string, { count: number; sum: bigint }>()

  add(type: string, id: string, sign: 1n | -1n): void {
    const known = this.#types.get(type) ?? { count: 0, sum: 0n }
    const value = BigInt(`0x${hash('sha256', `${type}\n${id}`)}`)
    this.#types.set(type, { count: known.count + Number(sign), sum: BigInt.asUintN(256, known.sum + sign * value) })
  }

  toJson(): Json {
    return Object.fromEntries([...this.#types].map(([type, { count, sum }]) => [type, { count, sum: sum.toString(16).padStart(64, '0') }]))
  }
}

const CENSUS_PAGE = 5_000

/** The census of every clinic's rows in one month, read in pages. */
async function countRows(client: ClientBase, shard: string): Promise<Map<string, Census>> {
  const census = new Map<string, Census>()
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const { rows } = await client.query<{ entry: string; clinic: string; type: string; record: string; op: string }>(
      `SELECT e.id AS entry, e.clinic_id AS clinic, b.body ->> 'type' AS type, b.body ->> 'id' AS record, b.body ->> 'op' AS op
       FROM audit.entry e CROSS JOIN LATERAL (SELECT audit.read_body(e.body) AS body) b
       WHERE e.shard = $1::date AND e.source = 'row' AND e.id > $2::uuid AND b.body ->> 'op' IN ('insert', 'delete') ORDER BY e.id LIMIT ${CENSUS_PAGE}`,
      [shard, after],
    )
    for (const { clinic, type, record, op } of rows) {
      const one = census.get(clinic) ?? new Census()
      census.set(clinic, one)
      one.add(type, record, op === 'insert' ? 1n : -1n)
    }
    const last = rows.at(-1)
    if (!last || rows.length < CENSUS_PAGE) return census
    after = last.entry
  }
}

/**
 * Drops a closed month under a retention policy: the spine says so first, in a published leaf per clinic, and then its entries, leaves,
 * tiles, images and search rows are gone. Later verification still passes. Throws what audit.drop_month refuses.
 */
export function dropMonth(client: ClientBase, signer: LogSigner, month: string, policy: string): Promise<Published> {
  return inTransaction(client, async () => {
    await lockTrees(client, `${month}-01`)
    const { rows } = await client.query<TreeRow & { at: string }>(
      `UPDATE audit.tree SET dropped_at = statement_timestamp() WHERE shard = $1::date AND closed_at IS NOT NULL AND dropped_at IS NULL
       RETURNING log, clinic_id, shard::text, size, frontier, to_char(dropped_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`,
      [`${month}-01`],
    )
    const leaves = rows
      .toSorted((a, b) => a.log - b.log)
      .map(({ at, clinic_id, size, frontier }) => ({
        at,
        clinic: clinic_id,
        kind: 'dropped',
        month,
        policy,
        root: new Frontier(BigInt(size), frontier).root().toString('hex'),
        size: Number(size),
        v: 1,
      }))
    if (leaves.length === 0) throw new Error(`there is no closed month ${month} to drop`)
    const published = await extendSpine(client, signer, [], leaves)
    await client.query('SELECT audit.drop_month($1::date)', [`${month}-01`])
    return published
  })
}
