import { graphql } from '../../gql/index.ts'

export const PublicPageDocument = graphql(`
  query PublicPage($slug: String!) {
    publicBookingPage(slug: $slug) {
      clinicName
      timeZone
      countryCode
      firstDay
      lastDay
      types {
        id
        name
        durationMinutes
      }
      species {
        code
        nameEs
        nameEn
      }
    }
  }
`)

export const PublicSlotsDocument = graphql(`
  query PublicSlots($slug: String!, $typeId: UUID!, $from: LocalDate!, $until: LocalDate!) {
    publicSlots(slug: $slug, typeId: $typeId, from: $from, until: $until)
  }
`)

export const RequestBooking = graphql(`
  mutation RequestBooking($input: RequestBookingInput!) {
    requestBooking(input: $input) {
      ... on BookingReceipt {
        startsAt
        endsAt
        expiresAt
      }
      ... on SlotGone {
        nextStarts
      }
      ...ErrorFields
    }
  }
`)
