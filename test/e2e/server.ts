/**
 * The server under the browser tests, in a process of its own: Playwright's loader rewrites TypeScript, and this product runs
 * without that. Says where it serves over IPC, and ends with its parent.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { firstClinicActor } from '../../demo/load-demo.ts'
import { assignRole, createUser } from '../../modules/access/index.ts'
import { PLAN_QUEUE } from '../../modules/communication/queue.ts'
import { type App, createApp } from '../../server/app.ts'
import { createSequencer } from '../../server/audit/sequencer/create-sequencer.ts'
import { settingsOf } from '../../server/audit/sequencer/settings.ts'
import { hashPassword } from '../../server/auth/passwords.ts'
import { loadMasterKeys } from '../../server/config-keys.ts'
import { loadDemo } from '../../server/data.ts'
import { withClient, withDatabase } from '../../server/database/connection.ts'
import { applyMigrations } from '../../server/database/migrate.ts'
import { exportJobs } from '../../server/jobs/audit-export.ts'
import { ExportFiles } from '../../server/jobs/export-files.ts'
import { type JobHandlers, startJobs } from '../../server/jobs/runner.ts'
import { messageJobs } from '../../server/messages/message-jobs.ts'
import type { MailPort } from '../../server/messages/message-ports.ts'
import { UnsubscribeTokens } from '../../server/messages/unsubscribe-token.ts'
import { TEMPLATE } from '../global-setup.ts'
import { testConfig } from '../harness.ts'
import { cloneDatabase, startTestPostgres, type TestServer } from '../postgres.ts'
import { EXTRA_ACCOUNTS, PASSWORD } from './accounts.ts'

/** Origins: the demo clinic, two empty installations, one to look at and one to set up, and one whose trail is tampered with. */
export type Served = { readonly demo: string; readonly empty: string; readonly firstRun: string; readonly tampered: string }
/** What somebody holds who owns the server of that last one: the database as its superuser, and the signing key. */
export type Hold = { readonly adminUrl: string; readonly keyFile: string }
export type Started = { readonly served: Served; readonly hold: Hold }

const say = (text: string) => process.stderr.write(`  ${text}\n`)
// On standard error, because standard output belongs to the reporters.
const log = pino({ level: process.env.TEST_LOG ?? 'error' }, pino.destination(2))

async function serve(stack: AsyncDisposableStack): Promise<Started> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chiron-e2e-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const server = await startTestPostgres()
  stack.defer(() => server.stop())
  await applyMigrations({ adminUrl: server.adminUrl, dir: fileURLToPath(new URL('../../prisma/migrations', import.meta.url)), backup: 'none' })
  await withClient(withDatabase(server.adminUrl, 'postgres'), (client) => client.query(`CREATE DATABASE ${TEMPLATE} TEMPLATE chiron`))
  const empty = await open(stack, await cloneDatabase(TEMPLATE), join(dataDir, 'empty'))
  const firstRun = await open(stack, await cloneDatabase(TEMPLATE), join(dataDir, 'first-run'))
  const tamperedDatabase = await cloneDatabase(TEMPLATE)
  const tampered = await open(stack, tamperedDatabase, join(dataDir, 'tampered'))
  const demo = await open(stack, server, join(dataDir, 'demo'))
  // In each, also where no test looks at the trail: a server whose entries nobody integrates says so every few seconds, rightly.
  for (const { startBeside } of [empty, firstRun, tampered]) await startBeside()
  // Afterwards, as by `chiron serve`: integrating beside the load costs half as much processor time again.
  await fill(demo.app)
  await demo.startBeside(messagesOf(demo.app))
  const urls = await Promise.all([demo, empty, firstRun, tampered].map(async ({ app }) => (await app.listen()).url))
  const [demoUrl = '', emptyUrl = '', firstRunUrl = '', tamperedUrl = ''] = urls
  return {
    served: { demo: demoUrl, empty: emptyUrl, firstRun: firstRunUrl, tampered: tamperedUrl },
    hold: { adminUrl: tamperedDatabase.adminUrl, keyFile: tampered.keyFile },
  }
}

type Opened = {
  readonly app: App
  readonly keyFile: string /** What runs beside a server: the log's writer, and jobs. */
  readonly startBeside: (more?: JobHandlers) => Promise<void>
}

async function open(stack: AsyncDisposableStack, urls: TestServer, dataDir: string): Promise<Opened> {
  const plain = testConfig(urls, { dataDir })
  const keyFile = join(dataDir, 'audit-signing.key')
  const config = { ...plain, audit: { ...plain.audit, signingKeyFile: keyFile, anchorFile: join(dataDir, 'anchor', 'spine.log') } }
  const app = stack.use(await createApp(config, { log }))
  const startBeside = async (more: JobHandlers = {}) => {
    const settings = settingsOf(config, await loadMasterKeys(config.audit.masterKey))
    if (!settings) throw new Error('the sequencer has no login')
    stack.use(await createSequencer(settings, log))
    const jobs = { ...exportJobs({ database: app.database, clock: app.clock, files: new ExportFiles(dataDir) }), ...more }
    stack.use(await startJobs(app.database, jobs, log, { pollingSeconds: 0.5 }))
  }
  return { app, keyFile, startBeside }
}

/** Messages as the product sends them, only planned more often. Mail ends here; for text messages there is no way out. */
function messagesOf({ database, clock, log: own }: App): JobHandlers {
  const mail: MailPort = { send: async ({ id }) => ({ kind: 'sent', providerId: id }) }
  const tokens = new UnsubscribeTokens(new Uint8Array(32).fill(7))
  const handlers = messageJobs({ database, clock, log: own, ports: { mail, sms: null }, tokens, publicUrl: 'http://localhost:4000' })
  const planner = handlers[PLAN_QUEUE]
  if (!planner) throw new Error('nothing plans messages')
  return { ...handlers, [PLAN_QUEUE]: { ...planner, everySeconds: 2 } }
}

async function fill(app: App): Promise<void> {
  let shown = ''
  await loadDemo(app, (progress) => {
    if (stopped) throw new Error('stopped while the demo was loading')
    if (progress === shown) return
    shown = progress
    say(`demo ${progress}`)
  })
  const passwordHash = await hashPassword(PASSWORD)
  await app.asSystem(firstClinicActor, 'cli', 'createTestAccounts', async (tx, actor) => {
    for (const { role, ...person } of Object.values(EXTRA_ACCOUNTS)) {
      const { id: userId } = await createUser(tx, actor, { ...person, passwordHash })
      await assignRole(tx, actor, { userId, roleCode: role })
    }
    return null
  })
}

let stopped = false
const { promise: end, resolve: stop } = Promise.withResolvers<void>()
// The parent's ways to end this: it says so, it is gone, or the terminal tells both.
for (const event of ['disconnect', 'SIGINT', 'SIGTERM'] as const)
  process.on(event, () => {
    stopped = true
    stop()
  })

let code = 0
try {
  await using stack = new AsyncDisposableStack()
  const started = await serve(stack)
  process.send?.(started)
  await end
} catch (error) {
  if (!stopped) {
    code = 1
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  }
}
process.exit(code)
