import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { indexStep } from '../../server/audit/indexer.ts'
import { AuditWriter } from '../../server/audit/writer.ts'
import { withClient } from '../../server/database/connection.ts'
import { bySize, formatCount, type Measure, timed } from './measure.ts'
import { appendSteadily } from './paced.ts'
import { startSequencerBeside } from './sequencer-beside.ts'

const PER_SECOND = 500
const RECORDS = 40
const GOAL_SECONDS = 60
const STEP = 5_000

const OLDEST = `SELECT coalesce((SELECT extract(epoch FROM clock_timestamp() - e.at) FROM audit.entry e, audit.cursor c
  WHERE c.name = 'indexer' AND e.source = 'api' AND (e.xid, e.id) > (c.xid, c.id) ORDER BY e.xid, e.id LIMIT 1), 0)::float AS seconds`

/** The index behind "Who saw this?": how fast a backlog goes, and how far it stays behind while entries keep coming. */
export const indexer: Measure = {
  name: 'indexer',
  title: 'Index of who saw what',
  async run({ size, cluster, say }) {
    const seconds = bySize(size, { S: 8, M: 30, L: 75 })
    const backlog = bySize(size, { S: 2_000, M: 10_000, L: 30_000 })
    const pool = new pg.Pool({ connectionString: cluster.urls.appUrl, max: 1 })
    const writer = new AuditWriter(pool)
    try {
      await appendSteadily(writer, { perSecond: backlog, seconds: 1, records: RECORDS })
      const built = await timed(() => withClient(cluster.urls.sequencerUrl, indexAll))
      const rate = built.result / built.seconds
      say(`backlog: ${formatCount(rate)} entries/s`)
      const { achieved, largest, caughtUpSeconds } = await indexBeside(writer, cluster.urls.adminUrl, seconds, () => startSequencerBeside(cluster))
      say(`at ${formatCount(achieved)}/s: at most ${largest.toFixed(1)} s behind`)
      return {
        head: ['', 'entries', 'result'],
        rows: [
          ['backlog, nothing beside it', formatCount(built.result), `${formatCount(rate)} entries/s`],
          [
            `${formatCount(achieved)} entries/s for ${seconds} s, whole sequencer beside`,
            formatCount(achieved * seconds),
            `at most ${largest.toFixed(1)} s behind`,
          ],
          ['after the last of them', '', `caught up in ${caughtUpSeconds.toFixed(1)} s`],
        ],
        notes: [
          `Entries with ${RECORDS} records each, of 5,000 records in all. How far behind: age of the oldest entry that is not indexed, asked every 500 ms.`,
        ],
        goals: [
          { text: `never more than ${GOAL_SECONDS} s behind at ${PER_SECOND} operations/s`, isMet: largest <= GOAL_SECONDS && achieved >= PER_SECOND * 0.98 },
          { text: 'does not fall behind for good: a backlog goes faster than it comes', isMet: rate > PER_SECOND },
        ],
      }
    } finally {
      await pool.end()
    }
  },
}

async function indexAll(client: pg.ClientBase): Promise<number> {
  let total = 0
  for (;;) {
    const { indexed, isCaughtUp } = await indexStep(client, STEP)
    total += indexed
    if (isCaughtUp) return total
  }
}

async function indexBeside(writer: AuditWriter, adminUrl: string, seconds: number, start: () => AsyncDisposable) {
  await using _sequencer = start()
  // Awaited here: the sequencer runs until then.
  return await withClient(adminUrl, async (admin) => {
    const behind = async () => (await admin.query<{ seconds: number }>(OLDEST)).rows[0]?.seconds ?? 0
    let isOver = false
    let largest = 0
    const watch = async () => {
      while (!isOver) {
        largest = Math.max(largest, await behind())
        await sleep(500)
      }
    }
    const watching = watch()
    const achieved = await appendSteadily(writer, { perSecond: PER_SECOND, seconds, records: RECORDS })
    const caughtUp = await timed(async () => {
      while ((await behind()) > 0) await sleep(200)
    })
    isOver = true
    await watching
    return { achieved, largest, caughtUpSeconds: caughtUp.seconds }
  })
}
