import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LeanPool } from './lean-pool.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron-lean-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const lab = { cluster: { urls: { adminUrl: '', appUrl: '', auditorUrl: '', sequencerUrl: '' } } }
/** A pool of programs of which the first `failing` end with code 1. */
const poolOf = async (name: string, spares: number, failing: number, then: string) => {
  const program = join(folder, `${name}.mjs`)
  await writeFile(
    program,
    `import { mkdirSync } from 'node:fs'
    for (let turn = 0; ; turn += 1) {
      try { mkdirSync(import.meta.filename + turn) } catch { continue }
      if (turn < ${failing}) process.exit(1)
      break
    }
    ${then}`,
  )
  return new LeanPool(lab, spares, program)
}
const SERVE = "process.send({ url: 'http://served' }); setInterval(() => {}, 1_000)"

it('gives an API that serves, however many of those before it did not start', async () => {
  await using pool = await poolOf('late', 0, 4, SERVE)
  const api = await pool.take()
  expect([api.url, api.isAlive(), pool.failures]).toEqual(['http://served', true, 4])
  await api.kill()
  expect(api.isAlive()).toBe(false)
})

it('does not give one that has ended while it waited', async () => {
  const gone = join(folder, 'gone')
  // The first two serve and end, which is what a spare may do.
  await using pool = await poolOf(
    'brief',
    1,
    0,
    `process.send({ url: 'http://served' }, () => {
      mkdirSync('${gone}', { recursive: true })
      try { mkdirSync('${gone}/1') } catch { try { mkdirSync('${gone}/2') } catch { return void setInterval(() => {}, 1_000) } }
      process.exit(0)
    })`,
  )
  await pool.take()
  // Until this process knows that both have ended.
  while (pool.size > 0) await sleep(20)
  const second = await pool.take()
  expect([second.isAlive(), pool.failures]).toEqual([true, 1])
})

it('gives up when none starts', async () => {
  await using pool = await poolOf('never', 1, 100, SERVE)
  await expect(pool.take()).rejects.toThrow('an API ended with 1 before it served')
  expect(pool.failures).toBe(5)
})
