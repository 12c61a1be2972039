import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import { IdempotencyMismatchError, NotFoundError } from '../modules/kernel/errors.ts'
import { newId } from '../modules/kernel/ids.ts'
import { systemClock } from '../modules/kernel/time.ts'
import { TEMPLATE } from '../test/global-setup.ts'
import { testConfig } from '../test/harness.ts'
import { type ClonedDatabase, cloneDatabase } from '../test/postgres.ts'
import { insertOneOfEach, ROW } from '../test/schema-rows.ts'
import type { AccessLog } from './audit/access-log.ts'
import { Database } from './db.ts'
import type { Scope } from './scoped-query.ts'
import { SessionCheck, SessionOutdatedError } from './session-check.ts'
import { type TransactOptions, transact } from './transact.ts'

let cloned: ClonedDatabase
let database: Database
let admin: pg.Client
const scope: Scope = { organisationId: ROW.organisation, clinicIds: [ROW.clinic], sharePatients: true }

beforeAll(async () => {
  cloned = await cloneDatabase(TEMPLATE)
  admin = new pg.Client(cloned.adminUrl)
  await admin.connect()
  await insertOneOfEach(admin)
  database = new Database({ ...testConfig(cloned).database, poolSize: 4 }, () => {})
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await admin.end()
  await cloned.drop()
})

const actor: SystemActor = {
  kind: 'system',
  name: 'test',
  organisationId: ROW.organisation,
  clinic: { id: ROW.clinic, name: 'Centro', timeZone: 'UTC', currency: 'MXN', countryCode: 'MX', locale: 'es-MX', opensMinute: 0, closesMinute: 1440 },
  sharePatients: true,
  staffId: null,
  locale: 'es-MX',
}

function options(more: Partial<TransactOptions> = {}): TransactOptions {
  const operation = {
    requestId: newId(),
    actor,
    origin: 'job' as const,
    name: 'test',
    address: null,
    userAgent: null,
    documentHash: null,
    action: 'update' as const,
  }
  return { database, scope, clock: systemClock, operation, ...more }
}
const keyed = (key: string, input: object = {}) => ({ idempotency: { actorId: ROW.user, key, path: 'p', input: { ...input } } })

/** One more client of a name: an effect that can be counted. */
function addClient(tx: Tx, name: string): Promise<object[]> {
  return tx.query({
    name: 'test_add_client',
    text: `INSERT INTO client (organisation_id, name, phone, updated_at) VALUES ($1::uuid, $2, '1', now()) RETURNING id`,
    values: [ROW.organisation, name],
  })
}
const count = async (name: string) => (await admin.query('SELECT FROM client WHERE name = $1', [name])).rowCount
const entries = async () => (await admin.query("SELECT FROM audit.entry WHERE source = 'api'")).rowCount
const FAIL = { name: 'test_fail', text: 'SELECT 1 / $1::int', values: [0] }

