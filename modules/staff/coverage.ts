import type { CoverageNeed } from '../../prisma/client/client.ts'
import { addDays, type Interval, type LocalDate, overlaps } from '../kernel/time.ts'
import { hoursOf, isValidOn, toShift, type WorkPlan } from './shifts.ts'

/** Somebody, or a shift that somebody has, at the clinic: breaks do not interrupt it. */
export type Presence = Interval & { readonly position: string }
export type Need = Pick<CoverageNeed, 'position' | 'weekday' | 'startMinute' | 'endMinute' | 'minCount' | 'validFrom' | 'validUntil'>

/** How far a need is met on one day. */
export type Coverage<N extends Need = Need> = {
  readonly need: N
  readonly date: LocalDate
  /** People of the position who are there at the worst moment of the time that is asked for. */
  readonly planned: number
  readonly isMet: boolean
}

/**
 * How far each need is met on each day of the week that it names, in order of the days. Nobody is needed while the clinic is closed: a need
 * that lies in closed times is left out on that day.
 */
export function coverWeek<N extends Need>(
  needs: readonly N[],
  present: readonly Presence[],
  weekStart: LocalDate,
  timeZone: string,
  closed: readonly Interval[] = [],
): Coverage<N>[] {
  return Array.from({ length: 7 }, (_, index) => addDays(weekStart, index)).flatMap((date, index) =>
    needs
      .filter((need) => need.weekday === index + 1 && isValidOn(need, date))
      .flatMap((need) => {
        const [able, asked] = [present.filter(({ position }) => position === need.position), toShift(date, need, timeZone)]
        const open = without(asked, closed)
        if (open.length === 0 && asked.start < asked.end) return []
        const planned = open.length === 0 ? 0 : Math.min(...open.map((part) => countAtWorst(able, part)))
        return [{ need, date, planned, isMet: planned >= need.minCount }]
      }),
  )
}

/** What is left of an interval, in order, when others are taken out of it. */
export function without<One extends Interval>(interval: One, holes: readonly Interval[]): One[] {
  return holes.reduce<One[]>(
    (parts, hole) =>
      parts.flatMap((part) => {
        if (!overlaps(part, hole)) return [part]
        const [before, after] = [
          { ...part, end: hole.start },
          { ...part, start: hole.end },
        ]
        return [before, after].filter(({ start, end }) => start < end)
      }),
    [interval],
  )
}

/** The smallest number of intervals that are there at once at any moment of `[start, end)`; 0 when the time is empty. */
export function countAtWorst(present: readonly Interval[], { start, end }: Interval): number {
  if (start >= end) return 0
  // It changes where one begins or ends and nowhere else; an end is not there any more.
  const moments = [start, ...present.flatMap((one) => [one.start, one.end]).filter((moment) => start < moment && moment < end)]
  return Math.min(...moments.map((moment) => present.filter((one) => one.start <= moment && moment < one.end).length))
}

/**
 * When one person is there on some days, by the hours that count for each of them.
 * @param position the person's own, in which weekly hours are worked
 */
export function presenceIn(plan: WorkPlan, position: string, from: LocalDate, days: number, timeZone: string): Presence[] {
  return Array.from({ length: days }, (_, index) => addDays(from, index)).flatMap((date) =>
    hoursOf(plan, date)
      .map((hours) => ({ ...toShift(date, hours, timeZone), position: hours.position ?? position }))
      .filter(({ start, end }) => start < end),
  )
}
