import { localMinuteOf, MINUTE_MS } from '../kernel/time.ts'

/** When nobody is disturbed, by the wall clock of the clinic: minutes after midnight, the second not included. Equal: never quiet. */
export type QuietHours = { readonly fromMinute: number; readonly untilMinute: number }

/** 21:00 to 08:00. */
export const DEFAULT_QUIET_HOURS: QuietHours = { fromMinute: 1260, untilMinute: 480 }

const DAY_MINUTES = 1440
/** A reminder that comes later than this before its visit is worth less than one the evening before. */
const LATEST_NOTICE_MINUTES = 30

/** True when a wall-clock minute is quiet. The hours may go over midnight. */
export function isQuietMinute(minute: number, { fromMinute, untilMinute }: QuietHours): boolean {
  return fromMinute <= untilMinute ? minute >= fromMinute && minute < untilMinute : minute >= fromMinute || minute < untilMinute
}

/** The first whole minute after an instant in quiet hours that is not quiet; null when the instant itself is not quiet. */
export function quietEnd(at: Date, hours: QuietHours, timeZone: string): Date | null {
  return findEdge(at, hours, timeZone, 1)
}

/** The last whole minute before an instant in quiet hours that is not quiet; null when the instant itself is not quiet. */
export function quietStart(at: Date, hours: QuietHours, timeZone: string): Date | null {
  return findEdge(at, hours, timeZone, -1)
}

function findEdge(at: Date, hours: QuietHours, timeZone: string, direction: 1 | -1): Date | null {
  const minute = localMinuteOf(at, timeZone)
  if (!isQuietMinute(minute, hours)) return null
  const start = Math.floor(at.getTime() / MINUTE_MS)
  const wanted = direction === 1 ? hours.untilMinute : (hours.fromMinute + DAY_MINUTES - 1) % DAY_MINUTES
  const distance = ((wanted - minute) * direction + DAY_MINUTES) % DAY_MINUTES
  const guess = new Date((start + distance * direction) * MINUTE_MS)
  if (localMinuteOf(guess, timeZone) === wanted) return guess
  // The clock changes in between: a wanted minute may be missing or come twice, so every minute of that night is asked.
  for (let step = 1; step <= 2 * DAY_MINUTES; step += 1) {
    const instant = new Date((start + step * direction) * MINUTE_MS)
    if (!isQuietMinute(localMinuteOf(instant, timeZone), hours)) return instant
  }
  return null
}

/**
 * When to remind of a visit: at the wanted instant, else when the quiet hours end, else, where that would be less than half an hour
 * before the visit, right before they begin.
 */
export function placeReminder(wanted: Date, startsAt: Date, hours: QuietHours, timeZone: string): Date {
  const later = quietEnd(wanted, hours, timeZone)
  if (later === null) return wanted
  if (later.getTime() <= startsAt.getTime() - LATEST_NOTICE_MINUTES * MINUTE_MS) return later
  return quietStart(wanted, hours, timeZone) ?? wanted
}
