import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { applyDatabasePrivileges, bootstrapDatabase, createDatabase, prepareEmptyDatabase } from '../server/database/bootstrap.ts'
import { withClient, withDatabase } from '../server/database/connection.ts'
import { startEmbedded } from '../server/database/embedded.ts'
import { findOwner } from '../server/database/embedded-owner.ts'
import { interruptServer } from '../server/database/embedded-running.ts'

/** Connection strings of the run's server. They travel to vitest's workers in an environment variable. */
export type TestServer = { adminUrl: string; appUrl: string; auditorUrl: string; sequencerUrl: string }

export type TestPostgres = TestServer & { stop(): Promise<void> }

export type ClonedDatabase = TestServer & { name: string; drop(): Promise<void> }

const PREFIX = 'chiron-test-'
const VARIABLE = 'CHIRON_TEST_POSTGRES'

// Nothing here has to survive a crash; tests open many connections.
const TEST_FLAGS = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=200',
  'shared_buffers=256MB',
  'autovacuum_naptime=10min',
  'max_wal_size=4GB',
  'checkpoint_timeout=1h',
]

/**
 * One PostgreSQL for the whole test run, in a temporary folder, with roles and an empty database `chiron` that is
 * bootstrapped. Inside a run that has one already, answers that one, and `stop` does nothing.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  if (process.env[VARIABLE]) return { ...testServer(), stop: async () => {} }
  const parent = await quickFolder()
  await sweep(parent)
  const dataDir = await mkdtemp(join(parent, PREFIX))
  // As root the server runs as another user, who must be able to pass through this folder.
  if (process.getuid?.() === 0) chmodSync(dataDir, 0o711)
  const embedded = await startEmbedded({ dataDir, flags: TEST_FLAGS })
  const { adminUrl, appUrl, auditorUrl, sequencerUrl } = embedded
  const server: TestServer = { adminUrl, appUrl, auditorUrl, sequencerUrl }
  // A run that crashes, or is stopped with Ctrl-C, has no other moment left.
  process.once('exit', embedded.interrupt)
  const stop = async () => {
    delete process.env[VARIABLE]
    process.off('exit', embedded.interrupt)
    await embedded.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await bootstrapDatabase(server)
  } catch (error) {
    await stop()
    throw error
  }
  process.env[VARIABLE] = JSON.stringify(server)
  return { ...server, stop }
}

const MEMORY_FOLDER = '/dev/shm'
const NEEDED_BYTES = 2e9

/** Memory when there is plenty: copying a database makes a thousand files, 550 ms on disk and 20 ms there (measured). */
async function quickFolder(): Promise<string> {
  const stat = await statfs(MEMORY_FOLDER).catch(() => null)
  return stat !== null && stat.bavail * stat.bsize > NEEDED_BYTES ? MEMORY_FOLDER : tmpdir()
}

/** Stops and removes what earlier runs left that were killed; a run of somebody else that still lives is not touched. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const dataDir = join(parent, name)
    if (!name.startsWith(PREFIX) || (await findOwner(dataDir)) !== 'dead') continue
    interruptServer(join(dataDir, 'postgres'))
    for (let round = 0; existsSync(join(dataDir, 'postgres', 'postmaster.pid')) && round < 50; round++) await sleep(100)
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** The server that `startTestPostgres` started for this run. */
export function testServer(): TestServer {
  const text = process.env[VARIABLE]
  if (text === undefined) throw new Error('No test server is running: call startTestPostgres in the global setup.')
  return JSON.parse(text) as TestServer
}

/** The run's server with another database. */
export function urlsOf(name: string): TestServer {
  const server = testServer()
  return {
    adminUrl: withDatabase(server.adminUrl, name),
    appUrl: withDatabase(server.appUrl, name),
    auditorUrl: withDatabase(server.auditorUrl, name),
    sequencerUrl: withDatabase(server.sequencerUrl, name),
  }
}

/** A private copy of the database `template`, to which nobody may be connected meanwhile. */
export async function cloneDatabase(template: string): Promise<ClonedDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const quoted = pg.escapeIdentifier(name)
  const maintenanceUrl = withDatabase(testServer().adminUrl, 'postgres')
  await withClient(maintenanceUrl, async (client) => {
    await client.query(`CREATE DATABASE ${quoted} TEMPLATE ${pg.escapeIdentifier(template)}`)
    await applyDatabasePrivileges(client, name)
  })
  const drop = async () => {
    await withClient(maintenanceUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`))
  }
  return { ...urlsOf(name), name, drop }
}

/** An empty database of the run's server, bootstrapped as in production but without any migration. */
export async function createTestDatabase(): Promise<ClonedDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const maintenanceUrl = withDatabase(testServer().adminUrl, 'postgres')
  await withClient(maintenanceUrl, (client) => createDatabase(client, name))
  const drop = async () => {
    await withClient(maintenanceUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`))
  }
  const urls = urlsOf(name)
  await withClient(urls.adminUrl, prepareEmptyDatabase)
  return { ...urls, name, drop }
}
