import type { LeadingStatement } from './statement-batch.ts'

const CHECK_SESSION = `SELECT v.version, (extract(epoch FROM s.last_active_at) * 1000)::bigint FROM session s JOIN access_version v ON v.organisation_id = s.organisation_id
  WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2`

/**
 * Who asks, as the operation believed when it began: rights are kept between operations, so the first statement of each one
 * confirms in the database, within the same round trip, that the session still runs and that nobody's rights have changed.
 */
export class SessionCheck {
  readonly sessionId: string
  readonly now: Date
  readonly #version: string
  readonly #idleMs: number
  #state: 'open' | 'confirmed' | 'outdated' = 'open'
  /** Once the database has answered: when the person last did something. */
  lastActiveAt: Date | null = null

  /**
   * @param facts.version of the organisation's rights, from which the caller's were worked out
   * @param facts.idleMs after so long without activity a session has ended
   */
  constructor({ sessionId, version, now, idleMs }: { sessionId: string; version: string; now: Date; idleMs: number }) {
    this.sessionId = sessionId
    this.now = now
    this.#version = version
    this.#idleMs = idleMs
  }

  get state(): 'open' | 'confirmed' | 'outdated' {
    return this.#state
  }

  /** What asks the database, ahead of an operation's first statements and inside its scope. */
  statement(): LeadingStatement {
    return {
      name: 'chiron_session',
      text: CHECK_SESSION,
      values: [this.sessionId, this.now.toISOString()],
      // No row: the session has ended.
      take: (row) => this.settle(row?.[0] ?? null, row?.[1] ?? null),
    }
  }

  /** Takes what the database says: the version and the last activity in milliseconds, or nothing for a session that has ended. */
  settle(version: string | null, lastActiveMs: string | null): void {
    if (lastActiveMs !== null) this.lastActiveAt = new Date(Number(lastActiveMs))
    const isIdle = this.lastActiveAt === null || this.now.getTime() - this.lastActiveAt.getTime() >= this.#idleMs
    this.#state = version === this.#version && !isIdle && this.#state !== 'outdated' ? 'confirmed' : 'outdated'
  }
}

/** The session has ended, or somebody's rights have changed: nothing was read, and the operation starts again. */
export class SessionOutdatedError extends Error {
  constructor() {
    super('The session has changed since the operation began.')
    this.name = 'SessionOutdatedError'
  }
}
