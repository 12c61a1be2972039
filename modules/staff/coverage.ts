import type { CoverageNeed } from '../../prisma/client/client.ts'
import { addDays, type Interval, type LocalDate } from '../kernel/time.ts'
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

/** How far each need is met on each day of the week that it names, in order of the days. */
export function coverWeek<N extends Need>(needs: readonly N[], present: readonly Presence[], weekStart: LocalDate, timeZone: string): Coverage<N>[] {
  return Array.from({ length: 7 }, (_, index) => addDays(weekStart, index)).flatMap((date, index) =>
    needs
      .filter((need) => need.weekday === index + 1 && isValidOn(need, date))
      .map((need) => {
        const planned = countAtWorst(
          present.filter(({ position }) => position === need.position),
          toShift(date, need, timeZone),
        )
        return { need, date, planned, isMet: planned >= need.minCount }
      }),
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
