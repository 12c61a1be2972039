import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cut, RBAC_CUTS, RLS_CUTS } from './bench/compare/guard-cuts.ts'
import { assertBenchmark, CUTS, cutAudit } from './bench/cut-audit.ts'
import { bucketsBetween, quantile } from './bench/load-figures.ts'
import { replaceBetween } from './bench/report.ts'
import { interval95, median, percentile, studentT975 } from './bench/statistics.ts'
import { parseExposition } from './exposition.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PRELOADS = ['without-audit.ts', 'compare/without-rbac.ts', 'compare/without-rls.ts']
const BENCH_DATABASE = 'postgresql://chiron_app:x@127.0.0.1:1/chiron_bench_off'

const REFUSED: readonly (readonly [where: string, env: Record<string, string>])[] = [
  ['outside the benchmark', { DATABASE_URL: BENCH_DATABASE }],
  ['on another database', { CHIRON_BENCH: '1', DATABASE_URL: 'postgresql://chiron_app:x@127.0.0.1:1/chiron' }],
  ['on the embedded database', { CHIRON_BENCH: '1' }],
]

/** The modules in which the product holds what is cut, loaded as the benchmark does. */
const CUT_MODULES = [...Object.keys(CUTS), ...Object.keys(RBAC_CUTS), ...Object.keys(RLS_CUTS)]
const run = (preload: string, env: Record<string, string>, script = '') =>
  spawnSync(process.execPath, [`--import=${new URL(`./bench/${preload}`, import.meta.url).href}`, '--input-type=module', '--eval', script], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  })

describe.each(PRELOADS)('what takes a guard out for the benchmark: %s', (preload) => {
  it.each(REFUSED)('refuses to be loaded %s', (_where, env) => {
    const { status, stderr } = run(preload, env)
    expect([status, stderr]).toEqual([1, expect.stringContaining('in the benchmark alone')])
  })

  it('leaves modules that load', () => {
    const script = CUT_MODULES.map((file) => `await import(${JSON.stringify(new URL(file, `file://${ROOT}`).href)})`).join('\n')
    const { status, stderr } = run(preload, { CHIRON_BENCH: '1', DATABASE_URL: BENCH_DATABASE }, script)
    expect([status, stderr]).toEqual([0, ''])
  })
})

describe('what takes auditing out for the benchmark', () => {
  it('is loaded in the benchmark', () => {
    expect(() => assertBenchmark({ CHIRON_BENCH: '1', DATABASE_URL: BENCH_DATABASE })).not.toThrow()
  })

  it.each(Object.keys(CUTS))('finds its lines in %s, and says so when one has changed', (file) => {
    const source = readFileSync(join(ROOT, file), 'utf8')
    const cut = cutAudit(`file:///anywhere/${file}`, () => source)
    expect(cut?.length).toBeLessThan(source.length)
    expect(() => cutAudit(`file:///anywhere/${file}`, () => cut ?? '')).toThrow(/cannot be taken out/)
  })

  it.each([RBAC_CUTS, RLS_CUTS].flatMap((cuts) => Object.keys(cuts).map((file) => [file, cuts[file] ?? []] as const)))(
    'finds the lines of other guards in %s, and says so when one has changed',
    (file, lines) => {
      const source = readFileSync(join(ROOT, file), 'utf8')
      const left = cut(file, source, lines)
      expect(left.length).toBeLessThan(source.length)
      expect(() => cut(file, left, lines)).toThrow(/cannot be taken out/)
    },
  )

  it('is known to nothing in the product', () => {
    const known = ['server', 'modules', 'schema', 'bin', 'demo'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => /CHIRON_BENCH|without-(audit|rbac|rls)|cut-audit|guard-cuts/.test(readFileSync(path, 'utf8'))),
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

describe('figures of the load test', () => {
  const scrape = (counts: readonly number[]) =>
    parseExposition(
      `# TYPE t histogram\n${counts.map((count, index) => `t_bucket{a="x",le="${[1, 2, '+Inf'][index]}"} ${count}\n`).join('')}t_sum{a="x"} 0\nt_count{a="x"} ${counts.at(-1)}\n`,
    )

  it('come from what was counted between two scrapes', () => {
    expect([...bucketsBetween(scrape([5, 5, 5]), scrape([15, 25, 25]), 't')]).toEqual([
      [1, 10],
      [2, 20],
      [Number.POSITIVE_INFINITY, 20],
    ])
  })

  it.each([
    [[10, 20, 20], 0.5, 1],
    [[10, 20, 20], 0.75, 1.5],
    [[10, 10, 20], 0.95, 2],
    [[0, 0, 0], 0.95, null],
  ])('of %j: the %d quantile is %d', (counts, share, expected) => {
    expect(quantile(bucketsBetween(scrape([0, 0, 0]), scrape(counts), 't'), share)).toBe(expected)
  })
})

describe('the reader of expositions', () => {
  it.each([
    ['a line that is none', '# TYPE a gauge\na\n', /no sample/],
    ['a sample without a type', 'a 1\n', /no type/],
    ['a series that comes twice', '# TYPE a gauge\na 1\na 2\n', /comes twice/],
    ['labels that are none', '# TYPE a gauge\na{b=1} 1\n', /no labels/],
    ['buckets that fall', '# TYPE t histogram\nt_bucket{le="1"} 2\nt_bucket{le="+Inf"} 1\nt_sum 0\nt_count 1\n', /fall/],
    ['a count of something else', '# TYPE t histogram\nt_bucket{le="+Inf"} 1\nt_sum 0\nt_count 2\n', /counts something else/],
    ['an end that is missing', '# TYPE a gauge\na 1', /no end/],
  ])('refuses %s', (_case, text, message) => {
    expect(() => parseExposition(text)).toThrow(message)
  })
})
