import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { withClient } from '../../../server/database/connection.ts'
import type { Section, Size } from '../measure.ts'
import { BenchDatabase } from './bench-database.ts'
import { Contender } from './contender.ts'
import { explainScans } from './explain.ts'
import { LoadGenerator } from './load-generator.ts'
import { OPERATION_NAMES, TITLES } from './operations.ts'

/** A table of more rows than this is never read from end to end. */
const LARGE = 10_000
const SECONDS = 3
/** Backends hand their counts in when they have been idle for a moment, at most once a second. */
const COUNTED_MS = 2_500

/** Sequential scans of large tables by what Chiron runs for each operation, functions and triggers included, counted by PostgreSQL while it runs. */
export async function countScans(size: Size, say: (line: string) => void): Promise<Section> {
  await using database = await BenchDatabase.start(size, say)
  await using chiron = await Contender.start('chiron', database)
  await using generator = await LoadGenerator.start(await database.readSource(size))
  const rows: string[][] = []
  const goals = []
  for (const name of OPERATION_NAMES) {
    await chiron.signIn()
    await sleep(COUNTED_MS)
    const before = await withClient(database.adminUrl, readScans)
    await chiron.statements()
    const { requests } = await generator.run(chiron, name, { connections: 4, seconds: SECONDS })
    await sleep(COUNTED_MS)
    const scanned = [...(await withClient(database.adminUrl, readScans))]
      .filter(([table, count]) => count > (before.get(table) ?? 0))
      .map(([table, count]) => `${table} (${count - (before.get(table) ?? 0)})`)
    const statements = await chiron.statements()
    const planned = [...(await explainScans(database, statements))].filter((table) => before.has(table))
    rows.push([TITLES[name], String(statements.length), planned.join(', ') || 'none', String(requests), scanned.join(', ') || 'none'])
    goals.push({
      text: `${TITLES[name]}: no sequential scan of a table of more than ${LARGE} rows, planned or run`,
      isMet: statements.length > 0 && planned.length === 0 && scanned.length === 0,
    })
    say(`  ${TITLES[name]}: ${scanned.join(', ') || 'none'} in ${requests} requests`)
  }
  return {
    head: ['operation', 'statements', 'planned scans of large tables', 'requests', 'scans that ran'],
    rows,
    notes: [
      `Planned: EXPLAIN of each statement that the operation sent, as the application's role. Run: counted in pg_stat_user_tables while ${SECONDS} s of it run, functions and triggers included.`,
    ],
    goals,
  }
}

async function readScans(client: pg.ClientBase): Promise<Map<string, number>> {
  const { rows } = await client.query<{ name: string; scans: string }>(
    `SELECT s.relid::regclass::text AS name, s.seq_scan::text AS scans FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE s.schemaname = 'public' AND c.reltuples > ${LARGE}`,
  )
  return new Map(rows.map(({ name, scans }) => [name, Number(scans)]))
}
