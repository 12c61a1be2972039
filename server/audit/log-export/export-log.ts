import { createHash, hash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { type ClientBase, escapeLiteral } from 'pg'
import { SPINE, spineOrigin } from '../../../modules/compliance/log-names.ts'
import { formatVerifierKey } from '../../../modules/kernel/signed-note.ts'
import { StartupError } from '../../startup-error.ts'
import { exportReadme } from './readme.ts'
import { type StoredTile, TileWriter, type WriteFile } from './tile-writer.ts'

export type LogExport = { readonly entries: number; readonly logs: number; readonly files: number }
export type ExportChoice = {
  /** An empty or missing folder. */
  readonly dir: string
  /** YYYY-MM; null: all. */
  readonly month: string | null
  readonly clinicId: string | null
  readonly onProgress?: (entries: number) => void
}

type TreeRow = {
  readonly log: number
  readonly clinic_id: string
  readonly shard: string
  readonly published: string
  readonly note: string
  readonly dropped: boolean
}
type FileFact = { readonly path: string; readonly size: number; readonly sha256: string }

const PAGE = 4_096
const VERIFIER = fileURLToPath(new URL('../../../verifier/chiron-verify.mjs', import.meta.url))

/**
 * Writes the published part of the log as a folder that proves itself without this installation (docs/audit-format.md, "Export"). Reads
 * one snapshot, in pages. Throws StartupError when the folder is not empty or nothing is published yet.
 */
export async function exportLog(client: ClientBase, choice: ExportChoice): Promise<LogExport> {
  const folder = await ExportFolder.create(choice.dir)
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  // Exports of years take longer than any operation may.
  await client.query('SET LOCAL transaction_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0')
  try {
    return await writeAll(client, choice, folder)
  } finally {
    await client.query('ROLLBACK').catch(() => {})
  }
}

async function writeAll(client: ClientBase, choice: ExportChoice, folder: ExportFolder): Promise<LogExport> {
  const { month, clinicId, onProgress } = choice
  const { rows: facts } = await client.query<{ id: string; public_key: Buffer | null; epoch: number; tx: string; at: string }>(
    `SELECT id, public_key, epoch, pg_snapshot_xmax(pg_current_snapshot())::text AS tx, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at FROM audit.installation`,
  )
  const [installation] = facts
  if (!installation?.public_key) throw new StartupError('Nothing is published yet: start Chiron once, so that its sequencer signs the first checkpoint.')
  const { rows: trees } = await client.query<TreeRow>(
    `SELECT t.log, t.clinic_id, t.shard::text, t.published::text, c.note, t.dropped_at IS NOT NULL AS dropped
     FROM audit.tree t JOIN audit.checkpoint c ON c.log = t.log AND c.size = t.published
     WHERE t.log = 0 OR (($1::date IS NULL OR t.shard = $1::date) AND ($2::uuid IS NULL OR t.clinic_id = $2::uuid)) ORDER BY t.log`,
    [month === null ? null : `${month}-01`, clinicId],
  )
  const isWhole = month === null && clinicId === null
  let entries = 0
  for (const tree of trees) {
    const name = tree.log === SPINE ? 'spine' : `logs/${tree.clinic_id}/${tree.shard.slice(0, 7)}`
    // Of a month that was dropped the spine says all there is to say.
    if (tree.dropped) continue
    await folder.write(`${name}/checkpoint`, Buffer.from(tree.note))
    await writeTiles(client, tree, new TileWriter(name, folder.write, storedTiles(client, tree)), (count) => onProgress?.(entries + count))
    entries += Number(tree.published)
  }
  await writeCheckpoints(client, folder)
  await writeLoose(client, folder, choice)
  if (isWhole) await writeCensus(client, folder)
  const key = formatVerifierKey({ name: spineOrigin(installation.id), type: 1, publicKey: installation.public_key })
  await folder.write('key.vkey', Buffer.from(`${key}\n`))
  await folder.write('chiron-verify.mjs', await readFile(VERIFIER))
  await folder.write('README.md', Buffer.from(exportReadme(installation.id, installation.at)))
  await folder.end({ v: 1, installation: installation.id, exportedAt: installation.at, key, tx: installation.tx, epoch: installation.epoch, isWhole })
  return { entries, logs: trees.length, files: folder.count }
}

function storedTiles(client: ClientBase, { log, shard }: TreeRow): StoredTile {
  return async (level, index) => {
    const { rows } = await client.query<{ hashes: Buffer }>({
      name: 'export_tile',
      text: 'SELECT hashes FROM audit.tile WHERE shard = $1::date AND log = $2::int AND level = $3::smallint AND idx = $4::bigint',
      values: [shard, log, level, index.toString()],
    })
    return rows[0]?.hashes ?? null
  }
}

async function writeTiles(client: ClientBase, { log, shard, published }: TreeRow, writer: TileWriter, onProgress: (count: number) => void): Promise<void> {
  const source =
    log === SPINE
      ? 'SELECT s.idx, s.body, s.leaf_hash FROM audit.spine s WHERE $1::date IS NOT NULL AND $2::int = 0 AND s.idx >= $3::bigint AND s.idx < $4::bigint ORDER BY s.idx'
      : // An entry that is gone leaves an empty body, whose hash is not the leaf's: the verifier then names it.
        `SELECT l.idx, coalesce(e.body, '') AS body, l.leaf_hash FROM audit.leaf l LEFT JOIN audit.entry e ON e.shard = l.shard AND e.id = l.entry_id
         WHERE l.shard = $1::date AND l.log = $2::int AND l.idx >= $3::bigint AND l.idx < $4::bigint ORDER BY l.idx`
  const size = Number(published)
  for (let from = 0; from < size; from += PAGE) {
    const { rows } = await client.query<{ body: Buffer; leaf_hash: Buffer }>({
      name: `export_${log === SPINE}`,
      text: source,
      values: [shard, log, from, Math.min(from + PAGE, size)],
    })
    for (const { body, leaf_hash } of rows) await writer.add(body, leaf_hash)
    onProgress(from + rows.length)
  }
  await writer.end()
}

async function writeCheckpoints(client: ClientBase, folder: ExportFolder): Promise<void> {
  const stream = folder.stream('checkpoints.txt')
  let after = '-1'
  for (;;) {
    const { rows } = await client.query<{ size: string; note: string }>(
      `SELECT c.size::text, c.note || coalesce((SELECT string_agg(s.line, '' ORDER BY s.witness) FROM audit.cosignature s WHERE s.size = c.size), '') AS note
       FROM audit.checkpoint c WHERE c.log = ${SPINE} AND c.size > $1::bigint ORDER BY c.size LIMIT ${PAGE}`,
      [after],
    )
    for (const { note } of rows) await stream.write(`${note}====\n`)
    const last = rows.at(-1)
    if (!last) break
    after = last.size
  }
  await stream.end()
}

/**
 * Entries of this snapshot that no published log holds: those that only wait (`pending.jsonl`; the census counts their rows already), and those
 * that the sequencer has passed over (`unlogged.jsonl`), which somebody must have added behind its back.
 */
async function writeLoose(client: ClientBase, folder: ExportFolder, { month, clinicId }: ExportChoice): Promise<void> {
  const [unlogged, pending] = [folder.stream('unlogged.jsonl'), folder.stream('pending.jsonl')]
  await client.query(`DECLARE loose NO SCROLL CURSOR FOR
    SELECT e.clinic_id AS clinic, to_char(e.shard, 'YYYY-MM') AS month, e.id AS entry, e.xid::text AS tx, coalesce(audit.read_body(e.body, true) #>> '{}', '') AS body,
      l.entry_id IS NULL AND ((e.xid, e.id) <= (c.xid, c.id) OR e.at < i.epoch_started_at) AS is_due
    FROM audit.entry e CROSS JOIN audit.cursor c CROSS JOIN audit.installation i
      LEFT JOIN audit.leaf l ON l.shard = e.shard AND l.entry_id = e.id LEFT JOIN audit.tree t ON t.log = l.log
    WHERE c.name = 'sequencer' AND (l.entry_id IS NULL OR l.idx >= t.published)
      ${month === null ? '' : `AND e.shard = ${escapeLiteral(`${month}-01`)}`} ${clinicId === null ? '' : `AND e.clinic_id = ${escapeLiteral(clinicId)}`}`)
  for (;;) {
    const { rows } = await client.query<{ is_due: boolean }>(`FETCH ${PAGE} FROM loose`)
    if (rows.length === 0) break
    for (const { is_due, ...entry } of rows) await (is_due ? unlogged : pending).write(`${JSON.stringify(entry)}\n`)
  }
  await unlogged.end()
  await pending.end()
}

async function writeCensus(client: ClientBase, folder: ExportFolder): Promise<void> {
  const stream = folder.stream('census.tsv')
  await client.query('DECLARE census NO SCROLL CURSOR FOR SELECT type, id FROM list_audited_records() ORDER BY type COLLATE "C", id COLLATE "C"')
  for (;;) {
    const { rows } = await client.query<{ type: string; id: string }>(`FETCH ${PAGE} FROM census`)
    if (rows.length === 0) break
    await stream.write(rows.map(({ type, id }) => `${type}\t${id}\n`).join(''))
  }
  await stream.end()
}

/** Files of an export, each hashed as it is written. */
class ExportFolder {
  readonly #dir: string
  readonly #files: FileFact[] = []
  readonly #made = new Set<string>()

  constructor(dir: string) {
    this.#dir = dir
  }

  static async create(dir: string): Promise<ExportFolder> {
    await mkdir(dir, { recursive: true })
    try {
      await (await open(join(dir, 'manifest.json'), 'wx')).close()
    } catch {
      throw new StartupError(`${dir} holds an export already: name an empty folder.`)
    }
    return new ExportFolder(dir)
  }

  get count(): number {
    return this.#files.length + 1
  }

  readonly write: WriteFile = async (path, content) => {
    await writeFile(await this.#place(path), content, { flag: 'wx' })
    this.#files.push({ path, size: content.length, sha256: hash('sha256', content) })
  }

  stream(path: string): { write: (text: string) => Promise<void>; end: () => Promise<void> } {
    const sum = createHash('sha256')
    let size = 0
    const opened = this.#place(path).then((place) => createWriteStream(place, { flags: 'wx' }))
    return {
      write: async (text) => {
        sum.update(text)
        size += Buffer.byteLength(text)
        const file = await opened
        if (!file.write(text)) await new Promise<void>((resolve) => file.once('drain', () => resolve()))
      },
      end: async () => {
        const file = await opened
        file.end()
        await finished(file)
        this.#files.push({ path, size, sha256: sum.digest('hex') })
      },
    }
  }

  async end(facts: object): Promise<void> {
    const files = this.#files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    await writeFile(join(this.#dir, 'manifest.json'), `${JSON.stringify({ ...facts, files }, null, 1)}\n`)
  }

  async #place(path: string): Promise<string> {
    const place = join(this.#dir, path)
    const folder = dirname(place)
    if (!this.#made.has(folder)) await mkdir(folder, { recursive: true })
    this.#made.add(folder)
    return place
  }
}
