import { graphql } from '../../gql/index.ts'

export const AuditLogStatus = graphql(`
  query AuditLogStatus {
    auditLogStatus {
      installationId
      verifierKey
      lagSeconds
      spine {
        size
        checkpoint
        at
      }
      months {
        month
        size
        published
        closedAt
        droppedAt
      }
      anchors {
        kind
        target
        size
        anchoredAt
        triedAt
        error
      }
      findings {
        id
        at
        source
        kind
        entryId
        detail
      }
    }
  }
`)

export const VerificationFields = graphql(`
  fragment VerificationFields on AuditVerification {
    id
    state
    requestedAt
    startedAt
    finishedAt
    checked
    total
    elsewhere
    findings {
      code
      log
      index
      entryId
      message
    }
  }
`)

export const AuditVerifications = graphql(`
  query AuditVerifications($first: Int!) {
    auditVerifications(first: $first) {
      ...VerificationFields
    }
  }
`)

export const RequestAuditVerification = graphql(`
  mutation RequestAuditVerification {
    requestAuditVerification {
      ...VerificationFields
      ...ErrorFields
    }
  }
`)

export const AuditConsistency = graphql(`
  query AuditConsistency($checkpoint: String!) {
    auditConsistency(checkpoint: $checkpoint)
  }
`)
