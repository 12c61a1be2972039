import type { WeeklySchedule } from '../../prisma/client/client.ts'
import { type Interval, instantAt, type LocalDate, toDateColumn, weekdayOf } from '../kernel/time.ts'

/** Hours of work of one person on one day. `clockChange` tells when a change of the clock has moved either end. */
export type Shift = Interval & { readonly clockChange: 'none' | 'gap' | 'overlap' }

export type ScheduleHours = Pick<WeeklySchedule, 'weekday' | 'startMinute' | 'endMinute' | 'validFrom' | 'validUntil'>

/**
 * The shifts that weekly schedules give on one day, in order, as instants `[start, end)`. A schedule counts from `validFrom`
 * up to, not including, `validUntil`. A start or end inside a gap of the clock moves forward, inside an overlap is the
 * earlier reading; a shift that lies in the gap as a whole does not take place.
 * @param timeZone the clinic's
 */
export function shiftsOf(schedules: readonly ScheduleHours[], date: LocalDate, timeZone: string): Shift[] {
  const weekday = weekdayOf(date)
  const shifts = schedules
    .filter((schedule) => schedule.weekday === weekday && isValidOn(schedule, date))
    .map(({ startMinute, endMinute }): Shift => {
      const start = instantAt(date, startMinute, timeZone)
      const end = instantAt(date, endMinute, timeZone)
      return { start: start.instant, end: end.instant, clockChange: start.shift === 'none' ? end.shift : start.shift }
    })
    .sort((a, b) => a.start.getTime() - b.start.getTime() || a.end.getTime() - b.end.getTime())
  return withoutOverlap(shifts)
}

// An end that moved out of a gap may lie behind the next start, which did not move: the next shift begins where this ends.
function withoutOverlap(shifts: readonly Shift[]): Shift[] {
  let free = 0
  return shifts.flatMap((shift) => {
    const start = Math.max(shift.start.getTime(), free)
    if (start >= shift.end.getTime()) return []
    free = shift.end.getTime()
    return [{ ...shift, start: new Date(start) }]
  })
}

/** True when a schedule counts on that day. */
export function isValidOn({ validFrom, validUntil }: Pick<ScheduleHours, 'validFrom' | 'validUntil'>, date: LocalDate): boolean {
  const day = toDateColumn(date)
  return validFrom <= day && (validUntil === null || day < validUntil)
}

type Hours = Pick<ScheduleHours, 'weekday' | 'startMinute' | 'endMinute'>

/** The weekday on which hours of one plan overlap each other; null when they do not. */
export function findOverlappingWeekday(hours: readonly Hours[]): number | null {
  const ordered = [...hours].sort((a, b) => a.weekday - b.weekday || a.startMinute - b.startMinute)
  for (const [index, next] of ordered.entries()) {
    const previous = ordered[index - 1]
    if (previous && previous.weekday === next.weekday && next.startMinute < previous.endMinute) return next.weekday
  }
  return null
}
