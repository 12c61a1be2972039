import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../../server/database/connection.ts'
import { checkAnswers } from './audit-checks.ts'
import { AuditLoad } from './audit-load.ts'
import { count, type Fault, mustBeZero, mustHappen } from './fault.ts'
import { Random } from './random.ts'
import { checkWholeness } from './wholeness.ts'

const CLIENTS = 8
const RECOVERY_MS = 10_000
const GIVE_UP_MS = 60_000

export const killPostgres: Fault = {
  name: 'kill-postgres',
  title: 'kill -9 of PostgreSQL under load, started again by us',
  run: async ({ seed, isQuick, lab }) => {
    const random = new Random(seed)
    const api = await lab.api()
    const kills = isQuick ? 1 : 20
    const load = new AuditLoad(api.url, lab.world, random)
    load.start(CLIENTS, lab.app)
    // Somebody is at work before the first kill, also on a machine on which signing in takes longer than the pause.
    while (!load.writes.some(({ answer }) => answer?.id)) await sleep(20)
    const recoveries: number[] = []
    let dead = 0
    try {
      for (let kill = 0; kill < kills; kill += 1) {
        await sleep(random.between(300, 1_200))
        await lab.cluster.kill()
        await lab.cluster.restart()
        // From the moment at which it accepts connections: how long PostgreSQL needs for its own recovery depends on its log.
        const begun = performance.now()
        while (!(await load.probe()) && performance.now() - begun < GIVE_UP_MS) await sleep(20)
        recoveries.push(performance.now() - begun)
        if (!api.isAlive) dead += 1
      }
    } finally {
      await load.stop()
    }
    const open = load.writes.filter(({ answer }) => answer === null)
    let unanswered = 0
    for (const write of open) if ((await load.repeat(write)) === null) unanswered += 1
    return {
      times: kills,
      lines: [
        count('slowest return of the API in ms', Math.round(Math.max(...recoveries))),
        mustBeZero(`returns slower than ${RECOVERY_MS / 1000} s`, recoveries.filter((ms) => ms >= RECOVERY_MS).length),
        mustBeZero('times that the API ended', dead),
        ...mustHappen('changes confirmed', load.writes.filter(({ answer }) => answer?.id).length),
        count('repeated with their key', open.length),
        mustBeZero('repetitions without an answer', unanswered),
        mustBeZero('answers that say nothing but that it failed', load.internal),
        ...(await withClient(lab.cluster.urls.adminUrl, (admin) => checkAnswers(admin, load))).filter((line) => line.mustBeZero),
        ...(await checkWholeness(lab)),
      ],
    }
  },
}
