import { graphql } from '../../gql/index.ts'

export const TimeOffFields = graphql(`
  fragment TimeOffFields on TimeOffRequest {
    id
    version
    firstDay
    lastDay
    start
    end
    startsAt
    amount
    reason
    status
    decisionReason
    type {
      id
      name
      countsAs
    }
  }
`)

export const TimeOffRequestsDocument = graphql(`
  query TimeOffRequests(
    $staffId: UUID
    $status: TimeOffStatus
    $from: LocalDate
    $until: LocalDate
    $first: Int!
    $after: String
    $withPerson: Boolean!
  ) {
    timeOffRequests(staffId: $staffId, status: $status, from: $from, until: $until, first: $first, after: $after) {
      edges {
        node {
          id
          ...TimeOffFields
          staff @include(if: $withPerson) {
            id
            name
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const TimeOffBalancesDocument = graphql(`
  query TimeOffBalances {
    timeOffBalances {
      year
      allowance
      granted
      approved
      pending
      remaining
      type {
        id
        name
        countsAs
        isArchived
      }
    }
  }
`)

export const TimeOffTypesDocument = graphql(`
  query TimeOffTypes {
    timeOffTypes {
      id
      name
      countsAs
    }
  }
`)

export const TimeOffImpactDocument = graphql(`
  query TimeOffImpact($requestId: UUID!) {
    timeOffImpact(requestId: $requestId) {
      isBeyondBalance
      request {
        id
        ...TimeOffFields
        staff {
          id
          name
        }
      }
      visits {
        appointment {
          ...AffectedAppointment
        }
        offers {
          startsAt
          staff {
            id
            name
          }
        }
      }
      elsewhere {
        startsAt
        endsAt
      }
    }
  }
`)

export const AffectedAppointment = graphql(`
  fragment AffectedAppointment on Appointment {
    id
    version
    startsAt
    endsAt
    patient {
      id
      name
    }
    type {
      id
      name
    }
  }
`)

export const RequestTimeOff = graphql(`
  mutation RequestTimeOff($input: RequestTimeOffInput!) {
    requestTimeOff(input: $input) {
      ... on TimeOffRequest {
        id
        ...TimeOffFields
      }
      ...ErrorFields
    }
  }
`)

export const CancelTimeOff = graphql(`
  mutation CancelTimeOff($input: CancelTimeOffInput!) {
    cancelTimeOff(input: $input) {
      ... on TimeOffRequest {
        id
        ...TimeOffFields
      }
      ...ErrorFields
    }
  }
`)

export const RefuseTimeOff = graphql(`
  mutation RefuseTimeOff($input: RefuseTimeOffInput!) {
    refuseTimeOff(input: $input) {
      ... on TimeOffRequest {
        id
        ...TimeOffFields
      }
      ...ErrorFields
    }
  }
`)

export const ApproveTimeOff = graphql(`
  mutation ApproveTimeOff($input: ApproveTimeOffInput!) {
    approveTimeOff(input: $input) {
      ... on TimeOffDecision {
        request {
          id
          ...TimeOffFields
        }
        stillAffected {
          ...AffectedAppointment
        }
        elsewhere {
          startsAt
          endsAt
        }
      }
      ...ErrorFields
    }
  }
`)
