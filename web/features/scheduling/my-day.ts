import type { Appointment, Closure, DaySchedule, Span } from './day-plan.ts'
import { appointmentsOf, gapsOf, resourcesOf, spanOn } from './day-plan.ts'
import { freesItsSlot } from './status.ts'

export type DayItem =
  | { kind: 'visit'; at: number; appointment: Appointment }
  | { kind: 'closure'; at: number; closure: Closure }
  | { kind: 'gap'; at: number; span: Span }

/** Shorter pauses are no time to do anything with. */
const LEAST_GAP_MINUTES = 15

/** A person's day in order: visits, what is closed, and the gaps of their shifts. */
export function dayOf(schedule: DaySchedule, staffId: string, timeZone: string): DayItem[] {
  const me = resourcesOf(schedule, 'staff', timeZone).find(({ id }) => id === staffId)
  const mine = appointmentsOf(schedule).filter((one) => one.staff.id === staffId)
  const spanned = mine.flatMap((appointment) => {
    const span = spanOn(schedule.date, appointment, timeZone)
    return span === null ? [] : [{ appointment, span }]
  })
  const closures = me?.closures ?? []
  const taken = [...spanned.filter(({ appointment }) => !freesItsSlot(appointment.status)).map(({ span }) => span), ...closures.map(({ span }) => span)]
  const gaps = (me?.shifts ?? []).flatMap((shift) =>
    gapsOf(
      taken.filter((span) => span.end > shift.start && span.start < shift.end),
      shift,
    ),
  )
  const items: DayItem[] = [
    ...spanned.map(({ appointment, span }) => ({ kind: 'visit' as const, at: span.start, appointment })),
    ...closures.map((closure) => ({ kind: 'closure' as const, at: closure.span.start, closure })),
    ...gaps.filter(({ start, end }) => end - start >= LEAST_GAP_MINUTES).map((span) => ({ kind: 'gap' as const, at: span.start, span })),
  ]
  return items.toSorted((a, b) => a.at - b.at)
}
