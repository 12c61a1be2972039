/**
 * The server under the browser tests, in a process of its own: Playwright's loader rewrites TypeScript, and this product runs
 * without that. Says where it serves over IPC, and ends with its parent.
 */
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { firstClinicActor } from '../../demo/load-demo.ts'
import { assignRole, createUser } from '../../modules/access/index.ts'
import { type App, createApp } from '../../server/app.ts'
import { hashPassword } from '../../server/auth/passwords.ts'
import { loadDemo } from '../../server/data.ts'
import { withClient, withDatabase } from '../../server/database/connection.ts'
import { applyMigrations } from '../../server/database/migrate.ts'
import { TEMPLATE } from '../global-setup.ts'
import { testConfig } from '../harness.ts'
import { cloneDatabase, startTestPostgres, type TestServer } from '../postgres.ts'
import { EXTRA_ACCOUNTS, PASSWORD } from './accounts.ts'

/** Origins: the demo clinic, and two empty installations, one to look at and one to set up. */
export type Served = { readonly demo: string; readonly empty: string; readonly firstRun: string }

const say = (text: string) => process.stderr.write(`  ${text}\n`)
// On standard error, because standard output belongs to the reporters.
const log = pino({ level: process.env.TEST_LOG ?? 'error' }, pino.destination(2))

async function serve(stack: AsyncDisposableStack): Promise<Served> {
  const server = await startTestPostgres()
  stack.defer(() => server.stop())
  await applyMigrations({ adminUrl: server.adminUrl, dir: fileURLToPath(new URL('../../prisma/migrations', import.meta.url)), backup: 'none' })
  await withClient(withDatabase(server.adminUrl, 'postgres'), (client) => client.query(`CREATE DATABASE ${TEMPLATE} TEMPLATE chiron`))
  const open = async (urls: TestServer): Promise<App> => stack.use(await createApp(testConfig(urls), { log }))
  const empty = await open(await cloneDatabase(TEMPLATE))
  const firstRun = await open(await cloneDatabase(TEMPLATE))
  const demo = await open(server)
  await fill(demo)
  const [first, second, third] = await Promise.all([demo.listen(), empty.listen(), firstRun.listen()])
  return { demo: first.url, empty: second.url, firstRun: third.url }
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
  const served = await serve(stack)
  process.send?.(served)
  await end
} catch (error) {
  if (!stopped) {
    code = 1
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  }
}
process.exit(code)
