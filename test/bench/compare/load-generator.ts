import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Contender } from './contender.ts'
import type { InputSource, OperationName, Visit } from './operations.ts'

const resultSchema = z.object({
  requests: z.number(),
  seconds: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  failure: z.string(),
  cpuMs: z.number(),
})
/** Milliseconds; `cpuMs` is what the generator itself used. */
export type LoadResult = Omit<z.infer<typeof resultSchema>, 'failure'>

/** The process that sends requests. */
export class LoadGenerator implements AsyncDisposable {
  readonly #child: ChildProcess
  #isGone = false

  private constructor(child: ChildProcess) {
    this.#child = child
    // A turn whose process has ended waits for no answer.
    child.once('exit', () => {
      this.#isGone = true
      child.emit('message', null)
    })
  }

  static async start(given: { source: InputSource; visits: readonly Visit[] }): Promise<LoadGenerator> {
    const child = fork(fileURLToPath(new URL('./load-child.ts', import.meta.url)), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    child.send(given)
    await Promise.race([once(child, 'message'), once(child, 'exit')])
    return new LoadGenerator(child)
  }

  /** A closed loop of so many connections. Throws at the first answer that is none. */
  async run({ url, token, dialect, name: contender }: Contender, name: OperationName, options: { connections: number; seconds: number }): Promise<LoadResult> {
    if (this.#isGone) throw new Error('the load generator has ended')
    const answered = once(this.#child, 'message')
    this.#child.send({ url, token, dialect, name, ...options })
    const [message]: unknown[] = await answered
    const { failure, ...result } = resultSchema.parse(message)
    if (failure !== '') throw new Error(`${contender}, ${name}: ${failure}`)
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
