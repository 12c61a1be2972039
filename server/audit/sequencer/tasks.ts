import { closeMonth } from './months.ts'
import { reconcile } from './reconcile.ts'
import type { Task } from './sequencer.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND

/** Above this lag the trail's newest entries are not protected in time, and somebody must look. */
export const LAG_ALARM_SECONDS = 5

/** What every leader does beside integrating. */
export const UPKEEP_TASKS: readonly Task[] = [
  {
    name: 'alarm',
    everyMs: SECOND,
    run: async ({ client, log }) => {
      const { rows } = await client.query<{ lag: number }>('SELECT audit.lag() AS lag')
      const lag = rows[0]?.lag ?? 0
      if (lag > LAG_ALARM_SECONDS)
        log.error({ lagSeconds: Math.round(lag) }, 'entries wait to be integrated: a long write transaction holds the horizon, or the load is too high')
      return false
    },
  },
  {
    name: 'reconcile',
    everyMs: 15 * SECOND,
    run: async ({ client, log }) => {
      const { findings, isCaughtUp } = await reconcile(client)
      if (findings > 0) log.error({ findings }, 'row changes and entries disagree: see the page "Verify"')
      return !isCaughtUp
    },
  },
  {
    name: 'partitions',
    everyMs: 12 * HOUR,
    run: async ({ client }) => {
      await client.query('SELECT audit.ensure_partitions(3)')
      return false
    },
  },
  {
    name: 'months',
    everyMs: HOUR,
    run: async ({ client, signer, log }) => {
      const closed = await closeMonth(client, signer)
      if (closed) log.info({ month: closed.month }, 'a month of the trail is closed')
      return closed !== null
    },
  },
]
