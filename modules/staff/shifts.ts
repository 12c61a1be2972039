import type { RosterShift, WeeklyBreak, WeeklySchedule } from '../../prisma/client/client.ts'
import { addDays, dayInterval, type Interval, instantAt, type LocalDate, toDateColumn, weekdayOf } from '../kernel/time.ts'

/** Hours of work of one person on one day. `clockChange` tells when a change of the clock has moved either end. */
export type Shift = Interval & { readonly clockChange: 'none' | 'gap' | 'overlap' }

export type BreakMinutes = Pick<WeeklyBreak, 'startMinute' | 'endMinute'>
export type ScheduleHours = Pick<WeeklySchedule, 'weekday' | 'startMinute' | 'endMinute' | 'validFrom' | 'validUntil'> & {
  readonly breaks?: readonly BreakMinutes[]
}
export type RosteredHours = Pick<RosterShift, 'workDate' | 'startMinute' | 'endMinute' | 'breakStartMinute' | 'breakEndMinute'> & { readonly position?: string }

/** All that says when a person works at a clinic: weekly hours, and the shifts of rosters that count. */
export type WorkPlan = { readonly schedules: readonly ScheduleHours[]; readonly shifts: readonly RosteredHours[] }

/** The plan of somebody who does not work here. */
export const NO_WORK: WorkPlan = { schedules: [], shifts: [] }

/** Hours as they were planned, in minutes after the midnight of their day, which may end on the day after. */
export type PlannedHours = {
  readonly date: LocalDate
  readonly startMinute: number
  readonly endMinute: number
  /** Inside the hours, in order and apart. */
  readonly breaks: readonly BreakMinutes[]
  /** The one that a shift is for; null for weekly hours, which are worked in the person's own. */
  readonly position: string | null
}

/**
 * The hours that count for a practice day: the shifts that begin on it, or else the weekly hours of its weekday. Shifts take
 * the place of weekly hours on the days on which they begin and on no other, also where they go on into the next day.
 */
export function hoursOf({ schedules, shifts }: WorkPlan, date: LocalDate): PlannedHours[] {
  const day = toDateColumn(date).getTime()
  const rostered = shifts.filter(({ workDate }) => workDate.getTime() === day)
  if (rostered.length > 0)
    return rostered.map((shift) => ({
      date,
      startMinute: shift.startMinute,
      endMinute: shift.endMinute,
      breaks: breaksOf(shift),
      position: shift.position ?? null,
    }))
  const weekday = weekdayOf(date)
  return schedules
    .filter((schedule) => schedule.weekday === weekday && countsOn(schedule, day))
    .map(({ startMinute, endMinute, breaks = [] }) => ({ date, startMinute, endMinute, breaks: inOrder(breaks), position: null }))
}

/**
 * The times of work of one day, in order, as instants `[start, end)` inside the practice day: breaks are taken out, and the
 * part of a night that began the day before is in. A schedule counts from `validFrom` up to, not including, `validUntil`. A
 * start or end inside a gap of the clock moves forward, inside an overlap is the earlier reading; hours that lie in the gap
 * as a whole do not take place.
 * @param timeZone the clinic's
 */
export function shiftsOf(plan: WorkPlan, date: LocalDate, timeZone: string): Shift[] {
  const nights = hasNights(plan) ? hoursOf(plan, addDays(date, -1)).filter(endsNextDay) : []
  const day = dayInterval(date, timeZone)
  const shifts = [...nights, ...hoursOf(plan, date)]
    .flatMap((hours) => workingMinutes(hours).flatMap((part) => clip(toShift(hours.date, part, timeZone), day)))
    .sort((a, b) => a.start.getTime() - b.start.getTime() || a.end.getTime() - b.end.getTime())
  return withoutOverlap(shifts)
}

// Most people work none, and a search asks for months of days.
function hasNights({ schedules, shifts }: WorkPlan): boolean {
  return schedules.some(endsNextDay) || shifts.some(endsNextDay)
}

/** True for hours that go on after the midnight of their day. */
export function endsNextDay({ endMinute }: { readonly endMinute: number }): boolean {
  return endMinute > 1440
}

/** What is left of hours when their breaks are taken out, in minutes. */
export function workingMinutes({ startMinute, endMinute, breaks }: PlannedHours): BreakMinutes[] {
  const starts = [startMinute, ...breaks.map((pause) => pause.endMinute)]
  const ends = [...breaks.map((pause) => pause.startMinute), endMinute]
  return starts.map((start, index) => ({ startMinute: start, endMinute: ends[index] ?? endMinute }))
}

/** Instants of a part of a day's hours; the end is at or before the start when a change of the clock has swallowed it. */
export function toShift(date: LocalDate, { startMinute, endMinute }: BreakMinutes, timeZone: string): Shift {
  const start = instantAt(date, startMinute, timeZone)
  const end = instantAt(date, endMinute, timeZone)
  return { start: start.instant, end: end.instant, clockChange: start.shift === 'none' ? end.shift : start.shift }
}

function clip(shift: Shift, day: Interval): Shift[] {
  if (shift.start >= day.end || shift.end <= day.start) return []
  return [{ ...shift, start: shift.start < day.start ? day.start : shift.start, end: shift.end > day.end ? day.end : shift.end }]
}

function breaksOf({ breakStartMinute, breakEndMinute }: RosteredHours): BreakMinutes[] {
  return breakStartMinute === null || breakEndMinute === null ? [] : [{ startMinute: breakStartMinute, endMinute: breakEndMinute }]
}

function inOrder(breaks: readonly BreakMinutes[]): BreakMinutes[] {
  return [...breaks].sort((a, b) => a.startMinute - b.startMinute)
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
export function isValidOn(hours: Pick<ScheduleHours, 'validFrom' | 'validUntil'>, date: LocalDate): boolean {
  return countsOn(hours, toDateColumn(date).getTime())
}

function countsOn({ validFrom, validUntil }: Pick<ScheduleHours, 'validFrom' | 'validUntil'>, day: number): boolean {
  return validFrom.getTime() <= day && (validUntil === null || day < validUntil.getTime())
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

/** True when breaks lie inside their hours, not at an end of them, and apart from each other. */
export function areBreaksInside({ startMinute, endMinute, breaks }: BreakMinutes & { readonly breaks: readonly BreakMinutes[] }): boolean {
  let free = startMinute + 1
  for (const pause of inOrder(breaks)) {
    if (pause.startMinute < free || pause.endMinute <= pause.startMinute || pause.endMinute >= endMinute) return false
    free = pause.endMinute
  }
  return true
}
