import type { Appointment } from '../../prisma/client/client.ts'

export const APPOINTMENT_STATUSES = ['scheduled', 'confirmed', 'checked_in', 'in_progress', 'completed', 'checked_out', 'cancelled', 'no_show'] as const
export type AppointmentStatus = (typeof APPOINTMENT_STATUSES)[number]

/**
 * Which status may follow which by a step of the reception or the clinician. Forward one step at a time, because waiting
 * and visit times are counted from the real timestamps; back one step, because people press the wrong button. A missed
 * visit can return when the client turns up after all. Cancelling is a command of its own (it needs a reason) and final.
 */
const STEPS: Readonly<Record<AppointmentStatus, readonly AppointmentStatus[]>> = {
  scheduled: ['confirmed', 'checked_in', 'no_show'],
  confirmed: ['scheduled', 'checked_in', 'no_show'],
  checked_in: ['scheduled', 'confirmed', 'in_progress'],
  in_progress: ['checked_in', 'completed'],
  completed: ['in_progress', 'checked_out'],
  checked_out: ['completed'],
  cancelled: [],
  no_show: ['scheduled', 'confirmed'],
}

export function canStep(from: AppointmentStatus, to: AppointmentStatus): boolean {
  return STEPS[from].includes(to)
}

/** True while the time and the place may still change. */
export function canMove(status: AppointmentStatus): boolean {
  return status === 'scheduled' || status === 'confirmed'
}

/** True until the visit has begun: a client who has checked in may still leave unseen. */
export function canCancel(status: AppointmentStatus): boolean {
  return canMove(status) || status === 'checked_in'
}

/** Cancelled and missed visits leave their staff member and room free. */
export function holdsResources(status: AppointmentStatus): boolean {
  return status !== 'cancelled' && status !== 'no_show'
}

/** Reads a status from the database. Throws RangeError on anything else, which its CHECK makes impossible. */
export function toStatus(text: string): AppointmentStatus {
  const status = APPOINTMENT_STATUSES.find((known) => known === text)
  if (status === undefined) throw new RangeError(`not an appointment status: ${text}`)
  return status
}

/** How a visit came about. */
export const ORIGINS = ['desk', 'walk_in', 'online', 'series', 'waitlist'] as const
export type Origin = (typeof ORIGINS)[number]

/** Reads an origin from the database. Throws RangeError on anything else, which its CHECK makes impossible. */
export function toOrigin(text: string): Origin {
  const origin = ORIGINS.find((known) => known === text)
  if (origin === undefined) throw new RangeError(`not an origin of visits: ${text}`)
  return origin
}

type Moment = 'confirmedAt' | 'checkedInAt' | 'startedAt' | 'completedAt' | 'checkedOutAt'
export type Moments = Pick<Appointment, Moment>

// In the order of a visit; the first two wait for the client, the others are the visit itself.
const PATH: readonly { readonly status: AppointmentStatus; readonly moment: Moment }[] = [
  { status: 'confirmed', moment: 'confirmedAt' },
  { status: 'checked_in', moment: 'checkedInAt' },
  { status: 'in_progress', moment: 'startedAt' },
  { status: 'completed', moment: 'completedAt' },
  { status: 'checked_out', moment: 'checkedOutAt' },
]

export type StatusChange = Partial<Moments> & { readonly status: AppointmentStatus; readonly noShowAt: Date | null }

/**
 * What a step writes: the moment of the status that is reached, and null for every moment after it, so that a step back
 * leaves no trace in waiting times (the audit trail keeps it). Stepping back keeps the moment that was already known. A
 * moment is never earlier than the one before it, even when two servers' clocks disagree.
 */
export function stepTo(current: Moments, to: AppointmentStatus, now: Date): StatusChange {
  if (to === 'no_show') return { status: to, noShowAt: now }
  const reached = PATH.findIndex(({ status }) => status === to)
  const change: { -readonly [K in keyof StatusChange]: StatusChange[K] } = { status: to, noShowAt: null }
  for (const [index, { moment }] of PATH.entries()) {
    if (index > reached) change[moment] = null
    else if (index === reached && current[moment] === null)
      change[moment] = latest(
        now,
        PATH.slice(1, index).map((earlier) => current[earlier.moment]),
      )
  }
  return change
}

function latest(now: Date, others: readonly (Date | null)[]): Date {
  return others.reduce<Date>((last, other) => (other !== null && other > last ? other : last), now)
}
