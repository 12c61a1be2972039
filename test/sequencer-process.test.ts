import { statSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SequencerChild } from '../server/audit/sequencer/child.ts'
import { Sequencer, type Task } from '../server/audit/sequencer/sequencer.ts'
import { settingsOf } from '../server/audit/sequencer/settings.ts'
import { loadSigningSeed } from '../server/audit/sequencer/signing-key.ts'
import { startSequencer } from '../server/audit/sequencer/start-sequencer.ts'
import { UPKEEP_TASKS } from '../server/audit/sequencer/tasks.ts'
import { TEMPLATE } from './global-setup.ts'
import { testConfig } from './harness.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { TEST_SEED } from './world-compliance.ts'

let database: ClonedDatabase
let admin: pg.Client
let folder: string
let errors: string[]
const log = pino({ level: 'info' }, { write: (line: string) => void errors.push(line) })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron-sequencer-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(async () => {
  errors = []
  database = await cloneDatabase(TEMPLATE)
  admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
})
afterEach(async () => {
  await admin.end()
  await database.drop()
})

async function until(what: string, check: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`waited for nothing: ${what}\n${errors.join('')}`)
    await sleep(50)
  }
}

const write = () =>
  admin.query("INSERT INTO audit.entry (organisation_id, clinic_id, body) SELECT gen_random_uuid(), gen_random_uuid(), 'x' FROM generate_series(1, 10)")
const isPublished = async () => {
  const { rows } = await admin.query<{ is_published: boolean }>(
    'SELECT NOT EXISTS (SELECT FROM audit.entry e WHERE NOT EXISTS (SELECT FROM audit.leaf l WHERE l.entry_id = e.id)) AND bool_and(published = size) AS is_published FROM audit.tree',
  )
  return rows[0]?.is_published === true
}
const start = (tasks: readonly Task[] = [], seed: Uint8Array = TEST_SEED) =>
  new Sequencer({ url: database.sequencerUrl, seed, tasks, log, integrateEveryMs: 10, publishEveryMs: 20 })

describe('the sequencer', () => {
  it('is one at a time; another one takes over when the first is gone, and nothing is missed or told twice', async () => {
    const first = start()
    await until('the first leader', () => first.isLeader)
    await using second = start()
    await write()
    await until('the first one to publish', isPublished)
    expect(second.isLeader).toBe(false)
    await first[Symbol.asyncDispose]()
    await write()
    await until('the second leader', () => second.isLeader)
    await until('the second one to publish', isPublished)
    const { rows } = await admin.query('SELECT count(*)::int AS leaves, count(DISTINCT entry_id)::int AS entries FROM audit.leaf')
    expect(rows[0].leaves).toBe(rows[0].entries)
  })

  it('begins again when its connections are cut', async () => {
    await using sequencer = start()
    await until('the leader', () => sequencer.isLeader)
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'chiron_sequencer' AND datname = current_database()")
    await write()
    await until('what was written to be published', isPublished)
    expect(errors.join('')).toContain('the sequencer begins again')
  })

  it('goes on integrating, and with its other tasks, when one of them fails again and again', async () => {
    let others = 0
    const bad: Task = { name: 'bad', everyMs: 0, run: ({ client }) => client.query('SELECT 1 / 0').then(() => false) }
    const other: Task = {
      name: 'other',
      everyMs: 0,
      run: async () => {
        others += 1
        return false
      },
    }
    await using sequencer = start([bad, other])
    await write()
    await until('what was written to be published', isPublished)
    await until('the other task', () => others > 3)
    expect([sequencer.isLeader, errors.join('').match(/"task":"bad"/g)?.length]).toEqual([true, 1])
    expect(errors.join('')).not.toContain('begins again')
  })

  it('signs nothing of a log that was changed behind it, and leaves a finding', async () => {
    const first = start()
    await write()
    await until('the first checkpoint', isPublished)
    await first[Symbol.asyncDispose]()
    await admin.query('BEGIN; SET LOCAL session_replication_role = replica')
    await admin.query(`INSERT INTO audit.spine (idx, body) SELECT size, '{"kind":"dropped"}' FROM audit.tree WHERE log = 0`)
    await admin.query('COMMIT')
    await admin.query("UPDATE audit.tree SET size = size + 1, frontier = decode(repeat('00', 32 * bit_count((size + 1)::bit(64))::int), 'hex') WHERE log = 0")
    await using _second = start()
    await until('the refusal', () => errors.join('').includes('was changed behind the sequencer'))
    const { rows } = await admin.query("SELECT kind, detail ->> 'problem' AS problem FROM audit.finding")
    expect(rows).toEqual([{ kind: 'log-altered', problem: 'it has leaves that were never signed' }])
  })

  it('refuses to sign with a key that is not the one of this log, and says so', async () => {
    const first = start()
    await until('the leader', () => first.isLeader)
    await first[Symbol.asyncDispose]()
    await using other = start([], Buffer.alloc(32, 1))
    await until('the refusal', () => errors.join('').includes('not the one that has signed this log'))
    expect(other.isLeader).toBe(false)
  })

  it('raises an alarm while a transaction holds back what others have written', async () => {
    const slow = new pg.Client({ connectionString: database.appUrl })
    await slow.connect()
    await slow.query('BEGIN')
    await slow.query("INSERT INTO audit.entry (organisation_id, clinic_id, body) VALUES (gen_random_uuid(), gen_random_uuid(), 'slow')")
    // As if it had been written a minute ago.
    await admin.query('BEGIN; SET LOCAL session_replication_role = replica')
    await admin.query(
      "INSERT INTO audit.entry (organisation_id, clinic_id, body, at) VALUES (gen_random_uuid(), gen_random_uuid(), 'quick', now() - interval '1 minute')",
    )
    await admin.query('COMMIT')
    await using _sequencer = start(UPKEEP_TASKS)
    await until('the alarm', () => errors.join('').includes('entries wait to be integrated'))
    await slow.query('ROLLBACK')
    await slow.end()
  })
})

