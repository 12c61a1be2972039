import { graphql } from '../../gql/index.ts'

export const CredentialFields = graphql(`
  fragment CredentialFields on StaffCredential {
    id
    version
    type
    numberEnding
    authority
    jurisdiction
    issuedOn
    expiresOn
    status
    state
    daysLeft
    staff {
      id
      name
    }
    verifications {
      id
      verifiedAt
      method
      outcome
      note
      verifiedBy {
        id
        name
      }
    }
  }
`)

export const CredentialsDocument = graphql(`
  query Credentials($staffId: UUID, $status: String, $first: Int!, $after: String) {
    credentials(staffId: $staffId, status: $status, first: $first, after: $after) {
      edges {
        node {
          id
          ...CredentialFields
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const ExpiringCredentialsDocument = graphql(`
  query ExpiringCredentials($withinDays: Int!) {
    expiringCredentials(withinDays: $withinDays) {
      credential {
        id
        ...CredentialFields
      }
    }
  }
`)

export const AdverseActionsDocument = graphql(`
  query AdverseActions($staffId: UUID!) {
    adverseActions(staffId: $staffId, first: 100) {
      edges {
        node {
          id
          kind
          occurredOn
          description
          reportedBy
          recordedAt
          recordedBy {
            id
            name
          }
          credential {
            id
            type
            numberEnding
          }
        }
      }
    }
  }
`)

export const RecordCredential = graphql(`
  mutation RecordCredential($input: RecordCredentialInput!) {
    recordCredential(input: $input) {
      ... on StaffCredential {
        id
        ...CredentialFields
      }
      ...ErrorFields
    }
  }
`)

export const UpdateCredential = graphql(`
  mutation UpdateCredential($input: UpdateCredentialInput!) {
    updateCredential(input: $input) {
      ... on StaffCredential {
        id
        ...CredentialFields
      }
      ...ErrorFields
    }
  }
`)

export const VerifyCredential = graphql(`
  mutation VerifyCredential($input: VerifyCredentialInput!) {
    verifyCredential(input: $input) {
      ... on StaffCredential {
        id
        ...CredentialFields
      }
      ...ErrorFields
    }
  }
`)

export const SuspendCredential = graphql(`
  mutation SuspendCredential($input: CredentialStandingInput!) {
    suspendCredential(input: $input) {
      ... on StaffCredential {
        id
        ...CredentialFields
      }
      ...ErrorFields
    }
  }
`)

export const RevokeCredential = graphql(`
  mutation RevokeCredential($input: CredentialStandingInput!) {
    revokeCredential(input: $input) {
      ... on StaffCredential {
        id
        ...CredentialFields
      }
      ...ErrorFields
    }
  }
`)

export const RevealCredentialNumber = graphql(`
  mutation RevealCredentialNumber($input: RevealCredentialNumberInput!) {
    revealCredentialNumber(input: $input) {
      ... on CredentialNumber {
        id
        number
      }
      ...ErrorFields
    }
  }
`)

export const RecordAdverseAction = graphql(`
  mutation RecordAdverseAction($input: RecordAdverseActionInput!) {
    recordAdverseAction(input: $input) {
      ... on AdverseAction {
        id
      }
      ...ErrorFields
    }
  }
`)
