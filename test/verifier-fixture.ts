import { createHash, hash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Frontier, hashLeaf } from '../modules/kernel/merkle.ts'
import { cosign, createSigner, formatCheckpoint, formatVerifierKey, type Signer, signNote, verifierOf } from '../modules/kernel/signed-note.ts'

export const NIL = '00000000-0000-0000-0000-000000000000'
export const SEED = Buffer.alloc(32, 7)
const WIDTH = 256

/** A body before its transaction and instant are known. */
export type Draft = {
  readonly clinic: string
  readonly source: 'api' | 'row'
  readonly type?: string
  readonly id?: string
  readonly op?: 'insert' | 'update' | 'delete'
  readonly subject?: string
}
export type Entry = { id: string; tx: number; clinic: string; month: string; at: string; source: 'api' | 'row'; body: string; leaf: Buffer }
export type Log = {
  clinic: string
  month: string
  entries: Entry[]
  frontier: Frontier
  published: bigint
  checkpoints: { size: bigint; note: string }[]
  isDropped: boolean
}
type Leaf = { body: string; leaf: Buffer }

const sorted = (value: Record<string, unknown>) => JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))))

/** UUIDv7-like ids that ascend with `number`. */
export const idOf = (number: number) => `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
export const clinicOf = (number: number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`

/** The installation's trail as a sequencer would make it, in memory. Tests tamper with what it wrote. */
export class Trail {
  readonly installation: string
  readonly seed: Buffer
  readonly logs = new Map<string, Log>()
  readonly spine: Leaf[] = []
  readonly spineTree = new Frontier()
  readonly checkpoints: { size: bigint; note: string; tx: number }[] = []
  readonly records = new Set<string>()
  tx = 100
  #entry = 0
  #second = 0

  constructor(installation: string = randomUUID(), seed: Buffer = SEED) {
    this.installation = installation
    this.seed = seed
  }

  signerOf(name: string): Signer {
    return createSigner(`chiron/${this.installation}/${name}`, this.seed)
  }

  get key(): string {
    return formatVerifierKey(verifierOf(this.signerOf('spine')))
  }

  origin({ clinic, month }: { clinic: string; month: string }): string {
    return `chiron/${this.installation}/${clinic}/${month}`
  }

  log(clinic: string, month: string): Log {
    const key = `${clinic}/${month}`
    const log = this.logs.get(key) ?? { clinic, month, entries: [], frontier: new Frontier(), published: 0n, checkpoints: [], isDropped: false }
    this.logs.set(key, log)
    return log
  }

  /** When a month has ended, an hour later. */
  ending(month: string): string {
    return `${new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 1, 1)).toISOString().slice(0, 23)}000Z`
  }

  instant(month: string): string {
    this.#second += 1
    return `${new Date(Date.parse(`${month}-01T00:00:00Z`) + this.#second * 1000).toISOString().slice(0, 23)}000Z`
  }

