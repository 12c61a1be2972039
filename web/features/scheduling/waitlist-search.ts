import type { WaitlistStatus } from '../../gql/graphql.ts'
import { dateParam, oneOf, uuidParam } from '../../search-params.ts'

export const WAITLIST_STATUS_OF = {
  waiting: 'WAITING',
  offered: 'OFFERED',
  booked: 'BOOKED',
  withdrawn: 'WITHDRAWN',
  expired: 'EXPIRED',
} as const satisfies Record<string, WaitlistStatus>

const STATUSES = ['waiting', 'offered', 'booked', 'withdrawn', 'expired'] as const

/** Who would like to come when, as far as it is known. */
export type WaitlistWish = { patient?: string | undefined; type?: string | undefined; staff?: string | undefined; on?: string | undefined }

export type WaitlistSearch = WaitlistWish & {
  /** Left out: those who wait, with or without an offer. */
  status?: (typeof STATUSES)[number] | undefined
  /** The form is open, filled in with the wish. */
  add?: 'entry' | undefined
}

export function readWaitlistSearch(raw: Record<string, unknown>): WaitlistSearch {
  return {
    status: oneOf(raw, 'status', STATUSES),
    add: oneOf(raw, 'add', ['entry']),
    patient: uuidParam(raw, 'patient'),
    type: uuidParam(raw, 'type'),
    staff: uuidParam(raw, 'staff'),
    on: dateParam(raw, 'on'),
  }
}
