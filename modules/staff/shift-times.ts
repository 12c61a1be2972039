import { z } from 'zod'
import { invalid } from '../kernel/errors.ts'
import { addDays, fromMinute, type Interval, type LocalDate, type LocalTime, weekdayOf } from '../kernel/time.ts'
import { minute } from './inputs.ts'
import { areBreaksInside, toShift } from './shifts.ts'

const DAY_MINUTES = 1440

/** The times of a shift by the wall clock: an end that is not after the start lies on the next day, and so does a break before it. */
export const shiftTimes = z.object({ start: minute, end: minute, breakStart: minute.nullish(), breakEnd: minute.nullish() })
export type ShiftTimes = z.output<typeof shiftTimes>

export type ShiftMinutes = {
  readonly startMinute: number
  readonly endMinute: number
  readonly breakStartMinute: number | null
  readonly breakEndMinute: number | null
}

/** Minutes after the midnight of the day on which it begins. Throws InvalidInputError for a break that does not lie inside. */
export function toShiftMinutes({ start, end, breakStart = null, breakEnd = null }: ShiftTimes): ShiftMinutes {
  if (start >= DAY_MINUTES) throw invalid('start', 'time', 'must be before 24:00')
  const endMinute = end > start ? end : end + DAY_MINUTES
  if ((breakStart === null) !== (breakEnd === null)) throw invalid('breakEnd', 'pair', 'must be given together with breakStart')
  if (breakStart === null || breakEnd === null) return { startMinute: start, endMinute, breakStartMinute: null, breakEndMinute: null }
  const breakStartMinute = breakStart < start ? breakStart + DAY_MINUTES : breakStart
  const breakEndMinute = breakEnd <= breakStartMinute ? breakEnd + DAY_MINUTES : breakEnd
  if (!areBreaksInside({ startMinute: start, endMinute, breaks: [{ startMinute: breakStartMinute, endMinute: breakEndMinute }] }))
    throw invalid('breakStart', 'inside', 'must lie inside the shift')
  return { startMinute: start, endMinute, breakStartMinute, breakEndMinute }
}

/** The instants of a shift. Throws InvalidInputError when a change of the clock leaves nothing of it. */
export function shiftInterval(date: LocalDate, minutes: Pick<ShiftMinutes, 'startMinute' | 'endMinute'>, timeZone: string): Interval {
  const { start, end } = toShift(date, minutes, timeZone)
  if (start >= end) throw invalid('start', 'gap', 'lies in the hour that the clock skips on that day')
  return { start, end }
}

/** The Monday of the week of a day. */
export function mondayOf(date: LocalDate): LocalDate {
  return addDays(date, 1 - weekdayOf(date))
}

/** A minute of a shift as the wall clock shows it, on its day or on the next. */
export function wallTime(minutes: number): LocalTime {
  return fromMinute(minutes > DAY_MINUTES ? minutes - DAY_MINUTES : minutes)
}
