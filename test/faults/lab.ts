import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type App, createApp } from '../../server/app.ts'
import { withClient } from '../../server/database/connection.ts'
import { createLog } from '../../server/log.ts'
import { TEST_MASTER_KEY, testConfig } from '../harness.ts'
import { Cluster } from '../own-cluster.ts'
import { takePort } from '../ports.ts'
import { type ApiOptions, ApiProcess } from './api-process.ts'
import { Desk } from './desk.ts'
import { buildFaultWorld, type FaultWorld } from './world.ts'

const DAY_MS = 86_400_000

export const anchorFileOf = (dir: string) => join(dir, 'api', 'anchor', 'spine.log')
export const signingKeyOf = (dir: string) => join(dir, 'api', 'audit-signing.key')

/** What `chiron serve` needs to run on this cluster, with its own files in `dir`. */
export async function apiOptions(cluster: Cluster, imports: readonly string[] = [], dir = cluster.dataDir): Promise<ApiOptions> {
  const { appUrl, auditorUrl, sequencerUrl } = cluster.urls
  return {
    port: await takePort(),
    logFile: join(dir, 'api.log'),
    imports,
    env: {
      CHIRON_DATA: join(dir, 'api'),
      CHIRON_ANCHOR_FILE: anchorFileOf(dir),
      CHIRON_AUDIT_KEY_FILE: signingKeyOf(dir),
      CHIRON_DEMO: '0',
      CHIRON_MASTER_KEY: TEST_MASTER_KEY,
      CHIRON_TOKEN_SECRET: randomBytes(32).toString('hex'),
      DATABASE_URL: appUrl,
      DATABASE_AUDITOR_URL: auditorUrl,
      DATABASE_SEQUENCER_URL: sequencerUrl,
      LOG_LEVEL: 'warn',
    },
  }
}

/** A PostgreSQL as durable as in production, a clinic on it, and `chiron serve`: what most faults are tried on. */
export class Lab implements AsyncDisposable {
  readonly cluster: Cluster
  /** Makes what faults need; the API under test is another process. */
  readonly app: App
  readonly world: FaultWorld
  #api: ApiProcess | null = null
  #plants: readonly string[] = []
  #appUrl: Promise<string> | null = null

  readonly #dir: string

  private constructor(cluster: Cluster, app: App, world: FaultWorld, dir: string) {
    this.#dir = dir
    this.cluster = cluster
    this.app = app
    this.world = world
  }

  /**
   * @param parent folder of the cluster's data; by default the system's for temporary files
   * @param apiDir folder of the API's own files; by default the cluster's
   */
  static async start(flags: readonly string[] = [], parent?: string, apiDir?: string): Promise<Lab> {
    await using stack = new AsyncDisposableStack()
    const cluster = stack.use(await Cluster.start('chiron-faults-', flags, parent))
    const app = stack.use(await createApp(testConfig(cluster.urls), { log: createLog('silent') }))
    // Roles that begin yesterday: a clock that falls back an hour may fall back a day.
    const clock = { now: () => new Date(Date.now() - DAY_MS) }
    await using yesterday = await createApp(testConfig(cluster.urls), { log: createLog('silent'), clock })
    const lab = new Lab(cluster, app, await buildFaultWorld(yesterday), apiDir ?? cluster.dataDir)
    stack.move()
    return lab
  }

  /** From here on the API has these faults: it is stopped, and started anew by the first fault that needs it. */
  async plant(names: readonly string[]): Promise<void> {
    const api = this.#api
    this.#api = null
    this.#plants = names.map((name) => new URL(`./plants/${name}.ts`, import.meta.url).href)
    await api?.stop()
    await api?.[Symbol.asyncDispose]()
  }

  /** The API, started by the first fault that needs it. */
  async api(): Promise<ApiProcess> {
    if (this.#api === null) {
      const api = new ApiProcess(await apiOptions(this.cluster, this.#plants, this.#dir))
      this.#api = api
      await api.start()
    }
    return this.#api
  }

  /** Where the laboratory's own process serves. */
  async appUrl(): Promise<string> {
    this.#appUrl ??= this.app.listen().then(({ url }) => url)
    return this.#appUrl
  }

  /** Somebody at the desk of the clinic, signed in at this address. */
  async desk(url?: string): Promise<Desk> {
    return Desk.signIn(url ?? (await this.api()).url, this.world.email)
  }

  /** What the database says to its admin. */
  readRows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return withClient(this.cluster.urls.adminUrl, async (admin) => (await admin.query<Row>(text, [...values])).rows)
  }

  /** One number, `n`, that the database knows. */
  async countRows(text: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.readRows<{ n: string | null }>(text, values)
    return Number(row?.n ?? Number.NaN)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new AsyncDisposableStack()
    stack.use(this.cluster)
    stack.use(this.app)
    const api = this.#api
    if (api !== null) stack.use(api)
    await api?.stop()
  }
}
