import type { AuditReader } from '../kernel/db.ts'
import { hashNode, type Subtree, type SubtreeHashes } from '../kernel/merkle.ts'
import { SPINE } from './log-names.ts'

/** What reads the log: the auditor's reader, or the sequencer's own connection. */
export type LogQuery = AuditReader['query']
/** A log as its tables know it; `shard` is the first day of its month. */
export type LogKey = { readonly log: number; readonly shard: string }

const TILE_HEIGHT = 8
const TILE_WIDTH = 256n
const HASH = 32

/**
 * Hashes of perfect subtrees of a log, from its full tiles, the roots of the tiles below a tile that is not full yet, and its
 * newest leaves. At most three statements per level of tiles, whatever the number of hashes.
 */
export function logHashes(query: LogQuery, key: LogKey): SubtreeHashes {
  return async (wanted) => {
    const found = new Map<Subtree, Uint8Array>()
    const byLevel = Map.groupBy(wanted, ({ level }) => Math.floor(level / TILE_HEIGHT))
    for (const [level, subtrees] of byLevel) {
      const spans = subtrees.map((subtree) => spanOf(subtree, level))
      const rows = await readRows(query, key, level, spans)
      for (const [index, subtree] of subtrees.entries()) {
        const span = spans[index]
        if (span) found.set(subtree, foldSpan(rows, span))
      }
    }
    return wanted.map((subtree) => found.get(subtree) ?? new Uint8Array())
  }
}

/** The hashes of one tile's level that a subtree covers; they never leave one tile. */
type Span = { readonly tile: bigint; readonly from: bigint; readonly count: bigint }

function spanOf({ level, index }: Subtree, tileLevel: number): Span {
  const height = BigInt(level - tileLevel * TILE_HEIGHT)
  const from = index << height
  return { tile: from / TILE_WIDTH, from, count: 1n << height }
}

type Rows = { readonly tiles: ReadonlyMap<bigint, Uint8Array>; readonly nodes: ReadonlyMap<bigint, Uint8Array> }

async function readRows(query: LogQuery, key: LogKey, level: number, spans: readonly Span[]): Promise<Rows> {
  const wanted = [...new Set(spans.map(({ tile }) => tile))]
  const stored = await query<{ idx: string; hashes: Uint8Array }>({
    name: 'audit_tiles',
    text: 'SELECT idx, hashes FROM audit.tile WHERE shard = $1::date AND log = $2::int AND level = $3::smallint AND idx = ANY ($4::bigint[])',
    values: [key.shard, key.log, level, wanted.map(String)],
  })
  const tiles = new Map(stored.map(({ idx, hashes }) => [BigInt(idx), hashes]))
  const open = wanted.filter((tile) => !tiles.has(tile))
  const nodes = new Map<bigint, Uint8Array>()
  for (const tile of open) for (const { idx, hash } of await readNodes(query, key, level, tile * TILE_WIDTH)) nodes.set(BigInt(idx), hash)
  return { tiles, nodes }
}

/** The hashes of a tile that is not full: leaves, or roots of the full tiles of the level below. */
function readNodes(query: LogQuery, { shard, log }: LogKey, level: number, first: bigint) {
  const bounds = [first.toString(), (first + TILE_WIDTH).toString()]
  if (level > 0)
    return query<{ idx: string; hash: Uint8Array }>({
      name: 'audit_tile_roots',
      text: `SELECT idx, root AS hash FROM audit.tile WHERE shard = $1::date AND log = $2::int AND level = $3::smallint AND idx >= $4::bigint AND idx < $5::bigint`,
      values: [shard, log, level - 1, ...bounds],
    })
  if (log === SPINE)
    return query<{ idx: string; hash: Uint8Array }>({
      name: 'audit_spine_hashes',
      text: 'SELECT idx, leaf_hash AS hash FROM audit.spine WHERE idx >= $1::bigint AND idx < $2::bigint',
      values: bounds,
    })
  return query<{ idx: string; hash: Uint8Array }>({
    name: 'audit_leaf_hashes',
    text: 'SELECT idx, leaf_hash AS hash FROM audit.leaf WHERE shard = $1::date AND log = $2::int AND idx >= $3::bigint AND idx < $4::bigint',
    values: [shard, log, ...bounds],
  })
}

function foldSpan({ tiles, nodes }: Rows, { tile, from, count }: Span): Uint8Array {
  const full = tiles.get(tile)
  let level = Array.from({ length: Number(count) }, (_, index) => {
    const at = from + BigInt(index)
    const offset = Number(at % TILE_WIDTH) * HASH
    const hash = full ? full.subarray(offset, offset + HASH) : nodes.get(at)
    if (hash === undefined) throw new Error(`the log has no hash ${at} at this level: it was cut or is damaged`)
    return hash
  })
  while (level.length > 1) level = level.flatMap((left, index) => (index % 2 === 0 ? [hashNode(left, level[index + 1] ?? left)] : []))
  return level[0] ?? new Uint8Array()
}
