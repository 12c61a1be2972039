import type { Appointment, Closure, DaySchedule, Resource } from './day-plan.ts'
import { resourcesOf, spanOn } from './day-plan.ts'
import { freesItsSlot } from './status.ts'

export type RoomState = { id: string; name: string; kind: string; visit: Appointment | null; closure: Closure | null; freeAt: number | null }
export type PersonState = { id: string; name: string; kind: string; visit: Appointment | null; closure: Closure | null; until: number }
export type Capacity = {
  rooms: readonly RoomState[]
  /** On shift at this minute. */
  staff: readonly PersonState[]
  waiting: readonly Appointment[]
  longestWaitMinutes: number | null
  status: 'closed' | 'free' | 'busy' | 'full'
}

const DAY_MINUTES = 1440
const BUSY_SHARE = 0.75

/** How much room there is for one more visit at a minute of the day. */
export function capacityAt(schedule: DaySchedule, appointments: readonly Appointment[], minute: number, now: Date, timeZone: string): Capacity {
  const rooms = resourcesOf(schedule, 'room', timeZone).map((room) => roomAt(room, appointments, schedule.date, minute, timeZone))
  const staff = resourcesOf(schedule, 'staff', timeZone).flatMap((person) => personAt(person, appointments, minute) ?? [])
  const waiting = appointments.filter(({ status }) => status === 'CHECKED_IN')
  const waits = waiting.map(({ checkedInAt }) => (checkedInAt === null ? 0 : Math.max(0, Math.floor((now.getTime() - Date.parse(checkedInAt)) / 60_000))))
  const isShut = schedule.blocks.some((block) => {
    const span = block.kind === 'CLOSURE' ? spanOn(schedule.date, block, timeZone) : null
    return span !== null && isIn(span, minute)
  })
  return { rooms, staff, waiting, longestWaitMinutes: waits.length === 0 ? null : Math.max(...waits), status: statusOf(staff, waiting.length, isShut) }
}

/** People decide: rooms are seldom what is short, and a visit without a person cannot be had. */
function statusOf(staff: readonly PersonState[], waiting: number, isShut: boolean): Capacity['status'] {
  const there = staff.filter(({ closure }) => closure === null)
  if (isShut || there.length === 0) return 'closed'
  const taken = there.filter(({ visit }) => visit !== null).length
  if (taken === there.length && waiting > 0) return 'full'
  return (taken + waiting) / there.length >= BUSY_SHARE ? 'busy' : 'free'
}

const isIn = ({ start, end }: { start: number; end: number }, minute: number) => start <= minute && minute < end

/** The visit that goes on; one that runs over still takes its person and its room. */
function currentVisit(appointments: readonly Appointment[], isMine: (one: Appointment) => boolean): Appointment | null {
  return appointments.find((one) => one.status === 'IN_PROGRESS' && isMine(one)) ?? null
}

function roomAt(room: Resource, appointments: readonly Appointment[], date: string, minute: number, timeZone: string): RoomState {
  const mine = appointments.filter((one) => one.room?.id === room.id)
  const visit = currentVisit(mine, () => true)
  const closure = room.closures.find(({ span }) => isIn(span, minute)) ?? null
  // Kept for who is expected, whether or not they are here yet.
  const held = mine.flatMap((one) => (freesItsSlot(one.status) || one.status === 'CHECKED_OUT' ? [] : (spanOn(date, one, timeZone) ?? [])))
  const taken = [...held, ...room.closures.map(({ span }) => span)].toSorted((a, b) => a.start - b.start)
  let freeAt = minute
  for (const span of taken) if (isIn(span, freeAt)) freeAt = span.end
  // A visit beyond its end gives the room back when it ends, which nobody knows.
  const isOver = visit !== null && freeAt === minute
  const isFree = visit === null && closure === null && freeAt === minute
  return { id: room.id, name: room.name, kind: room.kind, visit, closure, freeAt: isFree || isOver || freeAt >= DAY_MINUTES ? null : freeAt }
}

function personAt(person: Resource, appointments: readonly Appointment[], minute: number): PersonState | null {
  const shift = person.shifts?.find((span) => isIn(span, minute))
  if (shift === undefined) return null
  const closure = person.closures.find(({ span, reason }) => reason !== 'HOLD' && isIn(span, minute)) ?? null
  return {
    id: person.id,
    name: person.name,
    kind: person.kind,
    visit: currentVisit(appointments, (one) => one.staff.id === person.id),
    closure,
    until: shift.end,
  }
}
