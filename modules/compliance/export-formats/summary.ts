import type { ExportRow } from '../export-rows.ts'

const DIMENSIONS = ['action', 'outcome', 'person', 'type'] as const
export type Dimension = (typeof DIMENSIONS)[number]
export type ReportRow = Pick<ExportRow, 'id' | 'atText' | 'userName' | 'action' | 'operation' | 'types' | 'outcome' | 'origin' | 'address' | 'reason'> & {
  /** What the first of them are called, or their ids. */
  readonly records: readonly string[]
}

/** What a report says: how many entries there are of each kind, and the first of them one by one. */
export type Summary = {
  readonly count: number
  readonly oldest: string | null
  readonly newest: string | null
  /** Largest first; entries that touched several types count for each of them. */
  readonly totals: Readonly<Record<Dimension, readonly (readonly [name: string, count: number])[]>>
  readonly rows: readonly ReportRow[]
}

/** Counts every entry and keeps the first `cap` (the newest): memory does not grow with the trail. */
export async function summarise(pages: AsyncIterable<readonly ExportRow[]>, cap: number): Promise<Summary> {
  const counts = { action: new Map<string, number>(), outcome: new Map<string, number>(), person: new Map<string, number>(), type: new Map<string, number>() }
  const rows: ReportRow[] = []
  let count = 0
  let oldest: string | null = null
  let newest: string | null = null
  for await (const page of pages) {
    for (const row of page) {
      count += 1
      newest ??= row.atText
      oldest = row.atText
      add(counts.action, row.action)
      add(counts.outcome, row.outcome)
      add(counts.person, row.userName ?? '')
      for (const type of row.types) add(counts.type, type)
      if (rows.length < cap) rows.push(keep(row))
    }
  }
  return {
    count,
    oldest,
    newest,
    totals: {
      action: largestFirst(counts.action),
      outcome: largestFirst(counts.outcome),
      person: largestFirst(counts.person),
      type: largestFirst(counts.type),
    },
    rows,
  }
}

// Only what the table shows: an entry may name thousands of records.
function keep({ id, atText, userName, action, operation, types, recordIds, labels, outcome, origin, address, reason }: ExportRow): ReportRow {
  return { id, atText, userName, action, operation, types, records: recordIds.slice(0, 3).map((id) => labels[id] ?? id), outcome, origin, address, reason }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function largestFirst(counts: ReadonlyMap<string, number>): (readonly [string, number])[] {
  return [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1))
}
