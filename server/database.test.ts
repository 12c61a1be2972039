import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SystemActor } from '../modules/kernel/actor.ts'
import { newId } from '../modules/kernel/ids.ts'
import { systemClock } from '../modules/kernel/time.ts'
import { TEMPLATE } from '../test/global-setup.ts'
import { testConfig } from '../test/harness.ts'
import { type ClonedDatabase, cloneDatabase } from '../test/postgres.ts'
import { insertOneOfEach, ROW } from '../test/schema-rows.ts'
import { createApp } from './app.ts'
import { assertCatalogueMatches } from './assert-catalogue.ts'
import { AccessLog } from './audit/access-log.ts'
import { Database } from './db.ts'
import type { Scope } from './scoped-query.ts'
import { transact } from './transact.ts'

let cloned: ClonedDatabase
let database: Database
let admin: pg.Client
const scope: Scope = { organisationId: ROW.organisation, clinicIds: [ROW.clinic], sharePatients: true }
const foreign: Scope = { organisationId: newId(), clinicIds: [ROW.clinic], sharePatients: true }

beforeAll(async () => {
  cloned = await cloneDatabase(TEMPLATE)
  admin = new pg.Client(cloned.adminUrl)
  await admin.connect()
  await insertOneOfEach(admin)
  database = new Database({ ...testConfig(cloned).database, poolSize: 3 }, () => {})
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await admin.end()
  await cloned.drop()
})

const clientName = async () => (await admin.query<{ name: string }>('SELECT name FROM client WHERE id = $1', [ROW.client])).rows[0]?.name

describe('a scope', () => {
  it('belongs to one statement: the next on the same connection has none of it', async () => {
    const reader = database.reader(scope, new AccessLog())
    const statement = { name: 'scoped_clients', text: 'SELECT id FROM client', values: [] }
    for (let round = 0; round < 10; round += 1) {
      expect(await reader.query(statement)).toEqual([{ id: ROW.client }])
      expect((await database.pool.query('SELECT id FROM client')).rows).toEqual([])
      expect(await database.reader(foreign, new AccessLog()).query(statement)).toEqual([])
    }
  })

  it('holds for statements of many callers at once, by Prisma and by hand', async () => {
    const read = async (wanted: Scope) => {
      const [byPrisma, byHand] = await Promise.all([
        database.prisma(wanted).client.findUnique({ where: { id: ROW.client } }),
        database
          .reader(wanted, new AccessLog())
          .query<{ id: string }>({ name: 'scoped_client', text: 'SELECT id FROM client WHERE id = $1', values: [ROW.client] }),
      ])
      return [byPrisma?.id ?? null, byHand[0]?.id ?? null]
    }
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => read(index % 2 === 0 ? scope : foreign)))
    for (const [index, answer] of answers.entries()) expect(answer).toEqual(index % 2 === 0 ? [ROW.client, ROW.client] : [null, null])
  })

  it('survives an SQL error on its connection', async () => {
    const reader = database.reader(scope, new AccessLog())
    const broken = { name: 'division', text: 'SELECT 1 / $1::int AS answer', values: [0] }
    for (let round = 0; round < 5; round += 1) await expect(reader.query(broken)).rejects.toThrow('division by zero')
    expect(await reader.query({ ...broken, values: [1] })).toEqual([{ answer: 1 }])
    await expect(reader.query({ name: 'wrong', text: 'SELECT nothing', values: [] })).rejects.toThrow('does not exist')
  })

  it('has a client for the length of a call: a thousand scopes need no more of them than there are connections', async () => {
    await using small = new Database({ ...testConfig(cloned).database, poolSize: 2 }, () => {})
    for (let index = 0; index < 20; index += 1) expect(await small.prisma({ ...scope, organisationId: newId() }).client.findMany()).toEqual([])
    expect(small.prismaClients).toBe(1)
    // Both connections are there: one alone may have answered all before another has been made.
    await Promise.all([0, 1].map(() => small.pool.query('SELECT pg_sleep(0.1)')))
    const at = (wanted: Scope) => small.prisma(wanted).client.findMany({ select: { id: true } })
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => at(index % 2 === 0 ? scope : foreign)))
    for (const [index, answer] of answers.entries()) expect(answer).toEqual(index % 2 === 0 ? [{ id: ROW.client }] : [])
    expect(small.prismaClients).toBe(2)
  })

  it('reads through models alone: raw SQL and transactions have doors of their own', async () => {
    const prisma = database.prisma(scope)
    expect(() => prisma.$queryRaw).toThrow('$queryRaw is no model')
    const nested = { data: { organisationId: scope.organisationId, name: 'Nested', countryCode: 'MX', patients: { create: [] } } }
    await expect(prisma.client.create(nested as never)).rejects.toThrow()
    // What failed leaves the client usable for the next.
    expect(await prisma.client.findMany({ select: { id: true } })).toEqual([{ id: ROW.client }])
  })
})

