import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { violation } from '../../modules/kernel/violation.ts'
import type { AuditMetrics } from '../metrics/metrics.ts'
import { type EntryRow, INSERT_ENTRIES } from './entry.ts'

/** Entries could not be made durable: the response must not leave. */
export class AuditUnavailableError extends Error {
  constructor(cause: unknown) {
    super('The audit trail could not record this operation.', { cause })
    this.name = 'AuditUnavailableError'
  }
}

type Waiting = { readonly rows: readonly EntryRow[]; readonly resolve: () => void; readonly reject: (error: Error) => void }

const MAX_BATCH = 500
/** Fewer than this wait for more. */
const FEW = 16

/**
 * Group commit for entries that have no transaction of their own: reads, denials, failed sign-ins. While one batch is on
 * its way the next one gathers, so one fsync serves every request that waits. `record` resolves once all rows of the operation are
 * durable and rejects with AuditUnavailableError otherwise; nothing is retried here, because the caller answers 503. But an entry that the
 * database does not take fails alone: the others of its batch are written without it.
 */
export class AuditWriter {
  readonly #pool: pg.Pool
  #waiting: Waiting[] = []
  #isFlushing = false
  readonly #gatherMs: number
  readonly #metrics: AuditMetrics | null

  /** @param gatherMs how long few entries wait for more, since a batch of one costs nearly as much as one of ten */
  constructor(pool: pg.Pool, gatherMs = 0, metrics: AuditMetrics | null = null) {
    this.#pool = pool
    this.#gatherMs = gatherMs
    this.#metrics = metrics
  }

  record(rows: readonly EntryRow[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject })
      if (!this.#isFlushing) void this.#flush()
    })
  }

  async #flush(): Promise<void> {
    this.#isFlushing = true
    while (this.#waiting.length > 0) {
      if (this.#gatherMs > 0 && this.#waiting.length < FEW) await sleep(this.#gatherMs)
      await this.#write(this.#waiting.splice(0, MAX_BATCH))
    }
    this.#isFlushing = false
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const begun = performance.now()
    try {
      await this.#pool.query({ name: 'audit_insert', text: INSERT_ENTRIES, values: [JSON.stringify(batch.flatMap(({ rows }) => rows))] })
      this.#report(batch, begun, true)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      if (batch.length > 1 && isAboutData(error)) {
        for (const one of batch) await this.#write([one])
        return
      }
      this.#report(batch, begun, false)
      const failure = new AuditUnavailableError(error)
      for (const { reject } of batch) reject(failure)
    }
  }

  #report(batch: readonly Waiting[], begun: number, isWritten: boolean): void {
    const entries = batch.reduce((sum, { rows }) => sum + rows.length, 0)
    this.#metrics?.batch({ operations: batch.length, entries, seconds: (performance.now() - begun) / 1_000, isWritten })
  }
}

// data_exception and integrity_constraint_violation: the statement, and so every entry of the batch, was undone because of one.
function isAboutData(error: unknown): boolean {
  return /^2[23]/.test(violation(error)?.code ?? '')
}
