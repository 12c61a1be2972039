import pg from 'pg'
import { integrate } from '../../server/audit/sequencer/integrate.ts'
import { AuditWriter } from '../../server/audit/writer.ts'
import { withClient } from '../../server/database/connection.ts'
import type { Cluster } from '../own-cluster.ts'
import { CLINIC, insertValidEntries } from './entries.ts'
import { bySize, formatCount, formatRange, type Measure, timed } from './measure.ts'
import { appendSteadily } from './paced.ts'
import { startSequencerBeside } from './sequencer-beside.ts'
import { median } from './statistics.ts'

const CLINICS = [CLINIC, ...[2, 3, 4].map((n) => `01900000-0000-7000-8000-00000000c00${n}`)]
const BURN_GOAL = 30_000
const RATES = [1_000, 5_000]

/** Integration of a backlog, without anything beside it. */
export const burnDown: Measure = {
  name: 'burn-down',
  title: 'Integration of a backlog',
  async run({ size, cluster, say }) {
    const leaves = bySize(size, { S: 20_000, M: 100_000, L: 300_000 })
    const rounds = bySize(size, { S: 2, M: 3, L: 3 })
    const rates: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      await withClient(cluster.urls.adminUrl, async (admin) => {
        for (let made = 0; made < leaves; made += 10_000) await insertValidEntries(admin, 10_000, CLINICS)
        // What autovacuum does sooner or later; a planner that knows nothing of the new rows is not what is measured here.
        await admin.query('ANALYZE audit.entry; CHECKPOINT')
      })
      const { seconds, result } = await timed(() => withClient(cluster.urls.sequencerUrl, integrateAll))
      rates.push(result / seconds)
      say(`${formatCount(result)} leaves in ${seconds.toFixed(1)} s: ${formatCount(result / seconds)}/s`)
    }
    return {
      head: ['backlog', 'clinics', 'median leaves/s', 'range'],
      rows: [[formatCount(leaves), String(CLINICS.length), formatCount(median(rates)), formatRange(rates)]],
      notes: [`${rounds} rounds; integrate() in steps of 20,000 leaves, with tiles and tree, each step a durable transaction.`],
      goals: [{ text: `at least ${formatCount(BURN_GOAL)} leaves/s`, isMet: median(rates) >= BURN_GOAL }],
    }
  },
}

async function integrateAll(client: pg.ClientBase): Promise<number> {
  let total = 0
  for (;;) {
    const { leaves, isCaughtUp } = await integrate(client)
    total += leaves
    if (isCaughtUp) return total
  }
}

/** From the instant of an entry to the commit of its leaf, while entries keep coming and the whole sequencer runs beside. */
export const lag: Measure = {
  name: 'lag',
  title: 'Lag of the sequencer under steady appends',
  async run({ size, cluster, say }) {
    const seconds = bySize(size, { S: 4, M: 15, L: 30 })
    const pool = new pg.Pool({ connectionString: cluster.urls.appUrl, max: 1 })
    await using _sequencer = startSequencerBeside(cluster)
    try {
      const writer = new AuditWriter(pool)
      await appendSteadily(writer, { perSecond: 200, seconds: 2, records: 1 })
      const rows: string[][] = []
      for (const perSecond of RATES) {
        const from = await now(cluster)
        const achieved = await appendSteadily(writer, { perSecond, seconds, records: 1 })
        const found = await readLag(cluster, from)
        rows.push([
          formatCount(perSecond),
          formatCount(achieved),
          ...[found.p50, found.p99, found.max].map((ms) => `${formatCount(ms)} ms`),
          formatCount(found.n),
        ])
        say(`${formatCount(achieved)}/s: p50 ${formatCount(found.p50)} ms, p99 ${formatCount(found.p99)} ms`)
      }
      return {
        head: ['appends/s wanted', 'achieved', 'p50', 'p99', 'largest', 'leaves'],
        rows,
        notes: [`${seconds} s each; by PostgreSQL's commit timestamps. The sequencer asks every 100 ms, so that half of that is waiting.`],
        goals: [],
      }
    } finally {
      await pool.end()
    }
  },
}

const now = ({ urls }: Cluster) =>
  withClient(urls.adminUrl, async (admin) => (await admin.query<{ now: string }>('SELECT clock_timestamp()::text AS now')).rows[0]?.now ?? '')

type Lag = { readonly n: number; readonly p50: number; readonly p99: number; readonly max: number }

/** In milliseconds, of the entries since `from`; waits until all of them are in the log. */
function readLag({ urls }: Cluster, from: string): Promise<Lag> {
  return withClient(urls.adminUrl, async (admin) => {
    for (;;) {
      const { rows } = await admin.query<Lag & { waiting: number }>(
        `SELECT count(*) FILTER (WHERE l.idx IS NULL)::int AS waiting, count(l.idx)::int AS n,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY took.ms) AS p50, percentile_cont(0.99) WITHIN GROUP (ORDER BY took.ms) AS p99, max(took.ms) AS max
         FROM audit.entry e LEFT JOIN audit.leaf l ON l.shard = e.shard AND l.entry_id = e.id
         CROSS JOIN LATERAL (SELECT (extract(epoch FROM pg_xact_commit_timestamp(l.xmin) - e.at) * 1000)::float AS ms) took WHERE e.at >= $1::timestamptz`,
        [from],
      )
      const [row] = rows
      if (row && row.waiting === 0) return row
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  })
}
