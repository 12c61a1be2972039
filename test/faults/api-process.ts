import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { childrenOf, commandLineOf, killNow } from '../processes.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const START_MS = 60_000
const STOP_MS = 30_000

export type ApiOptions = {
  readonly port: number
  readonly env: NodeJS.ProcessEnv
  /** Modules that are loaded ahead, in its sequencer's process as well: planted faults. */
  readonly imports: readonly string[]
  /** Where its output goes. */
  readonly logFile: string
}

/** `chiron serve` as a child process, with its sequencer as a child of its own. */
export class ApiProcess implements AsyncDisposable {
  readonly url: string
  readonly #options: ApiOptions
  readonly #log: WriteStream
  #child: ChildProcess | null = null
  readonly #killAtExit = () => void this.kill()

  constructor(options: ApiOptions) {
    this.#options = options
    this.url = `http://127.0.0.1:${options.port}`
    this.#log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 })
    process.once('exit', this.#killAtExit)
  }

  /** Starts it and answers once it is ready. Throws when it is not within a minute. */
  async start(): Promise<void> {
    const { port, env, imports } = this.#options
    // The environment reaches the sequencer's process too, which the arguments do not.
    const loaded = imports.length === 0 ? {} : { NODE_OPTIONS: imports.map((url) => `--import=${url}`).join(' ') }
    const child = spawn(process.execPath, ['server/main.ts', 'serve'], {
      cwd: ROOT,
      env: { ...bareEnvironment(), ...env, ...loaded, PORT: String(port) },
      // The channel tells the server when this program has been killed.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    child.stdout?.pipe(this.#log, { end: false })
    child.stderr?.pipe(this.#log, { end: false })
    const deadline = Date.now() + START_MS
    while (!(await isReady(this.url))) {
      if (child.exitCode !== null) throw new Error(`the API ended with code ${child.exitCode}: see ${this.#options.logFile}`)
      if (Date.now() > deadline) throw new Error(`the API was not ready within ${START_MS / 1000} s: see ${this.#options.logFile}`)
      await sleep(50)
    }
  }

  /** kill -9 of the API's process alone: its sequencer notices by itself. */
  kill(): void {
    if (this.#child?.pid !== undefined) killNow(this.#child.pid)
  }

  /** Sends its process, and no other, a signal that a preloaded module listens to. */
  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  /** True while its process has not ended. */
  get isAlive(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** kill -9 of the sequencer's process, once there is one. Throws when none appears within 20 s. */
  async killSequencer(): Promise<void> {
    for (let round = 0; round < 400; round += 1) {
      const pid = this.#findSequencer()
      if (pid !== undefined) return killNow(pid)
      await sleep(50)
    }
    throw new Error('the API runs no sequencer')
  }

  #findSequencer(): number | undefined {
    const parent = this.#child?.pid
    return parent === undefined ? undefined : childrenOf(parent).find(({ pid }) => commandLineOf(pid).includes('sequencer/process.ts'))?.pid
  }

  /** Stops it as an operator does: it drains, and its sequencer integrates what is left. Throws when it does not end. */
  async stop(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const outcome = await Promise.race([gone, sleep(STOP_MS, 'late' as const, { ref: false })])
    if (outcome === 'late') throw new Error('the API did not stop')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killAtExit)
    this.kill()
    this.#log.end()
  }
}

/** Without what configures another Chiron, or a test runner. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG } = process.env
  return Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR, LANG }).filter(([, value]) => value !== undefined))
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).status === 200
  } catch {
    return false
  }
}
