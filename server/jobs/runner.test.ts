import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { getConstructionPlans, PgBoss } from 'pg-boss'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { sendJob, type TenantJob } from '../../modules/kernel/jobs.ts'
import { type Harness, startHarness } from '../../test/harness.ts'
import { buildOrganisation, type WorldOrganisation } from '../../test/world.ts'
import { withClient } from '../database/connection.ts'
import { JobError, type JobHandlers, type RunningJob, startJobs } from './runner.ts'

const log = pino({ level: 'silent' })
let harness: Harness
let org: WorldOrganisation
let admin: PgBoss

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa', [{}])
  admin = await new PgBoss({ connectionString: harness.database.adminUrl, migrate: false, createSchema: false, supervise: false, schedule: false }).start()
  await admin.createQueue('test-lost')
  await admin.createQueue('test', { retryLimit: 30, heartbeatSeconds: 60, deadLetter: 'test-lost' })
  await admin.createQueue('once', { retryLimit: 0, deadLetter: 'test-lost' })
})
afterAll(async () => {
  await admin.stop()
  await harness[Symbol.asyncDispose]()
})
beforeEach(() => admin.deleteAllJobs())

const actor = () => {
  const [clinic] = org.clinics
  if (!clinic) throw new Error('no clinic')
  return clinic.actor
}
const job = (recordId = newId()): TenantJob => ({ organisationId: org.id, clinicId: actor().clinic.id, recordId })
const send = (queue: string, data: TenantJob) =>
  harness.app.asSystem(actor(), 'job', 'send', async (tx) => {
    await sendJob(tx, queue, data)
    return null
  })
const run = (handlers: JobHandlers) => startJobs(harness.app.database, handlers, log, { pollingSeconds: 0.5, superviseSeconds: 1, drainMs: 200 })
const jobs = (queue: string) => admin.findJobs(queue)

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 300; round += 1) {
    if (await condition()) return
    await sleep(100)
  }
  throw new Error('it never came to this')
}

describe('the schema of the queues', () => {
  it('is what this version of pg-boss plans, word for word', () => {
    const migration = readFileSync(fileURLToPath(new URL('../../prisma/migrations/0007_jobs/migration.sql', import.meta.url)), 'utf8')
    const plan = getConstructionPlans('pgboss', { createSchema: false })
    const body = plan.slice(plan.indexOf('CREATE TYPE'), plan.lastIndexOf('COMMIT;')).trim()
    expect(body.length).toBeGreaterThan(10_000)
    expect(migration).toContain(body)
  })

  it('belongs to the migrator, and the application may not change it', async () => {
    await withClient(harness.database.adminUrl, async (client) => {
      const { rows } = await client.query("SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE relnamespace = 'pgboss'::regnamespace")
      expect(rows).toEqual([{ owner: 'chiron_migrator' }])
    })
    for (const statement of [
      'DROP TABLE pgboss.job',
      "SELECT pgboss.create_queue('mine', '{}')",
      'DELETE FROM pgboss.queue',
      'CREATE TABLE pgboss.mine (id int)',
    ])
      await expect(withClient(harness.database.appUrl, (client) => client.query(statement))).rejects.toMatchObject({ code: '42501' })
    for (const url of [harness.database.auditorUrl, harness.database.sequencerUrl])
      await expect(withClient(url, (client) => client.query('SELECT FROM pgboss.job'))).rejects.toMatchObject({ code: '42501' })
  })
})

