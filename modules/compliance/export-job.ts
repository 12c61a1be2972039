import type { SystemActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { DAY_MS } from '../kernel/time.ts'
import type { ExportFormat } from './exports.ts'
import { filterParams } from './filter-params.ts'
import type { AuditFilter } from './queries.ts'

/** What the job that makes an export needs to know. */
export type StartedExport = {
  readonly id: string
  readonly format: ExportFormat
  readonly filter: AuditFilter
  readonly reason: string
  readonly locale: 'es-MX' | 'en'
  readonly labelTypes: readonly string[]
  readonly requestedById: string
  readonly requestedByName: string
  /** With microseconds. Entries up to here belong to the export. */
  readonly takenAtText: string
  /** Grows with each run; a run whose number is no longer this one has been given up and may not finish. */
  readonly attempt: number
}

/** Marks an export as running. Null when it is finished already: then there is nothing to do. */
export async function startExport(tx: Tx, actor: SystemActor, id: string): Promise<StartedExport | null> {
  const [row] = await tx.query<StartedExport>({
    name: 'start_audit_export',
    text: `UPDATE audit_export x SET status = 'running', attempt = x.attempt + 1 FROM app_user u
      WHERE x.organisation_id = $1::uuid AND x.clinic_id = $2::uuid AND x.id = $3::uuid AND x.status IN ('waiting', 'running')
        AND u.organisation_id = x.organisation_id AND u.id = x.requested_by_id
      RETURNING x.id::text, x.format, x.filter, x.reason, x.locale, x.label_types AS "labelTypes", x.requested_by_id::text AS "requestedById", u.name AS "requestedByName",
        to_char(x.taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "takenAtText", x.attempt`,
    values: [actor.organisationId, actor.clinic.id, id],
  })
  if (!row) return null
  tx.changes('AuditExport', [id], ['attempt', 'status'])
  tx.reads('User', [row.requestedById], ['name'])
  return row
}

export type FinishedFile = {
  readonly fileName: string
  readonly sizeBytes: number
  /** Hex. */
  readonly sha256: string
  readonly rowCount: number
  readonly firstEntryId: string | null
  readonly lastEntryId: string | null
}

/** Days for which a finished file is kept. */
export const KEPT_DAYS = 7

/**
 * Makes the file known, and says in the trail what left it: how many entries, found by which filter, from which to which, for
 * whom. False when another run has taken over: then this run's file is worth nothing.
 */
export async function finishExport(tx: Tx, actor: SystemActor, started: StartedExport, file: FinishedFile): Promise<boolean> {
  const now = tx.clock.now()
  const rows = await tx.query<{ id: string }>({
    name: 'finish_audit_export',
    text: `UPDATE audit_export SET status = 'ready', row_count = $5::int, file_name = $6, size_bytes = $7::bigint, sha256 = decode($8, 'hex'),
        finished_at = $9::timestamptz, expires_at = $10::timestamptz
      WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND id = $3::uuid AND status = 'running' AND attempt = $4::int RETURNING id::text`,
    values: [
      actor.organisationId,
      actor.clinic.id,
      started.id,
      started.attempt,
      file.rowCount,
      file.fileName,
      file.sizeBytes,
      file.sha256,
      now,
      new Date(now.getTime() + KEPT_DAYS * DAY_MS),
    ],
  })
  if (rows.length === 0) return false
  tx.changes('AuditExport', [started.id], ['expiresAt', 'fileName', 'finishedAt', 'rowCount', 'sha256', 'sizeBytes', 'status'])
  tx.aggregates('audit_export', {
    ...filterParams(started.filter),
    export: started.id,
    format: started.format,
    ...(started.labelTypes.length > 0 ? { labels: started.labelTypes.join(' ') } : {}),
    onBehalfOf: started.requestedById,
    rows: String(file.rowCount),
    sha256: file.sha256,
    takenAt: started.takenAtText,
    ...(file.firstEntryId === null ? {} : { first: file.firstEntryId }),
    ...(file.lastEntryId === null ? {} : { last: file.lastEntryId }),
  })
  tx.because(started.reason)
  return true
}

/** Tells why an export will never be ready. Does nothing to one that is finished. */
export async function failExport(tx: Tx, actor: SystemActor, id: string, errorCode: string): Promise<null> {
  const rows = await tx.query<{ id: string }>({
    name: 'fail_audit_export',
    text: `UPDATE audit_export SET status = 'failed', error_code = $4, finished_at = $5::timestamptz
      WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND id = $3::uuid AND status IN ('waiting', 'running') RETURNING id::text`,
    values: [actor.organisationId, actor.clinic.id, id, errorCode, tx.clock.now()],
  })
  if (rows.length > 0) tx.changes('AuditExport', [id], ['errorCode', 'finishedAt', 'status'])
  return null
}

/** Ends the week of exports; answers those whose files may go. */
export async function expireExports(tx: Tx, actor: SystemActor): Promise<string[]> {
  const rows = await tx.query<{ id: string }>({
    name: 'expire_audit_exports',
    text: `UPDATE audit_export SET status = 'expired'
      WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND status = 'ready' AND expires_at <= $3::timestamptz RETURNING id::text`,
    values: [actor.organisationId, actor.clinic.id, tx.clock.now()],
  })
  const ids = rows.map(({ id }) => id)
  tx.changes('AuditExport', ids, ['status'])
  return ids
}
