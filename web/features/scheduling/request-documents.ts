import { graphql } from '../../gql/index.ts'

export const RequestFields = graphql(`
  fragment RequestFields on BookingRequest {
    id
    version
    status
    startsAt
    endsAt
    expiresAt
    contactName
    contactPhone
    contactMail
    locale
    patientName
    breed
    note
    decisionReason
    decidedAt
    decidedByName
    requestedAt
    type {
      id
      name
    }
    species {
      code
      name
    }
    staff {
      id
      name
    }
    room {
      id
      name
    }
  }
`)

export const BookingRequestsDocument = graphql(`
  query BookingRequests($statuses: [BookingRequestStatus!]!) {
    bookingRequests(statuses: $statuses) {
      id
      ...RequestFields
    }
  }
`)

export const BookingRequestDocument = graphql(`
  query BookingRequest($id: UUID!) {
    bookingRequest(id: $id) {
      id
      ...RequestFields
      appointment {
        id
        startsAt
        patient {
          id
          name
        }
      }
      matches {
        id
        name
        phone
        patients {
          id
          ...FoundPatientFields
        }
      }
    }
  }
`)

export const ConfirmBookingRequest = graphql(`
  mutation ConfirmBookingRequest($input: ConfirmBookingRequestInput!) {
    confirmBookingRequest(input: $input) {
      ... on BookingRequest {
        id
        ...RequestFields
      }
      ...ErrorFields
    }
  }
`)

export const DeclineBookingRequest = graphql(`
  mutation DeclineBookingRequest($input: DeclineBookingRequestInput!) {
    declineBookingRequest(input: $input) {
      ... on BookingRequest {
        id
        ...RequestFields
      }
      ...ErrorFields
    }
  }
`)

export const BookingPageDocument = graphql(`
  query BookingPage {
    bookingPage {
      slug
      isOpen
      noticeMinutes
      daysAhead
      version
    }
  }
`)

export const SetBookingPage = graphql(`
  mutation SetBookingPage($input: SetBookingPageInput!) {
    setBookingPage(input: $input) {
      ... on BookingPage {
        slug
        isOpen
        noticeMinutes
        daysAhead
        version
      }
      ...ErrorFields
    }
  }
`)
