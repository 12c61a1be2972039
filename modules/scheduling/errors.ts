import { DomainError } from '../kernel/errors.ts'
import type { Interval } from '../kernel/time.ts'

/** What a visit occupies. A person has one claim space over all clinics; a room belongs to one. */
export type Resource = { readonly kind: 'staff' | 'room'; readonly id: string }

/** Where and when a visit was wanted. */
export type Placement = { readonly staffId: string; readonly roomId: string | null; readonly interval: Interval }

/** The claim that stands in the way. */
export type Conflict = {
  readonly resource: Resource
  readonly interval: Interval
  /** Null when it was given up between the refusal and the look at it. */
  readonly claimId: string | null
  /** False for a claim of another clinic, of which the interval alone is shown. */
  readonly isOwnClinic: boolean
}

/** Somebody else holds the person or the room at that time. */
export class SlotTakenError extends DomainError {
  readonly code = 'SLOT_TAKEN'
  readonly conflict: Conflict
  readonly wanted: Placement
  /** The visit that was to be moved; null for a new one. */
  readonly appointmentId: string | null

  constructor(conflict: Conflict, wanted: Placement, appointmentId: string | null) {
    const { resource, interval } = conflict
    const [startsAt, endsAt] = [interval.start.toISOString(), interval.end.toISOString()]
    super(`This ${resource.kind === 'room' ? 'room' : 'person'} is taken from ${startsAt} to ${endsAt}. Choose one of the next free times.`, {
      resourceId: resource.id,
      resourceKind: resource.kind,
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
