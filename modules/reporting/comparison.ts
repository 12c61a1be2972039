import { invalid } from '../kernel/errors.ts'
import { addDays, type LocalDate, sameDayLastMonth } from '../kernel/time.ts'

export const COMPARISONS = ['same_weekday_last_week', 'same_day_last_month', 'day_before', 'date'] as const
/** With which other day a day is compared. */
export type Comparison = (typeof COMPARISONS)[number]

/**
 * The practice day that a summary is compared with, so that the answer can name it: "last Friday" is not a date.
 * The same day of the month before is the last day of a shorter month.
 * Throws InvalidInputError when `date` comes without its day, or a day without `date`: guessing would name a wrong one.
 */
export function comparisonDateOf(date: LocalDate, comparison: Comparison, chosen: LocalDate | null): LocalDate {
  if (comparison === 'date') {
    if (chosen === null) throw invalid('compareDate', 'required', 'give the day to compare with')
    return chosen
  }
  if (chosen !== null) throw invalid('compareDate', 'unexpected', 'goes with compareWith: DATE alone')
  if (comparison === 'day_before') return addDays(date, -1)
  return comparison === 'same_day_last_month' ? sameDayLastMonth(date) : addDays(date, -7)
}

/** The days up to and including a day, oldest first. */
export function lastDays(date: LocalDate, count: number): LocalDate[] {
  return Array.from({ length: count }, (_, index) => addDays(date, index + 1 - count))
}
