import type pg from 'pg'
import { Gauge, type Registry } from 'prom-client'

/** Readings are as old as this at most, however often somebody asks. */
const KEPT_MS = 5_000

const SPINE = 'SELECT at, size FROM audit.checkpoint WHERE log = 0 ORDER BY size DESC LIMIT 1'
const AUDIT = `SELECT audit.lag() AS lag, extract(epoch FROM clock_timestamp() - c.at)::float8 AS age, c.size::float8 AS size
  FROM (SELECT 1) one LEFT JOIN LATERAL (${SPINE}) c ON true`
const ANCHORS = `SELECT a.kind, max(coalesce(c.size, 0) - a.size)::float8 AS behind, count(a.error)::int AS failing
  FROM audit.anchor a LEFT JOIN LATERAL (${SPINE}) c ON true GROUP BY a.kind`
const JOBS = `SELECT q.name AS queue, s.state, count(j.id)::int AS jobs FROM pgboss.queue q CROSS JOIN (VALUES ('created'), ('retry'), ('active')) s(state)
  LEFT JOIN pgboss.job j ON j.name = q.name AND j.state < 'completed' AND j.state::text = s.state GROUP BY 1, 2`

/** Logins that read: the application's counts jobs, the auditor's sees checkpoints and anchors. */
export type ReadingPools = { readonly app: pg.Pool; readonly auditor: pg.Pool }

/**
 * What only the database knows: how far the sequencer is, wherever it runs, and how many jobs wait. Read when somebody asks. What could
 * not be read is not a number, never the value of before: an alarm must not sleep because the database does.
 */
export class Readings {
  readonly #pools: ReadingPools
  readonly #audit: Gauge<'figure'>[]
  readonly #anchorBehind
  readonly #anchorFailing
  readonly #jobs
  readonly #isRead
  #until = 0
  #running: Promise<void> | null = null

  constructor(registry: Registry, pools: ReadingPools) {
    this.#pools = pools
    const registers = [registry]
    const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) => new Gauge({ name: `chiron_${name}`, help, labelNames, registers })
    this.#audit = [
      gauge('audit_lag_seconds', 'Age of the oldest entry that the sequencer has not integrated.'),
      gauge('audit_checkpoint_age_seconds', 'Time since the newest signed checkpoint of the spine.'),
      gauge('audit_checkpoint_size', 'Heads under the newest signed checkpoint of the spine.'),
    ]
    this.#anchorBehind = gauge('audit_anchor_behind', 'Heads of the spine that the slowest anchor of a kind has not seen.', ['kind'])
    this.#anchorFailing = gauge('audit_anchors_failing', 'Anchors of a kind whose last attempt failed.', ['kind'])
    this.#jobs = gauge('jobs', 'Jobs that wait (created, retry) or run (active).', ['queue', 'state'])
    this.#isRead = gauge('readings_up', '1 when the figures of the database could be read, else 0.')
  }

  /** Never rejects. */
  async refresh(): Promise<void> {
    if (this.#running) return this.#running
    if (performance.now() < this.#until) return
    this.#running = this.#read()
    await this.#running
    this.#running = null
    this.#until = performance.now() + KEPT_MS
  }

  async #read(): Promise<void> {
    const { app, auditor } = this.#pools
    try {
      const [audits, anchors, jobs] = await Promise.all([
        auditor.query<{ lag: number; age: number | null; size: number | null }>({ name: 'metrics_audit', text: AUDIT }),
        auditor.query<{ kind: string; behind: number; failing: number }>({ name: 'metrics_anchors', text: ANCHORS }),
        app.query<{ queue: string; state: string; jobs: number }>({ name: 'metrics_jobs', text: JOBS }),
      ])
      const [audit] = audits.rows
      this.#forget(1)
      const values = [audit?.lag, audit?.age, audit?.size]
      for (const [index, gauge] of this.#audit.entries()) gauge.set(values[index] ?? Number.NaN)
      for (const { kind, behind, failing } of anchors.rows) {
        this.#anchorBehind.set({ kind }, behind)
        this.#anchorFailing.set({ kind }, failing)
      }
      for (const row of jobs.rows) this.#jobs.set({ queue: row.queue, state: row.state }, row.jobs)
    } catch {
      this.#forget(0)
    }
  }

  #forget(isRead: 0 | 1): void {
    this.#isRead.set(isRead)
    for (const gauge of this.#audit) gauge.set(Number.NaN)
    for (const gauge of [this.#anchorBehind, this.#anchorFailing, this.#jobs]) gauge.reset()
  }
}
