import { Cluster } from '../own-cluster.ts'
import { startFleet } from '../proxy/fleet.ts'
import { killUnderLoad, rollUnderLoad } from '../proxy/trials.ts'
import type { Outcome } from './audit.ts'
import { Random } from './random.ts'

export type ProcessFaults = {
  readonly seed: number
  readonly say: (line: string) => void
  /** kill -9 of one of the two servers. */
  readonly kills?: number
  /** Restarts of both, one after the other. */
  readonly rounds?: number
}

const KILLS = 12
const ROUNDS = 4

/** Two servers and a worker behind HAProxy on a database as durable as in production: killed, then restarted, under load. */
export const processes = {
  name: 'processes',
  title: 'Two servers behind a proxy: kill -9 of one, and rolling restarts',
  run: async ({ seed, say, kills = KILLS, rounds = ROUNDS }: ProcessFaults): Promise<Outcome> => {
    const random = new Random(seed)
    await using cluster = await Cluster.start('chiron-processes-')
    await using fleet = await startFleet(cluster.urls)
    const trial = { fleet, urls: cluster.urls }
    say(`kill -9 of a server, ${kills} times`)
    const killed = await killUnderLoad(trial, kills, () => random.between(100, 2_000))
    say(`${rounds} rolling restarts`)
    const rolled = await rollUnderLoad({ ...trial, rounds })
    for (const line of [...killed.wrong, ...rolled.wrong, ...rolled.failures].slice(0, 20)) say(`  ${line}`)
    const lines = [
      { label: 'kill -9 of a server under load', count: kills, mustBeZero: false },
      { label: 'changes acknowledged meanwhile, each with its key until answered', count: killed.acknowledged, mustBeZero: false },
      { label: 'requests that met the dying server and were sent again', count: killed.failures.length, mustBeZero: false },
      { label: 'acknowledged changes lost, made twice, or answered otherwise when repeated', count: killed.wrong.length, mustBeZero: true },
      { label: 'servers stopped and started in rolling restarts', count: rounds * 2, mustBeZero: false },
      { label: 'requests answered meanwhile, each sent once', count: rolled.acknowledged + rolled.reads, mustBeZero: false },
      { label: 'requests that failed in a rolling restart', count: rolled.failures.length, mustBeZero: true },
      { label: 'changes lost or made twice in a rolling restart', count: rolled.wrong.length, mustBeZero: true },
    ]
    return { lines, violations: lines.filter(({ count, mustBeZero }) => mustBeZero && count > 0) }
  },
}