  /** One transaction: integrates its entries, each into its clinic's log. */
  commit(month: string, drafts: readonly Draft[]): Entry[] {
    this.tx += 1
    return drafts.map(({ clinic, source, type = 'Patient', id = randomUUID(), op = 'insert', subject = null }) => {
      const [entry, at] = [idOf(++this.#entry), this.instant(month)]
      const facts = { at, clinic, entry, organisation: NIL, source, tx: String(this.tx), v: 2 }
      const rest =
        source === 'api'
          ? { action: 'update', origin: 'web', outcome: 'ok', request: entry }
          : { commitment: hash('sha256', entry), fields: ['name'], id, op, subject, type }
      if (source === 'row' && op === 'insert') this.records.add(`${type}\t${id}`)
      if (source === 'row' && op === 'delete') this.records.delete(`${type}\t${id}`)
      const body = sorted({ ...facts, ...rest })
      const made = { id: entry, tx: this.tx, clinic, month, at, source, body, leaf: hashLeaf(Buffer.from(body)) }
      const log = this.log(clinic, month)
      log.entries.push(made)
      log.frontier.append(made.leaf)
      return made
    })
  }

  note(origin: string, tree: Frontier): string {
    const extensions = [`chiron/v1 2026-12-21T00:00:00.000000Z ${this.tx + 1}`]
    return signNote(formatCheckpoint({ origin, size: tree.size, root: tree.root(), extensions }), createSigner(origin, this.seed))
  }

  extend(leaves: readonly Record<string, unknown>[]): void {
    for (const value of leaves) {
      const body = sorted({ v: 1, ...value })
      this.spine.push({ body, leaf: hashLeaf(Buffer.from(body)) })
      this.spineTree.append(hashLeaf(Buffer.from(body)))
    }
    this.checkpoints.push({ size: this.spineTree.size, note: this.note(`chiron/${this.installation}/spine`, this.spineTree), tx: this.tx + 1 })
  }

  publish(): void {
    const grown = [...this.logs.values()].filter(({ frontier, published }) => frontier.size > published)
    for (const log of grown) {
      log.checkpoints.push({ size: log.frontier.size, note: this.note(this.origin(log), log.frontier) })
      log.published = log.frontier.size
    }
    if (grown.length > 0) this.extend(grown.map((log) => ({ kind: 'head', ...stateOf(log) })))
  }

  close(month: string): void {
    const logs = [...this.logs.values()].filter((log) => log.month === month)
    this.extend(logs.map((log) => ({ kind: 'closed', at: this.ending(month), census: censusOf(log.entries), ...stateOf(log) })))
  }

  drop(month: string): void {
    const logs = [...this.logs.values()].filter((log) => log.month === month)
    this.extend(logs.map((log) => ({ kind: 'dropped', at: this.ending(month), policy: 'five-years', ...stateOf(log) })))
    for (const log of logs) log.isDropped = true
  }

  /** The newest checkpoint of the spine, as somebody outside may have kept it. */
  lastCheckpoint(): string {
    return this.checkpoints.at(-1)?.note ?? ''
  }

  cosignAll(witness: Signer): void {
    for (const checkpoint of this.checkpoints)
      checkpoint.note += cosign(checkpoint.note.slice(0, checkpoint.note.lastIndexOf('\n\n') + 1), witness, 1_700_000_000n)
  }

  /** A second trail with the same past, which may become another future. */
  fork(): Trail {
    const copy = new Trail(this.installation, this.seed)
    for (const [key, log] of this.logs) {
      copy.logs.set(key, {
        ...log,
        entries: [...log.entries],
        checkpoints: [...log.checkpoints],
        frontier: new Frontier(log.frontier.size, log.frontier.roots()),
      })
    }
    copy.spine.push(...this.spine)
    for (const { leaf } of this.spine) copy.spineTree.append(leaf)
    copy.checkpoints.push(...this.checkpoints)
    for (const record of this.records) copy.records.add(record)
    copy.tx = this.tx
    copy.#entry = this.#entry
    copy.#second = this.#second
    return copy
  }

  /** Writes the export. `tamper` changes what the database would hand over: bodies, and the hashes beside them. */
  export(
    folder: string,
    { isPartial = false, pending = [] as Record<string, unknown>[], unlogged = [] as Record<string, unknown>[], manifest = {} } = {},
  ): void {
    write(folder, 'README.md', 'Chiron')
    write(folder, 'key.vkey', `${this.key}\n`)
    write(folder, 'checkpoints.txt', this.checkpoints.map(({ note }) => note).join('====\n'))
    if (!isPartial)
      write(
        folder,
        'census.tsv',
        [...this.records]
          .sort()
          .map((line) => `${line}\n`)
          .join(''),
      )
    write(folder, 'unlogged.jsonl', unlogged.map((line) => `${JSON.stringify(line)}\n`).join(''))
    if (pending.length > 0) write(folder, 'pending.jsonl', pending.map((line) => `${JSON.stringify(line)}\n`).join(''))
    writeLog(folder, 'spine', this.spine, this.lastCheckpoint())
    for (const log of this.logs.values()) {
      if (!log.isDropped) writeLog(folder, `logs/${log.clinic}/${log.month}`, log.entries, log.checkpoints.at(-1)?.note ?? '')
    }
    writeManifest(folder, { installation: this.installation, key: this.key, tx: String(this.tx + 1), ...manifest })
  }
}

function stateOf({ clinic, month, frontier }: Log) {
  return { clinic, month, root: frontier.root().toString('hex'), size: Number(frontier.size) }
}

export function censusOf(entries: readonly Entry[]): Record<string, { count: number; sum: string }> {
  const census = new Map<string, { count: number; sum: bigint }>()
  for (const { body } of entries) {
    const { source, type, id, op } = JSON.parse(body) as { source: string; type: string; id: string; op: string }
    if (source !== 'row' || op === 'update') continue
    const { count, sum } = census.get(type) ?? { count: 0, sum: 0n }
    const sign = op === 'insert' ? 1n : -1n
    census.set(type, { count: count + Number(sign), sum: BigInt.asUintN(256, sum + sign * BigInt(`0x${hash('sha256', `${type}\n${id}`)}`)) })
  }
  const rows = [...census]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, { count, sum }]) => [type, { count, sum: sum.toString(16).padStart(64, '0') }] as const)
  return Object.fromEntries(rows)
}

export function write(folder: string, name: string, data: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), data)
}

export function tilePath(index: number): string {
  const digits = (number: number) => String(number).padStart(3, '0')
  return index < 1000 ? digits(index) : `x${tilePath(Math.floor(index / 1000)).replace(/^x/, '')}/${digits(index % 1000)}`
}

