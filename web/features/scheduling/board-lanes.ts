import type { AppointmentStatus } from '../../gql/graphql.ts'
import type { Appointment } from './day-plan.ts'

export const LANES = ['expected', 'checkedIn', 'inProgress', 'checkout'] as const
export type Lane = (typeof LANES)[number]

const LANE_OF: Partial<Record<AppointmentStatus, Lane>> = {
  SCHEDULED: 'expected',
  CONFIRMED: 'expected',
  CHECKED_IN: 'checkedIn',
  IN_PROGRESS: 'inProgress',
  COMPLETED: 'checkout',
}

/** Whom a client notices to be late: source, practice of established systems (a wait above a quarter of an hour is marked). */
export const LONG_WAIT_MINUTES = 15

/** What a tile counts: to or from the hour that was agreed, or since the moment at which the lane was entered. */
export type Timer = { kind: 'due' | 'late' | 'waiting' | 'running'; minutes: number; isLong: boolean }

/** Tiles of each lane: who is expected in order of time, everybody else by how long they have been there. */
export function lanesOf(appointments: readonly Appointment[]): Record<Lane, Appointment[]> {
  const lanes: Record<Lane, Appointment[]> = { expected: [], checkedIn: [], inProgress: [], checkout: [] }
  for (const appointment of appointments) {
    const lane = LANE_OF[appointment.status]
    if (lane !== undefined) lanes[lane].push(appointment)
  }
  for (const lane of LANES) lanes[lane].sort((a, b) => (sinceOf(a) ?? a.startsAt).localeCompare(sinceOf(b) ?? b.startsAt) || a.id.localeCompare(b.id))
  return lanes
}

/** From which moment a visit has stood where it stands; null before the client is here. */
export function sinceOf({ status, checkedInAt, startedAt, completedAt }: Appointment): string | null {
  if (status === 'CHECKED_IN') return checkedInAt
  if (status === 'IN_PROGRESS') return startedAt
  return status === 'COMPLETED' ? completedAt : null
}

export function timerOf(appointment: Appointment, now: Date): Timer {
  const since = sinceOf(appointment)
  if (since === null) {
    const minutes = Math.round((now.getTime() - Date.parse(appointment.startsAt)) / 60_000)
    return minutes > 0 ? { kind: 'late', minutes, isLong: minutes > LONG_WAIT_MINUTES } : { kind: 'due', minutes: -minutes, isLong: false }
  }
  const minutes = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 60_000))
  const isTreated = appointment.status === 'IN_PROGRESS'
  return { kind: isTreated ? 'running' : 'waiting', minutes, isLong: !isTreated && minutes > LONG_WAIT_MINUTES }
}
