import type { Actor, UserActor } from '../../modules/kernel/actor.ts'
import type { Clock } from '../../modules/kernel/time.ts'
import type { LiveEnd, LivePort } from '../../schema/context.ts'
import { resolveActor } from '../auth/resolve-actor.ts'
import { readAccessToken } from '../auth/tokens.ts'
import type { Database } from '../db.ts'
import type { LiveHub } from './hub.ts'
import type { LiveStream } from './stream.ts'

export type LivePortOptions = {
  readonly hub: LiveHub
  readonly database: Database
  readonly clock: Clock
  readonly tokenKey: Uint8Array
  readonly actor: Actor
  /** The access token of the request. A stream lives no longer than the token that opened it. */
  readonly token: string
}

/** The streams of one request. */
export type RequestStreams = LivePort & {
  /** Resolves when the server has ended a stream of this request by itself. */
  readonly ended: Promise<void>
  /** The answer has been sent, or will never be. */
  readonly close: () => void
}

/** Opens streams for one request, with its session and clinic. */
export function createLivePort({ hub, database, clock, tokenKey, actor, token }: LivePortOptions): RequestStreams {
  const opened: LiveStream[] = []
  const ended = Promise.withResolvers<void>()
  const check = async (listener: UserActor): Promise<UserActor | LiveEnd> => {
    const now = clock.now()
    const verified = await readAccessToken(tokenKey, token, now)
    if (!verified) return 'TOKEN_EXPIRED'
    // To listen is no activity: an unattended screen must not keep a session alive.
    const found = await resolveActor(database, verified.claims, listener.clinic.id, now)
    if (found === null) return 'UNAUTHENTICATED'
    return found.kind === 'user' ? found.actor : 'CLINIC_OUT_OF_REACH'
  }
  return {
    open: (types) => {
      if (actor.kind !== 'user') throw new Error('nobody listens')
      const stream = hub.open({ actor, types, check: () => check(actor), onClose: ended.resolve })
      opened.push(stream)
      return stream
    },
    ended: ended.promise,
    close: () => {
      for (const stream of opened) stream.close()
    },
  }
}
