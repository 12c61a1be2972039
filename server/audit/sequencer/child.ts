import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Log } from '../../log.ts'
import type { SequencerSettings } from './settings.ts'

const PROCESS = fileURLToPath(new URL('./process.ts', import.meta.url))
const RESTART_MS = 1_000
const PATIENCE_MS = 10_000

/**
 * Runs the sequencer as a child process and starts it again when it ends: the key that signs, and the login that appends to the log, are
 * in that process alone. Disposing it lets the child finish its step.
 */
export class SequencerChild implements AsyncDisposable {
  readonly #settings: SequencerSettings
  readonly #log: Log
  #child: ChildProcess
  #isStopping = false
  #restart: NodeJS.Timeout | null = null

  constructor(settings: SequencerSettings, log: Log) {
    this.#settings = settings
    this.#log = log
    this.#child = this.#start()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  #start(): ChildProcess {
    // Advanced serialization carries keys as bytes; the environment, which others can read, carries none of this.
    const child = fork(PROCESS, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' })
    child.send(this.#settings)
    child.once('exit', (code, signal) => {
      if (this.#isStopping) return
      this.#log.error({ code, signal }, 'the sequencer ended and is started again')
      this.#restart = setTimeout(() => {
        this.#child = this.#start()
      }, RESTART_MS)
    })
    return child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true
    if (this.#restart) clearTimeout(this.#restart)
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const { promise, resolve } = Promise.withResolvers<void>()
    child.once('exit', () => resolve())
    if (child.connected) child.disconnect()
    const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
    await promise
    clearTimeout(patience)
  }
}