describe('the signing key', () => {
  it('is made once, readable for its owner alone, and refused when it is damaged or open to others', async () => {
    const path = join(folder, 'keys', 'signing.key')
    const making = Promise.all([loadSigningSeed(path), loadSigningSeed(path)])
    // Whoever looks while it is made finds it whole or not at all.
    const sizes = new Set<number | undefined>()
    let isMaking = true
    const stop = () => {
      isMaking = false
    }
    making.then(stop, stop)
    while (isMaking) {
      sizes.add(statSync(path, { throwIfNoEntry: false })?.size)
      await nextTurn()
    }
    const [one, other] = await making
    expect([...sizes].filter((size) => size !== undefined && size !== 45)).toEqual([])
    expect(one.equals(other)).toBe(true)
    expect(await loadSigningSeed(path)).toEqual(one)
    expect(await readdir(join(folder, 'keys'))).toEqual(['signing.key'])
    await writeFile(join(folder, 'short.key'), 'c2hvcnQ=\n', { mode: 0o600 })
    await expect(loadSigningSeed(join(folder, 'short.key'))).rejects.toThrow(/is damaged/)
    await writeFile(join(folder, 'open.key'), await readFile(path), { mode: 0o644 })
    await expect(loadSigningSeed(join(folder, 'open.key'))).rejects.toThrow(/can be read by others/)
    await expect(loadSigningSeed(folder)).rejects.toThrow(/Cannot read the signing key/)
    await expect(loadSigningSeed(join(path, 'below'))).rejects.toThrow(/signing key/)
  })
})

describe('the process of the sequencer', () => {
  const config = () => {
    const plain = testConfig(database)
    return {
      ...plain,
      audit: {
        ...plain.audit,
        signingKeyFile: join(folder, `${database.name}.key`),
        anchorFile: join(folder, `${database.name}.log`),
        isSequencerWanted: true,
      },
    }
  }

  it('integrates, encrypts, indexes and anchors, is started again when it is killed, and lets its last entries in when it ends', async () => {
    const settings = settingsOf(config(), [new Uint8Array(32).fill(3)])
    if (!settings) throw new Error('no settings')
    const child = new SequencerChild(settings, log)
    await write()
    await until('what was written to be published', isPublished)
    await until('the anchor', async () => (await readFile(join(folder, `${database.name}.log`), 'utf8').catch(() => '')).includes('===='))
    const pid = child.pid ?? 0
    process.kill(pid, 'SIGKILL')
    await until('another process', () => child.pid !== pid)
    await write()
    await until('the rest to be published', isPublished)
    await child[Symbol.asyncDispose]()
    expect(() => process.kill(child.pid ?? 0, 0)).toThrow(/ESRCH/)
    expect(errors.join('')).toContain('the sequencer ended and is started again')
  }, 60_000)

  it('is not started where nobody wants it or nobody could', async () => {
    const without = { ...config(), database: { ...config().database, sequencerUrl: null } }
    expect(await startSequencer({ log }, without)).toBeNull()
    expect(errors.join('')).toContain('DATABASE_SEQUENCER_URL is not set')
    expect(await startSequencer({ log }, { ...config(), audit: { ...config().audit, isSequencerWanted: false } })).toBeNull()
  })
})
