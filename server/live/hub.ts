import { GraphQLError } from 'graphql'
import type { Log } from '../log.ts'
import type { Announcement } from './announcement.ts'
import { LiveListener } from './listener.ts'
import { LiveStream, type StreamPorts } from './stream.ts'

export type LiveLimits = {
  /** Streams of this process, and of one person in it. */
  readonly streams: number
  readonly streamsPerUser: number
  /** How often the session of a stream on which nothing happens is looked up. */
  readonly checkMs: number
}

const LIMITS: LiveLimits = { streams: 1_000, streamsPerUser: 10, checkMs: 30_000 }

/**
 * All streams of this process, fed by one listening connection, which is made when the first stream opens: a process that serves
 * none needs none.
 */
export class LiveHub implements AsyncDisposable {
  readonly #connectionString: string
  readonly #log: Log
  readonly #limits: LiveLimits
  readonly #streams = new Set<LiveStream>()
  readonly #checks: NodeJS.Timeout
  #listener: LiveListener | null = null
  #isHearing = false
  #isDraining = false
  readonly #heard = {
    announce: (announcement: Announcement) => {
      for (const stream of this.#streams) if (stream.organisationId === announcement.organisation) stream.announce(announcement)
    },
    resync: () => {
      this.#isHearing = true
      for (const stream of this.#streams) stream.resync()
    },
    lose: () => {
      this.#isHearing = false
    },
  }

  constructor(connectionString: string, log: Log, limits: Partial<LiveLimits> = {}) {
    this.#connectionString = connectionString
    this.#log = log
    this.#limits = { ...LIMITS, ...limits }
    this.#checks = setInterval(() => {
      for (const stream of this.#streams) void stream.check()
    }, this.#limits.checkMs)
    this.#checks.unref()
  }

  /** For metrics. */
  get size(): number {
    return this.#streams.size
  }

  /** Throws a GraphQLError when there are too many streams already, or when this process is about to end. */
  open({ onClose, ...ports }: Omit<StreamPorts, 'isHearing'>): LiveStream {
    const { streams, streamsPerUser } = this.#limits
    if (this.#isDraining) throw new GraphQLError('This server is about to end. Try again.', { extensions: { code: 'DRAINING' } })
    const own = [...this.#streams].filter(({ userId }) => userId === ports.actor.userId).length
    if (own >= streamsPerUser || this.#streams.size >= streams)
      throw new GraphQLError('There are too many streams. Close one, or try again later.', { extensions: { code: 'TOO_MANY_STREAMS' } })
    const stream: LiveStream = new LiveStream({
      ...ports,
      isHearing: this.#isHearing,
      onClose: () => {
        this.#streams.delete(stream)
        onClose()
      },
    })
    this.#streams.add(stream)
    this.#listener ??= new LiveListener(this.#connectionString, this.#heard, this.#log)
    return stream
  }

  /** Ends every stream, so that its reader connects elsewhere, and opens none any more. */
  drain(): void {
    this.#isDraining = true
    for (const stream of this.#streams) stream.end('DRAINING')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#checks)
    this.drain()
    await this.#listener?.[Symbol.asyncDispose]()
  }
}
