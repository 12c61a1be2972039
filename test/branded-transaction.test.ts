import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type NewInvoice, postInvoice } from '../modules/billing/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Db, Tx } from '../modules/kernel/db.ts'
import { createClient, type NewClient } from '../modules/patients/index.ts'
import { type Booking, bookAppointment } from '../modules/scheduling/index.ts'
import type { PrismaClient } from '../prisma/client/client.ts'

// Each line below would compile if the brand of `Tx` were lost, and tsc then reports the unused expectation.
const run = promisify(execFile)

declare const actor: SystemActor
declare const client: NewClient
declare const invoice: NewInvoice
declare const booking: Booking

function planted(db: Db, prisma: PrismaClient, tx: Tx): unknown[] {
  // What has the members of a transaction without being one.
  const disguised = { ...db, clock: tx.clock, changes: tx.changes, because: tx.because }
  return [
    // @ts-expect-error Reading is not writing: an operation's Db does not reach a command.
    createClient(db, actor, client),
    // @ts-expect-error The plain client has no transaction.
    createClient(prisma, actor, client),
    // @ts-expect-error Prisma's own transaction reports nothing to the audit trail.
    createClient({ ...db, prisma }, actor, client),
    // @ts-expect-error Nobody can build a transaction by hand.
    createClient(disguised, actor, client),
    // @ts-expect-error So for every module's commands.
    postInvoice(db, actor, invoice),
    // @ts-expect-error So for every module's commands.
    bookAppointment(prisma, actor, booking),
    createClient(tx, actor, client),
  ]
}

/** What the compiler says of this file's copy, changed, outside the tree. */
async function compile(change: (source: string) => string): Promise<string[]> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const folder = await mkdtemp(join(tmpdir(), 'chiron-types-'))
  try {
    const source = change(await readFile(fileURLToPath(import.meta.url), 'utf8'))
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    await writeFile(join(folder, 'planted.ts'), source.replaceAll("from '../", `from '${root}`))
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['planted.ts'] }))
    const { stdout } = await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch((error: { stdout: string }) => error)
    return stdout.split('\n').filter((line) => line.includes('error TS'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describe('an open transaction', () => {
  it('is what commands demand, and nothing else passes for one', async () => {
    expect(planted).toHaveLength(3)
    expect(await compile((source) => source)).toEqual([])
  }, 60_000)

  it('is refused by its type: without the expectations each of the six calls fails to compile', async () => {
    const errors = await compile((source) => source.replaceAll(/^ *\/\/ @ts-expect-error.*$/gm, ''))
    expect(errors.map((line) => /error (TS\d+)/.exec(line)?.[1])).toEqual(Array.from({ length: 6 }, () => 'TS2345'))
  }, 60_000)
})
