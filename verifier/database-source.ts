import type { ClientBase } from 'pg'
import { type Imageless, type Leaf, type Log, type Loose, type Source, type Unlogged, VerifierError } from './chiron-verify.mjs'

const SPINE = 0
const WIDTH = 256
const PAGE = 4 * WIDTH
const ROWS = 5_000

type Tree = { readonly log: number; readonly shard: string; readonly size: number; readonly frontier: Buffer; readonly isDropped: boolean }
type LeafRow = {
  readonly idx: string
  readonly entry_id: string
  readonly leaf_hash: Buffer
  readonly data: Buffer | null
  readonly tx: string
  readonly at: string
  readonly organisation: string
  readonly clinic: string
  readonly month: string
  readonly source: string
}

const LEAVES = `SELECT l.idx, l.entry_id, l.leaf_hash, '\\x00'::bytea || e.body AS data, e.xid::text AS tx, e.clinic_id AS clinic, e.source,
    e.organisation_id AS organisation, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, to_char(e.shard, 'YYYY-MM') AS month
  FROM audit.leaf l LEFT JOIN audit.entry e ON e.shard = l.shard AND e.id = l.entry_id
  WHERE l.shard = $1::date AND l.log = $2 AND l.idx >= $3 AND l.idx < $4 ORDER BY l.idx`
// An entry that somebody has moved to another month.
const STRAY = `SELECT e.id AS entry_id, '\\x00'::bytea || e.body AS data, e.xid::text AS tx, e.clinic_id AS clinic, e.source, e.organisation_id AS organisation,
    to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, to_char(e.shard, 'YYYY-MM') AS month
  FROM audit.entry e WHERE e.id = ANY ($1::uuid[])`

/** Entries that no log holds; `is_due` when the sequencer has passed them. */
const LOOSE = `SELECT e.id AS entry, e.clinic_id AS clinic, to_char(e.shard, 'YYYY-MM') AS month, e.xid::text AS tx, e.body, e.organisation_id AS organisation, e.source,
    to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
    (e.xid, e.id) <= (c.xid, c.id) OR e.at < i.epoch_started_at AS is_due
  FROM audit.entry e, audit.cursor c, audit.installation i
  WHERE c.name = 'sequencer' AND NOT EXISTS (SELECT FROM audit.leaf l WHERE l.shard = e.shard AND l.entry_id = e.id)`

/** Logged changes of rows without their image, be it encrypted or waiting for that. */
const IMAGELESS = `SELECT e.id AS entry, e.clinic_id AS clinic, l.idx::int AS index, e.body
  FROM audit.entry e JOIN audit.leaf l ON l.shard = e.shard AND l.entry_id = e.id
  WHERE e.shard = $1::date AND e.source = 'row' AND NOT EXISTS (SELECT FROM audit.image i WHERE i.shard = $1::date AND i.entry_id = e.id)
    AND NOT EXISTS (SELECT FROM audit.image_pending p WHERE p.entry_id = e.id)`

/** `publicKey`: what the database says its key is (not to be trusted). `total`: entries to verify, for progress. */
export type OpenDatabase = Source & { readonly publicKey: Buffer | null; readonly total: number; close(): Promise<void> }

/**
 * Opens the trail of a running database for `verify`: one REPEATABLE READ READ ONLY transaction on a connection that may read schema audit
 * (chiron_sequencer sees all clinics; chiron_auditor those of its scope, and then the verification is partial). Nothing is written. Call
 * `close` when done: it ends the transaction. Throws VerifierError when the trail is not there.
 */
export async function openDatabase(client: ClientBase): Promise<OpenDatabase> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    return await openTrail(client)
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

