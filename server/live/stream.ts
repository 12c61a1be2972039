import type { UserActor } from '../../modules/kernel/actor.ts'
import { hear, hearableTypes } from '../../modules/live/index.ts'
import type { LiveEnd, LiveEvent } from '../../schema/context.ts'
import type { Announcement } from './announcement.ts'

export type StreamPorts = {
  /** Who opened the stream, as they were then. */
  readonly actor: UserActor
  readonly types: readonly string[] | null
  /** Whether changes are heard already; else the first event waits until they are. */
  readonly isHearing: boolean
  /** Who they are now, or why the stream must end. */
  readonly check: () => Promise<UserActor | LiveEnd>
  readonly onClose: () => void
}

/** An answer to "is this session still good?" holds this long, however many changes come. */
const FRESH_MS = 1_000
/** A reader who is slower than this reads everything anew instead. */
const MOST_WAITING = 200

const MESSAGES: Readonly<Record<LiveEnd, string>> = {
  UNAUTHENTICATED: 'The session has ended. Sign in again.',
  CLINIC_OUT_OF_REACH: 'You hold no role at this clinic any more. Choose one of yours.',
  TOKEN_EXPIRED: 'The access token has ended. Open the stream again with a new one.',
  DRAINING: 'This server is about to end. Open the stream again.',
  UNAVAILABLE: 'The session could not be checked. Open the stream again in a moment.',
}

/**
 * What one reader hears. Before anything is told the session and its rights are looked up again, so that nobody hears more than a second
 * longer than they may. Hand-made rather than a generator, whose `return` would wait for the next event before it closed.
 */
export class LiveStream implements AsyncIterableIterator<LiveEvent> {
  readonly #ports: StreamPorts
  #actor: UserActor
  #types: ReadonlySet<string>
  #waiting: Announcement[] = []
  #isResyncDue: boolean
  #events: LiveEvent[] = []
  #ending: LiveEnd | null = null
  #isClosed = false
  #checkedAt = Number.NEGATIVE_INFINITY
  #wake = Promise.withResolvers<void>()

  constructor(ports: StreamPorts) {
    this.#ports = ports
    this.#actor = ports.actor
    // Whatever was read before the stream stood may be old by now.
    this.#isResyncDue = ports.isHearing
    this.#types = new Set(hearableTypes(ports.actor, ports.types))
  }

  get organisationId(): string {
    return this.#actor.organisationId
  }

  get userId(): string {
    return this.#actor.userId
  }

  announce(announcement: Announcement): void {
    // Judged by the rights that were last known, so that a change that is not for them costs no look-up.
    if (this.#isResyncDue || hear(this.#actor, this.#types, announcement)?.length === 0) return
    this.#waiting.push(announcement)
    if (this.#waiting.length > MOST_WAITING) this.resync()
    this.#wake.resolve()
  }

  resync(): void {
    this.#isResyncDue = true
    this.#waiting = []
    this.#wake.resolve()
  }

  /** The next event is the last one and says why. */
  end(code: LiveEnd): void {
    this.#ending ??= code
    this.#wake.resolve()
  }

  /** Looks the session up again, also when nothing happens: who is not allowed to listen must not keep a stream open either. */
  async check(): Promise<void> {
    if (performance.now() - this.#checkedAt < FRESH_MS) return
    const found = await this.#ports.check().catch(() => 'UNAVAILABLE' as const)
    this.#checkedAt = performance.now()
    if (typeof found === 'string') return this.end(found)
    const types = new Set(hearableTypes(found, this.#ports.types))
    // Changes to what they may read from now on were not kept for them.
    if ([...types].some((type) => !this.#types.has(type))) this.resync()
    this.#actor = found
    this.#types = types
  }

  /** Ends at once, without an event. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#wake.resolve()
    this.#ports.onClose()
  }

  async next(): Promise<IteratorResult<LiveEvent, undefined>> {
    while (!this.#isClosed) {
      if (this.#ending !== null) {
        const code = this.#ending
        this.close()
        return { done: false, value: { kind: 'end', code, message: MESSAGES[code] } }
      }
      if (this.#events.length > 0) {
        // A slow reader takes it later than it was found.
        await this.check()
        const event = this.#ending === null ? this.#events.shift() : undefined
        if (event) return { done: false, value: event }
      } else if (this.#isResyncDue || this.#waiting.length > 0) await this.#fill()
      else await this.#sleep()
    }
    return { done: true, value: undefined }
  }

  async #fill(): Promise<void> {
    await this.check()
    if (this.#ending !== null) return
    if (this.#isResyncDue) {
      this.#isResyncDue = false
      this.#events = [{ kind: 'resync' }]
      return
    }
    const announcement = this.#waiting.shift()
    if (!announcement) return
    const heard = hear(this.#actor, this.#types, announcement)
    this.#events = heard === null ? [{ kind: 'resync' }] : heard.map((change) => ({ kind: 'change', ...change }))
  }

  async #sleep(): Promise<void> {
    await this.#wake.promise
    this.#wake = Promise.withResolvers<void>()
  }

  async return(): Promise<IteratorResult<LiveEvent, undefined>> {
    this.close()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
