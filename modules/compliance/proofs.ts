import type { AuditReader } from '../kernel/db.ts'
import { hashLeaf, proveConsistency, proveInclusions, type SubtreeHashes } from '../kernel/merkle.ts'
import { type Checkpoint, formatVerifierKey, parseCheckpoint, parseNote } from '../kernel/signed-note.ts'
import { DAY_MS } from '../kernel/time.ts'
import { logHashes } from './log-hashes.ts'
import { logOrigin, SPINE, spineOrigin } from './log-names.ts'

/** A published log: its newest signed checkpoint, and what proves things about it. */
type PublishedLog = {
  readonly origin: string
  readonly size: bigint
  readonly root: Buffer
  readonly note: string
  readonly at: Date
  readonly hashes: SubtreeHashes
}

type Path = readonly string[]
type ProvenEntry = { readonly origin: string; readonly index: number; readonly entry: string; readonly body: string; readonly proof: Path }
type ProvenLog = {
  readonly origin: string
  readonly checkpoint: string
  readonly head: { readonly index: number; readonly body: string; readonly proof: Path }
}

/** What `chiron-verify.mjs proof` reads (docs/audit-format.md, "Proof bundles"). */
export type ProofBundle = {
  readonly v: 1
  readonly spine?: { readonly checkpoint: string }
  readonly logs?: readonly ProvenLog[]
  readonly entries?: readonly ProvenEntry[]
  readonly consistency?: readonly { readonly origin: string; readonly old: string; readonly new: string; readonly proof: Path }[]
}

type Installation = { readonly id: string; readonly publicKey: Buffer | null }

/** Whose log it is; the key is null until the sequencer has run for the first time. */
export async function findInstallation(db: AuditReader): Promise<Installation> {
  const [row] = await db.query<Installation>({ name: 'audit_installation', text: 'SELECT id, public_key AS "publicKey" FROM audit.installation', values: [] })
  if (!row) throw new Error('the installation has no log')
  return row
}

/** The spine's verifier key (C2SP signed-note), which everybody who checks must hold; null until the sequencer has run. */
export function verifierKeyOf({ id, publicKey }: Installation): string | null {
  return publicKey && formatVerifierKey({ name: spineOrigin(id), type: 1, publicKey })
}

type LogRow = { readonly log: number; readonly shard: string; readonly clinicId: string; readonly note: string; readonly at: Date }

const PUBLISHED = `SELECT t.log, t.shard::text, t.clinic_id AS "clinicId", c.note, c.at FROM audit.tree t JOIN audit.checkpoint c ON c.log = t.log AND c.size = t.published`

function toPublished(db: AuditReader, installation: Installation, { log, shard, clinicId, note, at }: LogRow): PublishedLog {
  const origin = log === SPINE ? spineOrigin(installation.id) : logOrigin(installation.id, clinicId, shard.slice(0, 7))
  const { size, root } = parseCheckpoint(parseNote(note).text)
  return { origin, size, root, note, at, hashes: logHashes(db.query, { log, shard }) }
}

/** The spine as it was last published; null before the first checkpoint. */
export async function findSpine(db: AuditReader, installation: Installation): Promise<PublishedLog | null> {
  const [row] = await db.query<LogRow>({ name: 'audit_spine', text: `${PUBLISHED} WHERE t.log = ${SPINE}`, values: [] })
  return row ? toPublished(db, installation, row) : null
}

/** A clinic's newest log that has been published, or that of a month (YYYY-MM); null when there is none. */
export async function findNewestLog(db: AuditReader, installation: Installation, clinicId: string, month: string | null = null): Promise<PublishedLog | null> {
  const [row] = await db.query<LogRow>({
    name: 'audit_newest_log',
    text: `${PUBLISHED} WHERE t.clinic_id = $1::uuid AND t.log > 0 AND ($2::date IS NULL OR t.shard = $2::date) ORDER BY t.shard DESC LIMIT 1`,
    values: [clinicId, month && `${month}-01`],
  })
  return row ? toPublished(db, installation, row) : null
}

const toBase64 = (path: readonly Uint8Array[]): string[] => path.map((hash) => Buffer.from(hash).toString('base64'))

