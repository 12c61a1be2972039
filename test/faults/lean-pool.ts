import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killNow } from '../processes.ts'
import type { Lab } from './lab.ts'

const PROGRAM = fileURLToPath(new URL('./lean-api.ts', import.meta.url))

export type LeanApi = { readonly url: string; kill(): Promise<void> }

/** API processes that are started ahead: the next one is ready, or nearly, when the last one has been killed. */
export class LeanPool implements AsyncDisposable {
  readonly #lab: Lab
  readonly #spares: number
  readonly #children = new Set<ChildProcess>()
  readonly #ready: Promise<LeanApi>[] = []
  readonly #killAtExit = () => {
    for (const { pid } of this.#children) if (pid !== undefined) killNow(pid)
  }

  constructor(lab: Lab, spares: number) {
    this.#lab = lab
    this.#spares = spares
    process.once('exit', this.#killAtExit)
  }

  /** An API that answers. Rejects when one ends before it does. */
  take(): Promise<LeanApi> {
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
    const child = spawn(process.execPath, [PROGRAM], {
      env: {
        ...(PATH === undefined ? {} : { PATH }),
        ...(HOME === undefined ? {} : { HOME }),
        // Compiled code is kept between them: starting takes half as long.
        NODE_COMPILE_CACHE: join(tmpdir(), 'chiron-faults-compiled'),
        LEAN_API_DATABASE: JSON.stringify(this.#lab.cluster.urls),
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
