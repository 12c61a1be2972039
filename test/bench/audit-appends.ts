import pg from 'pg'
import { AuditWriter } from '../../server/audit/writer.ts'
import { readEntry } from './entries.ts'
import { bySize, formatCount, formatRange, type Measure } from './measure.ts'
import { median } from './statistics.ts'

const WAITERS = [1, 32, 64, 200]
const SHAPES = [
  { records: 1, name: 'small (1 record)', goal: 8_000 },
  { records: 40, name: '40 records', goal: 3_000 },
]

/** Appends through the writer that the gate uses: each waiter builds an entry, waits until it is durable, and goes on. */
export const appends: Measure = {
  name: 'appends',
  title: 'Appends per second',
  async run({ size, cluster, say }) {
    const rounds = bySize(size, { S: 2, M: 3, L: 5 })
    const seconds = bySize(size, { S: 0.5, M: 2, L: 4 })
    const pool = new pg.Pool({ connectionString: cluster.urls.appUrl, max: 1 })
    const writer = new AuditWriter(pool)
    const rows: string[][] = []
    const best = new Map<number, number>()
    try {
      for (const { records, name } of SHAPES) {
        for (const waiters of WAITERS) {
          await appendFor(writer, waiters, records, 0.3)
          const rates: number[] = []
          for (let round = 0; round < rounds; round += 1) rates.push(await appendFor(writer, waiters, records, seconds))
          best.set(records, Math.max(best.get(records) ?? 0, median(rates)))
          rows.push([name, String(waiters), formatCount(median(rates)), formatRange(rates)])
          say(`${name}, ${waiters} waiting: ${formatCount(median(rates))}/s`)
        }
      }
    } finally {
      await pool.end()
    }
    return {
      head: ['entries', 'waiting', 'median /s', 'range /s'],
      rows,
      notes: [`${rounds} rounds of ${seconds} s each; the entry is built, sent and durable (fsync) before it counts. One connection, group commit.`],
      goals: SHAPES.map(({ records, name, goal }) => ({
        text: `${name}: at least ${formatCount(goal)}/s (best ${formatCount(best.get(records) ?? 0)}/s)`,
        isMet: (best.get(records) ?? 0) >= goal,
      })),
    }
  },
}

async function appendFor(writer: AuditWriter, waiters: number, records: number, seconds: number): Promise<number> {
  const begun = performance.now()
  const until = begun + seconds * 1_000
  let done = 0
  const wait = async () => {
    while (performance.now() < until) {
      await writer.record(readEntry(records))
      done += 1
    }
  }
  await Promise.all(Array.from({ length: waiters }, wait))
  return done / ((performance.now() - begun) / 1_000)
}