/** Proves that logs' newest checkpoints are among the heads in the spine, in the order of the logs. */
export async function proveHeads(db: AuditReader, spine: PublishedLog, logs: readonly PublishedLog[]): Promise<ProvenLog['head'][]> {
  const bodies = logs.map(({ origin, root, size }) => {
    const [, , clinic = '', month = ''] = origin.split('/')
    // The one canonical form of this head: members in order, no white space (docs/audit-format.md).
    return JSON.stringify({ clinic, kind: 'head', month, root: root.toString('hex'), size: Number(size), v: 1 })
  })
  const rows = await db.query<{ idx: string; body: string }>({
    name: 'audit_heads',
    text: "SELECT idx, convert_from(body, 'UTF8') AS body FROM audit.spine WHERE leaf_hash = ANY ($1::bytea[]) AND idx < $2::bigint",
    values: [bodies.map((body) => hashLeaf(Buffer.from(body))), spine.size.toString()],
  })
  const indices = bodies.map((body) => {
    const row = rows.find((found) => found.body === body)
    if (!row) throw new Error(`the spine does not hold the head ${body}`)
    return BigInt(row.idx)
  })
  const paths = await proveInclusions(indices, spine.size, spine.hashes)
  return bodies.map((body, at) => ({ index: Number(indices[at]), body, proof: toBase64(paths[at] ?? []) }))
}

type LeafRow = { readonly entry: string; readonly log: number; readonly idx: string; readonly body: string }

// Which leaves are left out is decided before any body is read.
const LEAVES = `WITH named AS MATERIALIZED (SELECT shard, id, xid FROM audit.entry WHERE id = ANY ($1::uuid[]) AND shard = ANY ($3::date[])), wanted AS MATERIALIZED (
    SELECT n.shard, n.id, true AS is_named, l.log, l.idx FROM named n JOIN audit.leaf l ON l.shard = n.shard AND l.entry_id = n.id
    UNION ALL
    (SELECT e.shard, e.id, false, l.log, l.idx FROM (SELECT DISTINCT shard, xid FROM named) n JOIN audit.entry e ON e.shard = n.shard AND e.xid = n.xid AND e.source = 'row'
     JOIN audit.leaf l ON l.shard = e.shard AND l.entry_id = e.id WHERE NOT EXISTS (SELECT FROM named WHERE named.id = e.id) LIMIT $2::int)
  ), kept AS MATERIALIZED (SELECT * FROM wanted ORDER BY is_named DESC, log, idx LIMIT $2::int)
  SELECT e.id AS entry, k.log, k.idx, convert_from(e.body, 'UTF8') AS body FROM kept k JOIN audit.entry e ON e.shard = k.shard AND e.id = k.id
  ORDER BY k.is_named DESC, k.log, k.idx`

export type EntryProofs = {
  readonly bundle: ProofBundle
  readonly proven: number /** Entries that are not under a checkpoint yet: ask again in a second. */
  readonly pending: number
  /** Row changes of the entries' transactions are left out because there are too many. */
  readonly isPartial: boolean
}

/** First days of the months in which entries can be: their ids (UUIDv7) hold a clock that the database's may differ from by a day. */
function monthsOf(ids: readonly string[]): string[] {
  const instants = ids.map((id) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))
  const months = instants.flatMap((at) => [at - DAY_MS, at + DAY_MS]).map((at) => `${new Date(at).toISOString().slice(0, 7)}-01`)
  return [...new Set(months)]
}

/** What one answer of the API proves: each leaf costs its body and a path of hashes. */
export const LEAVES_AT_MOST = 2_000

/**
 * Proves that entries, and the row changes of their transactions, are in the log: each by its path to its clinic's checkpoint of that
 * month, and that checkpoint by its path to the spine's. Ids that are not within reach are left out. At most `limit` leaves, null for all of
 * them: the named entries come first, and what does not fit is left out.
 */
