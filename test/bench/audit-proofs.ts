import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { proveEntries } from '../../modules/compliance/proofs.ts'
import type { AuditReader } from '../../modules/kernel/db.ts'
import { exportLog } from '../../server/audit/log-export/export-log.ts'
import { integrate } from '../../server/audit/sequencer/integrate.ts'
import { publish } from '../../server/audit/sequencer/publish.ts'
import { bindSigner } from '../../server/audit/sequencer/signing-key.ts'
import { withClient } from '../../server/database/connection.ts'
import { CLINIC, insertValidEntries } from './entries.ts'
import { bySize, formatCount, type Measure, type MeasureContext, timed } from './measure.ts'
import { median, percentile } from './statistics.ts'

const VERIFIER = fileURLToPath(new URL('../../verifier/chiron-verify.mjs', import.meta.url))
const STEP = 2_500
/** Of the verifier's heap: what grew with the log would end it. */
const HEAP_MEGABYTES = 64
const VERIFY_GOAL_SECONDS = 60
const PROOF_GOAL_MS = 5
const seed = createHash('sha256').update('bench').digest()

/** Verification of an export without a database, and proofs of single entries, on one large log. */
export const proofs: Measure = {
  name: 'proofs',
  title: 'Offline verification and inclusion proofs',
  async run(context) {
    const { size, cluster } = context
    const [first, second] = bySize<[number, number]>(size, { S: [10_000, 40_000], M: [60_000, 250_000], L: [250_000, 1_000_000] })
    const small = await growAndVerify(context, first, 0)
    const large = await growAndVerify(context, second, first)
    const { times, length } = await withClient(cluster.urls.sequencerUrl, (client) => measureProofs(client, bySize(size, { S: 50, M: 300, L: 1_000 })))
    const [p50, p95] = [percentile(times, 50), percentile(times, 95)]
    context.say(`inclusion proof: p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms, ${length} hashes`)
    const verified = [small, large].map((run) => [
      formatCount(run.entries),
      `${run.seconds.toFixed(1)} s`,
      `${formatCount(run.entries / run.seconds)}/s`,
      `${formatCount(run.memory.peak)} MB`,
      `${formatCount(run.memory.early)} MB, ${formatCount(run.memory.late)} MB`,
      `${run.exportSeconds.toFixed(0)} s`,
    ])
    return {
      head: ['entries', 'verified in', 'entries/s', 'peak memory', 'early, late', 'exported in'],
      rows: verified,
      notes: [
        `One clinic and one month, a checkpoint after every ${formatCount(STEP)} entries. The verifier's heap is limited to ${HEAP_MEGABYTES} MB; memory is the process's resident set, all of Node included: the largest, and the medians of the second and the last quarter of the time.`,
        `An inclusion proof of one entry of the larger log (\`proveEntries\`, with its head in the spine, from the database): p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms over ${times.length} entries; ${length} hashes.`,
      ],
      goals: [
        { text: `${formatCount(large.entries)} entries in less than ${VERIFY_GOAL_SECONDS} s`, isMet: large.seconds < VERIFY_GOAL_SECONDS },
        {
          text: `memory does not grow with what is read (large log: ${formatCount(large.memory.early)} MB early, ${formatCount(large.memory.late)} MB late)`,
          isMet: large.memory.late < 1.25 * large.memory.early,
        },
        { text: `inclusion proof in less than ${PROOF_GOAL_MS} ms (median)`, isMet: p50 < PROOF_GOAL_MS },
      ],
    }
  },
}

async function growAndVerify({ cluster, say }: MeasureContext, wanted: number, present: number) {
  const dir = join(cluster.dataDir, `export-${wanted}`)
  const grown = await timed(() => grow(cluster.urls, wanted - present))
  const exported = await timed(() => withClient(cluster.urls.sequencerUrl, (client) => exportLog(client, { dir, month: null, clinicId: null })))
  say(`${formatCount(wanted)} entries: made in ${grown.seconds.toFixed(0)} s, exported in ${exported.seconds.toFixed(0)} s`)
  const { seconds, result: memory } = await timed(() => verify(dir))
  say(`verified in ${seconds.toFixed(1)} s with ${formatCount(memory.peak)} MB`)
  await rm(dir, { recursive: true, force: true })
  return { entries: exported.result.entries, seconds, memory, exportSeconds: exported.seconds }
}

function grow({ adminUrl, sequencerUrl }: { adminUrl: string; sequencerUrl: string }, entries: number): Promise<void> {
  return withClient(adminUrl, (admin) =>
    withClient(sequencerUrl, async (client) => {
      const signer = await bindSigner(client, seed)
      for (let made = 0; made < entries; made += STEP) {
        await insertValidEntries(admin, Math.min(STEP, entries - made), [CLINIC])
        while (!(await integrate(client)).isCaughtUp);
        await publish(client, signer)
      }
      await admin.query('ANALYZE audit.entry, audit.leaf, audit.tile, audit.spine')
    }),
  )
}

/** Runs the verifier as an inspector would, and answers its memory in megabytes. Throws unless it passes. */
async function verify(dir: string): Promise<Memory> {
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, VERIFIER, dir], { stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const samples: number[] = []
  let peak = 0
  const watch = setInterval(() => {
    const now = readMemory(child.pid)
    if (!now) return
    peak = Math.max(peak, now.peak)
    samples.push(now.resident)
  }, 20)
  const [code] = await once(child, 'close')
  clearInterval(watch)
  if (code !== 0) throw new Error(`the verifier ended with ${code}: ${text}`)
  const quarter = (index: number) => median(samples.slice(Math.floor((index * samples.length) / 4), Math.floor(((index + 1) * samples.length) / 4)))
  return { peak: peak / 1_024, early: quarter(1) / 1_024, late: quarter(3) / 1_024 }
}

/** Megabytes: the most, and the medians of the second and of the last quarter of the time. */
type Memory = { readonly peak: number; readonly early: number; readonly late: number }

/** Resident set now and the largest so far, in kilobytes; null once the process is gone. */
function readMemory(pid: number | undefined): { resident: number; peak: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    const [resident, peak] = [/VmRSS:\s+(\d+)/, /VmHWM:\s+(\d+)/].map((pattern) => Number(pattern.exec(text)?.[1]))
    return resident && peak ? { resident, peak } : null
  } catch {
    return null
  }
}

async function measureProofs(client: pg.ClientBase, count: number): Promise<{ times: number[]; length: number }> {
  const db: AuditReader = {
    query: async <Row extends object>({ name, text, values }: { name: string; text: string; values: readonly unknown[] }) =>
      (await client.query<Row>({ name, text, values: [...values] })).rows,
    reads: () => {},
    aggregates: () => {},
  }
  const { rows } = await client.query<{ entry_id: string }>(
    'SELECT l.entry_id FROM audit.leaf l JOIN audit.tree t USING (log) WHERE t.clinic_id = $1 AND l.idx = ANY (SELECT floor(random() * t2.size)::bigint FROM audit.tree t2, generate_series(1, $2::int) WHERE t2.clinic_id = $1)',
    [CLINIC, count + 20],
  )
  const times: number[] = []
  let length = 0
  for (const { entry_id } of rows) {
    const begun = performance.now()
    const { bundle } = await proveEntries(db, [entry_id])
    times.push(performance.now() - begun)
    length = Math.max(length, bundle.entries?.[0]?.proof.length ?? 0)
  }
  // The first ones prepare statements and fill caches.
  return { times: times.slice(20), length }
}
