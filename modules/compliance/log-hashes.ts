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
 * Hashes of perfect subtrees of a log, from its full tiles, the roots of the tiles below a tile that is not full yet, and its newest leaves.
 * At most three statements, whatever the number of hashes.
 */
export function logHashes(query: LogQuery, key: LogKey): SubtreeHashes {
  return async (wanted) => {
    const spans = wanted.map(spanOf)
    const tiles = await readTiles(query, key, spans)
    const open = spans.filter((span) => !tiles.has(nameOf(span)))
    const [roots, leaves] = [await readRoots(query, key, open), await readLeaves(query, key, open)]
    const nodes = new Map([...roots, ...leaves])
    return spans.map((span) => foldSpan(tiles.get(nameOf(span)), nodes, span))
  }
}

/** The hashes of one tile that a subtree covers; they never leave one tile. */
type Span = { readonly level: number; readonly tile: bigint; readonly from: bigint; readonly count: bigint }

function spanOf({ level: height, index }: Subtree): Span {
  const level = Math.floor(height / TILE_HEIGHT)
  const within = BigInt(height - level * TILE_HEIGHT)
  const from = index << within
  return { level, tile: from / TILE_WIDTH, from, count: 1n << within }
}

const nameOf = ({ level, tile }: Pick<Span, 'level' | 'tile'>): string => `${level}/${tile}`

/** Each tile once. */
function distinct(spans: readonly Span[]): Span[] {
  return [...new Map(spans.map((span) => [nameOf(span), span])).values()]
}

async function readTiles(query: LogQuery, { shard, log }: LogKey, spans: readonly Span[]): Promise<Map<string, Uint8Array>> {
  const wanted = distinct(spans)
  if (wanted.length === 0) return new Map()
  const rows = await query<{ level: number; idx: string; hashes: Uint8Array }>({
    name: 'audit_tiles',
    text: `SELECT t.level, t.idx, t.hashes FROM unnest($3::smallint[], $4::bigint[]) AS w(level, idx)
      JOIN audit.tile t ON t.shard = $1::date AND t.log = $2::int AND t.level = w.level AND t.idx = w.idx`,
    values: [shard, log, wanted.map(({ level }) => level), wanted.map(({ tile }) => tile.toString())],
  })
  return new Map(rows.map(({ level, idx, hashes }) => [`${level}/${idx}`, hashes]))
}

type Nodes = Map<string, Uint8Array>

/** The hashes of tiles that are not full, above the leaves: the roots of the full tiles of the level below. */
async function readRoots(query: LogQuery, { shard, log }: LogKey, open: readonly Span[]): Promise<Nodes> {
  const wanted = distinct(open).filter(({ level }) => level > 0)
  if (wanted.length === 0) return new Map()
  const rows = await query<{ level: number; idx: string; root: Uint8Array }>({
    name: 'audit_tile_roots',
    text: `SELECT t.level + 1 AS level, t.idx, t.root FROM unnest($3::smallint[], $4::bigint[]) AS w(level, first)
      JOIN audit.tile t ON t.shard = $1::date AND t.log = $2::int AND t.level = w.level - 1 AND t.idx >= w.first AND t.idx < w.first + ${TILE_WIDTH}`,
    values: [shard, log, wanted.map(({ level }) => level), wanted.map(({ tile }) => (tile * TILE_WIDTH).toString())],
  })
  return new Map(rows.map(({ level, idx, root }) => [`${level}/${idx}`, root]))
}

/** The newest leaves, which fill no tile yet. There is one such tile at most. */
async function readLeaves(query: LogQuery, { shard, log }: LogKey, open: readonly Span[]): Promise<Nodes> {
  const first = open.find(({ level }) => level === 0)
  if (!first) return new Map()
  const bounds = [(first.tile * TILE_WIDTH).toString(), ((first.tile + 1n) * TILE_WIDTH).toString()]
  const rows = await query<{ idx: string; leaf_hash: Uint8Array }>(
    log === SPINE
      ? { name: 'audit_spine_hashes', text: 'SELECT idx, leaf_hash FROM audit.spine WHERE idx >= $1::bigint AND idx < $2::bigint', values: bounds }
      : {
          name: 'audit_leaf_hashes',
          text: 'SELECT idx, leaf_hash FROM audit.leaf WHERE shard = $3::date AND log = $4::int AND idx >= $1::bigint AND idx < $2::bigint',
          values: [...bounds, shard, log],
        },
  )
  return new Map(rows.map(({ idx, leaf_hash }) => [`0/${idx}`, leaf_hash]))
}

function foldSpan(full: Uint8Array | undefined, nodes: Nodes, { level, from, count }: Span): Uint8Array {
  let hashes = Array.from({ length: Number(count) }, (_, index) => {
    const at = from + BigInt(index)
    const offset = Number(at % TILE_WIDTH) * HASH
    const hash = full ? full.subarray(offset, offset + HASH) : nodes.get(`${level}/${at}`)
    if (hash === undefined) throw new Error(`the log has no hash ${at} at level ${level}: it was cut or is damaged`)
    return hash
  })
  while (hashes.length > 1) hashes = hashes.flatMap((left, index) => (index % 2 === 0 ? [hashNode(left, hashes[index + 1] ?? left)] : []))
  return hashes[0] ?? new Uint8Array()
}