export async function proveEntries(db: AuditReader, entryIds: readonly string[], limit: number | null = LEAVES_AT_MOST): Promise<EntryProofs> {
  const installation = await findInstallation(db)
  const found = await db.query<LeafRow>({
    name: 'audit_leaves_of_entries',
    text: LEAVES,
    values: [entryIds, limit === null ? null : limit + 1, monthsOf(entryIds)],
  })
  const isPartial = limit !== null && found.length > limit
  const leaves = isPartial ? found.slice(0, limit) : found
  const rows = await db.query<LogRow>({
    name: 'audit_logs',
    text: `${PUBLISHED} WHERE t.log = ANY ($1::int[])`,
    values: [[...new Set(leaves.map(({ log }) => log))]],
  })
  const logs = new Map(rows.map((row) => [row.log, toPublished(db, installation, row)]))
  // Read last: it is then at least as new as the heads that it must hold.
  const spine = await findSpine(db, installation)
  if (!spine) return { bundle: { v: 1 }, proven: 0, pending: entryIds.length, isPartial }
  // Not integrated yet, or out of reach.
  const known = new Set(leaves.map(({ entry }) => entry))
  const missing = entryIds.filter((id) => !known.has(id)).length
  const entries: ProvenEntry[] = []
  for (const [log, rowsOfLog] of Map.groupBy(leaves, ({ log }) => log)) {
    const published = logs.get(log)
    if (!published) continue
    const covered = rowsOfLog.filter(({ idx }) => BigInt(idx) < published.size)
    const paths = await proveInclusions(
      covered.map(({ idx }) => BigInt(idx)),
      published.size,
      published.hashes,
    )
    for (const [at, { entry, idx, body }] of covered.entries())
      entries.push({ origin: published.origin, index: Number(idx), entry, body, proof: toBase64(paths[at] ?? []) })
  }
  const named = new Set(entries.map(({ origin }) => origin))
  const proven: ProvenLog[] = []
  const proved = [...logs.values()].filter(({ origin }) => named.has(origin))
  const heads = await proveHeads(db, spine, proved)
  for (const [at, { origin, note }] of proved.entries()) {
    const head = heads[at]
    if (head) proven.push({ origin, checkpoint: note, head })
  }
  return {
    bundle: { v: 1, spine: { checkpoint: spine.note }, logs: proven, entries },
    proven: entries.length,
    pending: leaves.length - entries.length + missing,
    isPartial,
  }
}

/** The log that a checkpoint names; null when it is not this installation's or not within reach. */
async function findLogOf(db: AuditReader, installation: Installation, { origin }: Checkpoint): Promise<PublishedLog | null> {
  if (origin === spineOrigin(installation.id)) return findSpine(db, installation)
  const [, id, clinic = '', month = ''] = origin.split('/')
  if (id !== installation.id || !/^[0-9a-f-]{36}$/.test(clinic) || !/^\d{4}-\d\d$/.test(month)) return null
  return findNewestLog(db, installation, clinic, month)
}

/**
 * Proves that today's log begins with the one that an old checkpoint names. Null when the checkpoint is of another installation, or is
 * beyond the log, which then has been cut. Throws NoteError for a text that is no checkpoint.
 */
export async function proveGrowth(db: AuditReader, oldNote: string): Promise<ProofBundle | null> {
  const old = parseCheckpoint(parseNote(oldNote).text)
  const installation = await findInstallation(db)
  const log = await findLogOf(db, installation, old)
  if (!log || old.size > log.size) return null
  const proof = toBase64(await proveConsistency(old.size, log.size, log.hashes))
  return { v: 1, consistency: [{ origin: log.origin, old: oldNote, new: log.note, proof }] }
}

/** What a browser demands at sign-in: that the log it saw last is still the beginning of today's. */
export type WitnessProof = {
  readonly verifierKey: string
  readonly checkpoint: string
  /** From the known size of the spine to the checkpoint's; empty when nothing was known. */
  readonly consistency: Path
  readonly clinicCheckpoint: string | null
  readonly clinicConsistency: Path
  readonly head: ProvenLog['head'] | null
}
export type KnownSizes = {
  readonly spine: bigint | null /** The clinic's log that the browser saw last. */
  readonly clinic: { readonly origin: string; readonly size: bigint } | null
}

/** Proves today's spine and the clinic's newest log to somebody who knows older ones. Null before the first checkpoint. */
export async function proveToWitness(db: AuditReader, clinicId: string, known: KnownSizes): Promise<WitnessProof | null> {
  const installation = await findInstallation(db)
  const verifierKey = verifierKeyOf(installation)
  const log = await findNewestLog(db, installation, clinicId)
  // Read last: it is then at least as new as the head that it must hold.
  const spine = await findSpine(db, installation)
  if (!spine || verifierKey === null) return null
  const grow = async (to: PublishedLog, size: bigint | null) =>
    size === null || size > to.size ? [] : toBase64(await proveConsistency(size, to.size, to.hashes))
  return {
    verifierKey,
    checkpoint: spine.note,
    consistency: await grow(spine, known.spine),
    clinicCheckpoint: log?.note ?? null,
    clinicConsistency: log ? await grow(log, known.clinic?.origin === log.origin ? known.clinic.size : null) : [],
    head: (log && (await proveHeads(db, spine, [log]))[0]) ?? null,
  }
}
