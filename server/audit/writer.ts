import type pg from 'pg'
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

/**
 * Group commit for entries that have no transaction of their own: reads, denials, failed sign-ins. While one batch is on
 * its way the next one gathers, so one fsync serves every request that waits. `record` resolves once all rows of the operation are
 * durable and rejects with AuditUnavailableError otherwise; nothing is retried here, because the caller answers 503.
 */
export class AuditWriter {
  readonly #pool: pg.Pool
  #waiting: Waiting[] = []
  #isFlushing = false

  constructor(pool: pg.Pool) {
    this.#pool = pool
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
      const batch = this.#waiting.splice(0, MAX_BATCH)
      try {
        await this.#pool.query({ name: 'audit_insert', text: INSERT_ENTRIES, values: [JSON.stringify(batch.flatMap(({ rows }) => rows))] })
        for (const { resolve } of batch) resolve()
      } catch (error) {
        const failure = new AuditUnavailableError(error)
        for (const { reject } of batch) reject(failure)
      }
    }
    this.#isFlushing = false
  }
}
