import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../../server/database/connection.ts'
import { checkAnswers } from './audit-checks.ts'
import { AuditLoad } from './audit-load.ts'
import { count, type Fault, mustBeZero, mustHappen } from './fault.ts'
import { Lab } from './lab.ts'
import { Random } from './random.ts'
import { SmallDisk } from './small-disk.ts'
import { checkWholeness } from './wholeness.ts'

const DISK_MB = 320
/** Less than the next file of its log, so that PostgreSQL meets the end soon. */
const LEFT_BYTES = 4_000_000
const CLIENTS = 8
const FULL_MS = 60_000
const STAY_FULL_MS = 4_000
const RECOVERY_MS = 30_000
// Its log turns over soon: a full disk is met within seconds.
const FLAGS = ['max_wal_size=48MB', 'min_wal_size=32MB', 'shared_buffers=32MB', 'checkpoint_timeout=30s']

export const diskFull: Fault = {
  name: 'disk-full',
  title: 'disk full under PostgreSQL while people write',
  run: async ({ seed, isQuick }) => {
    await using disk = await SmallDisk.mount(DISK_MB)
    await using own = await mkdtempDisposable(join(tmpdir(), 'chiron-faults-api-'))
    await using lab = await Lab.start(FLAGS, disk.path, own.path)
    const rounds = isQuick ? 1 : 5
    const api = await lab.api()
    const load = new AuditLoad(api.url, lab.world, new Random(seed))
    load.start(CLIENTS, lab.app)
    const totals = { full: 0, restarts: 0, slowestReturn: 0, late: 0, dead: 0 }
    try {
      for (let round = 0; round < rounds; round += 1) {
        await sleep(500)
        const refused = load.withheld
        await disk.fill(LEFT_BYTES)
        const deadline = performance.now() + FULL_MS
        while (load.withheld === refused && performance.now() < deadline) await sleep(50)
        if (load.withheld > refused) totals.full += 1
        await sleep(STAY_FULL_MS)
        await disk.free()
        totals.restarts += (await revive(lab)) ? 1 : 0
        const begun = performance.now()
        while (!(await load.probe()) && performance.now() - begun < RECOVERY_MS) await sleep(50)
        const took = performance.now() - begun
        totals.slowestReturn = Math.max(totals.slowestReturn, took)
        if (took >= RECOVERY_MS) totals.late += 1
        if (!api.isAlive) totals.dead += 1
      }
    } finally {
      await load.stop()
    }
    let unanswered = 0
    for (const write of load.writes.filter(({ answer }) => answer === null)) if ((await load.repeat(write)) === null) unanswered += 1
    return {
      times: rounds,
      lines: [
        mustBeZero('times that nothing was refused although the disk was full', rounds - totals.full),
        count('answers of 503', load.withheld),
        count('times that PostgreSQL stopped and was started by us', totals.restarts),
        count('slowest return once there was space, in ms', Math.round(totals.slowestReturn)),
        mustBeZero(`returns slower than ${RECOVERY_MS / 1000} s`, totals.late),
        mustBeZero('times that the API ended', totals.dead),
        mustBeZero('requests that nobody answered within 10 s', load.unanswered),
        mustBeZero('answers that say nothing but that it failed', load.internal),
        ...mustHappen('changes confirmed', load.writes.filter(({ answer }) => answer?.id).length),
        mustBeZero('repetitions without an answer', unanswered),
        ...(await withClient(lab.cluster.urls.adminUrl, (admin) => checkAnswers(admin, load))).filter((line) => line.mustBeZero),
        ...(await checkWholeness(lab)),
      ],
    }
  },
}

/** What a supervisor does: starts PostgreSQL when it has stopped for want of space. True when it had. */
async function revive(lab: Lab): Promise<boolean> {
  for (let round = 0; round < 20; round += 1) {
    const isUp = await lab.countRows('SELECT 1 AS n').then(
      () => true,
      () => false,
    )
    if (isUp) return false
    if (!lab.cluster.isRunning) break
    await sleep(250)
  }
  await lab.cluster.restart()
  return true
}
