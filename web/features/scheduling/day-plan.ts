import type { AppointmentFieldsFragment, BlockingReason, DayScheduleQuery } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import { AppointmentFields } from './schedule-documents.ts'
import { freesItsSlot } from './status.ts'

export type DaySchedule = DayScheduleQuery['daySchedule']
export type Appointment = AppointmentFieldsFragment
/** The columns of a day. */
export type ScheduleView = 'staff' | 'room'
/** Minutes since local midnight, half-open. */
export type Span = { start: number; end: number }
/** A time at which nothing can be booked, for whom it was kept, or why it is closed. */
export type Closure = { id: string; reason: BlockingReason; title: string | null; span: Span }
export type Resource = { id: string; name: string; kind: string; isStaff: boolean; shifts: readonly Span[] | null; closures: readonly Closure[] }
export type Placed = { appointment: Appointment; span: Span; lane: number; lanes: number }

export const SNAP_MINUTES = 10

export function appointmentsOf(schedule: DaySchedule): Appointment[] {
  return schedule.appointments
    .map((masked) => readFragment(AppointmentFields, masked))
    .toSorted((a, b) => a.startsAt.localeCompare(b.startsAt) || a.id.localeCompare(b.id))
}

/** The columns of the grid: people with their shifts, or rooms, which have none. */
export function resourcesOf(schedule: DaySchedule, view: ScheduleView, timeZone: string): Resource[] {
  const closures = (id: string) => closuresOf(schedule, schedule.date, id, timeZone)
  if (view === 'room') {
    return schedule.rooms.map((room) => ({ id: room.id, name: room.name, kind: room.kind, isStaff: false, shifts: null, closures: closures(room.id) }))
  }
  return schedule.staff.map(({ staff, shifts }) => ({
    id: staff.id,
    name: staff.name,
    kind: staff.position,
    isStaff: true,
    shifts: shifts.map((shift) => spanOf(shift, timeZone)),
    closures: closures(staff.id),
  }))
}

type Closed = Pick<DaySchedule, 'blocks'> & Partial<Pick<DaySchedule, 'holds'>>

/** What keeps visits from a person or a room on a day: closures of the clinic, blocks of their own, and slots that are kept. Null: of anybody and anything. */
export function closuresOf({ blocks, holds = [] }: Closed, date: string, resourceId: string | null, timeZone: string): Closure[] {
  const closures: Closure[] = []
  for (const { id, kind, title, staffId, roomId, ...interval } of blocks) {
    const span = spanOn(date, interval, timeZone)
    const isMine = kind === 'CLOSURE' || resourceId === null || staffId === resourceId || roomId === resourceId
    if (span !== null && isMine) closures.push({ id, reason: kind, title, span })
  }
  for (const { id, staffId, roomId, ...interval } of holds) {
    const span = spanOn(date, interval, timeZone)
    if (span !== null && (resourceId === null || staffId === resourceId || roomId === resourceId)) closures.push({ id, reason: 'HOLD', title: null, span })
  }
  return closures
}

/** The part of an interval that lies on a day; null when none does. */
export function spanOn(date: string, { startsAt, endsAt }: { startsAt: string; endsAt: string }, timeZone: string): Span | null {
  const [first, last] = [new Date(startsAt), new Date(endsAt)]
  const [firstDate, lastDate] = [dateIn(timeZone, first), dateIn(timeZone, last)]
  if (firstDate > date || lastDate < date) return null
  const span = { start: firstDate < date ? 0 : minuteIn(timeZone, first), end: lastDate > date ? 1440 : minuteIn(timeZone, last) }
  return span.end > span.start ? span : null
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

/** Puts overlapping visits side by side: each takes the first lane that is free when it begins. With a date, the part of each that lies on it. */
export function placeInLanes(appointments: readonly Appointment[], timeZone: string, date: string | null = null): Placed[] {
  const placed: Placed[] = []
  let cluster: Placed[] = []
  let clusterEnd = -1
  for (const appointment of appointments) {
    if (appointment.status === 'CANCELLED') continue
    const span = date === null ? spanOf(appointment, timeZone) : spanOn(date, appointment, timeZone)
    if (span === null) continue
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
    const isOpen = !resource.closures.some((closure) => overlaps(closure.span, span))
    return isOnShift && isOpen && !appointments.some((one) => isInColumn(one, resource) && !freesItsSlot(one.status) && overlaps(spanOf(one, timeZone), span))
  }
  return resources.find(isFree) ?? null
}

export function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end
}

/** What of a range lies outside the spans, in order. */
export function gapsOf(spans: readonly Span[], range: Span): Span[] {
  const gaps: Span[] = []
  let from = range.start
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    if (span.start > from) gaps.push({ start: from, end: Math.min(span.start, range.end) })
    from = Math.max(from, span.end)
  }
  if (from < range.end) gaps.push({ start: from, end: range.end })
  return gaps.filter(({ start, end }) => end > start)
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