async function openTrail(client: ClientBase): Promise<OpenDatabase> {
  const { rows } = await client.query<{
    id: string
    public_key: Buffer | null
    horizon: string
    counter: string
    now: string
    is_whole: boolean
    has_census: boolean
  }>(
    `SELECT i.id, i.public_key, c.xid::text AS horizon, pg_snapshot_xmax(pg_current_snapshot())::text AS counter,
       to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now,
       pg_has_role('chiron_sequencer', 'USAGE') AS is_whole, has_function_privilege('public.list_audited_records()', 'EXECUTE') AS has_census
     FROM audit.installation i, audit.cursor c WHERE c.name = 'sequencer'`,
  )
  const [facts] = rows
  if (!facts) throw new VerifierError('this database has no audit trail')
  const trees = await readTrees(client, facts.id)
  const treeOf = ({ month, origin }: Log) => trees.get(month === 'spine' ? `chiron/${facts.id}/spine` : origin)?.tree
  return {
    installation: facts.id,
    publicKey: facts.public_key,
    total: [...trees.values()].reduce((sum, { tree }) => sum + (tree.log === SPINE || tree.isDropped ? 0 : tree.size), 0),
    isPartial: !facts.is_whole,
    counter: Number(facts.counter),
    horizon: Number(facts.horizon),
    hasPartialTiles: false,
    logs: async () => [...trees.values()].filter(({ tree }) => tree.log !== SPINE && !tree.isDropped).map(({ log }) => log),
    leaves: (log) => readLeaves(client, treeOf(log)),
    tile: (log, level, index) => readTile(client, treeOf(log), level, index),
    checkpoints: (log) => readCheckpoints(client, treeOf(log)),
    tree: async (log) => treeOf(log) ?? null,
    records: () => (facts.has_census ? readRecords(client) : null),
    unlogged: () => readUnlogged(client),
    pending: () => readPending(client),
    isPendingWhole: facts.is_whole,
    now: facts.now,
    // Under row security an image may be hidden whose entry is not.
    ...(facts.is_whole ? { missingImages: (month: string) => readImageless(client, month) } : {}),
    fileProblems: async () => [],
    close: async () => {
      await client.query('ROLLBACK')
    },
  }
}

async function readTrees(client: ClientBase, installation: string): Promise<Map<string, { log: Log; tree: Tree }>> {
  const { rows } = await client.query<{ log: number; clinic: string; shard: string; size: string; frontier: Buffer; is_dropped: boolean }>(
    `SELECT log, clinic_id AS clinic, shard::text, size, frontier, dropped_at IS NOT NULL AND to_regclass('audit.leaf_' || to_char(shard, 'YYYY_MM')) IS NULL AS is_dropped
     FROM audit.tree ORDER BY shard, clinic_id`,
  )
  return new Map(
    rows.map(({ log, clinic, shard, size, frontier, is_dropped }) => {
      const month = log === SPINE ? 'spine' : shard.slice(0, 7)
      const origin = log === SPINE ? `chiron/${installation}/spine` : `chiron/${installation}/${clinic}/${month}`
      return [origin, { log: { origin, clinic, month }, tree: { log, shard, size: Number(size), frontier, isDropped: is_dropped } }]
    }),
  )
}

async function* readLeaves(client: ClientBase, tree: Tree | undefined) {
  if (!tree) return
  // Beyond the stored size there may be leaves all the same, and before it holes; a leaf far off is left to the index to complain about.
  const { rows: ends } = await client.query<{ end: string }>(
    tree.log === SPINE
      ? 'SELECT coalesce(max(idx) + 1, 0) AS end FROM audit.spine'
      : { text: 'SELECT coalesce(max(idx) + 1, 0) AS end FROM audit.leaf WHERE shard = $1::date AND log = $2', values: [tree.shard, tree.log] },
  )
  const end = Math.min(Number(ends[0]?.end ?? 0), tree.size + PAGE)
  for (let first = 0; first < end; first += PAGE) {
    const last = Math.min(first + PAGE, end)
    const leaves = tree.log === SPINE ? await readSpinePage(client, first, last) : await readLeafPage(client, tree, first, last)
    for (let at = 0; at < leaves.length; at += WIDTH) yield leaves.slice(at, at + WIDTH)
  }
}

async function readSpinePage(client: ClientBase, first: number, last: number): Promise<Leaf[]> {
  const { rows } = await client.query<{ idx: string; data: Buffer; leaf_hash: Buffer }>({
    name: 'verify_spine',
    text: "SELECT idx, '\\x00'::bytea || body AS data, leaf_hash FROM audit.spine WHERE idx >= $1 AND idx < $2 ORDER BY idx",
    values: [first, last],
  })
  const found = new Map(rows.map((row) => [Number(row.idx), row]))
  return Array.from({ length: last - first }, (_, at) => {
    const row = found.get(first + at)
    return { index: first + at, data: row?.data ?? null, leafHash: row?.leaf_hash ?? null }
  })
}

