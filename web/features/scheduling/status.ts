import type { AppointmentStatus } from '../../gql/graphql.ts'

/** The step that usually follows, for the one button of a card. Null when the visit is over. */
export const NEXT_STEP: Record<AppointmentStatus, AppointmentStatus | null> = {
  SCHEDULED: 'CHECKED_IN',
  CONFIRMED: 'CHECKED_IN',
  CHECKED_IN: 'IN_PROGRESS',
  IN_PROGRESS: 'COMPLETED',
  COMPLETED: 'CHECKED_OUT',
  CHECKED_OUT: null,
  CANCELLED: null,
  NO_SHOW: null,
}

export const STATUS_COLOUR: Record<AppointmentStatus, string> = {
  SCHEDULED: 'gray',
  CONFIRMED: 'gray',
  CHECKED_IN: 'amber',
  IN_PROGRESS: 'pine',
  COMPLETED: 'pine',
  CHECKED_OUT: 'pine',
  CANCELLED: 'clay',
  NO_SHOW: 'clay',
}

/** Only a visit whose client is not here yet can be moved or missed. */
export function isUpcoming(status: AppointmentStatus): boolean {
  return status === 'SCHEDULED' || status === 'CONFIRMED'
}

/** A client who has checked in may still leave unseen. */
export function isCancellable(status: AppointmentStatus): boolean {
  return isUpcoming(status) || status === 'CHECKED_IN'
}

/** Cancelled and missed visits leave their time free. */
export function freesItsSlot(status: AppointmentStatus): boolean {
  return status === 'CANCELLED' || status === 'NO_SHOW'
}
