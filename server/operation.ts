import type { Actor, VisitorActor } from '../modules/kernel/actor.ts'
import { AccessLog } from './audit/access-log.ts'
import { buildEntries, type Claimed, type EntryRow, type Operation, type Outcome } from './audit/entry.ts'

/** What happened behind a clinic's door for everybody. */
type Visit = { readonly actor: VisitorActor; readonly access: AccessLog }

/** Why a mutation was refused, and what its command had read by then. */
type Refused = { readonly code: string; readonly log: AccessLog; readonly seen: AccessLog }

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
  #visit: Visit | null = null
  readonly #refusals = new Map<string, Refused>()
  /** Coordinates that the document reaches and the caller may. */
  selected: ReadonlySet<string> = new Set()

  constructor(operation: Operation) {
    this.operation = operation
  }

  get actor(): Actor {
    return this.operation.actor
  }

  /** A mutation was refused: that counts unless a repetition carries it out. */
  refuse(path: string, refused: Refused): void {
    this.#refusals.set(path, refused)
  }

  /** A mutation is carried out, whatever was said of earlier tries. */
  carryOut(path: string): void {
    this.#refusals.delete(path)
  }

  /** Notes the refusals that the caller is told of. */
  noteRefusals(): void {
    for (const { code, log, seen } of this.#refusals.values()) {
      if (this.outcome === 'rejected') this.outcome = 'refused'
      this.details.add(code)
      // The refusal may say what stands in the way (stock, an open balance), which is a read like any other.
      log.absorbReads(seen)
    }
    this.#refusals.clear()
  }

  /**
   * The entries that must be durable before the response leaves; none when a transaction's own entry says everything: it
   * committed, nothing was read beside it, and nothing was refused.
   */
  entries(): EntryRow[] {
    const visit = this.#visit
    if (visit === null) return this.#entriesOf(this.operation, this.access)
    for (const dataClass of this.access.classes) visit.access.classes.add(dataClass)
    // Whoever has signed in may come through a door as well. What they do beside it, or were refused, is told of them.
    const isSilent = this.access.isEmpty() && (this.outcome === 'ok' || this.actor.kind !== 'user')
    const own = isSilent ? [] : this.#entriesOf(this.operation, this.access)
    return [...own, ...this.#entriesOf({ ...this.operation, actor: visit.actor }, visit.access)]
  }

  /** Goes through a clinic's door for everybody: what is read there is an entry of that clinic's log. */
  enter(actor: VisitorActor): Visit {
    this.#visit = { actor, access: new AccessLog() }
    return this.#visit
  }

  #entriesOf(whose: Operation, access: AccessLog): EntryRow[] {
    if (this.committed > 0 && access.isEmpty() && this.outcome === 'ok' && !this.isReplay) return []
    const { outcome, claimed, isReplay } = this
    // The change has its own entry; this one is about what was read to answer.
    const operation: Operation = this.committed > 0 ? { ...whose, action: 'read' } : whose
    return buildEntries({ operation, access, outcome, claimed, isReplay, detail: this.details.size > 0 ? [...this.details].sort().join(' ') : null })
  }
}
