import type { AttendanceEntry } from '../../prisma/client/client.ts'
import type { Interval } from '../kernel/time.ts'

type Times = Pick<AttendanceEntry, 'clockedInAt' | 'clockedOutAt'>

const MINUTE_MS = 60_000

/**
 * Whole minutes at work within a range; the seconds of several entries add up before they are cut off. Whoever is still there has worked
 * until now.
 */
export function minutesWorked(entries: readonly Times[], { start, end }: Interval, now: Date): number {
  const worked = entries.map(({ clockedInAt, clockedOutAt }) => {
    const until = Math.min((clockedOutAt ?? now).getTime(), end.getTime())
    return Math.max(0, until - Math.max(clockedInAt.getTime(), start.getTime()))
  })
  return Math.floor(worked.reduce((sum, part) => sum + part, 0) / MINUTE_MS)
}
