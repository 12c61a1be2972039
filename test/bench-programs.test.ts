import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { assertBenchmark, CUTS, cutAudit } from './bench/cut-audit.ts'
import { replaceBetween } from './bench/report.ts'
import { interval95, median, percentile, studentT975 } from './bench/statistics.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PRELOAD = new URL('./bench/without-audit.ts', import.meta.url).href
const BENCH_DATABASE = 'postgresql://chiron_app:x@127.0.0.1:1/chiron_bench_off'

describe('what takes auditing out for the benchmark', () => {
  it.each([
    ['outside the benchmark', { DATABASE_URL: BENCH_DATABASE }],
    ['on another database', { CHIRON_BENCH: '1', DATABASE_URL: 'postgresql://chiron_app:x@127.0.0.1:1/chiron' }],
    ['on the embedded database', { CHIRON_BENCH: '1' }],
  ])('refuses to be loaded %s', (_where, env) => {
    const { status, stderr } = spawnSync(process.execPath, [`--import=${PRELOAD}`, '--eval', ''], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, expect.stringContaining('in the benchmark alone')])
  })

  it('is loaded in the benchmark', () => {
    expect(() => assertBenchmark({ CHIRON_BENCH: '1', DATABASE_URL: BENCH_DATABASE })).not.toThrow()
  })

  it.each(Object.keys(CUTS))('finds its lines in %s, and says so when one has changed', (file) => {
    const source = readFileSync(join(ROOT, file), 'utf8')
    const cut = cutAudit(`file:///anywhere/${file}`, () => source)
    expect(cut?.length).toBeLessThan(source.length)
    expect(() => cutAudit(`file:///anywhere/${file}`, () => cut ?? '')).toThrow(/cannot be taken out/)
  })

  it('is known to nothing in the product', () => {
    const known = ['server', 'modules', 'schema', 'bin', 'demo'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => /CHIRON_BENCH|without-audit|cut-audit/.test(readFileSync(path, 'utf8'))),
    )
    expect(known).toEqual([])
  })
})

describe('statistics of the benchmark', () => {
  it.each([
    [5, 2.571],
    [10, 2.228],
    [19, 2.093],
    [29, 2.045],
    [1_000, 1.962],
  ])("know Student's t for %i degrees of freedom", (degrees, expected) => {
    expect(studentT975(degrees)).toBeCloseTo(expected, 2)
  })

  it('give medians, percentiles and intervals', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), percentile([10, 20, 30], 75)]).toEqual([2, 2.5, 25])
    const { mean, low, high } = interval95([1, 2, 3, 4, 5, 6])
    // Six values: t(5) = 2.571, standard deviation 1.8708.
    expect([mean, low, high].map((value) => value.toFixed(2))).toEqual(['3.50', '1.54', '5.46'])
  })
})

describe('the report of the benchmark', () => {
  const DOCUMENT = 'before\n<!-- bench:audit:x -->\nold\n<!-- /bench:audit:x -->\nafter\n'

  it('replaces its own section alone', () => {
    expect(replaceBetween(DOCUMENT, 'audit:x', 'new')).toBe(DOCUMENT.replace('old', 'new'))
    expect(() => replaceBetween(DOCUMENT, 'audit:y', 'new')).toThrow(/no markers/)
  })
})
