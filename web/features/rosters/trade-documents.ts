import { graphql } from '../../gql/index.ts'

export const MyShiftsDocument = graphql(`
  query MyShifts($from: LocalDate!, $until: LocalDate!) {
    myShifts(from: $from, until: $until) {
      id
      ...ShiftFields
      clinic {
        id
        name
      }
    }
  }
`)

/** What decides whether the reader may take a shift. */
export const OwnProfileDocument = graphql(`
  query OwnProfile($staffId: UUID!) {
    staffMember(id: $staffId) {
      id
      position
      hiredOn
      terminatedOn
    }
  }
`)

export const OpenShiftsDocument = graphql(`
  query OpenShifts($first: Int!, $after: String) {
    openShifts(first: $first, after: $after) {
      edges {
        node {
          id
          ...ShiftFields
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const ClaimOpenShift = graphql(`
  mutation ClaimOpenShift($input: ClaimOpenShiftInput!) {
    claimOpenShift(input: $input) {
      ... on RosterShift {
        id
        ...ShiftFields
      }
      ...ErrorFields
    }
  }
`)

export const ReleaseShift = graphql(`
  mutation ReleaseShift($input: ReleaseShiftInput!) {
    releaseShift(input: $input) {
      ... on RosterShift {
        id
        ...ShiftFields
      }
      ...ErrorFields
    }
  }
`)

export const SwapFields = graphql(`
  fragment SwapFields on ShiftSwap {
    id
    version
    status
    reason
    decisionReason
    askedAt
    decidedAt
    shift {
      id
      ...ShiftFields
    }
    counterShift {
      id
      ...ShiftFields
    }
    from {
      id
      name
    }
    to {
      id
      name
    }
  }
`)

export const ShiftSwapsDocument = graphql(`
  query ShiftSwaps($status: ShiftSwapStatus, $includeClosed: Boolean!, $first: Int!, $after: String) {
    shiftSwaps(status: $status, includeClosed: $includeClosed, first: $first, after: $after) {
      edges {
        node {
          id
          ...SwapFields
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

/** What a colleague could give in return: their shifts of a week and of the one after. */
export const SwapWeeksDocument = graphql(`
  query SwapWeeks($date: LocalDate!, $next: LocalDate!) {
    staff(first: 100) {
      edges {
        node {
          id
          name
          position
        }
      }
    }
    week: rosterWeek(date: $date) {
      roster {
        id
        status
      }
      shifts {
        id
        ...ShiftFields
      }
    }
    nextWeek: rosterWeek(date: $next) {
      roster {
        id
        status
      }
      shifts {
        id
        ...ShiftFields
      }
    }
  }
`)

export const AskSwap = graphql(`
  mutation AskSwap($input: AskSwapInput!) {
    askSwap(input: $input) {
      ... on ShiftSwap {
        id
        ...SwapFields
      }
      ...ErrorFields
    }
  }
`)

export const AcceptSwap = graphql(`
  mutation AcceptSwap($input: SwapStepInput!) {
    acceptSwap(input: $input) {
      ... on ShiftSwap {
        id
        ...SwapFields
      }
      ...ErrorFields
    }
  }
`)

export const ApproveSwap = graphql(`
  mutation ApproveSwap($input: ApproveSwapInput!) {
    approveSwap(input: $input) {
      ... on ShiftSwap {
        id
        ...SwapFields
      }
      ...ErrorFields
    }
  }
`)

export const RefuseSwap = graphql(`
  mutation RefuseSwap($input: RefuseSwapInput!) {
    refuseSwap(input: $input) {
      ... on ShiftSwap {
        id
        ...SwapFields
      }
      ...ErrorFields
    }
  }
`)

export const WithdrawSwap = graphql(`
  mutation WithdrawSwap($input: SwapStepInput!) {
    withdrawSwap(input: $input) {
      ... on ShiftSwap {
        id
        ...SwapFields
      }
      ...ErrorFields
    }
  }
`)
