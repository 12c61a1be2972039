/** Lines that make up auditing, by file. A line that is not there any more is an error: the comparison would be of nothing. */
export const CUTS: Readonly<Record<string, readonly (readonly [line: string, instead: string])[]>> = {
  'server/operation.ts': [["if (this.committed > 0 && access.isEmpty() && this.outcome === 'ok' && !this.isReplay) return []", 'return []']],
  'server/transact.ts': [
    ["const rows = buildEntries({ operation, access: log, outcome: 'ok' })", ''],
    ["const entry = { name: 'audit_insert', text: INSERT_ENTRIES, values: [JSON.stringify(rows)] }", ''],
    [
      'await transaction.commit(key ? [storeResult(scope, key, result), entry] : [entry])',
      'await transaction.commit(key ? [storeResult(scope, key, result)] : [])',
    ],
  ],
  'server/audit/access-log.ts': [
    ['add(this.#reads, type, ids, fields)', ''],
    ['add(this.#changes, type, ids, fields)', ''],
  ],
}

export const BENCH_PREFIX = 'chiron_bench'

/** Throws unless this process was started by the benchmark, on a database that is the benchmark's. */
export function assertBenchmark(env: NodeJS.ProcessEnv): void {
  const database = URL.parse(env.DATABASE_URL ?? '')?.pathname.slice(1) ?? ''
  if (env.CHIRON_BENCH !== '1' || !database.startsWith(BENCH_PREFIX)) throw new Error('Auditing can be taken out in the benchmark alone.')
}

/** The source of a module without its lines of auditing; null for every other module. Throws when a line is not there exactly once. */
export function cutAudit(url: string, read: () => string): string | null {
  const file = Object.keys(CUTS).find((name) => url.endsWith(`/${name}`))
  if (file === undefined) return null
  return (CUTS[file] ?? []).reduce((source, [line, instead]) => {
    if (source.split(line).length !== 2) throw new Error(`${file} does not hold this line once, so that it cannot be taken out: ${line}`)
    return source.replace(line, () => instead)
  }, read())
}
