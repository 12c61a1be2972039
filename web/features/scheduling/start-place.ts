import type { DaySchedule, ScheduleView } from './day-plan.ts'
import { appointmentsOf, findFree, resourcesOf } from './day-plan.ts'
import type { Place } from './PlaceFields.tsx'

/** From where somebody began to book; what is null is filled in. */
export type BookingStart = { date: string; minute: number; staffId: string | null; roomId: string | null; isSearch?: boolean }

const DEFAULT_MINUTES = 30

/** Fills in what the clicked slot does not say: a free room for a person, a free person for a room. */
export function startPlace({ date, minute, staffId, roomId }: BookingStart, schedule: DaySchedule, timeZone: string): Place {
  const appointments = appointmentsOf(schedule)
  const span = { start: minute, end: minute + DEFAULT_MINUTES }
  const free = (view: ScheduleView) => findFree(resourcesOf(schedule, view, timeZone), appointments, span, timeZone)?.id
  return {
    date,
    minute,
    staffId: staffId ?? free('staff') ?? schedule.staff[0]?.staff.id ?? '',
    roomId: roomId ?? free('room') ?? null,
    equipmentIds: [],
  }
}
