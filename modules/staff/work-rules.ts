import type { WorkRule } from '../../prisma/client/client.ts'
import { addDays, daysBetween, type Interval, instantAt, type LocalDate, MINUTE_MS } from '../kernel/time.ts'
import { hoursOf, toShift, type WorkPlan, workingMinutes } from './shifts.ts'

export type WorkLimits = Pick<WorkRule, 'maxWeekMinutes' | 'maxDayMinutes' | 'maxMixedMinutes' | 'maxNightMinutes' | 'minRestMinutes' | 'maxConsecutiveDays'>

/** Work that counts for one day: its times without breaks, and how much of it lies at night. */
export type Stint = Interval & { readonly date: LocalDate; readonly workedMinutes: number; readonly nightMinutes: number }

export const WARNING_CODES = ['OVERTIME_WEEK', 'OVERTIME_DAY', 'SHORT_REST', 'TOO_MANY_DAYS'] as const
export type WorkWarning = {
  readonly code: (typeof WARNING_CODES)[number]
  /** The day that breaks the limit; the Monday for a limit of the week. */
  readonly date: LocalDate
  /** Minutes, or days for TOO_MANY_DAYS. */
  readonly actual: number
  readonly limit: number
}

const HOUR = 60

/**
 * The limits of a country on a day, for a clinic that has not set its own.
 *
 * Source: MX: Ley Federal del Trabajo, arts. 58 to 61 (a day of 8 hours, 7.5 mixed, 7 at night), 66 to 68 (what goes beyond is
 * overtime), 69 (a day of rest for every six of work); the week: Constitution, art. 123 A IV and transitory articles, DOF
 * 2026-03-03 (48 hours in 2026, 46 in 2027, 44 in 2028, 42 in 2029, 40 from 2030). The law names no rest between two days: 12
 * hours are practice.
 * US: 29 U.S.C. 207(a)(1) (40 hours a week); the day of 8 hours and six days: California Labor Code 510, 551 and 552, the
 * strictest state; rest of 10 hours is practice. ES: Estatuto de los Trabajadores, arts. 34 and 37.1 (40 hours, 9 a day, 12 of
 * rest). Others: Directive 2003/88/EC, arts. 3, 5 and 6 (48 hours, 11 of rest a day, one day in seven).
 */
export function presetLimits(countryCode: string, date: LocalDate): WorkLimits {
  switch (countryCode) {
    case 'MX':
      return limits({ week: mexicanWeekHours(Number(date.slice(0, 4))), day: 8, mixed: 7.5, night: 7, rest: 12 })
    case 'US':
      return limits({ week: 40, day: 8, mixed: 8, night: 8, rest: 10 })
    case 'ES':
      return limits({ week: 40, day: 9, mixed: 9, night: 9, rest: 12 })
    default:
      return limits({ week: 48, day: 13, mixed: 13, night: 13, rest: 11 })
  }
}

function mexicanWeekHours(year: number): number {
  return Math.min(48, Math.max(40, 48 - 2 * (year - 2026)))
}

function limits({ week, day, mixed, night, rest }: { week: number; day: number; mixed: number; night: number; rest: number }): WorkLimits {
  return {
    maxWeekMinutes: week * HOUR,
    maxDayMinutes: day * HOUR,
    maxMixedMinutes: mixed * HOUR,
    maxNightMinutes: night * HOUR,
    minRestMinutes: rest * HOUR,
    maxConsecutiveDays: 6,
  }
}

/** The stints that a plan gives on the days `[from, until)`, in order. Elapsed minutes: a night of a changed clock is shorter or longer. */
export function stintsOf(plan: WorkPlan, from: LocalDate, until: LocalDate, timeZone: string): Stint[] {
  const dates = Array.from({ length: Math.max(0, daysBetween(from, until)) }, (_, index) => addDays(from, index))
  return dates.flatMap((date) =>
    hoursOf(plan, date).flatMap((hours) => {
      const parts = workingMinutes(hours)
        .map((part) => toShift(date, part, timeZone))
        .filter(({ start, end }) => start < end)
      const [first, last] = [parts[0], parts.at(-1)]
      if (!first || !last) return []
      const nights = nightsAround(date, timeZone)
      return [
        {
          date,
          start: first.start,
          end: last.end,
          workedMinutes: sum(parts.map(lengthOf)),
          nightMinutes: sum(parts.flatMap((part) => nights.map((night) => shared(part, night)))),
        },
      ]
    }),
  )
}

