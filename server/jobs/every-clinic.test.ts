import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Harness, startHarness } from '../../test/harness.ts'
import { buildOrganisation, type WorldOrganisation } from '../../test/world.ts'
import type { Database } from '../db.ts'
import { atEveryClinic } from './every-clinic.ts'

let harness: Harness
let org: WorldOrganisation

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa', [{}, {}, {}])
})
afterAll(() => harness[Symbol.asyncDispose]())

/** The database, which gives no connection the first time that somebody asks for one to read a clinic. */
function failingOnce(): Database {
  const { pool } = harness.app.database
  let asked = 0
  const connect = async () => {
    asked += 1
    if (asked === 1) throw new Error('no connection')
    return pool.connect()
  }
  return { pool: { query: (text: string) => pool.query(text), connect } } as unknown as Database
}

it('goes on to the other clinics when one cannot be read, and when the work at one fails, and tells of both at the end', async () => {
  const reached: string[] = []
  const run = atEveryClinic(failingOnce(), 'test', new AbortController().signal, async ({ clinic }) => {
    reached.push(clinic.id)
    if (reached.length === 1) throw new Error('not here')
  })
  await expect(run).rejects.toMatchObject({ errors: [{ message: 'no connection' }, { message: 'not here' }] })
  expect(reached).toHaveLength(2)
  expect(org.clinics.map(({ id }) => id)).toEqual(expect.arrayContaining(reached))
})
