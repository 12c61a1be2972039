import type { ClinicActor } from '../kernel/actor.ts'
import type { AuditReader } from '../kernel/db.ts'
import { NIL_ID } from '../kernel/ids.ts'
import { findInstallation, findSpine, verifierKeyOf } from './proofs.ts'

/** One clinic's log of one month. Sizes are numbers of entries. */
export type LogMonth = {
  /** YYYY-MM, UTC. */
  readonly month: string
  readonly size: number
  readonly published: number
  readonly closedAt: Date | null
  readonly droppedAt: Date | null
}
/** A place outside the database that keeps checkpoints. */
export type AnchorState = {
  readonly kind: string
  readonly target: string
  readonly size: number
  readonly anchoredAt: Date | null
  readonly triedAt: Date
  readonly error: string | null
}
/** Something that a job, a verification or a browser found wrong. */
export type Finding = {
  readonly id: string
  readonly at: Date
  readonly source: string
  readonly kind: string
  readonly entryId: string | null
  readonly detail: Readonly<Record<string, unknown>>
}
export type LogStatus = {
  readonly installationId: string
  readonly verifierKey: string | null
  readonly lagSeconds: number
  readonly spine: { readonly size: number; readonly note: string; readonly at: Date } | null
  readonly months: readonly LogMonth[]
  readonly anchors: readonly AnchorState[]
  readonly findings: readonly Finding[]
}

/** Of each source, so that none hides another's. */
const FINDINGS_SHOWN = 50

/** How the log stands: sizes of the active clinic's months, anchors, and the newest findings. Hashes and counts, no records. */
export async function findLogStatus(db: AuditReader, actor: ClinicActor): Promise<LogStatus> {
  const installation = await findInstallation(db)
  const spine = await findSpine(db, installation)
  const [{ lag } = { lag: 0 }] = await db.query<{ lag: number }>({ name: 'audit_lag', text: 'SELECT audit.lag() AS lag', values: [] })
  const months = await db.query<LogMonth>({
    name: 'audit_months',
    text: `SELECT to_char(shard, 'YYYY-MM') AS month, size::float8 AS size, published::float8 AS published, closed_at AS "closedAt", dropped_at AS "droppedAt"
      FROM audit.tree WHERE clinic_id = $1::uuid AND log > 0 ORDER BY shard DESC`,
    values: [actor.clinic.id],
  })
  const anchors = await db.query<AnchorState>({
    name: 'audit_anchors',
    text: 'SELECT kind, target, size::float8 AS size, anchored_at AS "anchoredAt", tried_at AS "triedAt", error FROM audit.anchor ORDER BY kind, target',
    values: [],
  })
  return {
    installationId: installation.id,
    verifierKey: verifierKeyOf(installation),
    lagSeconds: lag,
    spine: spine && { size: Number(spine.size), note: spine.note, at: spine.at },
    months,
    anchors,
    findings: await listFindings(db, actor),
  }
}

function listFindings(db: AuditReader, actor: ClinicActor): Promise<Finding[]> {
  return db.query<Finding>({
    name: 'audit_findings',
    text: `SELECT f.* FROM unnest(ARRAY['reconciliation', 'verification', 'browser', 'sequencer']) AS s(source) CROSS JOIN LATERAL (
        SELECT id, at, source, kind, entry_id AS "entryId", detail FROM audit.finding WHERE organisation_id = $1::uuid AND source = s.source
        ORDER BY at DESC, id DESC LIMIT ${FINDINGS_SHOWN}
      ) f ORDER BY f.at DESC, f.id DESC`,
    values: [actor.organisationId],
  })
}

export type VerificationState = 'waiting' | 'running' | 'passed' | 'failed' | 'broken'
/** A run of the verifier over the whole installation, as far as it concerns this clinic. */
export type Verification = {
  readonly id: string
  readonly state: VerificationState
  readonly requestedAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  /** Entries checked so far, of `total`. */
  readonly checked: number
  readonly total: number
  readonly findings: readonly VerificationFinding[]
  /** How many findings are not told here, because they are about other clinics' logs. */
  readonly elsewhere: number
}
/** What the verifier says of the first bad entry of each kind; see verifier/README.md for the codes. */
export type VerificationFinding = {
  readonly code: string
  readonly log: string | null
  readonly index?: number
  readonly entry?: string
  readonly message: string
}

/**
 * The newest verifications that somebody of the active clinic asked for. Findings name the spine and the clinic's own logs alone. What is in
 * no log can be anybody's: of it only the kind is told, and never which record it is.
 */
export async function listVerifications(db: AuditReader, actor: ClinicActor, limit: number): Promise<Verification[]> {
  const rows = await db.query<Omit<Verification, 'elsewhere'>>({
    name: 'audit_verifications',
    text: `SELECT id, state, requested_at AS "requestedAt", started_at AS "startedAt", finished_at AS "finishedAt", checked::float8 AS checked, total::float8 AS total,
        coalesce(result -> 'findings', '[]') AS findings
      FROM audit.verification WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid ORDER BY requested_at DESC LIMIT $3`,
    values: [actor.organisationId, actor.clinic.id, limit],
  })
  const isOwn = (log: string) => log.endsWith('/spine') || [actor.clinic.id, NIL_ID].some((id) => log.includes(`/${id}/`))
  return rows.map((row) => {
    const named = row.findings.filter(({ log }) => log !== null && isOwn(log))
    const kinds = new Map(row.findings.flatMap(({ code, log, message }) => (log === null ? [[code, { code, log, message }] as const] : [])))
    const elsewhere = row.findings.filter(({ log }) => log !== null && !isOwn(log)).length
    return { ...row, findings: [...named, ...kinds.values()], elsewhere }
  })
}
