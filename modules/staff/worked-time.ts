import type { AttendanceEntry } from '../../prisma/client/client.ts'
import { type Interval, MINUTE_MS } from '../kernel/time.ts'

type Times = Pick<AttendanceEntry, 'clockedInAt' | 'clockedOutAt'>

/** No entry is longer. One that was left open counts for no more: the person went home without saying so. */
export const LONGEST_ENTRY_MS = 24 * 60 * MINUTE_MS

/**
 * Whole minutes at work within a range; the seconds of several entries add up before they are cut off. Whoever is still there has worked
 * until now, as far as an entry reaches.
 */
export function minutesWorked(entries: readonly Times[], { start, end }: Interval, now: Date): number {
  const worked = entries.map(({ clockedInAt, clockedOutAt }) => {
    const until = Math.min((clockedOutAt ?? now).getTime(), clockedInAt.getTime() + LONGEST_ENTRY_MS, end.getTime())
    return Math.max(0, until - Math.max(clockedInAt.getTime(), start.getTime()))
  })
  return Math.floor(worked.reduce((sum, part) => sum + part, 0) / MINUTE_MS)
}