describe('a job', () => {
  it('exists when the transaction that sends it commits, and not when it is rolled back', async () => {
    const data = job()
    await expect(
      harness.app.asSystem(actor(), 'job', 'send', async (tx) => {
        await sendJob(tx, 'test', data)
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    expect(await jobs('test')).toEqual([])
    await send('test', data)
    expect((await jobs('test')).map((sent) => sent.data)).toEqual([data])
    await expect(send('no-such-queue', data)).rejects.toThrow('no queue no-such-queue')
  })

  it('is what pg-boss itself would have sent', async () => {
    const data = job()
    await send('test', data)
    await admin.send('test', data, { singletonKey: data.recordId })
    const plain = (await jobs('test')).map(({ id: _id, createdOn, startAfter, keepUntil, ...rest }) => ({
      ...rest,
      kept: Math.round((keepUntil.getTime() - startAfter.getTime()) / 1_000),
      created: createdOn instanceof Date,
    }))
    expect(plain).toHaveLength(2)
    expect(plain[0]).toEqual(plain[1])
  })

  it('reaches its handler with its tenant, once', async () => {
    const data = job()
    const seen: RunningJob[] = []
    await using _jobs = await run({ test: { run: async (one) => void seen.push(one) } })
    await send('test', data)
    await until(async () => (await jobs('test')).every(({ state }) => state === 'completed'))
    expect(seen.map(({ tenant }) => tenant)).toEqual([data])
  })

  it('survives the kill of its worker and is done by the next', async () => {
    const data = job()
    await send('test', data)
    const script = `
      import { Database } from ${JSON.stringify(new URL('../db.ts', import.meta.url).href)}
      import { startJobs } from ${JSON.stringify(new URL('./runner.ts', import.meta.url).href)}
      import { pino } from 'pino'
      const [appUrl, auditorUrl] = process.argv.slice(-2)
      const database = new Database({ appUrl, auditorUrl, poolSize: 2 }, () => {})
      await startJobs(database, { test: { run: () => { process.stdout.write('running'); return new Promise(() => setInterval(() => {}, 1000)) } } }, pino({ level: 'silent' }), { pollingSeconds: 0.5 })`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, harness.database.appUrl, harness.database.auditorUrl], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    expect(String((await once(child.stdout, 'data'))[0])).toBe('running')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await jobs('test')).map(({ state }) => state)).toEqual(['active'])
    const done: (TenantJob | null)[] = []
    await using _jobs = await run({ test: { run: async ({ tenant }) => void done.push(tenant) } })
    // The minute after which a silent worker counts as dead.
    await withClient(harness.database.adminUrl, (client) =>
      client.query("UPDATE pgboss.job SET heartbeat_on = now() - interval '2 minutes' WHERE state = 'active'"),
    )
    await until(async () => (await jobs('test')).every(({ state }) => state === 'completed'))
    expect(done).toEqual([data])
    expect((await jobs('test')).map(({ retryCount }) => retryCount)).toEqual([1])
  })

  it('that fails for good ends in the dead letters with its code, and with nothing else of the error', async () => {
    const coded = job()
    const plain = job()
    const letters: [string | undefined, string][] = []
    await using _jobs = await run({
      once: {
        run: async ({ tenant }) => {
          if (tenant?.recordId === coded.recordId) throw new JobError('DISK_FULL', 'no space for Milo')
          throw new Error('a secret about Milo')
        },
      },
      'test-lost': { run: async ({ tenant, failure }) => void letters.push([tenant?.recordId, failure]) },
    })
    await send('once', coded)
    await send('once', plain)
    await until(() => letters.length === 2)
    expect(Object.fromEntries(letters)).toEqual({ [coded.recordId]: 'DISK_FULL', [plain.recordId]: 'INTERNAL' })
    const stored = JSON.stringify([await jobs('once'), await jobs('test-lost')])
    expect(stored).toContain('DISK_FULL')
    expect(stored).not.toContain('Milo')
  })

  it('never runs twice at once, whoever takes it', async () => {
    const records = Array.from({ length: 4 }, () => newId())
    const running = new Map<string, number>()
    let most = 0
    let ran = 0
    const handler = {
      run: async ({ tenant }: RunningJob) => {
        const record = tenant?.recordId ?? ''
        const now = (running.get(record) ?? 0) + 1
        running.set(record, now)
        most = Math.max(most, now)
        await sleep(700)
        running.set(record, now - 1)
        ran += 1
      },
    }
    // Two jobs about one record: what a worker that was taken for dead and one that replaced it look like.
    for (const record of records) await send('test', job(record)).then(() => send('test', job(record)))
    await using _one = await run({ test: handler })
    await using _two = await run({ test: handler })
    await using _three = await run({ test: handler })
    await until(async () => (await jobs('test')).every(({ state }) => state === 'completed'))
    expect([ran, most]).toEqual([8, 1])
  })

  it('that runs when the server stops is broken off and done after the next start', async () => {
    let begun = 0
    const first = await run({
      test: {
        run: ({ signal }) => {
          begun += 1
          return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new JobError('BROKEN_OFF', 'stop'))))
        },
      },
    })
    await send('test', job())
    await until(() => begun === 1)
    await first[Symbol.asyncDispose]()
    expect((await jobs('test')).map(({ state }) => state)).toEqual(['retry'])
    await using _second = await run({ test: { run: async () => void (begun += 1) } })
    await until(async () => (await jobs('test')).every(({ state }) => state === 'completed'))
    expect(begun).toBe(2)
  })

  it('is watched over without a right that the application lacks', async () => {
    const lines: string[] = []
    const loud = pino({ level: 'warn' }, { write: (line) => void lines.push(line) })
    await send('test', job())
    {
      await using _jobs = await startJobs(harness.app.database, { test: { run: async () => {} } }, loud, { pollingSeconds: 0.5, superviseSeconds: 1 })
      await withClient(harness.database.adminUrl, (client) => client.query('UPDATE pgboss.queue SET monitor_on = NULL, maintain_on = NULL'))
      await until(
        async () =>
          (await admin.getDb().executeSql("SELECT FROM pgboss.queue WHERE name = 'test' AND monitor_on IS NOT NULL AND maintain_on IS NOT NULL")).rows.length >
          0,
      )
    }
    expect(lines).toEqual([])
  })

  it('of the installation is sent again and again, without a tenant', async () => {
    const tenants: (TenantJob | null)[] = []
    await using _jobs = await run({ test: { run: async ({ tenant }) => void tenants.push(tenant), everySeconds: 1 } })
    await until(() => tenants.length >= 2)
    expect(new Set(tenants)).toEqual(new Set([null]))
  })
})
