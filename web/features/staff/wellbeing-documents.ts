import { graphql } from '../../gql/index.ts'

export const FlagFields = graphql(`
  fragment FlagFields on WellbeingFlag {
    id
    version
    kind
    note
    raisedAt
    resolvedAt
    raisedBy {
      id
      name
    }
    resolvedBy {
      id
      name
    }
  }
`)

export const WellbeingFlagsDocument = graphql(`
  query WellbeingFlags($staffId: UUID!) {
    wellbeingFlags(staffId: $staffId, includeResolved: true, first: 100) {
      edges {
        node {
          id
          ...FlagFields
        }
      }
    }
  }
`)

export const RaiseFlag = graphql(`
  mutation RaiseFlag($input: RaiseWellbeingFlagInput!) {
    raiseWellbeingFlag(input: $input) {
      ... on WellbeingFlag {
        id
        ...FlagFields
      }
      ...ErrorFields
    }
  }
`)

export const ResolveFlag = graphql(`
  mutation ResolveFlag($input: ResolveWellbeingFlagInput!) {
    resolveWellbeingFlag(input: $input) {
      ... on WellbeingFlag {
        id
        ...FlagFields
      }
      ...ErrorFields
    }
  }
`)
