import { chmodSync } from 'node:fs'
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listenOnFreePort, takePort } from '../test/ports.ts'
import { type ClonedDatabase, createTestDatabase, startTestPostgres, type TestPostgres } from '../test/postgres.ts'
import type { Config } from './config.ts'
import { startEmbedded } from './database/embedded.ts'
import { type ListeningApp, type StartParts, startChiron } from './start.ts'
import { StartupError } from './startup-error.ts'

type FakeApp = ListeningApp & { config: Config; server: Server }

let folder: string
let migrationsDir: string
let lines: string[]
let calls: string[]
let isEmpty: boolean
let stop: AbortController

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron start '))
  // As root the database runs as another user, who must be able to pass through this folder.
  if (process.getuid?.() === 0) chmodSync(folder, 0o711)
  migrationsDir = join(folder, 'migrations')
  await mkdir(join(migrationsDir, '0001_first'), { recursive: true })
  await writeFile(join(migrationsDir, '0001_first/migration.sql'), 'SET ROLE chiron_migrator; CREATE TABLE first (id int);')
  lines = []
  calls = []
  isEmpty = true
  stop = new AbortController()
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** A product that notes what is asked of it; `overrides` replaces parts. */
function product(overrides: Partial<StartParts<FakeApp>> = {}): StartParts<FakeApp> {
  return {
    createApp: async (config) => {
      calls.push('create')
      const server = createServer((_request, response) => response.end('served'))
      return {
        config,
        server,
        listen: async () => ({ url: `http://127.0.0.1:${await listenOnFreePort(server, config.port)}` }),
        drain: async () => void calls.push('drain'),
        [Symbol.asyncDispose]: async () => {
          calls.push('dispose')
          server.closeAllConnections()
          await new Promise((resolve) => server.close(resolve))
        },
      }
    },
    isDatabaseEmpty: async () => isEmpty,
    loadDemo: async (_app, onProgress) => {
      for (const month of ['June', 'June', 'July']) onProgress(month)
      calls.push('demo')
      isEmpty = false
    },
    startSequencer: async () => {
      calls.push('sequence')
      return { [Symbol.asyncDispose]: async () => void calls.push('sequenced') }
    },
    startJobs: async () => ({ [Symbol.asyncDispose]: async () => void calls.push('jobs ended') }),
    findDemoLogins: async () => (isEmpty ? [] : [{ role: 'owner', email: 'duena@example.mx', password: 'demo' }]),
    ...overrides,
  }
}

/** Starts, waits for the address to be announced, runs `visit`, and stops. */
async function startAndVisit(parts: StartParts<FakeApp>, env: NodeJS.ProcessEnv, visit: () => Promise<void> = async () => {}): Promise<void> {
  const announced = Promise.withResolvers<void>()
  const output = {
    line: (text: string) => {
      lines.push(text)
      if (text.startsWith('Stop with')) announced.resolve()
    },
    error: (text: string) => void lines.push(text),
  }
  const forced: (() => void)[] = []
  const run = startChiron(parts, {
    env,
    root: folder,
    signal: stop.signal,
    onForce: (work) => forced.push(work),
    output,
    migrationsDir,
  })
  await Promise.race([announced.promise, run])
  await visit()
  stop.abort()
  await run
}

const isDatabaseStopped = () =>
  access(join(folder, '.chiron/postgres/postmaster.pid')).then(
    () => false,
    () => true,
  )

