import type { Actor } from '../modules/kernel/actor.ts'
import { AccessLog } from './audit/access-log.ts'
import { buildEntries, type Claimed, type EntryRow, type Operation, type Outcome } from './audit/entry.ts'

/** One request as it goes through the server: who, what it touched, how it ended. The only mutable thing of an operation. */
export class RequestRecord {
  readonly operation: Operation
  readonly access = new AccessLog()
  outcome: Outcome = 'rejected'
  readonly details = new Set<string>()
  /** Transactions that committed with an entry of their own. */
  committed = 0
  isReplay = false
  /** The answer is a stream of events that goes on after this record is written. */
  isStream = false
  /** The document came as text, not as a hash from the manifest. */
  isFreeDocument = false
  claimed: Claimed | null = null
  /** Coordinates that the document reaches and the caller may. */
  selected: ReadonlySet<string> = new Set()

  constructor(operation: Operation) {
    this.operation = operation
  }

  get actor(): Actor {
    return this.operation.actor
  }

  /**
   * The entries that must be durable before the response leaves; none when a transaction's own entry says everything: it
   * committed, nothing was read beside it, and nothing was refused.
   */
  entries(): EntryRow[] {
    if (this.committed > 0 && this.access.isEmpty() && this.outcome === 'ok' && !this.isReplay) return []
    const { access, outcome, claimed, isReplay } = this
    // The change has its own entry; this one is about what was read to answer.
    const operation: Operation = this.committed > 0 ? { ...this.operation, action: 'read' } : this.operation
    return buildEntries({ operation, access, outcome, claimed, isReplay, detail: this.details.size > 0 ? [...this.details].sort().join(' ') : null })
  }
}
