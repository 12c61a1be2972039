import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { killNow } from '../processes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_MS = 60_000
const STOP_MS = 40_000

/** One of Chiron's commands as a process of its own, which can be started again. */
export class Program implements AsyncDisposable {
  readonly #command: string
  readonly #env: NodeJS.ProcessEnv
  readonly #isReady: (output: string) => Promise<boolean> | boolean
  readonly #killAtExit = () => this.kill()
  #child: ChildProcess | null = null
  #output = ''

  constructor(command: string, env: NodeJS.ProcessEnv, isReady: (output: string) => Promise<boolean> | boolean) {
    this.#command = command
    this.#env = env
    this.#isReady = isReady
    process.once('exit', this.#killAtExit)
  }

  /** The last lines that it wrote. */
  get output(): string {
    return this.#output
  }

  async start(): Promise<void> {
    const { PATH, HOME, TMPDIR, LANG } = process.env
    this.#output = ''
    const child = spawn(process.execPath, ['server/main.ts', this.#command], {
      cwd: ROOT,
      // Nothing of what configures another Chiron, or a test runner.
      env: { ...(PATH ? { PATH } : {}), ...(HOME ? { HOME } : {}), ...(TMPDIR ? { TMPDIR } : {}), ...(LANG ? { LANG } : {}), ...this.#env },
      // The channel tells it when this program has been killed.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-20_000)
      })
    const deadline = Date.now() + START_MS
    while (!(await this.#isReady(this.#output))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`chiron ${this.#command} is not ready (code ${child.exitCode}):\n${this.#output}`)
      await sleep(50)
    }
  }

  /** kill -9. */
  kill(): void {
    if (this.#child?.pid !== undefined) killNow(this.#child.pid)
  }

  /** As a supervisor does. Resolves with the exit code once it has ended. */
  async stop(): Promise<number | null> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const outcome = await Promise.race([gone, sleep(STOP_MS, null, { ref: false })])
    if (outcome === null) throw new Error(`chiron ${this.#command} did not stop:\n${this.#output}`)
    return child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killAtExit)
    await this.stop().catch(() => this.kill())
  }
}

/** Whether a server at this address says that it takes requests. */
export async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
  return response?.status === 200
}
