import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClinicActor, SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import type { FieldCipher } from '../modules/kernel/field-cipher.ts'
import { newId } from '../modules/kernel/ids.ts'
import { type Clock, DAY_MS, systemClock } from '../modules/kernel/time.ts'
import type { Json } from '../schema/context.ts'
import { composeSchema } from '../schema/index.ts'
import { assertCatalogueMatches } from './assert-catalogue.ts'
import { FloodGate } from './audit/flood-gate.ts'
import { KeyRing } from './audit/images/key-ring.ts'
import { LocalKeyWrapper } from './audit/images/key-wrapper.ts'
import { LAG_ALARM_SECONDS } from './audit/sequencer/tasks.ts'
import { AuditWriter } from './audit/writer.ts'
import { Actors } from './auth/actors.ts'
import { BookingLimits, SignInLimits } from './auth/rate-limits.ts'
import type { SessionPorts } from './auth/sessions.ts'
import { scopeOf } from './build-context.ts'
import { CalendarLinks } from './calendar-links.ts'
import type { Config } from './config.ts'
import { loadMasterKeys } from './config-keys.ts'
import { Database } from './db.ts'
import { loadDocuments } from './documents.ts'
import { createFieldCipher } from './field-cipher.ts'
import { createPipeline, type DocumentStore } from './graphql-pipeline.ts'
import { createHttpServer, type Route } from './http.ts'
import { LiveHub, type LiveLimits } from './live/hub.ts'
import { createLog, type Log } from './log.ts'
import { Metrics } from './metrics/metrics.ts'
import { MetricsServer } from './metrics/metrics-server.ts'
import { Readings } from './metrics/readings.ts'
import { RegisteredOperations } from './registered-operations.ts'
import { createRoutes } from './routes.ts'
import { loadStaticFiles } from './static-files.ts'
import { transact } from './transact.ts'

export type AppOptions = {
  readonly clock?: Clock
  readonly log?: Log
  /** Registered documents; by default the manifest of the built web client. */
  readonly documents?: DocumentStore
  /** Folder of the built web client. */
  readonly webDir?: string
  readonly liveLimits?: Partial<LiveLimits>
}

const LAG_CHECK_MS = 5_000
/** A millisecond of patience for the trail saves a third of what it costs a few people at a time (docs/performance.md). */
const GATHER_MS = 1

const ROOT = new URL('..', import.meta.url)

/** The whole server: what `npm start` serves and what tests talk to. Disposing it drains and closes everything it opened. */
export class App implements AsyncDisposable {
  readonly database: Database
  readonly clock: Clock
  /** Seals and opens encrypted fields, for what the installation does itself. */
  readonly fields: FieldCipher
  readonly log: Log
  /** Null: nothing is measured. */
  readonly metrics: Metrics | null
  readonly #server: Server
  readonly #metricsServer: MetricsServer | null
  readonly #config: Config
  readonly #flood: FloodGate
  readonly #live: LiveHub
  readonly #upkeep: NodeJS.Timeout
  #alarm: NodeJS.Timeout | undefined
  #isDraining = false