describe('a key that is taken', () => {
  const first = (key: string) =>
    transact(options(keyed(key)), async (tx) => {
      await addClient(tx, key)
      return { said: 'first' }
    })

  it.each<[name: string, command: (tx: Tx, name: string) => Promise<unknown>]>([
    ['writes', (tx, name) => addClient(tx, name)],
    ['writes through Prisma', (tx, name) => tx.prisma.client.updateMany({ where: { id: ROW.client }, data: { name } })],
    ['reads', (tx) => tx.prisma.client.findMany()],
    ['throws before its first statement', () => Promise.reject(new NotFoundError('Client'))],
    [
      'throws in its first step',
      () => {
        throw new NotFoundError('Client')
      },
    ],
    ['throws after it', (tx, name) => addClient(tx, name).finally(() => Promise.reject(new NotFoundError('Client')))],
    ['fails by itself', (tx) => tx.query(FAIL)],
    ['catches its failures and goes on', (tx, name) => addClient(tx, name).catch(() => addClient(tx, name).catch(() => 'gone on'))],
    ['requires what fails', async (tx, name) => tx.requires(addClient(tx, name))],
    ['asks for nothing', async () => null],
  ])('answers what it was answered before, whatever the command does: it %s', async (kind, command) => {
    const key = `taken ${kind}`
    expect(await first(key)).toEqual({ result: { said: 'first' }, isReplay: false })
    const before = await entries()
    const seen: AccessLog[] = []
    const again = await transact(options({ ...keyed(key), onRollback: (log) => void seen.push(log) }), async (tx) => {
      tx.reads('Client', [ROW.client], ['name'])
      await command(tx, key)
      return { said: 'again' }
    })
    expect(again).toEqual({ result: { said: 'first' }, isReplay: true })
    // The change is there once, and neither a change nor a read of the second attempt is told of.
    expect([await count(key), seen, await entries()]).toEqual([1, [], before])
    expect((await admin.query('SELECT FROM client WHERE id = $1 AND name = $2', [ROW.client, key])).rowCount).toBe(0)
  })

  it('shows the command nothing', async () => {
    await first('shows nothing')
    const outcomes: string[] = []
    await transact(options(keyed('shows nothing')), async (tx) => {
      for (const run of [() => addClient(tx, 'x'), () => tx.query({ name: 'test_one', text: 'SELECT 1 AS one', values: [] })])
        await run().then(
          () => outcomes.push('shown'),
          ({ code }) => outcomes.push(code),
        )
      return null
    })
    expect(outcomes).toEqual(['25P02', '25P02'])
  })

  it('reads no answer', async () => {
    await first('reads no answer')
    const answered: unknown[] = []
    const run = () =>
      transact(
        options(keyed('reads no answer')),
        async () => ({ said: 'again' }),
        async (tx) => void answered.push(await tx.query({ name: 'test_one', text: 'SELECT 1 AS one', values: [] })),
      )
    expect([await run(), answered]).toEqual([{ result: { said: 'first' }, isReplay: true }, []])
  })

  it.each<[name: string, command: (tx: Tx) => Promise<null>]>([
    ['throws at once', () => Promise.reject(new NotFoundError('Client'))],
    ['writes', (tx) => addClient(tx, 'mismatch').then(() => null)],
  ])('with another input is refused as such, when the command %s', async (kind, command) => {
    await first(`mismatch ${kind}`)
    const seen: AccessLog[] = []
    const again = transact(options({ ...keyed(`mismatch ${kind}`, { other: 1 }), onRollback: (log) => void seen.push(log) }), command)
    await expect(again).rejects.toBeInstanceOf(IdempotencyMismatchError)
    expect([await count('mismatch'), seen]).toEqual([0, []])
  })

  it('is free again when the command failed, which is how it fails', async () => {
    const seen: AccessLog[] = []
    const fails = options({ ...keyed('fails first'), onRollback: (log) => void seen.push(log) })
    await expect(
      transact(fails, async (tx) => {
        await addClient(tx, 'fails first')
        tx.reads('Client', [ROW.client], ['name'])
        throw new NotFoundError('Client')
      }),
    ).rejects.toBeInstanceOf(NotFoundError)
    expect(seen.map((log) => log.summary().ids)).toEqual([[ROW.client]])
    expect(await first('fails first')).toMatchObject({ isReplay: false })
    expect(await count('fails first')).toBe(1)
  })

  it('fifty times at once is one effect and one answer', async () => {
    let runs = 0
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        transact(options(keyed('fifty at once')), async (tx) => {
          await addClient(tx, 'fifty at once')
          runs += 1
          return runs
        }),
      ),
    )
    expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1)
    expect([new Set(answers.map(({ result }) => result)).size, runs, await count('fifty at once')]).toEqual([1, 1, 1])
  })

  it('waits for the one that has it, and takes it over when that one fails', async () => {
    const [holds, fails] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const holder = transact(options(keyed('taken over')), async (tx) => {
      await addClient(tx, 'taken over')
      holds.resolve()
      await fails.promise
      throw new NotFoundError('Client')
    })
    await holds.promise
    const next = first('taken over')
    fails.resolve()
    await expect(holder).rejects.toBeInstanceOf(NotFoundError)
    expect([await next, await count('taken over')]).toEqual([{ result: { said: 'first' }, isReplay: false }, 1])
  })

  it('is free again when the connection breaks between the effect and the commit', async () => {
    const broken = transact(options(keyed('broken off')), async (tx) => {
      await addClient(tx, 'broken off')
      const [backend] = await tx.query<{ pid: number }>({ name: 'test_pid', text: 'SELECT pg_backend_pid() AS pid', values: [] })
      await admin.query('SELECT pg_terminate_backend($1, 5000)', [backend?.pid])
      return { said: 'never' }
    })
    await expect(broken).rejects.toThrow()
    expect(await count('broken off')).toBe(0)
    expect([await first('broken off'), await first('broken off')].map(({ isReplay }) => isReplay)).toEqual([false, true])
    expect(await count('broken off')).toBe(1)
  })

  it('is looked for anew when it has been forgotten meanwhile', async () => {
    await first('forgotten')
    let isFirst = true
    const again = await transact(options(keyed('forgotten')), async (tx) => {
      if (isFirst) await admin.query("DELETE FROM idempotency_key WHERE key = 'forgotten'")
      isFirst = false
      await addClient(tx, 'forgotten')
      return { said: 'anew' }
    })
    expect([again, await count('forgotten')]).toEqual([{ result: { said: 'anew' }, isReplay: false }, 2])
  })
})