// Art. 60: the night is from 20:00 to 06:00. A shift of a day touches the night before it, its own, and what follows the next day.
function nightsAround(date: LocalDate, timeZone: string): Interval[] {
  return [-1, 0, 1].map((offset) => ({
    start: instantAt(addDays(date, offset), 20 * HOUR, timeZone).instant,
    end: instantAt(addDays(date, offset + 1), 6 * HOUR, timeZone).instant,
  }))
}

const lengthOf = ({ start, end }: Interval): number => Math.max(0, (end.getTime() - start.getTime()) / MINUTE_MS)
const shared = (a: Interval, b: Interval): number => lengthOf({ start: a.start > b.start ? a.start : b.start, end: a.end < b.end ? a.end : b.end })
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/**
 * What one person's work breaks in a week; it is shown, and refuses nothing. Rest is that between the work of two days, and
 * days count in a row with those before the week.
 * @param work of all clinics, in any order, from `maxConsecutiveDays` before the week on
 * @param weekStart a Monday
 */
export function findWarnings(work: readonly Stint[], rule: WorkLimits, weekStart: LocalDate): WorkWarning[] {
  const byDate = new Map([...Map.groupBy(work, ({ date }) => date)].sort(([a], [b]) => (a < b ? -1 : 1)))
  const weekEnd = addDays(weekStart, 7)
  const inWeek = (date: LocalDate) => weekStart <= date && date < weekEnd
  const total = sum(work.filter(({ date }) => inWeek(date)).map(({ workedMinutes }) => workedMinutes))
  const overtime: WorkWarning[] = total > rule.maxWeekMinutes ? [{ code: 'OVERTIME_WEEK', date: weekStart, actual: total, limit: rule.maxWeekMinutes }] : []
  return [...overtime, ...findLongDays(byDate, rule), ...findShortRests(byDate, rule), ...findLongRuns([...byDate.keys()], rule, weekStart)].filter(
    ({ date }) => inWeek(date),
  )
}

type WorkByDate = ReadonlyMap<LocalDate, readonly Stint[]>

function findLongDays(byDate: WorkByDate, rule: WorkLimits): WorkWarning[] {
  return [...byDate].flatMap(([date, stints]): WorkWarning[] => {
    const actual = sum(stints.map(({ workedMinutes }) => workedMinutes))
    const limit = dayLimit(actual, sum(stints.map(({ nightMinutes }) => nightMinutes)), rule)
    return actual > limit ? [{ code: 'OVERTIME_DAY', date, actual, limit }] : []
  })
}

/**
 * The limit of a day by how much of it is at night. Source: Ley Federal del Trabajo, arts. 60 and 61: three and a half hours at
 * night make a day a night; with less, and some by day, it is mixed.
 */
export function dayLimit(workedMinutes: number, nightMinutes: number, rule: WorkLimits): number {
  if (nightMinutes === 0) return rule.maxDayMinutes
  return nightMinutes >= 3.5 * HOUR || nightMinutes >= workedMinutes ? rule.maxNightMinutes : rule.maxMixedMinutes
}

function findShortRests(byDate: WorkByDate, rule: WorkLimits): WorkWarning[] {
  let freeAt: number | null = null
  const found: WorkWarning[] = []
  for (const [date, stints] of byDate) {
    const begins = Math.min(...stints.map(({ start }) => start.getTime()))
    const actual = freeAt === null ? null : Math.max(0, (begins - freeAt) / MINUTE_MS)
    if (actual !== null && actual < rule.minRestMinutes) found.push({ code: 'SHORT_REST', date, actual, limit: rule.minRestMinutes })
    freeAt = Math.max(freeAt ?? 0, ...stints.map(({ end }) => end.getTime()))
  }
  return found
}

// One warning for each run, on its first day of the week that is too many; it tells how long the run gets within the week.
function findLongRuns(dates: readonly LocalDate[], rule: WorkLimits, weekStart: LocalDate): WorkWarning[] {
  const weekEnd = addDays(weekStart, 7)
  const runs: LocalDate[][] = []
  for (const date of dates) {
    if (date >= weekEnd) break
    const run = runs.at(-1)
    if (run && run.at(-1) === addDays(date, -1)) run.push(date)
    else runs.push([date])
  }
  return runs.flatMap((run): WorkWarning[] => {
    const date = run.find((day, index) => index >= rule.maxConsecutiveDays && day >= weekStart)
    return date === undefined ? [] : [{ code: 'TOO_MANY_DAYS', date, actual: run.length, limit: rule.maxConsecutiveDays }]
  })
}
