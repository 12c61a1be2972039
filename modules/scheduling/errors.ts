import { DomainError } from '../kernel/errors.ts'
import type { Interval } from '../kernel/time.ts'
import type { Buffers } from './needs.ts'

/** What a visit occupies. A person has one claim space over all clinics; a room or a machine belongs to one. */
export type Resource = { readonly kind: 'staff' | 'room' | 'equipment'; readonly id: string }

/** Where and when a visit was wanted. */
export type Placement = {
  readonly staffId: string
  readonly roomId: string | null
  readonly equipmentIds: readonly string[]
  /** Of the visit itself. */
  readonly interval: Interval
  readonly buffers: Buffers
}

/** Another visit, a slot that is kept for somebody, or a time at which nobody is booked. */
export const BLOCKING_REASONS = ['visit', 'hold', 'time_off', 'maintenance', 'closure'] as const
export type BlockingReason = (typeof BLOCKING_REASONS)[number]

/** Reads a reason from the database. Throws RangeError on anything else, which its CHECK makes impossible. */
export function toBlockingReason(text: string): BlockingReason {
  const reason = BLOCKING_REASONS.find((known) => known === text)
  if (reason === undefined) throw new RangeError(`not a reason for a closed time: ${text}`)
  return reason
}

/** What stands in the way. */
export type Conflict = {
  /** A closure concerns the clinic as a whole. */
  readonly resource: Resource | { readonly kind: 'clinic'; readonly id: string }
  readonly reason: BlockingReason
  readonly interval: Interval
  /** Of the claim or of the closed time; null when it was given up between the refusal and the look at it. */
  readonly id: string | null
  /** False for what belongs to another clinic, of which the interval alone is shown. */
  readonly isOwnClinic: boolean
}

const NAMES: Readonly<Record<Conflict['resource']['kind'], string>> = { staff: 'person', room: 'room', equipment: 'equipment', clinic: 'clinic' }
const STATES: Readonly<Record<BlockingReason, string>> = {
  visit: 'taken',
  hold: 'held for somebody',
  time_off: 'off',
  maintenance: 'under maintenance',
  closure: 'closed',
}

/** Something else holds the person, the room or the equipment at that time, or it is closed. */
export class SlotTakenError extends DomainError {
  readonly code = 'SLOT_TAKEN'
  readonly conflict: Conflict
  readonly wanted: Placement
  /** The visit that was to be moved; null for a new one. */
  readonly appointmentId: string | null

  constructor(conflict: Conflict, wanted: Placement, appointmentId: string | null) {
    const { resource, interval, reason } = conflict
    const [startsAt, endsAt] = [interval.start.toISOString(), interval.end.toISOString()]
    super(`This ${NAMES[resource.kind]} is ${STATES[reason]} from ${startsAt} to ${endsAt}. Choose one of the next free times.`, {
      resourceId: resource.id,
      resourceKind: resource.kind,
      reason,
      startsAt,
      endsAt,
    })
    this.conflict = conflict
    this.wanted = wanted
    this.appointmentId = appointmentId
  }
}

/** The visit would lie outside the person's hours at this clinic. */
export class OutsideShiftError extends DomainError {
  readonly code = 'OUTSIDE_SHIFT'

  constructor(staffId: string, interval: Interval) {
    super('This person does not work at this clinic for the whole of that time. Choose a time within the shift, or ask somebody who may overbook.', {
      staffId,
      startsAt: interval.start.toISOString(),
      endsAt: interval.end.toISOString(),
    })
  }
}

/** The person takes no visits: not bookable, no longer active, or not employed on that day. */
export class StaffNotBookableError extends DomainError {
  readonly code = 'STAFF_NOT_BOOKABLE'

  constructor(staffId: string) {
    super('This person takes no visits on that day. Choose somebody else.', { staffId })
  }
}

/** What none of the chosen resources is; empty where the type asks for nothing, or for what was chosen. */
export type MissingNeeds = { readonly positions: readonly string[]; readonly roomKinds: readonly string[]; readonly equipmentKinds: readonly string[] }

/** Person, room or equipment are not what the type of visit needs. */
export class RequirementsNotMetError extends DomainError {
  readonly code = 'REQUIREMENTS_NOT_MET'

  readonly missing: MissingNeeds

  constructor(missing: MissingNeeds) {
    const wishes = [
      missing.positions.length > 0 && `somebody who is ${missing.positions.join(' or ')}`,
      missing.roomKinds.length > 0 && `a room for ${missing.roomKinds.join(' or ')}`,
      missing.equipmentKinds.length > 0 && `equipment: ${missing.equipmentKinds.join(', ')}`,
    ].filter((wish) => wish !== false)
    super(`Such a visit needs ${wishes.join(', and ')}. Choose that, or another type of visit.`)
    this.missing = missing
  }
}

/** A kept slot is gone: it expired, was let go, or has become a visit. */
export class HoldExpiredError extends DomainError {
  readonly code = 'HOLD_EXPIRED'

  constructor(holdId: string) {
    super('This slot is no longer kept. Search again, and choose one of the free times.', { holdId })
  }
}

/** What a kept slot and the visit that is to take its place differ in. */
export type HoldDifference = 'type' | 'time' | 'staff' | 'room'

/** A kept slot gives way to the visit that it is kept for, and to no other: somebody else may be waiting on it. */
export class HoldMismatchError extends DomainError {
  readonly code = 'HOLD_MISMATCH'

  constructor(holdId: string, difference: HoldDifference) {
    super('This slot is kept for another visit. Book it as it is kept, or book without it.', { holdId, difference })
  }
}

/** Of a series no visit can be booked. */
export class SeriesNotBookableError extends DomainError {
  readonly code = 'SERIES_NOT_BOOKABLE'

  constructor(visits: number) {
    super('None of these visits can be booked. Look at what is in the way, and choose another time, person or room.', { visits })
  }
}

/** Nobody can see a client who has come without a booking today. */
export class NobodyFreeError extends DomainError {
  readonly code = 'NOBODY_FREE'
  /** Where the next free times are to be looked for. */
  readonly wanted: { readonly typeId: string; readonly staffIds: string[] | null; readonly roomIds: string[] | null; readonly from: string }

  constructor(wanted: NobodyFreeError['wanted']) {
    super('Nobody is free for the rest of the day. Offer one of the next free times, or squeeze the visit in with a reason.')
    this.wanted = wanted
  }
}

/** A start that was asked for online is not offered, or not any more. Says nothing of what is in the way. */
export class SlotGoneError extends DomainError {
  readonly code = 'SLOT_GONE'
  /** The next ones that are offered. */
  readonly nextStarts: readonly Date[]

  constructor(nextStarts: readonly Date[] = []) {
    super('This time is not free any more. Choose another one.')
    this.nextStarts = nextStarts
  }
}