describe('a session that is not what it was', () => {
  it.each<[name: string, command: (tx: Tx) => Promise<null>]>([
    ['throws at once', () => Promise.reject(new NotFoundError('Client'))],
    ['writes', (tx) => addClient(tx, 'outdated').then(() => null)],
    [
      'goes on regardless',
      (tx) =>
        addClient(tx, 'outdated')
          .catch(() => addClient(tx, 'outdated').catch(() => null))
          .then(() => null),
    ],
  ])('ends the operation before the command says anything: it %s', async (kind, command) => {
    const check = new SessionCheck({ sessionId: ROW.session, version: '0', now: new Date(), idleMs: 900_000 })
    await expect(transact(options({ ...keyed(`outdated ${kind}`), check }), command)).rejects.toBeInstanceOf(SessionOutdatedError)
    expect(await count('outdated')).toBe(0)
    expect((await admin.query('SELECT FROM idempotency_key WHERE key = $1', [`outdated ${kind}`])).rowCount).toBe(0)
  })
})

describe('what a command requires', () => {
  it('is waited for, and told of, before the commit', async () => {
    const settings = options()
    await transact(settings, async (tx) => {
      tx.requires(
        addClient(tx, 'required').then(async () => {
          tx.requires(addClient(tx, 'required').then(() => tx.changes('Client', [ROW.client], ['name'])))
        }),
      )
      return null
    })
    expect(await count('required')).toBe(2)
    const { rows } = await admin.query('SELECT record_ids FROM audit.search WHERE request_id = $1', [settings.operation.requestId])
    expect(rows).toEqual([{ record_ids: [ROW.client] }])
  })

  it.each([
    ['the command itself succeeds', (): Promise<null> => Promise.resolve(null)],
    ['the command fails of it', (tx: Tx) => tx.query(FAIL).then(() => null)],
  ])('fails the command with its own error when %s', async (_name, rest) => {
    const refused = new NotFoundError('Client')
    const seen: AccessLog[] = []
    const run = transact(
      options({ onRollback: (log) => void seen.push(log) }),
      (tx) => {
        tx.requires(
          tx.query(FAIL).catch(() => {
            throw refused
          }),
        )
        tx.reads('Client', [ROW.client], ['name'])
        return rest(tx)
      },
      async (tx) => tx.reads('Patient', [ROW.patient], ['name']),
    )
    await expect(run).rejects.toBe(refused)
    // What the answer would have shown was never there.
    expect(seen.map((log) => log.summary().types)).toEqual([['Client']])
  })

  it('leaves together with the answer that follows it: three round trips in all', async () => {
    const batches: (readonly string[])[] = []
    const { query } = pg.Client.prototype
    pg.Client.prototype.query = function (this: pg.Client, ...given: any[]) {
      if (given[0]?.statements) batches.push(given[0].statements)
      return Reflect.apply(query, this, given)
    }
    try {
      await transact(
        options(keyed('three trips')),
        async (tx) => {
          await tx.query({ name: 'test_facts', text: 'SELECT 1', values: [] })
          tx.requires(addClient(tx, 'required'))
          return null
        },
        async (tx) => void (await tx.query({ name: 'test_answer', text: "SELECT id FROM client WHERE name = 'required'", values: [] })),
      )
    } finally {
      pg.Client.prototype.query = query
    }
    expect(batches).toEqual([
      ['chiron_begin', 'chiron_transaction', 'claim_idempotency_key', 'test_facts'],
      ['test_add_client', 'test_answer'],
      ['store_idempotent_result', 'audit_insert', 'chiron_commit'],
    ])
  })
})
