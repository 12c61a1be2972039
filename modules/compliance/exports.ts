import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { ClinicActor, UserActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { NotFoundError, WrongStateError } from '../kernel/errors.ts'
import { sendJob } from '../kernel/jobs.ts'
import { text, validate } from '../kernel/validate.ts'
import { maySeeValues } from './changes.ts'
import { assertFilter, assertStorable, filterParams } from './filter-params.ts'
import { LABELLED_TYPES } from './labels.ts'
import type { AuditFilter } from './queries.ts'

export const EXPORT_FORMATS = ['csv', 'jsonl', 'pdf'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]
export const EXPORT_STATUSES = ['waiting', 'running', 'ready', 'failed', 'expired'] as const

export type ExportPage = { readonly limit: number; readonly offset: number }

/** The queue of the job that makes the file (migration 0007). */
export const EXPORT_QUEUE = 'audit-export'
export const TICKET_SECONDS = 60

export type AuditExport = {
  readonly id: string
  readonly format: ExportFormat
  readonly filter: AuditFilter
  readonly reason: string
  readonly status: (typeof EXPORT_STATUSES)[number]
  readonly requestedById: string
  readonly requestedByName: string
  /** So far. */
  readonly rowsDone: number
  /** 0 to 1, by the time span that has been walked: nobody counts the rows beforehand. */
  readonly fraction: number
  /** In the finished file. */
  readonly rowCount: number | null
  readonly fileName: string | null
  readonly sizeBytes: number | null
  /** Hex. */
  readonly sha256: string | null
  readonly errorCode: string | null
  readonly takenAt: Date
  readonly createdAt: Date
  readonly finishedAt: Date | null
  readonly expiresAt: Date | null
}

const EXPORT_FIELDS = [
  'createdAt',
  'errorCode',
  'expiresAt',
  'fileName',
  'filter',
  'finishedAt',
  'format',
  'reason',
  'requestedById',
  'rowCount',
  'sha256',
  'sizeBytes',
  'status',
  'takenAt',
]

const SELECT = `SELECT x.id, x.format, x.filter, x.reason, x.status, x.requested_by_id AS "requestedById", u.name AS "requestedByName",
  coalesce(p.rows_done, 0) AS "rowsDone", coalesce(p.fraction, 0) AS fraction, x.row_count AS "rowCount", x.file_name AS "fileName",
  x.size_bytes::float8 AS "sizeBytes", encode(x.sha256, 'hex') AS sha256, x.error_code AS "errorCode", x.taken_at AS "takenAt",
  x.created_at AS "createdAt", x.finished_at AS "finishedAt", x.expires_at AS "expiresAt"
FROM audit_export x
JOIN app_user u ON u.organisation_id = x.organisation_id AND u.id = x.requested_by_id
LEFT JOIN audit_export_progress p ON p.organisation_id = x.organisation_id AND p.export_id = x.id
WHERE x.organisation_id = $1::uuid AND x.clinic_id = $2::uuid`

function report(db: Db, rows: readonly AuditExport[]): void {
  db.reads(
    'AuditExport',
    rows.map(({ id }) => id),
    EXPORT_FIELDS,
  )
  db.reads(
    'User',
    rows.map(({ requestedById }) => requestedById),
    ['name'],
  )
}

/** Exports of the actor's clinic, newest first. */
export async function listAuditExports(db: Db, actor: ClinicActor, { limit, offset }: ExportPage): Promise<AuditExport[]> {
  const rows = await db.query<AuditExport>({
    name: 'audit_exports',
    text: `${SELECT} ORDER BY x.created_at DESC, x.id DESC LIMIT $3 OFFSET $4`,
    values: [actor.organisationId, actor.clinic.id, limit, offset],
  })
  report(db, rows)
  return rows
}

/** Exports of the actor's clinic by id; those out of reach are left out. */
export async function findAuditExportsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<AuditExport[]> {
  const rows = await db.query<AuditExport>({
    name: 'audit_exports_by_ids',
    text: `${SELECT} AND x.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
  report(db, rows)
  return rows
}

export type RequestExportInput = { readonly format: string; readonly filter?: AuditFilter | null | undefined; readonly reason: string }

const requestSchema = z.object({ format: z.enum(EXPORT_FORMATS), reason: text(500) })

/**
 * Asks for an export of what the filter finds in the trail of the actor's clinic up to now. The job that makes it exists
 * once this transaction has committed. Throws InvalidInputError for an unknown format, an empty reason or a filter with a text of more than
 * 200 characters.
 */
export async function requestAuditExport(tx: Tx, actor: UserActor, input: RequestExportInput): Promise<{ id: string }> {
  const { format, reason } = validate(requestSchema, input)
  const filter = input.filter ?? {}
  assertFilter(filter)
  assertStorable(filter)
  const labelTypes = LABELLED_TYPES.filter((type) => maySeeValues(actor, type))
  const [row] = await tx.query<{ id: string }>({
    name: 'request_audit_export',
    text: `INSERT INTO audit_export (organisation_id, clinic_id, requested_by_id, format, filter, reason, locale, created_at, label_types)
      VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5::jsonb, $6, $7, $8::timestamptz, $9::text[]) RETURNING id::text`,
    values: [actor.organisationId, actor.clinic.id, actor.userId, format, JSON.stringify(filter), reason, actor.locale, tx.clock.now(), labelTypes],
  })
  if (!row) throw new Error('the export was not stored')
  await sendJob(tx, EXPORT_QUEUE, { organisationId: actor.organisationId, clinicId: actor.clinic.id, recordId: row.id })
  tx.changes('AuditExport', [row.id], ['filter', 'format', 'reason'])
  tx.aggregates('audit_export', { format, ...filterParams(filter) })
  tx.because(reason)
  return { id: row.id }
}

/** What of a ticket is stored: who reads the table cannot download. */
export function hashTicket(ticket: string): Buffer {
  return createHash('sha256').update(ticket).digest()
}

/**
 * Stores a ticket for one download of a finished export within the next minute, by the session that asks. Throws
 * NotFoundError for an export of another clinic and WrongStateError for one that has no file.
 */
export async function storeExportTicket(tx: Tx, actor: UserActor, id: string, ticket: string): Promise<{ expiresAt: string }> {
  const now = tx.clock.now()
  const [found] = await findAuditExportsByIds(tx, actor, [id])
  if (!found) throw new NotFoundError('AuditExport')
  if (found.status !== 'ready' || found.expiresAt === null || found.expiresAt <= now) throw new WrongStateError('AuditExport', found.status, 'downloaded')
  const expiresAt = new Date(now.getTime() + TICKET_SECONDS * 1_000)
  await tx.query({
    name: 'sweep_export_tickets',
    text: 'DELETE FROM audit_export_ticket WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND expires_at <= $3::timestamptz',
    values: [actor.organisationId, actor.clinic.id, now],
  })
  await tx.query({
    name: 'store_export_ticket',
    text: `INSERT INTO audit_export_ticket (hash, organisation_id, clinic_id, export_id, session_id, expires_at, created_at)
      VALUES ($1, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::timestamptz, $7::timestamptz)`,
    values: [hashTicket(ticket), actor.organisationId, actor.clinic.id, id, actor.sessionId, expiresAt, now],
  })
  return { expiresAt: expiresAt.toISOString() }
}
