import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { MINUTE_MS } from '../../../modules/kernel/time.ts'
import type { Log } from '../../log.ts'
import { StartupError } from '../../startup-error.ts'
import { assertSigned } from './assert-signed.ts'
import { assertSameEpoch } from './epoch.ts'
import { integrate } from './integrate.ts'
import { type Published, publish } from './publish.ts'
import { bindSigner, type LogSigner } from './signing-key.ts'

/** Work beside integration, done by the same leader on a connection of its own. */
export type Task = {
  readonly name: string
  readonly everyMs: number
  /** One bounded step; true asks to be called again at once. */
  readonly run: (context: TaskContext) => Promise<boolean>
}
export type TaskContext = {
  readonly client: pg.ClientBase
  readonly signer: LogSigner
  readonly log: Log
  /** The newest checkpoint of the spine that this leader has signed; null before the first. */
  readonly published: Published | null
}

export type SequencerOptions = {
  /** Address with the login chiron_sequencer. */
  readonly url: string
  readonly seed: Uint8Array
  readonly tasks: readonly Task[]
  readonly log: Log
  readonly integrateEveryMs?: number
  readonly publishEveryMs?: number
}

/** One process at a time, wherever it runs. */
const LEADER_LOCK = 7281003
const RETRY_MS = 1_000
const TASK_TICK_MS = 100

/**
 * The one process that writes the log. Waits until it holds the leader's lock, then integrates about every 100 ms and publishes at most
 * every second; other tasks run beside on a second connection, so that none of them delays integration. A lost connection
 * gives the lock up and everything begins again.
 */
export class Sequencer implements AsyncDisposable {
  readonly #options: SequencerOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #published: Published | null = null
  #isLeader = false

  constructor(options: SequencerOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  get isLeader(): boolean {
    return this.#isLeader
  }

  /** Ends after the step that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#lead()
      } catch (error) {
        this.#options.log.error({ err: error }, 'the sequencer begins again')
        // A wrong key stays wrong; trying again each second would fill the log.
        await pause(error instanceof StartupError ? MINUTE_MS : RETRY_MS, this.#stop.signal)
      }
    }
  }

  async #lead(): Promise<void> {
    await using connections = await openConnections(this.#options.url)
    const { writer, helper } = connections
    while (!(await takeLock(writer))) {
      await pause(RETRY_MS, this.#stop.signal)
      if (this.#stop.signal.aborted) return
    }
    await assertSameEpoch(writer)
    const signer = await bindSigner(writer, this.#options.seed)
    await assertSigned(writer, signer)
    const over = new AbortController()
    const ending = AbortSignal.any([this.#stop.signal, over.signal])
    this.#isLeader = true
    // When one loop fails the other must end too, or two leaders could follow each other's half.
    const loops = [this.#integrateLoop(writer, signer, ending), this.#runTasks(helper, signer, ending)]
    const ends = await Promise.allSettled(loops.map((loop) => loop.finally(() => over.abort())))
    this.#isLeader = false
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  async #integrateLoop(writer: pg.ClientBase, signer: LogSigner, ending: AbortSignal): Promise<void> {
    const { integrateEveryMs = 100, publishEveryMs = 1_000 } = this.#options
    let publishedAt = Number.NEGATIVE_INFINITY
    while (!ending.aborted) {
      const { isCaughtUp } = await integrate(writer)
      if (performance.now() - publishedAt >= publishEveryMs) {
        this.#published = (await publish(writer, signer)) ?? this.#published
        publishedAt = performance.now()
      }
      if (isCaughtUp) await pause(integrateEveryMs, ending)
    }
    while (this.#stop.signal.aborted && !(await integrate(writer)).isCaughtUp);
    this.#published = (await publish(writer, signer)) ?? this.#published
  }

  async #runTasks(client: pg.ClientBase, signer: LogSigner, ending: AbortSignal): Promise<void> {
    const { tasks, log } = this.#options
    const due = new Map<string, number>()
    while (!ending.aborted) {
      for (const task of tasks) {
        if (ending.aborted || performance.now() < (due.get(task.name) ?? 0)) continue
        const wait = await runTask(task, { client, signer, log, published: this.#published })
        due.set(task.name, performance.now() + wait)
      }
      await pause(TASK_TICK_MS, ending)
    }
  }
}

/** A task that failed is tried again after this time; meanwhile the others go on. */
const TASK_RETRY_MS = 10_000

/** Runs one step of a task and answers in how many milliseconds it wants the next. Throws only when the connection is gone. */
async function runTask({ name, everyMs, run }: Task, context: TaskContext): Promise<number> {
  try {
    return (await run(context)) ? 0 : everyMs
  } catch (error) {
    // One bad row, key or file must not stop integration or another task; a lost connection is everybody's.
    const isUsable = await context.client.query('ROLLBACK').then(
      () => true,
      () => false,
    )
    if (!isUsable) throw error
    context.log.error({ err: error, task: name }, 'a task of the sequencer failed and is tried again')
    return Math.max(everyMs, TASK_RETRY_MS)
  }
}

async function pause(ms: number, ending: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: ending }).catch(() => {})
}

async function takeLock(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LEADER_LOCK])
  return rows[0]?.taken === true
}

async function openConnections(connectionString: string): Promise<{ writer: pg.Client; helper: pg.Client } & AsyncDisposable> {
  const make = () => {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000, application_name: 'chiron sequencer', keepAlive: true })
    // A connection that breaks fails its next statement; without a listener it would end the process.
    client.on('error', () => {})
    return client
  }
  const [writer, helper] = [make(), make()]
  const close = () => Promise.allSettled([writer.end(), helper.end()])
  try {
    await Promise.all([writer.connect(), helper.connect()])
  } catch (error) {
    await close()
    throw error
  }
  return { writer, helper, [Symbol.asyncDispose]: async () => void (await close()) }
}
