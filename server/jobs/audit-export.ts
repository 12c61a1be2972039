import { writeCsv } from '../../modules/compliance/export-formats/csv.ts'
import { type ExportFacts, type ExportFormatter, toClinicTime } from '../../modules/compliance/export-formats/format.ts'
import { writeJsonLines } from '../../modules/compliance/export-formats/json-lines.ts'
import { writePdf } from '../../modules/compliance/export-formats/pdf.ts'
import { expireExports, failExport, finishExport, KEPT_DAYS, type StartedExport, startExport } from '../../modules/compliance/export-job.ts'
import { type ExportRow, type ExportSource, findNewestCheckpoint, findOldestInstant, readExportPages } from '../../modules/compliance/export-rows.ts'
import { EXPORT_QUEUE, type ExportFormat } from '../../modules/compliance/exports.ts'
import type { SystemActor } from '../../modules/kernel/actor.ts'
import type { TenantJob } from '../../modules/kernel/jobs.ts'
import { type Clock, DAY_MS } from '../../modules/kernel/time.ts'
import { AccessLog } from '../audit/access-log.ts'
import { scopeOf } from '../build-context.ts'
import type { Database } from '../db.ts'
import { queryInScope } from '../scoped-query.ts'
import { atEveryClinic, commitJob } from './every-clinic.ts'
import type { ExportFiles } from './export-files.ts'
import { loadJobActor } from './job-actor.ts'
import { JobError, type JobHandlers, type RunningJob } from './runner.ts'

export type ExportJobPorts = { readonly database: Database; readonly clock: Clock; readonly files: ExportFiles }

const FORMATTERS: Readonly<Record<ExportFormat, { readonly write: ExportFormatter; readonly extension: string }>> = {
  csv: { write: writeCsv, extension: 'csv' },
  jsonl: { write: writeJsonLines, extension: 'jsonl' },
  pdf: { write: writePdf, extension: 'pdf' },
}

const HOUR_SECONDS = 3_600
const COMPLIANCE = { classes: ['compliance'] } as const

/** The jobs around exports of the trail: making the file, telling of one that never will be, and ending its week. */
export function exportJobs(ports: ExportJobPorts): JobHandlers {
  return {
    [EXPORT_QUEUE]: { run: (job) => makeExport(ports, job) },
    [`${EXPORT_QUEUE}-lost`]: { run: (job) => giveUp(ports, job) },
    [`${EXPORT_QUEUE}-expiry`]: { run: ({ signal }) => endWeek(ports, signal), everySeconds: HOUR_SECONDS },
  }
}

async function actorOf({ database }: ExportJobPorts, tenant: TenantJob | null): Promise<{ actor: SystemActor; tenant: TenantJob }> {
  const actor = tenant && (await loadJobActor(database, tenant, EXPORT_QUEUE))
  if (!actor) throw new JobError('NO_SUCH_CLINIC', 'The job names no clinic.')
  return { actor, tenant }
}

async function makeExport(ports: ExportJobPorts, { tenant: named, signal }: RunningJob): Promise<void> {
  const { actor, tenant } = await actorOf(ports, named)
  const { database, files } = ports
  const started = await commitJob(ports, actor, (tx) => startExport(tx, actor, tenant.recordId), COMPLIANCE)
  if (started === null) return
  const reader = () => database.auditReader(scopeOf(actor), new AccessLog())
  const records = () => database.reader(scopeOf(actor), new AccessLog())
  const source: ExportSource = { reader, records, labelTypes: started.labelTypes, actor, filter: started.filter, takenAtText: started.takenAtText }
  const { write, extension } = FORMATTERS[started.format]
  const seen: Seen = { rowCount: 0, firstEntryId: null, lastEntryId: null }
  const pages = watchPages(ports, { actor, started, source, seen, signal })
  const facts: ExportFacts = {
    locale: started.locale,
    timeZone: actor.clinic.timeZone,
    clinicName: actor.clinic.name,
    requestedByName: started.requestedByName,
    reason: started.reason,
    filter: started.filter,
    takenAtText: started.takenAtText,
    checkpoint: await findNewestCheckpoint(reader()),
  }
  const fileName = `${EXPORT_QUEUE}-${toClinicTime(started.takenAtText, actor.clinic.timeZone).slice(0, 16).replaceAll(/[:T]/g, '-')}.${extension}`
  await files.write(started.id, started.attempt, write(pages, facts), (file) =>
    commitJob(ports, actor, (tx) => finishExport(tx, actor, started, { ...file, ...seen, fileName }), { ...COMPLIANCE, action: 'export' }),
  )
}

type Seen = { rowCount: number; firstEntryId: string | null; lastEntryId: string | null }
type Watch = { readonly actor: SystemActor; readonly started: StartedExport; readonly source: ExportSource; readonly seen: Seen; readonly signal: AbortSignal }

/** Passes the pages on, counting them and telling how far they have come. Stops between two of them when asked to. */
async function* watchPages({ database }: ExportJobPorts, { actor, started, source, seen, signal }: Watch): AsyncGenerator<ExportRow[]> {
  const oldest = await findOldestInstant(source)
  const span = oldest === null ? 0 : Date.parse(started.takenAtText) - Date.parse(oldest)
  for await (const page of readExportPages(source)) {
    if (signal.aborted) throw new JobError('BROKEN_OFF', 'The server stops, or the job took too long.')
    const last = page.at(-1)
    seen.rowCount += page.length
    seen.firstEntryId ??= page[0]?.id ?? null
    seen.lastEntryId = last?.id ?? seen.lastEntryId
    yield page
    const walked = last ? Date.parse(started.takenAtText) - Date.parse(last.atText) : 0
    await queryInScope(database.pool, scopeOf(actor), {
      name: 'note_export_progress',
      text: `INSERT INTO audit_export_progress (export_id, organisation_id, clinic_id, rows_done, fraction) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (export_id) DO UPDATE SET rows_done = excluded.rows_done, fraction = excluded.fraction, updated_at = now()`,
      values: [started.id, actor.organisationId, actor.clinic.id, seen.rowCount, span > 0 ? Math.min(1, Math.max(0, walked / span)) : 1],
    })
  }
}

async function giveUp(ports: ExportJobPorts, { tenant: named, failure }: RunningJob): Promise<void> {
  const { actor, tenant } = await actorOf(ports, named)
  await commitJob(ports, actor, (tx) => failExport(tx, actor, tenant.recordId, failure), COMPLIANCE)
}

async function endWeek(ports: ExportJobPorts, signal: AbortSignal): Promise<void> {
  const { database, clock, files } = ports
  await atEveryClinic(database, EXPORT_QUEUE, signal, async (actor) => {
    // Asked first, so that a clinic without one gets no entry every hour.
    if (!(await hasExpired(ports, actor))) return
    for (const id of await commitJob(ports, actor, (tx) => expireExports(tx, actor), COMPLIANCE)) await files.remove(id)
  })
  // A day later than any file that is still announced.
  await files.sweep(new Date(clock.now().getTime() - (KEPT_DAYS + 1) * DAY_MS))
}

async function hasExpired({ database, clock }: ExportJobPorts, actor: SystemActor): Promise<boolean> {
  const { rows } = await queryInScope(database.pool, scopeOf(actor), {
    name: 'find_expired_exports',
    text: "SELECT 1 FROM audit_export WHERE organisation_id = $1 AND clinic_id = $2 AND status = 'ready' AND expires_at <= $3 LIMIT 1",
    values: [actor.organisationId, actor.clinic.id, clock.now()],
  })
  return rows.length > 0
}
