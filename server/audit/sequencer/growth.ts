import type { ClientBase } from 'pg'
import { SPINE } from '../../../modules/compliance/log-names.ts'
import { Frontier } from '../../../modules/kernel/merkle.ts'

const TILE_WIDTH = 256
const TILE_HEIGHT = 8
const HASH = 32

/** A tree before it grows. */
export type Tree = { readonly log: number; readonly shard: string; readonly size: bigint; readonly frontier: Uint8Array }
export type Grown = Tree & { readonly root: Buffer }

/** A tile that became full: its position and root. Its hashes are read back from the level below. */
type FullTile = { readonly log: number; readonly shard: string; readonly level: number; readonly idx: bigint; readonly root: Uint8Array }

/**
 * Adds leaves, given as 32-byte hashes in order, to trees; stores the new sizes and frontiers, and the tiles that became full. The
 * leaves themselves must be in audit.leaf (or audit.spine) already. Answers the trees as they are now.
 */
export async function growTrees(client: ClientBase, additions: readonly { tree: Tree; hashes: Uint8Array }[]): Promise<Grown[]> {
  const tiles: FullTile[] = []
  const grown = additions.map(({ tree, hashes }) => growOne(tree, hashes, tiles))
  await storeTiles(client, tiles)
  await client.query(
    `UPDATE audit.tree t SET size = g.size, frontier = g.frontier FROM unnest($1::int[], $2::bigint[], $3::bytea[]) AS g(log, size, frontier) WHERE t.log = g.log`,
    [grown.map(({ log }) => log), grown.map(({ size }) => size.toString()), grown.map(({ frontier }) => Buffer.from(frontier))],
  )
  return grown
}

function growOne({ log, shard, size, frontier }: Tree, hashes: Uint8Array, tiles: FullTile[]): Grown {
  const tree = new Frontier(size, frontier)
  const noteTile = (level: number, index: bigint, root: Uint8Array) => {
    if (level > 0 && level % TILE_HEIGHT === 0) tiles.push({ log, shard, level: level / TILE_HEIGHT - 1, idx: index, root })
  }
  for (let at = 0; at < hashes.length; at += HASH) tree.append(hashes.subarray(at, at + HASH), noteTile)
  return { log, shard, size: tree.size, frontier: tree.roots(), root: tree.root() }
}

// From the lowest level up, because each level's hashes are the roots of the one below.
async function storeTiles(client: ClientBase, tiles: readonly FullTile[]): Promise<void> {
  for (const [level, full] of [...Map.groupBy(tiles, (tile) => tile.level)].sort(([a], [b]) => a - b)) {
    const values = [full.map(({ shard }) => shard), full.map(({ log }) => log), full.map(({ idx }) => idx.toString()), full.map(({ root }) => root)]
    const from =
      level > 0
        ? 'audit.tile n WHERE n.shard = f.shard AND n.log = f.log AND n.level = $5 - 1 AND'
        : 'audit.leaf n WHERE n.shard = f.shard AND n.log = f.log AND'
    const source = level === 0 && full[0]?.log === SPINE ? 'audit.spine n WHERE' : from
    await client.query(
      `INSERT INTO audit.tile (shard, log, level, idx, hashes, root)
       SELECT f.shard, f.log, $5::smallint, f.idx,
         (SELECT string_agg(n.${level > 0 ? 'root' : 'leaf_hash'}, ''::bytea ORDER BY n.idx) FROM ${source} n.idx >= f.idx * ${TILE_WIDTH} AND n.idx < (f.idx + 1) * ${TILE_WIDTH}), f.root
       FROM unnest($1::date[], $2::int[], $3::bigint[], $4::bytea[]) AS f(shard, log, idx, root)`,
      [...values, level],
    )
  }
}