async function readLeafPage(client: ClientBase, tree: Tree, first: number, last: number): Promise<Leaf[]> {
  const { rows } = await client.query<LeafRow>({ name: 'verify_leaves', text: LEAVES, values: [tree.shard, tree.log, first, last] })
  const found = new Map(rows.map((row) => [Number(row.idx), row]))
  const lost = rows.filter(({ data }) => data === null).map(({ entry_id }) => entry_id)
  const strays = new Map<string, Omit<LeafRow, 'idx' | 'leaf_hash'>>()
  if (lost.length > 0) {
    const { rows: elsewhere } = await client.query<Omit<LeafRow, 'idx' | 'leaf_hash'>>(STRAY, [lost])
    for (const row of elsewhere) strays.set(row.entry_id, row)
  }
  return Array.from({ length: last - first }, (_, at) => {
    const leaf = found.get(first + at)
    if (!leaf) return { index: first + at, data: null }
    const entry = leaf.data === null ? strays.get(leaf.entry_id) : leaf
    const columns = entry && {
      entry: leaf.entry_id,
      tx: entry.tx,
      at: entry.at,
      organisation: entry.organisation,
      clinic: entry.clinic,
      month: entry.month,
      source: entry.source,
    }
    return { index: first + at, data: entry?.data ?? null, entry: leaf.entry_id, leafHash: leaf.leaf_hash, ...(columns ? { columns } : {}) }
  })
}

async function readTile(client: ClientBase, tree: Tree | undefined, level: number, index: number): Promise<Buffer | null> {
  if (!tree) return null
  const { rows } = await client.query<{ hashes: Buffer }>({
    name: 'verify_tile',
    text: 'SELECT hashes FROM audit.tile WHERE shard = $1::date AND log = $2 AND level = $3 AND idx = $4',
    values: [tree.shard, tree.log, level, index],
  })
  return rows[0]?.hashes ?? null
}

async function* readCheckpoints(client: ClientBase, tree: Tree | undefined) {
  if (!tree) return
  for (let after = -1; ; ) {
    const { rows } = await client.query<{ size: string; note: string }>({
      name: 'verify_checkpoints',
      text: `SELECT c.size, c.note || coalesce((SELECT string_agg(rtrim(s.line, E'\\n') || E'\\n', '' ORDER BY s.at) FROM audit.cosignature s WHERE c.log = ${SPINE} AND s.size = c.size), '') AS note
        FROM audit.checkpoint c WHERE c.log = $1 AND c.size > $2 ORDER BY c.size LIMIT 1000`,
      values: [tree.log, after],
    })
    for (const { size, note } of rows) yield { size: Number(size), note }
    const last = rows.at(-1)
    if (!last || rows.length < 1000) return
    after = Number(last.size)
  }
}

let cursors = 0

/** Rows of a query, through a cursor of the transaction, so that memory stays the same however many there are. */
async function* stream<Row extends object>(client: ClientBase, query: string, values: string[] = []): AsyncGenerator<Row[]> {
  cursors += 1
  const name = `verify_${cursors}`
  await client.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${query}`, values)
  for (;;) {
    const { rows } = await client.query<Row>(`FETCH ${ROWS} FROM ${name}`)
    if (rows.length > 0) yield rows
    if (rows.length < ROWS) break
  }
  await client.query(`CLOSE ${name}`)
}

async function* readRecords(client: ClientBase): AsyncGenerator<[type: string, id: string][]> {
  for await (const rows of stream<{ type: string; id: string }>(client, 'SELECT type, id FROM public.list_audited_records()')) {
    yield rows.map(({ type, id }) => [type, id])
  }
}

async function* readUnlogged(client: ClientBase): AsyncGenerator<Unlogged> {
  for await (const rows of stream<Unlogged & { is_due: boolean }>(
    client,
    `SELECT entry, clinic, month, tx FROM (${LOOSE}) loose WHERE is_due ORDER BY month, entry`,
  ))
    yield* rows
}

async function* readPending(client: ClientBase): AsyncGenerator<Loose> {
  const query = `SELECT entry, clinic, month, tx, body, organisation, source, at FROM (${LOOSE}) loose WHERE NOT is_due`
  for await (const rows of stream<Loose>(client, query)) yield* rows
}

async function* readImageless(client: ClientBase, month: string): AsyncGenerator<Imageless> {
  for await (const rows of stream<Imageless>(client, IMAGELESS, [`${month}-01`])) yield* rows
}
