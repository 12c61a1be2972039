import { chmodSync, mkdtempSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createApp } from '../server/app.ts'
import { bootstrapDatabase } from '../server/database/bootstrap.ts'
import { type EmbeddedDatabase, startEmbedded } from '../server/database/embedded.ts'
import { applyMigrations } from '../server/database/migrate.ts'
import { SIGN_IN, TEST_PASSWORD, testConfig } from './harness.ts'
import { buildOrganisation } from './world.ts'

// A database of its own, as durable as in production: this file kills it.
let dataDir: string
let postgres: EmbeddedDatabase
let app: App
let url: string
let token: string

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'chiron-durability-'))
  if (process.getuid?.() === 0) chmodSync(dataDir, 0o711)
  postgres = await startEmbedded({ dataDir })
  await bootstrapDatabase(postgres)
  await applyMigrations({ adminUrl: postgres.adminUrl, dir: fileURLToPath(new URL('../prisma/migrations', import.meta.url)), backup: 'none' })
  app = await createApp(testConfig(postgres), { log: pino({ level: 'silent' }), documents: { find: (hash) => DOCUMENTS[hash] ?? null } })
  url = (await app.listen()).url
  const organisation = await buildOrganisation(app, 'alfa', [{}])
  const answer = await post('0'.repeat(64), { email: organisation.email('owner'), password: TEST_PASSWORD })
  token = answer.body.data.signIn.accessToken
}, 120_000)
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await postgres.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const READ = '1'.repeat(64)
const DENY = '2'.repeat(64)
const CHANGE = '3'.repeat(64)
const DOCUMENTS: Record<string, string> = {
  ['0'.repeat(64)]: SIGN_IN,
  [READ]: '{ users(first: 2) { edges { node { id name } } } }',
  [DENY]: '{ nothingOfTheSort }',
  [CHANGE]: 'mutation Language($locale: String!) { setLocale(input: { locale: $locale }) { __typename } }',
}

type Answer = { status: number; requestId: string | null; body: { data?: any; errors?: { extensions: { code?: string; requestId?: string } }[] } }

async function post(sha256Hash: string, variables: object = {}): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ variables, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
  })
  return { status: response.status, requestId: response.headers.get('x-request-id'), body: await response.json() }
}

async function postmasterPid(): Promise<number> {
  return Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
}

/** The postmaster and every process that it started. */
async function serverPids(): Promise<number[]> {
  const master = await postmasterPid()
  const parents = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map(async (pid) => {
        const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
        return { pid: Number(pid), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }
      }),
  )
  return [master, ...parents.filter(({ parent }) => parent === master).map(({ pid }) => pid)]
}

async function restart(): Promise<void> {
  const port = new URL(postgres.adminUrl).port
  postgres = await startEmbedded({ dataDir })
  expect(new URL(postgres.adminUrl).port).toBe(port)
}

async function recordedRequests(): Promise<Set<string>> {
  const client = new pg.Client(postgres.adminUrl)
  await client.connect()
  const { rows } = await client.query<{ request: string }>(
    "SELECT DISTINCT convert_from(body, 'UTF8')::jsonb ->> 'request' AS request FROM audit.entry WHERE source = 'api'",
  )
  await client.end()
  return new Set(rows.map(({ request }) => request))
}

const isReleased = ({ status, body }: Answer) => status !== 503 && !body.errors?.some(({ extensions }) => extensions.code === 'UNAVAILABLE')

describe('responses leave only after their entry is durable', () => {
  it.each([
    [
      'every process of PostgreSQL is killed',
      async () => {
        for (const pid of await serverPids()) process.kill(pid, 'SIGKILL')
      },
    ],
    ['PostgreSQL is stopped at once', async () => void process.kill(await postmasterPid(), 'SIGQUIT')],
  ])(
    'when %s in the middle of load',
    async (_how, stop) => {
      const answers: Answer[] = []
      let isLoading = true
      const client = async (index: number) => {
        const document = [READ, READ, DENY, CHANGE][index % 4] ?? READ
        while (isLoading) {
          const answer = await post(document, document === CHANGE ? { locale: ['en', 'es-MX'][answers.length % 2] } : {})
          answers.push(answer)
          if (!isReleased(answer)) await sleep(5)
        }
      }
      const clients = Array.from({ length: 16 }, (_, index) => client(index))
      while (answers.length < 300) await sleep(5)
      await stop()
      while (answers.filter((answer) => !isReleased(answer)).length < 20) await sleep(5)
      isLoading = false
      await Promise.all(clients)
      await restart()
      const recorded = await recordedRequests()
      const released = answers.filter(isReleased)
      expect(released.length).toBeGreaterThanOrEqual(290)
      expect(released.filter(({ requestId }) => requestId === null || !recorded.has(requestId))).toEqual([])
      const withheld = answers.filter((answer) => !isReleased(answer))
      for (const { status, body, requestId } of withheld) {
        expect([status, JSON.stringify(body).includes('@alfa')]).toEqual([503, false])
        expect(body.data?.users).toBeFalsy()
        expect(body.errors?.[0]?.extensions.requestId).toBe(requestId)
      }
      // The comparison would find a response whose entry is missing.
      const [first] = released
      recorded.delete(first?.requestId ?? '')
      expect(released.filter(({ requestId }) => requestId === null || !recorded.has(requestId))).toEqual([first])
    },
    60_000,
  )

  it('and the server answers again once the database is back', async () => {
    const answer = await post(READ)
    expect(answer.status).toBe(200)
    expect(answer.body.data.users.edges).toHaveLength(2)
    expect(await recordedRequests()).toContain(answer.requestId)
  })

  it('tells that it is not ready while the database is away', async () => {
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    await postgres.stop()
    const response = await fetch(`${url}/readyz`)
    expect([response.status, await response.text()]).toEqual([503, 'the database does not answer'])
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    await restart()
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  }, 30_000)
})
