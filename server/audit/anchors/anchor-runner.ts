import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientBase } from 'pg'
import { MINUTE_MS } from '../../../modules/kernel/time.ts'
import { firstLine } from '../../startup-error.ts'
import type { Published } from '../sequencer/publish.ts'
import { type Anchor, AnchorError, type Exclusive } from './anchor.ts'

/** Nobody waits longer for an anchor; what takes more time goes on alone and is noted down by a later run. */
const PATIENCE_MS = 3_000
/** What failed is tried again after this time, or earlier when it is due anyway. */
const RETRY_MS = 15 * MINUTE_MS

type Outcome = { readonly error: string | null }
type Attempt = { readonly size: bigint; readonly at: Date; outcome: Outcome | null; isReported: boolean }
type AnchorRow = { kind: string; target: string; anchored_at: Date | null; tried_at: Date }

export type AnchorRunnerOptions = {
  /** Told about every failed attempt, and about a database that did not take the report. */
  alarm: (anchor: Pick<Anchor, 'kind' | 'target'> | null, error: string) => void
  patienceMs?: number
}

/** Brings checkpoints to the anchors that are due and reports into audit.anchor. Lives as long as the sequencer. */
export class AnchorRunner implements AsyncDisposable {
  readonly #anchors: readonly Anchor[]
  readonly #options: AnchorRunnerOptions
  readonly #attempts = new Map<Anchor, Attempt>()
  readonly #stopping = new AbortController()
  readonly #running = new Set<Promise<void>>()

  constructor(anchors: readonly Anchor[], options: AnchorRunnerOptions) {
    this.#anchors = anchors
    this.#options = options
  }

  /**
   * Anchors `published` wherever it is due at `now`. Never throws and ends after a few seconds at most. The connection is
   * signed in as the sequencer, outside any transaction, and not used by anybody else meanwhile.
   */
  async run(client: ClientBase, published: Published, now: Date): Promise<void> {
    const turns = new Turns(client)
    try {
      await this.#report(client)
      const begun = await this.#begin(client, published, now, turns)
      if (begun.length > 0) {
        const patience = new AbortController()
        await Promise.race([Promise.all(begun), sleep(this.#options.patienceMs ?? PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {})])
        patience.abort()
      }
      await turns.close()
      await this.#report(client)
    } catch (error) {
      await turns.close()
      this.#options.alarm(null, firstLine(error))
    }
  }

  async #begin(client: ClientBase, published: Published, now: Date, turns: Turns): Promise<Promise<void>[]> {
    const { rows } = await client.query<AnchorRow>('SELECT kind, target, anchored_at, tried_at FROM audit.anchor')
    const begun: Promise<void>[] = []
    for (const anchor of this.#anchors) {
      const row = rows.find(({ kind, target }) => kind === anchor.kind && target === anchor.target)
      if (this.#attempts.has(anchor) || !isDue(anchor, row, now)) continue
      // Before the attempt: a process that dies with each attempt must not send a mail with each start.
      await client.query(
        'INSERT INTO audit.anchor (kind, target, tried_at) VALUES ($1, $2, $3) ON CONFLICT (kind, target) DO UPDATE SET tried_at = excluded.tried_at',
        [anchor.kind, anchor.target, now],
      )
      begun.push(this.#attempt(anchor, published, now, turns.take))
    }
    return begun
  }

  #attempt(anchor: Anchor, published: Published, at: Date, database: Exclusive): Promise<void> {
    const attempt: Attempt = { size: published.size, at, outcome: null, isReported: false }
    this.#attempts.set(anchor, attempt)
    const running = Promise.try(() => anchor.anchor(database, published, this.#stopping.signal)).then(
      () => {
        attempt.outcome = { error: null }
      },
      (error: unknown) => {
        attempt.outcome = { error: describe(error) }
      },
    )
    this.#running.add(running)
    return running.finally(() => this.#running.delete(running))
  }

  async #report(client: ClientBase): Promise<void> {
    for (const [anchor, attempt] of this.#attempts) {
      const { kind, target } = anchor
      const error = attempt.outcome ? attempt.outcome.error : 'TIMEOUT: still trying'
      if (attempt.outcome === null && attempt.isReported) continue
      if (error === null)
        await client.query('UPDATE audit.anchor SET size = $3, anchored_at = $4, error = NULL WHERE kind = $1 AND target = $2', [
          kind,
          target,
          attempt.size,
          attempt.at,
        ])
      else await client.query('UPDATE audit.anchor SET error = $3 WHERE kind = $1 AND target = $2', [kind, target, error])
      if (attempt.outcome) this.#attempts.delete(anchor)
      attempt.isReported = true
      if (error !== null) this.#options.alarm(anchor, error)
    }
  }

  /** Ends what is still under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    const patience = new AbortController()
    const limit = sleep(this.#options.patienceMs ?? PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {})
    await Promise.race([Promise.all(this.#running), limit])
    patience.abort()
  }
}

function isDue(anchor: Anchor, row: AnchorRow | undefined, now: Date): boolean {
  if (!row) return true
  const since = now.getTime() - row.tried_at.getTime()
  const hasSucceeded = row.anchored_at !== null && row.anchored_at >= row.tried_at
  // A clock that was set back must not silence an anchor.
  return since < 0 || since >= (hasSucceeded ? anchor.everyMs : Math.min(anchor.everyMs, RETRY_MS))
}

function describe(error: unknown): string {
  return error instanceof AnchorError ? `${error.code}: ${error.message}` : `FAILED: ${firstLine(error)}`
}

/** Hands the connection to one at a time, and to nobody once it is closed: the sequencer's own transactions follow. */
class Turns {
  readonly #client: ClientBase
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(client: ClientBase) {
    this.#client = client
  }

  readonly take: Exclusive = (work) => {
    const turn = this.#last.then(() => {
      if (this.#isClosed) throw new AnchorError('TIMEOUT', 'it took too long')
      return work(this.#client)
    })
    this.#last = turn.catch(() => {})
    return turn
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last
  }
}
