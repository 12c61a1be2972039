import { LRUCache } from 'lru-cache'
import type { UserActor } from '../../modules/kernel/actor.ts'
import { MINUTE_MS } from '../../modules/kernel/time.ts'
import type { Database } from '../db.ts'
import { queryInScope } from '../scoped-query.ts'
import { SessionCheck, SessionOutdatedError } from '../session-check.ts'
import { type OutOfReach, type Resolved, resolveActor, TOUCH_MS, touchSession } from './resolve-actor.ts'
import { type AccessClaims, IDLE_MINUTES, readAccessToken } from './tokens.ts'

/** Who calls, as far as is known, and the check by which the operation's first statement confirms it. */
export type Caller = { readonly kind: 'user'; readonly actor: UserActor; readonly check: SessionCheck }

type Verified = { readonly claims: AccessClaims; readonly expiresAt: number }

const MAX_KNOWN = 5_000

/**
 * Tokens whose signature was verified and people whose rights were worked out, kept between operations. Neither is believed for
 * longer than it holds: a token ends when it says, and rights are compared with the database by each operation.
 */
export class Actors {
  readonly #database: Database
  readonly #tokenKey: Uint8Array
  readonly #tokens = new LRUCache<string, Verified>({ max: MAX_KNOWN })
  readonly #known = new LRUCache<string, Resolved>({ max: MAX_KNOWN })

  constructor(database: Database, tokenKey: Uint8Array) {
    this.#database = database
    this.#tokenKey = tokenKey
  }

  /** The claims of a token that is ours and has not ended; null for every other text. */
  async claimsOf(token: string, now: Date): Promise<AccessClaims | null> {
    const known = this.#tokens.get(token)
    if (known && now.getTime() < known.expiresAt) return known.claims
    const verified = await readAccessToken(this.#tokenKey, token, now)
    if (verified) this.#tokens.set(token, verified)
    return verified?.claims ?? null
  }

  /** The person at the wished clinic, or the first of theirs; see resolveActor. Of people who are known, nothing is asked yet. */
  async find(claims: AccessClaims, wishedClinicId: string | null, now: Date): Promise<Caller | OutOfReach | null> {
    const key = `${claims.sessionId}|${wishedClinicId ?? ''}`
    const known = this.#known.get(key)
    if (known && now < known.until) return { kind: 'user', actor: known.actor, check: checkOf(known, now) }
    const found = await resolveActor(this.#database, claims, wishedClinicId, now)
    if (found?.kind !== 'user') return found
    this.#known.set(key, found)
    const check = checkOf(found, now)
    check.settle(found.version, String(found.lastActiveAt.getTime()))
    await this.#touch(found.actor, check)
    return { kind: 'user', actor: found.actor, check }
  }

  /**
   * Whether the caller was who the operation took them for. Asks the database unless a statement of the operation has done so. A
   * person who is not is forgotten, so that the operation can be tried again with what holds now.
   */
  async confirm({ actor, check }: Caller): Promise<boolean> {
    if (check.state === 'open') {
      const scope = { organisationId: actor.organisationId, clinicIds: [], sharePatients: false }
      await queryInScope(this.#database.pool, scope, { name: 'nothing', text: 'SELECT', values: [] }, check).catch((error: unknown) => {
        if (!(error instanceof SessionOutdatedError)) throw error
      })
    }
    if (check.state === 'confirmed') {
      await this.#touch(actor, check)
      return true
    }
    for (const clinicId of ['', ...actor.clinics.map(({ id }) => id)]) this.#known.delete(`${actor.sessionId}|${clinicId}`)
    return false
  }

  async #touch(actor: UserActor, { lastActiveAt, now }: SessionCheck): Promise<void> {
    if (lastActiveAt !== null && now.getTime() - lastActiveAt.getTime() >= TOUCH_MS) await touchSession(this.#database, actor, now)
  }
}

function checkOf({ actor, version }: Resolved, now: Date): SessionCheck {
  return new SessionCheck({ sessionId: actor.sessionId, version, now, idleMs: IDLE_MINUTES * MINUTE_MS })
}
