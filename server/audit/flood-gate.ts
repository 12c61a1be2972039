import { NIL_ID } from '../../modules/kernel/ids.ts'
import { MINUTE_MS } from '../../modules/kernel/time.ts'
import { networkOf } from '../client-address.ts'
import type { Log } from '../log.ts'
import { AccessLog } from './access-log.ts'
import { buildEntries, type EntryRow, type Operation } from './entry.ts'
import type { AuditWriter } from './writer.ts'

const PER_MINUTE = 20

type Window = { readonly until: number; count: number; suppressed: number; readonly last: { operation: Operation | null } }

/**
 * Entries that belong to no clinic (nobody's parse errors, failed sign-ins) could be used to fill the trail. Beyond 20 a
 * minute from one address they are counted, and one entry a minute says how many.
 */
export class FloodGate implements AsyncDisposable {
  readonly #writer: AuditWriter
  readonly #windows = new Map<string, Window>()
  readonly #timer: NodeJS.Timeout
  readonly #log: Log

  constructor(writer: AuditWriter, log: Log) {
    this.#writer = writer
    this.#log = log
    this.#timer = setInterval(() => void this.sweep(Date.now()), MINUTE_MS)
    this.#timer.unref()
  }

  /** Resolves once the entry is durable, or has been counted. Rejects with AuditUnavailableError. */
  async record(rows: readonly EntryRow[], operation: Operation, now: number = Date.now()): Promise<void> {
    // Sign-ins have limits of their own, and an unknown address must wait for its entry as long as a known one.
    if (rows.every((row) => row.organisation_id === NIL_ID && row.action !== 'login')) {
      const key = networkOf(operation.address ?? '')
      const known = this.#windows.get(key)
      const window = known && known.until > now ? known : { until: now + MINUTE_MS, count: 0, suppressed: 0, last: { operation: null } }
      // Before anything is awaited, so that requests which arrive together share the window and the old one is reported once.
      this.#windows.set(key, window)
      window.count += 1
      window.last.operation = operation
      if (known && known !== window) await this.#report(known)
      if (window.count > PER_MINUTE) {
        window.suppressed += 1
        return
      }
    }
    await this.#writer.record(rows)
  }

  /** Writes the counted entries of windows that have ended. */
  async sweep(now: number): Promise<void> {
    for (const [key, window] of this.#windows) {
      if (window.until > now) continue
      this.#windows.delete(key)
      await this.#report(window).catch((error: unknown) => this.#log.error({ err: error }, 'a counted audit entry was lost'))
    }
  }

  async #report({ suppressed, last: { operation } }: Window): Promise<void> {
    if (suppressed === 0 || operation === null) return
    const rows = buildEntries({
      operation: { ...operation, name: 'suppressed', documentHash: null, action: 'none' },
      access: new AccessLog(),
      outcome: 'rejected',
      detail: `COUNT_${suppressed}`,
    })
    await this.#writer.record(rows)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.sweep(Number.POSITIVE_INFINITY)
  }
}
