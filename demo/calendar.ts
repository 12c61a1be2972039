import { addDays, daysBetween, type LocalDate, sameDayLastMonth } from '../modules/kernel/time.ts'

export const DECEMBER_START = '2025-12-01'
export const DECEMBER_END = '2025-12-31'
const MONTHS = 6
/** New Year, Labour Day, Independence Day, Christmas: nobody is seen. */
const CLOSED = new Set(['01-01', '05-01', '09-16', '12-25'])

/**
 * The days that the demo fills: the six months up to the day on which loading began, and always December 2025. Oldest
 * first and without gaps inside a block. A load that goes on later continues the same list.
 */
export function planDates(anchor: LocalDate): LocalDate[] {
  let start = anchor
  for (let month = 0; month < MONTHS; month += 1) start = sameDayLastMonth(start)
  return [...new Set([...datesFrom(DECEMBER_START, DECEMBER_END), ...datesFrom(start, anchor)])].sort()
}

export function isClosed(date: LocalDate): boolean {
  return CLOSED.has(date.slice(5))
}

function datesFrom(first: LocalDate, last: LocalDate): LocalDate[] {
  return Array.from({ length: Math.max(0, daysBetween(first, last) + 1) }, (_, index) => addDays(first, index))
}