describe('startChiron with the embedded database', () => {
  it('prepares, loads, serves, and stops everything; the next start loads no demo', async () => {
    const port = await takePort()
    const env = { PORT: String(port) }
    await startAndVisit(product(), env, async () => {
      expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('served')
      expect(await isDatabaseStopped()).toBe(false)
    })
    // The sequencer ends last, so that the server's last entries are integrated.
    expect(calls).toEqual(['create', 'demo', 'sequence', 'drain', 'jobs ended', 'dispose', 'sequenced'])
    expect(lines).toEqual(
      expect.arrayContaining([
        '    applied: 0001_first',
        `Chiron serves http://localhost:${port}   (GraphiQL: http://localhost:${port}/graphiql)`,
        '  owner  duena@example.mx  demo',
        '✓ Stopped',
      ]),
    )
    expect(lines.filter((line) => line === '    June')).toHaveLength(1)
    expect(await isDatabaseStopped()).toBe(true)
    calls = []
    stop = new AbortController()
    await startAndVisit(product(), env)
    expect(calls).toEqual(['create', 'sequence', 'drain', 'jobs ended', 'dispose', 'sequenced'])
  }, 60_000)

  it('loads no demo when told so, and announces no logins', async () => {
    await startAndVisit(product(), { PORT: '0', CHIRON_DEMO: '0' })
    expect(calls).toEqual(['create', 'sequence', 'drain', 'jobs ended', 'dispose', 'sequenced'])
    expect(lines.join('\n')).not.toContain('Demo logins')
    expect(lines.join('\n')).toMatch(/Chiron serves http:\/\/127\.0\.0\.1:\d+ /)
  }, 60_000)

  it('refuses a taken port before it touches anything, and starts once the port is free', async () => {
    const squatter = createServer()
    const port = await listenOnFreePort(squatter, 0)
    const attempt = startAndVisit(product(), { PORT: String(port) })
    await expect(attempt).rejects.toThrow(StartupError)
    await expect(attempt).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken: stop the program that uses it, or choose another, as in PORT=${port + 1} npm start`,
    )
    await expect(access(join(folder, '.chiron'))).rejects.toThrow('ENOENT')
    await new Promise((resolve) => squatter.close(resolve))
    await startAndVisit(product(), { PORT: String(port) })
    expect(calls).toContain('demo')
  }, 60_000)

  it('ends between two steps of the demo when it is stopped, and leaves no database running', async () => {
    const parts = product({
      loadDemo: async (_app, onProgress) => {
        onProgress('June')
        stop.abort()
        onProgress('July')
        calls.push('demo')
      },
    })
    await startAndVisit(parts, { PORT: '0' })
    expect(calls).toEqual(['create', 'dispose'])
    expect(await isDatabaseStopped()).toBe(true)
  }, 60_000)

  it('stops the database when the product fails to start', async () => {
    const parts = product({ createApp: () => Promise.reject(new Error('broken product')) })
    await expect(startAndVisit(parts, { PORT: '0' })).rejects.toThrow('broken product')
    expect(await isDatabaseStopped()).toBe(true)
  }, 60_000)

  it('says which migration failed', async () => {
    await writeFile(join(migrationsDir, '0001_first/migration.sql'), 'SELECT nothing;')
    await expect(startAndVisit(product(), { PORT: '0' })).rejects.toThrow(/The migration 0001_first failed/)
    expect(calls).toEqual([])
    expect(await isDatabaseStopped()).toBe(true)
  }, 60_000)

  it('refuses a data folder that another Chiron uses', async () => {
    const owner = await startEmbedded({ dataDir: join(folder, '.chiron') })
    try {
      // The parent of this process lives, is not this process, and so stands for the other Chiron.
      const stat = await readFile(`/proc/${process.ppid}/stat`, 'utf8')
      await writeFile(join(folder, '.chiron/owner'), `${process.ppid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`)
      await expect(startAndVisit(product(), { PORT: '0' })).rejects.toThrow(/Another Chiron already runs with the data folder/)
    } finally {
      await owner.stop()
    }
  }, 60_000)
})

describe('startChiron with DATABASE_URL', () => {
  let server: TestPostgres
  let database: ClonedDatabase

  beforeAll(async () => {
    server = await startTestPostgres()
    database = await createTestDatabase()
  }, 60_000)

  afterAll(async () => {
    await database.drop()
    await server.stop()
  })

  const env = () => ({
    PORT: '0',
    DATABASE_URL: database.appUrl,
    DATABASE_AUDITOR_URL: database.auditorUrl,
    CHIRON_TOKEN_SECRET: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })

  it('refuses pending migrations without the admin, applies them with it, and then serves without it', async () => {
    await expect(startAndVisit(product(), env())).rejects.toThrow(/lacks 1 migration\(s\) \(0001_first\): set DATABASE_ADMIN_URL/)
    await startAndVisit(product(), { ...env(), DATABASE_ADMIN_URL: database.adminUrl })
    stop = new AbortController()
    calls = []
    await startAndVisit(product(), env())
    expect(calls).toEqual(['create', 'sequence', 'drain', 'jobs ended', 'dispose', 'sequenced'])
    await expect(access(join(folder, '.chiron'))).rejects.toThrow('ENOENT')
  }, 60_000)

  it('says what is wrong with the address', async () => {
    const url = new URL(database.appUrl)
    url.port = '1'
    await expect(startAndVisit(product(), { ...env(), DATABASE_URL: url.href })).rejects.toThrow(
      /Cannot connect to the database 127\.0\.0\.1:1\/test_\w+ of DATABASE_URL: nothing listens there/,
    )
  })
})
