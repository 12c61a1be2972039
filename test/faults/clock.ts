import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../../server/database/connection.ts'
import { ApiProcess } from './api-process.ts'
import { checkAnswers } from './audit-checks.ts'
import { AuditLoad } from './audit-load.ts'
import { CREATE_CLIENT } from './desk.ts'
import { count, type Fault, mustBeZero, mustHappen } from './fault.ts'
import { apiOptions } from './lab.ts'
import { Random } from './random.ts'
import { checkWholeness } from './wholeness.ts'

const CLIENTS = 6
const SETTLE_MS = 10_000
const PLANT = new URL('./plants/shifted-clock.ts', import.meta.url).href

// The database's clock stands still in none of this: what the API's says must be nowhere in the trail.
const OUT_OF_TIME = `SELECT count(*) AS n FROM audit.entry e WHERE e.xid >= $1::text::xid8 AND (e.at < $2::timestamptz OR e.at > clock_timestamp()
  OR (convert_from(e.body, 'UTF8')::jsonb ->> 'at')::timestamptz NOT BETWEEN $2::timestamptz - interval '1 second' AND clock_timestamp())`
const OUT_OF_ORDER = `SELECT count(*) AS n FROM (
    SELECT (e.xid, e.id) <= lag((e.xid, e.id)) OVER (PARTITION BY l.log, l.shard ORDER BY l.idx) AS is_wrong
    FROM audit.leaf l JOIN audit.entry e ON e.shard = l.shard AND e.id = l.entry_id) places WHERE is_wrong`

export const clock: Fault = {
  name: 'clock',
  title: 'clock of the API 1 h ahead and 1 h behind while people work',
  run: async ({ seed, isQuick, lab }) => {
    await using api = new ApiProcess(await apiOptions(lab.cluster, [PLANT]))
    await api.start()
    const [start] = await lab.readRows<{ xid: string; at: string }>('SELECT pg_current_xact_id()::text AS xid, clock_timestamp()::text AS at')
    const random = new Random(seed)
    const load = new AuditLoad(api.url, lab.world, random)
    load.start(CLIENTS, lab.app)
    // A whole round ahead, back, behind and back.
    const jumps = isQuick ? 4 : 80
    const totals = { notServed: 0, otherAnswer: 0, keys: 0 }
    const key = `the same at all times ${seed}`
    const input = { name: key, phone: '+52 55 0000 0000' }
    const ids = new Set<string>()
    try {
      for (let jump = 0; jump < jumps; jump += 1) {
        await sleep(random.between(200, 600))
        api.signal('SIGUSR2')
        const deadline = performance.now() + SETTLE_MS
        // Whoever was signed in may have to sign in again: an hour without a sign of life ends a session.
        let isServed = false
        while (!isServed && performance.now() < deadline) isServed = await load.probe()
        if (!isServed) totals.notServed += 1
        const id = await sendOnce(load, input, key)
        if (id) ids.add(id)
        else totals.otherAnswer += 1
        totals.keys += 1
      }
    } finally {
      await load.stop()
    }
    const isAlive = api.isAlive
    const lines = [
      mustBeZero('times that the API ended', isAlive ? 0 : 1),
      mustBeZero('jumps after which nobody could work, signed in anew', totals.notServed),
      ...mustHappen('repetitions of one key over all jumps', totals.keys),
      mustBeZero('repetitions with another answer', totals.otherAnswer + Math.abs(ids.size - 1)),
      mustBeZero('answers that say nothing but that it failed', load.internal),
      ...mustHappen('changes confirmed', load.writes.filter(({ answer }) => answer?.id).length),
      ...(await withClient(lab.cluster.urls.adminUrl, (admin) => checkAnswers(admin, load))).filter((line) => line.mustBeZero),
    ]
    // Its sequencer integrates what is left.
    await api.stop()
    const integrated = await lab.countRows('SELECT count(*) AS n FROM audit.leaf')
    return {
      times: jumps,
      lines: [
        ...lines,
        mustBeZero('entries with a time that is not the database’s', await lab.countRows(OUT_OF_TIME, [start?.xid, start?.at])),
        count('leaves of the log', integrated),
        mustBeZero('leaves out of order', await lab.countRows(OUT_OF_ORDER)),
        ...(await checkWholeness(lab)),
      ],
    }
  },
}

/** As a good client does: signs in again and repeats, until there is an answer. */
async function sendOnce(load: AuditLoad, input: object, key: string): Promise<string | null> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const answer = await load.send(CREATE_CLIENT, { input }, key)
    const result = answer?.data?.createClient
    if (result) return result.id ?? null
    await sleep(50)
  }
  return null
}
