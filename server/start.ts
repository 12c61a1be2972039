import { join } from 'node:path'
import { createSteps, type Output, terminal } from './cli/progress.ts'
import { untilAborted } from './cli/signals.ts'
import { type Config, loadConfig, readDatabaseChoice } from './config.ts'
import { type EmbeddedDatabase, startEmbedded } from './database/embedded.ts'
import type { BackupChoice } from './database/migrate.ts'
import { prepareDatabase } from './database/prepare.ts'
import { assertPortIsFree } from './port.ts'
import { StartupError } from './startup-error.ts'

export type ListeningApp = AsyncDisposable & {
  listen(): Promise<{ url: string }>
  /** Goes on serving for as long as others take to notice that it is about to end. */
  drain(): Promise<void>
}

export type DemoLogin = { role: string; email: string; password: string }

/** What the product puts into the frame that this file is: composed in cli/parts.ts, replaced in tests. */
export type StartParts<A extends ListeningApp> = {
  createApp(config: Config): Promise<A>
  /** True while no organisation exists. */
  isDatabaseEmpty(app: A): Promise<boolean>
  loadDemo(app: A, onProgress: (text: string) => void): Promise<void>
  /** Takes up background jobs beside the server. */
  startJobs(app: A, config: Config): Promise<AsyncDisposable>
  /** Runs what integrates the trail into its log, beside the server; null when this process is not the place for it. */
  startSequencer(app: A, config: Config): Promise<AsyncDisposable | null>
  /** One login per role; empty when this database does not hold the demo. */
  findDemoLogins(app: A): Promise<readonly DemoLogin[]>
}

export type StartOptions = {
  env: NodeJS.ProcessEnv
  /** The repository's folder. */
  root: string
  /** Aborts when the process should end. */
  signal: AbortSignal
  /** Receives what to do when someone does not want to wait for a clean end. */
  onForce?: (work: () => void) => void
  output?: Output
  migrationsDir?: string
  backup?: BackupChoice
}

/**
 * Everything between the command and a serving address: database, migrations (which bring the reference data), app, demo. Serves until
 * `signal` aborts, then drains and stops what it started. Throws StartupError when it cannot start.
 */
export async function startChiron<A extends ListeningApp>(parts: StartParts<A>, options: StartOptions): Promise<void> {
  const { env, root, signal, output = terminal, backup = 'auto', migrationsDir = join(root, 'prisma/migrations') } = options
  const step = createSteps(output)
  const choice = readDatabaseChoice(env, root)
  // Asked first: without a port nothing below would be of use, and the database might be another running Chiron's.
  await assertPortIsFree(choice.host, choice.port)
  const stopped = new Stopped(signal)
  try {
    await using stack = new AsyncDisposableStack()
    const embedded = choice.isEmbedded ? await openEmbedded(choice.dataDir, options, stack) : null
    stopped.check()
    const config = loadConfig(env, { root, ...(embedded ? { embedded } : {}) })
    await step('Preparing the database', async (note) => {
      const report = await prepareDatabase({ database: config.database, dir: migrationsDir, backup })
      if (report.backup !== null) note(`backup: database ${report.backup}`)
      if (report.applied.length > 0) note(`applied: ${report.applied.join(', ')}`)
    })
    stopped.check()
    // Stopped after the server, so that the server's last entries are integrated too.
    const beside: { sequencer: AsyncDisposable | null } = { sequencer: null }
    stack.defer(async () => beside.sequencer?.[Symbol.asyncDispose]())
    const app = stack.use(await step('Starting the server', () => parts.createApp(config)))
    await loadData(parts, app, config, step, stopped)
    stopped.check()
    beside.sequencer = await parts.startSequencer(app, config)
    stack.use(await parts.startJobs(app, config))
    const { url } = await app.listen()
    for (const line of announce(config, url, await parts.findDemoLogins(app))) output.line(line)
    await untilAborted(signal)
    output.line('• Stopping')
    await app.drain()
  } catch (error) {
    if (!(error instanceof StoppedEarly)) throw error
  }
  output.line('✓ Stopped')
}

async function openEmbedded(dataDir: string, options: StartOptions, stack: AsyncDisposableStack): Promise<EmbeddedDatabase> {
  return createSteps(options.output ?? terminal)('Starting PostgreSQL', async (note) => {
    const embedded = await startEmbedded({ dataDir, notify: note })
    if (embedded.isShared) throw new StartupError(`Another Chiron already runs with the data folder ${dataDir}: stop it, or set CHIRON_DATA to another folder.`)
    stack.defer(() => embedded.stop())
    options.onForce?.(() => embedded.interrupt())
    return embedded
  })
}

async function loadData<A extends ListeningApp>(
  parts: StartParts<A>,
  app: A,
  config: Config,
  step: ReturnType<typeof createSteps>,
  stopped: Stopped,
): Promise<void> {
  if (!config.demo || !(await parts.isDatabaseEmpty(app))) return
  await step('Loading the demo clinic', (note) =>
    parts.loadDemo(app, (text) => {
      // Between two of its transactions is the one place where a long load can end cleanly.
      stopped.check()
      note(text)
    }),
  )
}

function announce(config: Config, url: string, logins: readonly DemoLogin[]): string[] {
  const origin = config.port === 0 ? url : config.publicUrl
  const lines = ['', `Chiron serves ${origin}   (GraphiQL: ${origin}/graphiql)`]
  if (logins.length === 0) return [...lines, 'Stop with Ctrl-C.']
  const width = Math.max(...logins.map(({ role }) => role.length))
  const emailWidth = Math.max(...logins.map(({ email }) => email.length))
  const rows = logins.map(({ role, email, password }) => `  ${role.padEnd(width)}  ${email.padEnd(emailWidth)}  ${password}`)
  return [...lines, 'Demo logins (role, user, password):', ...rows, 'Stop with Ctrl-C.']
}

class StoppedEarly extends Error {}

class Stopped {
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Throws when the process should end, so that the stack unwinds. */
  check(): void {
    if (this.#signal.aborted) throw new StoppedEarly()
  }
}
