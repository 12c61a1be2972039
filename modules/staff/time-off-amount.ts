import { addDays, type LocalDate, weekdayOf } from '../kernel/time.ts'
import { isValidOn, type ScheduleHours } from './shifts.ts'

export const COUNTS_AS = ['days', 'hours'] as const
export type CountsAs = (typeof COUNTS_AS)[number]

/** Whole days when `part` is null, else minutes `[start, end)` of the first day, which then is the last one. */
export type DaysOff = {
  readonly firstDay: LocalDate
  readonly lastDay: LocalDate
  readonly part: { readonly start: number; readonly end: number } | null
}

// Whoever has no hours on record would otherwise be away for nothing.
const USUAL_HOURS: readonly ScheduleHours[] = [1, 2, 3, 4, 5].map((weekday) => ({
  weekday,
  startMinute: 540,
  endMinute: 1020,
  validFrom: new Date(0),
  validUntil: null,
}))

/**
 * What days off take from a balance: days, or hours, on which the person would have worked and the clinic is open. A part of a day is
 * the share of that day's hours. Rounded to hundredths.
 * Source: Mexico, Ley Federal del Trabajo, art. 76: vacation is counted in working days.
 * @param hours weekly hours at every clinic; none at all counts as Monday to Friday, nine to five
 * @param closedDays days on which the clinic is closed
 */
export function amountOf(
  { firstDay, lastDay, part }: DaysOff,
  hours: readonly ScheduleHours[],
  closedDays: ReadonlySet<LocalDate>,
  countsAs: CountsAs,
): number {
  const plan = hours.length === 0 ? USUAL_HOURS : hours
  let sum = 0
  for (let day = firstDay; day <= lastDay; day = addDays(day, 1)) {
    if (closedDays.has(day)) continue
    const worked = plan.filter((row) => row.weekday === weekdayOf(day) && isValidOn(row, day))
    const minutes = minutesWithin(worked, { start: 0, end: 1440 })
    if (minutes === 0) continue
    const off = part === null ? minutes : minutesWithin(worked, part)
    sum += countsAs === 'hours' ? off / 60 : off / minutes
  }
  return Math.round(sum * 100) / 100
}

function minutesWithin(worked: readonly ScheduleHours[], { start, end }: { start: number; end: number }): number {
  return worked.reduce((sum, { startMinute, endMinute }) => sum + Math.max(0, Math.min(endMinute, end) - Math.max(startMinute, start)), 0)
}
