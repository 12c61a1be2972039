import { stringify } from 'csv-stringify/sync'
import type { ExportRow } from '../export-rows.ts'
import { type ExportFormatter, toClinicTime } from './format.ts'

/** Columns of the CSV file, in order. Names are part of the format and the same in every language. */
export const CSV_COLUMNS = [
  'timestamp',
  'user',
  'user_id',
  'roles',
  'action',
  'operation',
  'models',
  'object_ids',
  'object_labels',
  'changes',
  'reads',
  'address',
  'user_agent',
  'session',
  'request',
  'reason',
  'outcome',
  'detail',
  'origin',
  'entry_id',
] as const
type Column = (typeof CSV_COLUMNS)[number]

/** UTF-8 with a byte order mark, RFC 4180, and no cell that a spreadsheet would run as a formula. */
export const writeCsv: ExportFormatter = async function* (pages, { timeZone }) {
  const options = { columns: [...CSV_COLUMNS], escape_formulas: true, record_delimiter: 'windows' as const }
  yield stringify([], { ...options, bom: true, header: true })
  for await (const page of pages)
    yield stringify(
      page.map((row) => toCells(row, timeZone)),
      options,
    )
}

function toCells(row: ExportRow, timeZone: string): Record<Column, string | null> {
  return {
    timestamp: toClinicTime(row.atText, timeZone),
    user: row.userName,
    user_id: row.userId,
    roles: row.roles.join(' '),
    action: row.action,
    operation: row.operation,
    models: row.types.join(' '),
    object_ids: row.recordIds.join(' '),
    object_labels: Object.values(row.labels).join('; '),
    changes: row.changes.map(tellAccess).join('; '),
    reads: row.reads.map(tellAccess).join('; '),
    address: row.address,
    user_agent: row.userAgent,
    session: row.sessionId,
    request: row.requestId,
    reason: row.reason,
    outcome: row.outcome,
    detail: row.detail,
    origin: row.origin,
    entry_id: row.id,
  }
}

/** `Patient (name, weight): id id`. */
export function tellAccess({ type, fields, ids }: ExportRow['reads'][number]): string {
  return `${type} (${fields.join(', ')}): ${ids.join(' ')}`
}
