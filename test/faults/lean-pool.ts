import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killNow } from '../processes.ts'
import type { Lab } from './lab.ts'

const PROGRAM = fileURLToPath(new URL('./lean-api.ts', import.meta.url))

/** A machine that starts none of so many is the fault of nobody here. */
const MOST_FAILURES = 5

export type LeanApi = { readonly url: string; readonly isAlive: () => boolean; kill(): Promise<void> }

/** API processes that are started ahead: the next one is ready, or nearly, when the last one has been killed. */
export class LeanPool implements AsyncDisposable {
  readonly #urls: Lab['cluster']['urls']
  readonly #spares: number
  readonly #program: string
  #failures = 0
  readonly #children = new Set<ChildProcess>()
  readonly #ready: Promise<LeanApi>[] = []
  readonly #killAtExit = () => {
    for (const { pid } of this.#children) if (pid !== undefined) killNow(pid)
  }

  constructor({ cluster }: { readonly cluster: Pick<Lab['cluster'], 'urls'> }, spares: number, program: string = PROGRAM) {
    this.#urls = cluster.urls
    this.#spares = spares
    this.#program = program
    process.once('exit', this.#killAtExit)
  }

  /** How many ended before they were taken. */
  get failures(): number {
    return this.#failures
  }

  /** How many live. */
  get size(): number {
    return this.#children.size
  }

  /** An API that answers. One that has ended by itself is replaced: it is no fault of what is tried here. Rejects after five in a row. */
  async take(): Promise<LeanApi> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const api = await this.#next()
        if (api.isAlive()) return api
        throw new Error('an API ended while it waited')
      } catch (error) {
        this.#failures += 1
        if (attempt === MOST_FAILURES) throw error
      }
    }
  }

  #next(): Promise<LeanApi> {
    while (this.#ready.length <= this.#spares) {
      const next = this.#start()
      // Reported to whom it is given.
      next.catch(() => {})
      this.#ready.push(next)
    }
    return this.#ready.shift() ?? this.#start()
  }

  async #start(): Promise<LeanApi> {
    const { PATH, HOME } = process.env
    const child = spawn(process.execPath, [this.#program], {
      env: {
        ...(PATH === undefined ? {} : { PATH }),
        ...(HOME === undefined ? {} : { HOME }),
        // Compiled code is kept between them: starting takes half as long.
        NODE_COMPILE_CACHE: join(tmpdir(), 'chiron-faults-compiled'),
        LEAN_API_DATABASE: JSON.stringify(this.#urls),
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#children.add(child)
    const ended = once(child, 'exit').then(() => this.#children.delete(child))
    const [message] = await Promise.race([
      once(child, 'message'),
      ended.then(() => {
        throw new Error(`an API ended with ${child.signalCode ?? child.exitCode} before it served`)
      }),
    ])
    return {
      url: String(message.url),
      isAlive: () => this.#children.has(child),
      kill: async () => {
        child.kill('SIGKILL')
        await ended
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killAtExit)
    await Promise.all(
      [...this.#children].map(async (child) => {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      }),
    )
  }
}
