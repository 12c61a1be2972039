import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../log.ts'
import { type Announcement, LIVE_CHANNEL, parseAnnouncement } from './announcement.ts'

export type Heard = {
  readonly announce: (announcement: Announcement) => void
  /** The connection is there, for the first time or again: what happened before was not heard. */
  readonly resync: () => void
  /** The connection is gone. */
  readonly lose: () => void
}

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000
/** A connection that is dead without having said so is found within this time. */
const PROBE_MS = 10_000

/** The one listening connection of this process. It is made again for as long as this lives, with growing pauses. */
export class LiveListener implements AsyncDisposable {
  readonly #connectionString: string
  readonly #heard: Heard
  readonly #log: Log
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(connectionString: string, heard: Heard, log: Log) {
    this.#connectionString = connectionString
    this.#heard = heard
    this.#log = log
    this.#running = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    while (!this.#stop.signal.aborted) {
      const begun = performance.now()
      try {
        await this.#listen()
      } catch (error) {
        this.#log.warn({ err: error }, 'live updates are not heard: the listening connection is made again')
      }
      pauseMs = performance.now() - begun > LONGEST_PAUSE_MS ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      // Processes that lost the same database must not come back all at once.
      await pause(pauseMs * (0.5 + Math.random() / 2), this.#stop.signal)
    }
  }

  /** Listens until this is stopped. Rejects when the connection breaks. */
  async #listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#connectionString,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      application_name: 'chiron live',
      keepAlive: true,
    })
    const broken = Promise.withResolvers<never>()
    // Rejected while nobody waits, it would end the process.
    broken.promise.catch(() => {})
    client.on('error', (error) => broken.reject(error))
    client.on('end', () => broken.reject(new Error('the listening connection ended')))
    client.on('notification', ({ payload = '' }) => {
      const announcement = parseAnnouncement(payload)
      if (announcement) this.#heard.announce(announcement)
      else this.#log.warn('an announcement that is none was ignored')
    })
    try {
      await client.connect()
      await client.query(`LISTEN ${LIVE_CHANNEL}`)
      this.#heard.resync()
      while (!this.#stop.signal.aborted) {
        await Promise.race([pause(PROBE_MS, this.#stop.signal), broken.promise])
        if (!this.#stop.signal.aborted) await client.query('SELECT 1')
      }
    } finally {
      this.#heard.lose()
      await client.end().catch(() => {})
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {})
}
