import type { AppointmentFieldsFragment, DayScheduleQuery } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { minuteIn } from '../../ui/dates.ts'
import { AppointmentFields } from './schedule-documents.ts'
import { freesItsSlot } from './status.ts'

export type DaySchedule = DayScheduleQuery['daySchedule']
export type Appointment = AppointmentFieldsFragment
export type ScheduleView = 'staff' | 'room'
/** Minutes since local midnight, half-open. */
export type Span = { start: number; end: number }
export type Resource = { id: string; name: string; kind: string; isStaff: boolean; shifts: readonly Span[] | null }
export type Placed = { appointment: Appointment; span: Span; lane: number; lanes: number }

export const SNAP_MINUTES = 10

export function appointmentsOf(schedule: DaySchedule): Appointment[] {
  return schedule.appointments
    .map((masked) => readFragment(AppointmentFields, masked))
    .toSorted((a, b) => a.startsAt.localeCompare(b.startsAt) || a.id.localeCompare(b.id))
}

/** The columns of the grid: people with their shifts, or rooms, which have none. */
export function resourcesOf(schedule: DaySchedule, view: ScheduleView, timeZone: string): Resource[] {
  if (view === 'room') {
    return schedule.rooms.map((room) => ({ id: room.id, name: room.name, kind: room.kind, isStaff: false, shifts: null }))
  }
  return schedule.staff.map(({ staff, shifts }) => ({
    id: staff.id,
    name: staff.name,
    kind: staff.position,
    isStaff: true,
    shifts: shifts.map((shift) => spanOf(shift, timeZone)),
  }))
}

/** An interval of the day in local minutes. One that ends at or after midnight ends at 24:00. */
export function spanOf(interval: { startsAt: string; endsAt: string }, timeZone: string): Span {
  const start = minuteIn(timeZone, new Date(interval.startsAt))
  const end = minuteIn(timeZone, new Date(interval.endsAt))
  return { start, end: end > start ? end : 1440 }
}

export function isInColumn(appointment: Appointment, resource: Resource): boolean {
  return (resource.isStaff ? appointment.staff.id : appointment.room?.id) === resource.id
}

/** Whole hours that show the opening hours and everything that lies outside them. */
export function windowOf(opening: Span, spans: readonly Span[]): Span {
  const start = Math.min(opening.start, ...spans.map((span) => span.start))
  const end = Math.max(opening.end, ...spans.map((span) => span.end))
  return { start: Math.floor(start / 60) * 60, end: Math.ceil(end / 60) * 60 }
}

/** Puts overlapping visits side by side: each takes the first lane that is free when it begins. */
export function placeInLanes(appointments: readonly Appointment[], timeZone: string): Placed[] {
  const placed: Placed[] = []
  let cluster: Placed[] = []
  let clusterEnd = -1
  for (const appointment of appointments) {
    if (appointment.status === 'CANCELLED') continue
    const span = spanOf(appointment, timeZone)
    if (span.start >= clusterEnd) cluster = []
    const busy = new Set(cluster.filter((other) => other.span.end > span.start).map((other) => other.lane))
    let lane = 0
    while (busy.has(lane)) lane += 1
    const one: Placed = { appointment, span, lane, lanes: 1 }
    cluster.push(one)
    placed.push(one)
    const lanes = Math.max(...cluster.map((other) => other.lane)) + 1
    for (const other of cluster) other.lanes = lanes
    clusterEnd = Math.max(clusterEnd, span.end)
  }
  return placed
}

/** The first resource with nothing in `span`; people must also be on shift. Null when nobody and nothing is free. */
export function findFree(resources: readonly Resource[], appointments: readonly Appointment[], span: Span, timeZone: string): Resource | null {
  const isFree = (resource: Resource) => {
    const isOnShift = resource.shifts === null || resource.shifts.some((shift) => shift.start <= span.start && span.end <= shift.end)
    return isOnShift && !appointments.some((one) => isInColumn(one, resource) && !freesItsSlot(one.status) && overlaps(spanOf(one, timeZone), span))
  }
  return resources.find(isFree) ?? null
}

function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end
}

export function snap(minute: number): number {
  return Math.round(minute / SNAP_MINUTES) * SNAP_MINUTES
}

/** `09:30` of a minute of the day, as a time field holds it. */
export function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** Null for a text that is no time of day. */
export function minuteOfClock(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})/.exec(text)
  return match ? Number(match[1]) * 60 + Number(match[2]) : null
}