/** Lays a log out as tlog-tiles. The hashes of level 0 are those given beside the bodies. */
export function writeLog(folder: string, name: string, leaves: readonly Leaf[], note: string): void {
  write(folder, `${name}/checkpoint`, note)
  for (let first = 0; first < leaves.length; first += WIDTH) {
    const page = leaves.slice(first, first + WIDTH)
    const parts = page.flatMap(({ body }) => [Buffer.of(Buffer.byteLength(body) >> 8, Buffer.byteLength(body) & 255), Buffer.from(body)])
    write(folder, `${name}/tile/entries/${tilePath(first / WIDTH)}${page.length < WIDTH ? `.p/${page.length}` : ''}`, Buffer.concat(parts))
  }
  for (let level = 0, hashes: Uint8Array[] = leaves.map(({ leaf }) => leaf); hashes.length > 0; level += 1) {
    const above: Uint8Array[] = []
    for (let first = 0; first < hashes.length; first += WIDTH) {
      const page = hashes.slice(first, first + WIDTH)
      write(folder, `${name}/tile/${level}/${tilePath(first / WIDTH)}${page.length < WIDTH ? `.p/${page.length}` : ''}`, Buffer.concat(page))
      if (page.length < WIDTH) continue
      const tree = new Frontier()
      for (const one of page) tree.append(one)
      above.push(tree.root())
    }
    hashes = above
  }
}

export function writeManifest(folder: string, facts: Record<string, unknown>): void {
  rmSync(join(folder, 'manifest.json'), { force: true })
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .map((path) => ({ path: path.slice(folder.length + 1), size: statSync(path).size, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }))
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ v: 1, ...facts, files }))
}

type Database = { query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> }

/** Puts the trail where a sequencer would have: into a database whose own entries were removed. Needs a superuser. */
export async function store(trail: Trail, admin: Database): Promise<void> {
  const hashes = (leaves: readonly Leaf[]) => leaves.map(({ leaf }) => leaf)
  await admin.query('UPDATE audit.installation SET id = $1', [trail.installation])
  await admin.query("UPDATE audit.cursor SET xid = $1::text::xid8 WHERE name = 'sequencer'", [trail.tx + 1])
  await storeTree(admin, 0, '0001-01-01', NIL, trail.spineTree, hashes(trail.spine), trail.checkpoints)
  await admin.query("INSERT INTO audit.spine (idx, body) SELECT n - 1, convert_to(body, 'UTF8') FROM unnest($1::text[]) WITH ORDINALITY AS leaf(body, n)", [
    trail.spine.map(({ body }) => body),
  ])
  let log = 0
  for (const one of trail.logs.values()) {
    log += 1
    const shard = `${one.month}-01`
    await storeTree(admin, log, shard, one.clinic, one.frontier, hashes(one.entries), one.checkpoints)
    const list = one.entries.map(({ id, tx, at, source, body, leaf }) => ({ id, tx, at, source, body, leaf: leaf.toString('hex') }))
    const input = 'json_to_recordset($1::json) AS e(id uuid, tx text, at timestamptz, source text, body text, leaf text)'
    await admin.query(
      `INSERT INTO audit.entry (shard, id, organisation_id, clinic_id, xid, at, source, body)
       SELECT $2::date, e.id, $3::uuid, $4::uuid, e.tx::xid8, e.at, e.source, convert_to(e.body, 'UTF8') FROM ${input}`,
      [JSON.stringify(list), shard, NIL, one.clinic],
    )
    await admin.query(
      `INSERT INTO audit.image (shard, entry_id, subject_id, key_id, ct) SELECT shard, id, clinic_id, id, '' FROM audit.entry
       WHERE shard = $1::date AND clinic_id = $2::uuid AND source = 'row'`,
      [shard, one.clinic],
    )
    await admin.query(
      `INSERT INTO audit.leaf (shard, log, idx, entry_id, leaf_hash)
       SELECT $2::date, $3::int, row_number() OVER (ORDER BY e.id) - 1, e.id, decode(e.leaf, 'hex') FROM ${input}`,
      [JSON.stringify(list), shard, log],
    )
  }
}

async function storeTree(
  admin: Database,
  log: number,
  shard: string,
  clinic: string,
  tree: Frontier,
  leaves: Buffer[],
  notes: readonly { size: bigint; note: string }[],
) {
  await admin.query(
    `INSERT INTO audit.tree (log, clinic_id, shard, size, published, frontier) VALUES ($1, $2, $3::date, $4, $4, $5)
     ON CONFLICT (log) DO UPDATE SET size = excluded.size, published = excluded.published, frontier = excluded.frontier`,
    [log, clinic, shard, String(tree.size), tree.roots()],
  )
  await admin.query('INSERT INTO audit.checkpoint (log, size, note) SELECT $1, size, note FROM unnest($2::bigint[], $3::text[]) AS c(size, note)', [
    log,
    notes.map(({ size }) => String(size)),
    notes.map(({ note }) => note),
  ])
  for (let level = 0, hashes: Uint8Array[] = leaves; hashes.length >= WIDTH; level += 1) {
    const above: Uint8Array[] = []
    for (let first = 0; first + WIDTH <= hashes.length; first += WIDTH) {
      const page = hashes.slice(first, first + WIDTH)
      const subtree = new Frontier()
      for (const one of page) subtree.append(one)
      above.push(subtree.root())
      await admin.query('INSERT INTO audit.tile (shard, log, level, idx, hashes, root) VALUES ($1::date, $2, $3, $4, $5, $6)', [
        shard,
        log,
        level,
        first / WIDTH,
        Buffer.concat(page),
        subtree.root(),
      ])
    }
    hashes = above
  }
}