  constructor(parts: {
    config: Config
    database: Database
    clock: Clock
    fields: FieldCipher
    log: Log
    flood: FloodGate
    metrics: Metrics | null
    live: LiveHub
    server: (isDraining: () => boolean) => Server
  }) {
    this.database = parts.database
    this.clock = parts.clock
    this.fields = parts.fields
    this.log = parts.log
    this.#config = parts.config
    this.#flood = parts.flood
    this.metrics = parts.metrics
    this.#metricsServer = createMetricsServer(parts)
    this.#live = parts.live
    this.#server = parts.server(() => this.#isDraining)
    // A server that runs for months would reach one without a partition, and then nothing could be recorded any more.
    this.#upkeep = setInterval(
      () => void openPartitions(this.database).catch((error: unknown) => this.log.error({ err: error }, 'the partitions of the trail could not be made')),
      DAY_MS,
    )
    this.#upkeep.unref()
  }

  async #checkLag(): Promise<void> {
    try {
      const { rows } = await this.database.pool.query<{ lag: number }>('SELECT audit.lag() AS lag')
      const lagSeconds = Math.round(rows[0]?.lag ?? 0)
      if (lagSeconds > LAG_ALARM_SECONDS) this.log.error({ lagSeconds }, 'entries of the trail wait to be integrated: does a sequencer run?')
    } catch (error) {
      this.log.warn({ err: error }, 'the lag of the trail could not be read')
    }
  }

  /** Serves the figures, where they are wanted; answers the address. */
  async listenForMetrics(): Promise<string | null> {
    if (this.#metricsServer === null) return null
    const url = await this.#metricsServer.listen()
    this.log.info({ url }, 'metrics are served')
    return url
  }

  /** Streams of changes that are open. */
  get liveStreams(): number {
    return this.#live.size
  }

  /** Starts to serve. With port 0 the system chooses one. */
  async listen(): Promise<{ url: string }> {
    await this.listenForMetrics()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', reject)
    this.#server.listen({ port: this.#config.port, host: this.#config.host }, resolve)
    await promise
    // Asked here as well: the sequencer's own alarm is silent when there is no sequencer.
    this.#alarm = setInterval(() => void this.#checkLag(), LAG_CHECK_MS)
    this.#alarm.unref()
    const address = this.#server.address()
    const { port } = isAddressInfo(address) ? address : { port: this.#config.port }
    return { url: `${this.#config.tls ? 'https' : 'http'}://${this.#config.host === '::1' ? '[::1]' : this.#config.host}:${port}` }
  }

  /** Runs a command for the installation itself (demo, CLI, job), with its audit entry, in one transaction. */
  async asSystem<T extends Json>(
    actor: SystemActor,
    origin: 'cli' | 'demo' | 'job',
    name: string,
    command: (tx: Tx, actor: ClinicActor) => Promise<T>,
    clock: Clock = this.clock,
  ): Promise<T> {
    const operation = { requestId: newId(), actor, origin, name, address: null, userAgent: null, documentHash: null, action: 'update' as const }
    const { result } = await transact<T>({ database: this.database, scope: scopeOf(actor), operation, clock, timeout: 120_000 }, (tx) => command(tx, actor))
    return result
  }

  /**
   * Prepares the end while still serving everything: /readyz says so at once, answers ask to close their connections, and after the
   * configured time, in which proxies notice, streams are told to connect elsewhere.
   */
  async drain(): Promise<void> {
    this.#isDraining = true
    if (this.#server.listening) await sleep(this.#config.drainSeconds * 1_000)
    this.#live.drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDraining = true
    this.#live.drain()
    clearInterval(this.#upkeep)
    clearInterval(this.#alarm)
    if (this.#server.listening) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#server.close(() => resolve())
      this.#server.closeIdleConnections()
      const patience = setTimeout(() => this.#server.closeAllConnections(), 10_000)
      await promise
      clearTimeout(patience)
    }
    await this.#live[Symbol.asyncDispose]()
    await this.#flood[Symbol.asyncDispose]()
    await this.#metricsServer?.[Symbol.asyncDispose]()
    await this.database[Symbol.asyncDispose]()
  }
}

function createMetricsServer({
  config,
  database,
  metrics,
  log,
}: {
  config: Config
  database: Database
  metrics: Metrics | null
  log: Log
}): MetricsServer | null {
  if (metrics === null || config.metrics === null) return null
  const readings = new Readings(metrics.registry, { app: database.pool, auditor: database.auditorPool })
  return new MetricsServer(config.metrics, config.tls, { metrics, readings, log })
}

/** Instruments for a process whose figures are wanted. The pools have not been used yet. */
function createMetrics({ metrics: wanted }: Config, documents: DocumentStore, database: Database): Metrics | null {
  if (wanted === null) return null
  const metrics = new Metrics(documents)
  metrics.watchPool('app', database.pool)
  metrics.watchPool('audit', database.auditPool)
  metrics.watchPool('auditor', database.auditorPool)
  return metrics
}

/** Makes the trail's partitions of this month and the next three. */
async function openPartitions(database: Database): Promise<void> {
  await database.auditPool.query('SELECT audit.ensure_partitions(3)')
}

function isAddressInfo(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

/** Builds the app on a database that is migrated. Rejects when an access table, or the catalogue of rights, has a hole. */
export async function createApp(config: Config, options: AppOptions = {}): Promise<App> {
  const log = options.log ?? createLog(config.logLevel)
  const clock = options.clock ?? systemClock
  const webDir = options.webDir ?? join(ROOT.pathname ? decodeURIComponent(ROOT.pathname) : '.', 'dist', 'web')
  const guarded = await composeSchema()
  const documents = options.documents ?? (await loadDocuments())
  const files = await loadStaticFiles(webDir)
  const masterKeys = await loadMasterKeys(config.audit.masterKey)
  const imageKeys = new KeyRing(new LocalKeyWrapper(masterKeys))
  const fields = createFieldCipher(masterKeys)
  const database = new Database(config.database, (error) => log.warn({ err: error }, 'an idle database connection was lost'))
  const metrics = createMetrics(config, documents, database)
  try {
    await assertCatalogueMatches(database)
    await openPartitions(database)
  } catch (error) {
    await database[Symbol.asyncDispose]()
    throw error
  }
  const writer = new AuditWriter(database.auditPool, GATHER_MS, metrics)
  const flood = new FloodGate(writer, log)
  const sessions: SessionPorts = { database, clock, tokenKey: config.secrets.tokenKey, limits: new SignInLimits() }
  const actors = new Actors(database, config.secrets.tokenKey)
  const live = new LiveHub(config.database.appUrl, log, options.liveLimits)
  const bookingLimits = new BookingLimits()
  const calendar = new CalendarLinks(config.secrets.tokenKey, config.publicUrl)
  const yoga = createPipeline(guarded, documents)
  const registered = new RegisteredOperations(guarded, documents)
  const observe = (route: Route) => metrics?.observe(route) ?? route
  const server = (isDraining: () => boolean) =>
    createHttpServer(
      config,
      log,
      observe(
        createRoutes({
          config,
          log,
          clock,
          database,
          sessions,
          actors,
          flood,
          yoga,
          registered,
          guarded,
          files,
          imageKeys,
          fields,
          live,
          calendar,
          bookingLimits,
          metrics,
          isDraining,
        }),
      ),
      undefined,
      isDraining,
    )
  return new App({ config, database, clock, fields, log, flood, live, metrics, server })
}
