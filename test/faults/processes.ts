import { Cluster } from '../own-cluster.ts'
import { startFleet } from '../proxy/fleet.ts'
import { killUnderLoad, rollUnderLoad } from '../proxy/trials.ts'
import { count, type Fault, mustBeZero, mustHappen } from './fault.ts'
import { Random } from './random.ts'

const KILLS = 12
const ROUNDS = 4

/** Two servers and a worker behind HAProxy on a database as durable as in production: killed, then restarted, under load. */
export const processes: Fault = {
  name: 'processes',
  title: 'two servers behind a proxy: kill -9 of one, and rolling restarts',
  run: async ({ seed, say, isQuick }) => {
    const [kills, rounds] = isQuick ? [2, 1] : [KILLS, ROUNDS]
    const random = new Random(seed)
    await using cluster = await Cluster.start('chiron-processes-')
    await using fleet = await startFleet(cluster.urls)
    const trial = { fleet, urls: cluster.urls }
    say(`kill -9 of a server, ${kills} times`)
    const killed = await killUnderLoad(trial, kills, () => random.between(100, 2_000))
    say(`${rounds} rolling restarts`)
    const rolled = await rollUnderLoad({ ...trial, rounds })
    for (const line of [...killed.wrong, ...rolled.wrong, ...rolled.failures].slice(0, 20)) say(`  ${line}`)
    return {
      times: kills + rounds * 2,
      lines: [
        count('kill -9 of a server under load', kills),
        ...mustHappen('changes acknowledged meanwhile, each with its key until answered', killed.acknowledged),
        count('requests that met the dying server and were sent again', killed.failures.length),
        mustBeZero('acknowledged changes lost, made twice, or answered otherwise when repeated', killed.wrong.length),
        count('servers stopped and started in rolling restarts', rounds * 2),
        ...mustHappen('requests answered meanwhile, each sent once', rolled.acknowledged + rolled.reads),
        mustBeZero('requests that failed in a rolling restart', rolled.failures.length),
        mustBeZero('changes lost or made twice in a rolling restart', rolled.wrong.length),
      ],
    }
  },
}
