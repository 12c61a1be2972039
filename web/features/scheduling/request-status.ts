import type { BookingRequestStatus } from '../../gql/graphql.ts'

export const REQUEST_COLOUR: Record<BookingRequestStatus, string> = { REQUESTED: 'amber', CONFIRMED: 'pine', DECLINED: 'clay', EXPIRED: 'gray' }
