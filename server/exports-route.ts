import { createReadStream } from 'node:fs'
import { hashTicket } from '../modules/compliance/exports.ts'
import { type Actor, holds, toLocale, type UserActor } from '../modules/kernel/actor.ts'
import { isUuid } from '../modules/kernel/ids.ts'
import type { Clock } from '../modules/kernel/time.ts'
import { resolveActor } from './auth/resolve-actor.ts'
import { scopeOf } from './build-context.ts'
import type { Database } from './db.ts'
import { type Answer, type Exchange, problem } from './http.ts'
import type { ExportFiles } from './jobs/export-files.ts'
import { RequestRecord } from './operation.ts'
import { queryInScope } from './scoped-query.ts'

export type ExportsRoutePorts = {
  readonly database: Database
  readonly clock: Clock
  readonly exportFiles: ExportFiles
  /** The gate of every route: hands the answer back once the trail holds it, or another answer instead. */
  readonly release: (record: RequestRecord, answer: Answer) => Promise<Answer>
}

const PATH = /^\/exports\/([0-9a-f-]{36})$/
const TYPES: Readonly<Record<string, string>> = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl; charset=utf-8', pdf: 'application/pdf' }
const FIELDS = ['file', 'fileName', 'format', 'sha256', 'sizeBytes']

/** True for paths that `answerExport` serves. */
export function isExportPath(pathname: string): boolean {
  return PATH.test(pathname)
}

/**
 * `GET /exports/<id>?ticket=…`: the file of a finished export, for the session that was given the ticket, as long as that session
 * lives and holds the right. A ticket opens one download; whatever is wrong with one, the answer is 404. What is sent, and what
 * is refused, is an entry of the trail before the first byte leaves.
 */
export async function answerExport(ports: ExportsRoutePorts, exchange: Exchange): Promise<Answer> {
  if (exchange.request.method !== 'GET') return { ...problem(405, 'METHOD_NOT_ALLOWED', 'Use GET.'), headers: { Allow: 'GET' } }
  const id = PATH.exec(exchange.url.pathname)?.[1] ?? ''
  const spent = await spendTicket(ports, id, exchange.url.searchParams.get('ticket') ?? '')
  const record = newRecord(exchange, spent?.actor ?? { kind: 'anonymous', locale: toLocale(exchange.request.headers['accept-language']) })
  record.access.classes.add('compliance')
  if (spent === null) return refuse(ports, record, 'NO_SUCH_TICKET', problem(404, 'NOT_FOUND', 'This link was used or is over. Ask for the download again.'))
  if (!holds(spent.actor, 'audit-log:export'))
    return refuse(ports, record, 'FORBIDDEN audit-log:export', problem(403, 'FORBIDDEN', 'The permission audit-log:export is missing.'))
  const file = await findFile(ports, spent.actor, id)
  if (file === null) return refuse(ports, record, 'NO_SUCH_FILE', problem(404, 'NOT_FOUND', 'This export has no file any more. Ask for a new one.'))
  record.outcome = 'ok'
  record.access.reads('AuditExport', [id], FIELDS)
  const stream = createReadStream(ports.exportFiles.path(id, file.attempt))
  const answer: Answer = {
    status: 200,
    headers: {
      'Content-Type': TYPES[file.format] ?? 'application/octet-stream',
      'Content-Length': String(file.size),
      'Content-Disposition': `attachment; filename="${file.fileName}"`,
      'Cache-Control': 'no-store',
    },
    stream,
  }
  const released = await ports.release(record, answer)
  if (released !== answer) stream.destroy()
  return released
}

function newRecord({ request, requestId, address }: Exchange, actor: Actor): RequestRecord {
  return new RequestRecord({
    requestId,
    actor,
    origin: 'file',
    address,
    userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
    name: 'exports.download',
    documentHash: null,
    action: 'export',
  })
}

function refuse({ release }: ExportsRoutePorts, record: RequestRecord, code: string, answer: Answer): Promise<Answer> {
  record.outcome = 'denied'
  record.details.add(code)
  return release(record, answer)
}

/** Takes the ticket out of the world, and answers whose it was. Null when there is none such, or its session has ended. */
async function spendTicket({ database, clock }: ExportsRoutePorts, id: string, ticket: string): Promise<{ actor: UserActor } | null> {
  const [organisationId = '', clinicId = '', secret = '', ...rest] = ticket.split('.')
  if (!isUuid(id) || !isUuid(organisationId) || !isUuid(clinicId) || secret === '' || rest.length > 0) return null
  const now = clock.now()
  // The ticket names its tenant, because no scope exists before; a wrong name finds no hash.
  const { rows } = await queryInScope<{ sessionId: string }>(
    database.pool,
    { organisationId, clinicIds: [clinicId], sharePatients: false },
    {
      name: 'spend_export_ticket',
      text: `DELETE FROM audit_export_ticket WHERE organisation_id = $1 AND clinic_id = $2 AND hash = $3 AND export_id = $4 AND expires_at > $5
        RETURNING session_id AS "sessionId"`,
      values: [organisationId, clinicId, hashTicket(ticket), id, now],
    },
  )
  const [row] = rows
  if (!row) return null
  const found = await resolveActor(database, { sessionId: row.sessionId, organisationId }, clinicId, now)
  return found?.kind === 'user' ? { actor: found.actor } : null
}

type ExportFile = { readonly format: string; readonly attempt: number; readonly fileName: string; readonly size: number }

async function findFile({ database, clock, exportFiles }: ExportsRoutePorts, actor: UserActor, id: string): Promise<ExportFile | null> {
  const { rows } = await queryInScope<{ format: string; attempt: number; fileName: string }>(database.pool, scopeOf(actor), {
    name: 'find_export_file',
    text: `SELECT format, attempt, file_name AS "fileName" FROM audit_export
      WHERE organisation_id = $1 AND clinic_id = $2 AND id = $3 AND status = 'ready' AND expires_at > $4`,
    values: [actor.organisationId, actor.clinic.id, id, clock.now()],
  })
  const [row] = rows
  const size = row ? await exportFiles.size(id, row.attempt) : null
  return row && size !== null ? { ...row, size } : null
}
