import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isFullRun } from './effort.ts'
import { count, mustBeZero } from './faults/fault.ts'
import { Lab } from './faults/lab.ts'
import { FAULTS, type Row, runFaults } from './faults/suites.ts'
import { mergeTable } from './faults/table.ts'

// The others are killed processes that take their time to start, a mounted filesystem and connections that must last: `npm run faults`.
// `processes` is never here: test/proxy.test.ts runs the same trials.
const SHORT: readonly string[] = ['kill-api', 'kill-postgres', 'pool', 'clock', 'same-key', 'slots', 'lot', 'bad-input']

let lab: Lab
beforeAll(async () => {
  lab = await Lab.start()
}, 120_000)
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]()
}, 60_000)

// Some rows have limits of time, which a machine that does other work at once may miss: a real fault misses them every time.
it('faults leave nothing half done, lose nothing and answer with what the caller can act upon', { retry: 2, timeout: 900_000 }, async () => {
  const seed = Math.floor(Math.random() * 1_000_000)
  const said: string[] = []
  const faults = FAULTS.filter(({ name }) => SHORT.includes(name) || (isFullRun && name !== 'processes'))
  const rows = await runFaults(faults, { seed, isQuick: true, lab, say: (line) => said.push(line) })
  const wrong = rows.flatMap(({ name, violations }) => violations.map(({ label, count: found }) => `${name}: ${found} ${label}`))
  expect({ seed, wrong, said: wrong.length > 0 ? said : [] }).toEqual({ seed, wrong: [], said: [] })
  for (const { name, times } of rows) expect([name, times > 0]).toEqual([name, true])
})

// Last: what these do to the laboratory's database, others would find as well.
it('finds keys that are committed ahead of their effect, and texts that cannot be stored and are', async () => {
  const find = async (plants: readonly string[], names: readonly string[]) => {
    await lab.plant(plants)
    const faults = FAULTS.filter(({ name }) => names.includes(name))
    const rows = await runFaults(faults, { seed: 1, isQuick: true, lab, say: () => {} })
    return rows.flatMap(({ name, violations }) => violations.map(({ label }) => `${name}: ${label}`))
  }
  expect(await find(['early-key', 'lenient-json'], ['same-key', 'bad-input'])).toEqual(
    expect.arrayContaining(['same-key: answers unlike the first', 'bad-input: bad inputs that were taken', 'bad-input: rows stored or changed']),
  )
}, 240_000)

it('a fault that throws, or counts anything that is no number, is a violation', async () => {
  const row = (lines: Row['lines'], violations: Row['violations']): Row => ({ name: 'x', title: 'planted', times: 1, lines, violations, seconds: 1 })
  const lines = [count('seen', 3), mustBeZero('lost', Number.NaN)]
  const document = 'before\n<!-- bench:faults -->\n| other | 1 | as it was | 0 | 1 s | 2 |\n<!-- /bench:faults -->\nafter\n'
  const merged = mergeTable(document, [row(lines, [mustBeZero('lost', Number.NaN)])], 7, ['planted', 'other'])
  expect(merged).toContain('| planted | 1 | seen: 3; 1 checks | 1 | 1 s | 7 |\n| other | 1 | as it was | 0 | 1 s | 2 |\n<!-- /bench:faults -->')
  // The document has the place that `--write` fills.
  expect(await readFile(new URL('../docs/performance.md', import.meta.url), 'utf8')).toContain('<!-- bench:faults -->')
})
