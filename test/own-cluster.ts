import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bootstrapDatabase } from '../server/database/bootstrap.ts'
import { type EmbeddedDatabase, startEmbedded } from '../server/database/embedded.ts'
import { applyMigrations } from '../server/database/migrate.ts'
import { childrenOf, commandLineOf, killNow } from './processes.ts'

const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url))

/** A PostgreSQL of its own with a migrated database, as durable as in production (fsync and synchronous commit), on disk. */
export class Cluster implements AsyncDisposable {
  readonly dataDir: string
  readonly #flags: readonly string[]
  #server: EmbeddedDatabase
  readonly #interrupt = () => this.#server.interrupt()

  private constructor(dataDir: string, server: EmbeddedDatabase, flags: readonly string[]) {
    this.dataDir = dataDir
    this.#server = server
    this.#flags = flags
    // A program that is stopped with Ctrl-C has no other moment left.
    process.once('exit', this.#interrupt)
  }

  static async start(prefix: string, flags: readonly string[] = [], parent = tmpdir()): Promise<Cluster> {
    const dataDir = await mkdtemp(join(parent, prefix))
    // As root the server runs as another user, who must be able to pass through this folder.
    if (process.getuid?.() === 0) chmodSync(dataDir, 0o711)
    const cluster = new Cluster(dataDir, await startEmbedded({ dataDir, flags }), flags)
    try {
      await bootstrapDatabase(cluster.urls)
      await applyMigrations({ adminUrl: cluster.urls.adminUrl, dir: MIGRATIONS, backup: 'none' })
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  get urls(): Pick<EmbeddedDatabase, 'adminUrl' | 'appUrl' | 'auditorUrl' | 'sequencerUrl'> {
    const { adminUrl, appUrl, auditorUrl, sequencerUrl } = this.#server
    return { adminUrl, appUrl, auditorUrl, sequencerUrl }
  }

  /** kill -9 of the postmaster and of every process that it started. */
  async kill(): Promise<void> {
    const [line] = (await readFile(join(this.dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
    const postmaster = Number(line)
    const children = childrenOf(postmaster)
    for (const { pid } of [{ pid: postmaster }, ...children]) killNow(pid)
  }

  /** Whether its postmaster lives; while it recovers it may refuse connections all the same. */
  get isRunning(): boolean {
    const file = join(this.dataDir, 'postgres', 'postmaster.pid')
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0
    return pid > 0 && commandLineOf(pid).includes(this.dataDir)
  }

  /** What a supervisor does: starts it again, on the same port. */
  async restart(): Promise<void> {
    const { port } = new URL(this.#server.adminUrl)
    this.#server = await startEmbedded({ dataDir: this.dataDir, flags: this.#flags })
    if (new URL(this.#server.adminUrl).port !== port) throw new Error(`PostgreSQL came back on another port than ${port}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#interrupt)
    await this.#server.stop()
    await rm(this.dataDir, { recursive: true, force: true })
  }
}
