import type { ClientBase } from 'pg'
import type { Published } from '../sequencer/publish.ts'

/**
 * Why an anchor does not hold the newest checkpoint. AHEAD: it knows a longer log; FORKED: it knows another history. These
 * two mean that the log was tampered with or restored; all others, that something has to be repaired.
 */
export type AnchorCode = 'AHEAD' | 'FORKED' | 'UNREACHABLE' | 'REFUSED' | 'BAD_ANSWER' | 'NOT_WRITABLE' | 'DAMAGED' | 'TIMEOUT' | 'FAILED'

export class AnchorError extends Error {
  override name = 'AnchorError'
  readonly code: AnchorCode

  constructor(code: AnchorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The connection, for one piece of work at a time: several anchors share it, and it takes one statement after another. */
export type Exclusive = <T>(work: (client: ClientBase) => Promise<T>) => Promise<T>

/** Something outside the database that remembers checkpoints. */
export type Anchor = {
  readonly kind: 'file' | 'witness' | 'mail'
  readonly target: string
  readonly everyMs: number
  /** Resolves once the checkpoint is safe there. Throws AnchorError. Must end soon after `signal` aborts. */
  anchor(database: Exclusive, published: Published, signal: AbortSignal): Promise<void>
}
