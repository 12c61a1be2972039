import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const EXAMPLE = new URL('../../deploy/haproxy.cfg', import.meta.url)
const START_MS = 10_000

/** Path of HAProxy: HAPROXY, or what the PATH has. Throws with what to do when there is none. */
export function findHaproxy(env: NodeJS.ProcessEnv = process.env): string {
  const given = env.HAPROXY
  const candidates = given ? [given] : [...(env.PATH ?? '').split(delimiter), '/usr/sbin'].map((folder) => join(folder, 'haproxy'))
  const found = candidates.find(isExecutable)
  if (found === undefined) throw new Error('This needs HAProxy: install it (Debian: apt-get install haproxy), or set HAPROXY to its path.')
  return found
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * The documented example, with what it marks as one's own replaced: the address and certificate, and the servers. Throws when the
 * example has changed so that nothing is replaced.
 */
export async function configFor(port: number, servers: readonly number[]): Promise<string> {
  const example = await readFile(EXAMPLE, 'utf8')
  const bound = example.replace(/^ {4}bind .*$/m, `    bind 127.0.0.1:${port}`)
  const [first, ...others] = bound.match(/^ {4}server .*\n/gm) ?? []
  if (first === undefined || bound === example) throw new Error('deploy/haproxy.cfg has no bind or no server line')
  const cut = others.reduce((text, line) => text.replace(line, ''), bound)
  return cut.replace(first, servers.map((server, index) => `    server s${index} 127.0.0.1:${server}\n`).join(''))
}

/** HAProxy as a child process in front of servers of this machine. */
export class HaProxy implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #killAtExit = () => void this.#child.kill('SIGKILL')
  #output = ''

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.url = `http://127.0.0.1:${port}`
    this.#child = child
    this.#folder = folder
    process.once('exit', this.#killAtExit)
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        this.#output = (this.#output + chunk).slice(-20_000)
      })
  }

  static async start(port: number, servers: readonly number[]): Promise<HaProxy> {
    const folder = await mkdtemp(join(tmpdir(), 'chiron-haproxy-'))
    const file = join(folder, 'haproxy.cfg')
    await writeFile(file, await configFor(port, servers), { mode: 0o600 })
    // In the foreground, as one process.
    const child = spawn(findHaproxy(), ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] })
    const proxy = new HaProxy(port, child, folder)
    const deadline = Date.now() + START_MS
    while (!(await proxy.#answers())) {
      if (child.exitCode !== null || Date.now() > deadline) {
        await proxy[Symbol.asyncDispose]()
        throw new Error(`HAProxy does not serve:\n${proxy.output}`)
      }
      await sleep(50)
    }
    return proxy
  }

  /** The last lines of its log. */
  get output(): string {
    return this.#output
  }

  async #answers(): Promise<boolean> {
    const response = await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(1_000) }).catch(() => null)
    return response?.status === 200
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killAtExit)
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      await gone
    }
    await rm(this.#folder, { recursive: true, force: true })
  }
}