describe('transact', () => {
  const actor: SystemActor = {
    kind: 'system',
    name: 'test',
    organisationId: ROW.organisation,
    clinic: { id: ROW.clinic, name: 'Centro', timeZone: 'UTC', currency: 'MXN', countryCode: 'MX', locale: 'es-MX', opensMinute: 0, closesMinute: 1440 },
    sharePatients: true,
    staffId: null,
    locale: 'es-MX',
  }
  const options = () => ({
    database,
    scope,
    clock: systemClock,
    operation: {
      requestId: newId(),
      actor,
      origin: 'job' as const,
      name: 'rename',
      address: null,
      userAgent: null,
      documentHash: null,
      action: 'update' as const,
    },
  })
  const rename = (name: string) => ({ where: { id: ROW.client }, data: { name } })

  it('commits a change with its entry and its reason', async () => {
    const { operation, ...rest } = options()
    await transact({ ...rest, operation }, async (tx) => {
      await tx.prisma.client.updateMany(rename('Sol'))
      tx.changes('Client', [ROW.client], ['name'])
      tx.because('she asked')
      return null
    })
    expect(await clientName()).toBe('Sol')
    const { rows } = await admin.query('SELECT reason, operation, origin FROM audit.search WHERE request_id = $1', [operation.requestId])
    expect(rows).toEqual([{ reason: 'she asked', operation: 'rename', origin: 'job' }])
  })

  it('rolls back both when the command throws, and passes the error through', async () => {
    const { operation, ...rest } = options()
    const failure = new Error('no')
    await expect(
      transact({ ...rest, operation }, async (tx) => {
        await tx.prisma.client.updateMany(rename('Eva'))
        throw failure
      }),
    ).rejects.toBe(failure)
    expect(await clientName()).toBe('Sol')
    expect((await admin.query('SELECT FROM audit.search WHERE request_id = $1', [operation.requestId])).rowCount).toBe(0)
  })

  it.each(['40001', '40P01'])('repeats after %s with a fresh transaction, and gives up in the end', async (code) => {
    let attempts = 0
    const fail = (times: number) =>
      transact(options(), async (tx) => {
        attempts += 1
        if (attempts <= times)
          await tx.query({ name: 'raise', text: `SELECT raise_error($1)`, values: [code] }).catch(() => {
            throw Object.assign(new Error('retry'), { code })
          })
        await tx.prisma.client.updateMany(rename(`After ${attempts}`))
        return attempts
      })
    expect((await fail(2)).result).toBe(3)
    expect(await clientName()).toBe('After 3')
    attempts = 0
    await expect(fail(100)).rejects.toMatchObject({ code })
    expect(attempts).toBe(6)
  })

  it('resolves a real deadlock', async () => {
    const other = { where: { id: ROW.staff }, data: { name: 'Ana' } }
    const met = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const run = (index: number) => {
      let isFirst = true
      return transact(options(), async (tx) => {
        const steps = [() => tx.prisma.client.updateMany(rename('Deadlock')), () => tx.prisma.staffProfile.updateMany(other)]
        await steps[index]?.()
        met[index]?.resolve()
        if (isFirst) await met[1 - index]?.promise
        isFirst = false
        await steps[1 - index]?.()
        return index
      })
    }
    expect((await Promise.all([run(0), run(1)])).map(({ result }) => result)).toEqual([0, 1])
  })

  it('remembers under an idempotency key that there was no result', async () => {
    const once = () => transact({ ...options(), idempotency: { actorId: ROW.user, key: 'nothing-to-tell', path: 'p', input: {} } }, async () => null)
    expect([await once(), await once()]).toEqual([
      { result: null, isReplay: false },
      { result: null, isReplay: true },
    ])
  })

  it('forgets an idempotency key after 24 hours', async () => {
    const once = () => transact({ ...options(), idempotency: { actorId: ROW.user, key: 'a-day-ago-1', path: 'p', input: {} } }, async () => 1)
    await once()
    expect((await once()).isReplay).toBe(true)
    await admin.query("UPDATE idempotency_key SET created_at = now() - interval '24 hours 1 second' WHERE key = 'a-day-ago-1'")
    expect((await once()).isReplay).toBe(false)
  })
})

describe('starting', () => {
  it('refuses a database whose rights are not those of the code', async () => {
    await assertCatalogueMatches(database)
    await admin.query("INSERT INTO permission VALUES ('patient:fly', 'personal'); DELETE FROM permission WHERE code = 'time-off:approve'")
    await expect(createApp(testConfig(cloned))).rejects.toThrow('(missing: time-off:approve; unknown: patient:fly): run the migrations of this version.')
    await admin.query("DELETE FROM permission WHERE code = 'patient:fly'; INSERT INTO permission VALUES ('time-off:approve', 'personal')")
    await assertCatalogueMatches(database)
  })
})
