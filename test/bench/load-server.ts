import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Exposed, parseExposition } from '../exposition.ts'
import { NODE_FLAGS } from '../node-flags.ts'
import { takePort } from '../ports.ts'
import { childrenOf } from '../processes.ts'
import type { LoadWorld } from './load-world.ts'

const ENTRY = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

/** `chiron serve` as in production, its sequencer and jobs beside it, and its figures. */
export class LoadServer implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess
  readonly #metricsUrl: string

  private constructor(child: ChildProcess, url: string, metricsUrl: string) {
    this.#child = child
    this.url = url
    this.#metricsUrl = metricsUrl
  }

  static async start({ urls, stateDir }: LoadWorld): Promise<LoadServer> {
    const [port, metricsPort] = [await takePort(), await takePort()]
    const { PATH, HOME, TMPDIR } = process.env
    const env = {
      PATH,
      HOME,
      TMPDIR,
      NODE_ENV: 'production',
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      CHIRON_DATA: stateDir,
      CHIRON_DEMO: '0',
      CHIRON_TOKEN_SECRET: randomBytes(32).toString('hex'),
      CHIRON_MASTER_KEY_FILE: join(stateDir, 'master.key'),
      DATABASE_URL: urls.appUrl,
      DATABASE_AUDITOR_URL: urls.auditorUrl,
      DATABASE_SEQUENCER_URL: urls.sequencerUrl,
      LOG_LEVEL: 'warn',
    }
    const child = spawn(process.execPath, [...NODE_FLAGS, ENTRY, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const kill = () => void child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    await announced(child)
    return new LoadServer(child, `http://127.0.0.1:${port}`, `http://127.0.0.1:${metricsPort}/metrics`)
  }

  async scrape(): Promise<Exposed> {
    return parseExposition(await (await fetch(this.#metricsUrl)).text())
  }

  /** Megabytes that the API, and the processes that it has started, hold just now. */
  memory(): { readonly api: number; readonly beside: number } {
    const pid = this.#child.pid ?? 0
    return { api: residentMegabytes(pid), beside: childrenOf(pid).reduce((sum, child) => sum + residentMegabytes(child.pid), 0) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

async function announced(child: ChildProcess): Promise<void> {
  const { stdout } = child
  if (!stdout) throw new Error('the server has no output')
  const ready = Promise.withResolvers<void>()
  createInterface({ input: stdout }).on('line', (line) => {
    if (line.startsWith('Stop with')) ready.resolve()
    else if (line.startsWith('{')) process.stderr.write(`${line}\n`)
  })
  child.once('exit', (code) => ready.reject(new Error(`chiron serve ended with ${code} before it served`)))
  await ready.promise
}

function residentMegabytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024
  } catch {
    return 0
  }
}
