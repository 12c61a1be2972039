import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Tx } from '../modules/kernel/db.ts'
import { SessionCheck, SessionOutdatedError } from '../server/session-check.ts'
import { transact } from '../server/transact.ts'
import { type Harness, startHarness } from './harness.ts'
import { actorOf } from './operations.ts'
import { buildOrganisation, type WorldOrganisation } from './world.ts'

let harness: Harness
let admin: pg.Client
let alfa: WorldOrganisation
let beta: WorldOrganisation

beforeAll(async () => {
  // One connection, so that what a transaction leaves behind meets the next one.
  harness = await startHarness()
  alfa = await buildOrganisation(harness.app, 'alfa', [{}])
  beta = await buildOrganisation(harness.app, 'beta', [{}])
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  harness.app.database.pool.options.max = 1
})
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const run = <T extends null | string>(org: WorldOrganisation, command: (tx: Tx) => Promise<T>) =>
  harness.app.asSystem(actorOf(org), 'cli', 'test', (tx) => command(tx))
const COUNT = { name: 'count_clients', text: 'SELECT count(*)::int AS count FROM client', values: [] }
const countIn = (tx: Tx) => tx.query<{ count: number }>(COUNT)

/** What a command's own branch, left running when the command failed, gets once another tenant's transaction is open. */
async function leaveRunning(branch: (tx: Tx) => Promise<unknown>, isPrisma: boolean): Promise<PromiseSettledResult<unknown>> {
  const gate = Promise.withResolvers<void>()
  let left: Promise<unknown> = Promise.resolve()
  const failed = run(alfa, async (tx) => {
    await (isPrisma ? tx.prisma.client.count() : countIn(tx))
    left = gate.promise.then(() => branch(tx))
    left.catch(() => {})
    throw new Error('the command fails')
  })
  await expect(failed).rejects.toThrow('the command fails')
  return run(beta, async (tx) => {
    await (isPrisma ? tx.prisma.client.count() : countIn(tx))
    gate.resolve()
    const [settled] = await Promise.allSettled([left])
    seen = settled
    // The transaction that was met goes on as if nothing had been.
    expect((await countIn(tx))[0]?.count).toBe(0)
    expect(await tx.prisma.client.count()).toBe(0)
    return null
  }).then(() => seen)
}
let seen: PromiseSettledResult<unknown>

describe('what a failed command leaves running', () => {
  it.each<[name: string, branch: (tx: Tx) => Promise<unknown>, isPrisma: boolean]>([
    ['its statements', countIn, false],
    ["Prisma's reads", (tx) => tx.prisma.client.count(), true],
    ["Prisma's reads, when the command has used none", (tx) => tx.prisma.client.count(), false],
    ["Prisma's writes", (tx) => tx.prisma.client.updateMany({ data: { name: 'of another' } }), true],
  ])('reaches no other transaction: %s', async (_name, branch, isPrisma) => {
    expect(await leaveRunning(branch, isPrisma)).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('has ended') } })
  })
})

describe('a transaction without a statement of its own', () => {
  it('commits nothing, not even its entry, when the session has ended', async () => {
    const { database, clock } = harness.app
    const actor = actorOf(alfa)
    const scope = { organisationId: alfa.id, clinicIds: [actor.clinic.id], sharePatients: true }
    const check = new SessionCheck({ sessionId: alfa.id, version: '0', now: clock.now(), idleMs: 900_000 })
    const entries = async () => (await admin.query("SELECT FROM audit.entry WHERE source = 'api'")).rowCount
    const before = await entries()
    const operation = {
      requestId: alfa.id,
      actor,
      origin: 'cli' as const,
      address: null,
      userAgent: null,
      name: 'nothing',
      documentHash: null,
      action: 'update' as const,
    }
    await expect(transact({ database, scope, check, operation, clock }, async () => null)).rejects.toBeInstanceOf(SessionOutdatedError)
    expect(await entries()).toBe(before)
  })
})
