import type { ClinicActor } from '../kernel/actor.ts'
import type { AuditReader, Db } from '../kernel/db.ts'
import { findLabels, labelKey } from './labels.ts'
import { type AuditEntry, type AuditFilter, listAuditEntries } from './queries.ts'

/** An entry as a file shows it. */
export type ExportRow = AuditEntry & {
  /** The exact text whose hash is in the log; null when the evidence has been retired. */
  readonly body: string | null
  /** What records are called today, by id, as far as whoever asked may read them. */
  readonly labels: Readonly<Record<string, string>>
}

const PAGE = 500
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

export type ExportSource = {
  /** A fresh reader for each page: what one page reports having read must not pile up. */
  readonly reader: () => AuditReader
  /** The same for the records themselves. */
  readonly records: () => Db
  readonly labelTypes: readonly string[]
  readonly actor: ClinicActor
  readonly filter: AuditFilter
  /** Instant with microseconds; later entries are left out. */
  readonly takenAtText: string
}

/** All entries that the filter finds, newest first, page by page. */
export async function* readExportPages(source: ExportSource): AsyncGenerator<ExportRow[]> {
  const { reader, actor, filter, takenAtText } = source
  let after = { atText: takenAtText, id: LAST_ID }
  while (true) {
    const db = reader()
    const entries = await listAuditEntries(db, actor, filter, { limit: PAGE, after, before: null, isInverted: false })
    const last = entries.at(-1)
    if (!last) return
    yield addLabels(await addEvidence(db, entries), await readLabels(source, entries))
    if (entries.length < PAGE) return
    after = { atText: last.atText, id: last.id }
  }
}

/** The instant of the oldest entry that the filter finds; null when it finds none. */
export async function findOldestInstant({ reader, actor, filter }: ExportSource): Promise<string | null> {
  const [oldest] = await listAuditEntries(reader(), actor, filter, { limit: 1, after: null, before: null, isInverted: true })
  return oldest?.atText ?? null
}

// A month is that of the transaction's start, so an entry of the first seconds of a month may lie in the one before.
const EVIDENCE = `SELECT e.id, e.body
  FROM unnest($1::timestamptz[], $2::uuid[]) AS wanted(at, id)
  CROSS JOIN LATERAL (SELECT date_trunc('month', wanted.at AT TIME ZONE 'UTC')::date AS month) m
  JOIN audit.entry e ON e.id = wanted.id AND e.shard IN (m.month, (m.month - interval '1 month')::date)`

type Unlabelled = Omit<ExportRow, 'labels'>

async function addEvidence(db: AuditReader, entries: readonly AuditEntry[]): Promise<Unlabelled[]> {
  const rows = await db.query<{ id: string; body: Buffer }>({
    name: 'audit_export_evidence',
    text: EVIDENCE,
    values: [entries.map(({ atText }) => atText), entries.map(({ id }) => id)],
  })
  const bodies = new Map(rows.map(({ id, body }) => [id, body.toString()]))
  return entries.map((entry) => ({ ...entry, body: bodies.get(entry.id) ?? null }))
}

async function readLabels({ records, actor, labelTypes }: ExportSource, entries: readonly AuditEntry[]): Promise<ReadonlyMap<string, string>> {
  const known = entries.flatMap(({ reads, changes }) => [...reads, ...changes]).filter(({ type }) => labelTypes.includes(type))
  const keys = new Map(known.flatMap(({ type, ids }) => ids.map((id) => [labelKey({ type, id }), id] as const)))
  if (keys.size === 0) return new Map()
  const labels = await findLabels(records(), actor, [...keys.keys()])
  return new Map(labels.map(({ id: key, label }) => [keys.get(key) ?? key, label]))
}

function addLabels(rows: readonly Unlabelled[], labels: ReadonlyMap<string, string>): ExportRow[] {
  return rows.map((row) => ({
    ...row,
    labels: Object.fromEntries(
      row.recordIds.flatMap((id) => {
        const label = labels.get(id)
        return label === undefined ? [] : [[id, label]]
      }),
    ),
  }))
}

export type SpineCheckpoint = { readonly size: string; readonly note: string; readonly at: Date }

/** The newest signed checkpoint over all logs; null before the first one. */
export async function findNewestCheckpoint(db: AuditReader): Promise<SpineCheckpoint | null> {
  const [checkpoint] = await db.query<SpineCheckpoint>({
    name: 'newest_checkpoint',
    text: 'SELECT size::text, note, at FROM audit.checkpoint WHERE log = 0 ORDER BY size DESC LIMIT 1',
    values: [],
  })
  return checkpoint ?? null
}
