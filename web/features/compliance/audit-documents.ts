import { graphql } from '../../gql/index.ts'

export const AuditEntryFields = graphql(`
  fragment AuditEntryFields on AuditEntry {
    id
    at
    action
    operation
    origin
    outcome
    userId
    userName
    roles
    classes
    detail
    address
    userAgent
    sessionId
    requestId
    reason
    hasEvidence
    records {
      type
      recordId
      label
      isChanged
      fields
    }
    aggregates {
      name
      params {
        name
        value
      }
    }
  }
`)

export const AuditEntries = graphql(`
  query AuditEntries($filter: AuditFilter!, $first: Int, $last: Int, $after: String, $before: String) {
    auditEntries(filter: $filter, first: $first, last: $last, after: $after, before: $before) {
      edges {
        node {
          ...AuditEntryFields
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`)

/** The entries of one request, to show one that the list does not hold. */
export const AuditRequestEntries = graphql(`
  query AuditRequestEntries($requestId: UUID!) {
    auditEntries(filter: { requestId: $requestId }, first: 25) {
      edges {
        node {
          ...AuditEntryFields
        }
      }
    }
  }
`)

export const AuditEntryChanges = graphql(`
  query AuditEntryChanges($requestId: UUID!) {
    auditEntries(filter: { requestId: $requestId }, first: 100) {
      edges {
        node {
          id
          rowChanges {
            entryId
            type
            recordId
            op
            state
            isIntact
            isHidden
            fields {
              name
              before
              after
            }
          }
        }
      }
    }
  }
`)

export const AuditEntryProof = graphql(`
  query AuditEntryProof($entryIds: [UUID!]!) {
    auditProof(entryIds: $entryIds) {
      bundle
      proven
      pending
      isPartial
    }
  }
`)

export const AccessSummary = graphql(`
  query AccessSummary($subjectId: UUID!, $from: LocalDate, $to: LocalDate) {
    accessSummary(subjectId: $subjectId, from: $from, to: $to) {
      isPartial
      entryCount
      people {
        userId
        userName
        roles
        readCount
        changeCount
        firstAt
        lastAt
      }
    }
  }
`)

export const AuditExportFields = graphql(`
  fragment AuditExportFields on AuditExport {
    id
    format
    status
    reason
    requestedByName
    progress
    rowsDone
    rowCount
    fileName
    sizeBytes
    errorCode
    createdAt
    expiresAt
  }
`)

export const AuditExports = graphql(`
  query AuditExports($first: Int!) {
    auditExports(first: $first) {
      edges {
        node {
          ...AuditExportFields
        }
      }
    }
  }
`)

export const AuditExportState = graphql(`
  query AuditExportState($id: UUID!) {
    auditExport(id: $id) {
      ...AuditExportFields
    }
  }
`)

export const RequestAuditExport = graphql(`
  mutation RequestAuditExport($input: RequestAuditExportInput!) {
    requestAuditExport(input: $input) {
      ...AuditExportFields
      ...ErrorFields
    }
  }
`)

export const IssueExportTicket = graphql(`
  mutation IssueExportTicket($id: UUID!) {
    issueExportTicket(id: $id) {
      ... on ExportTicket {
        url
      }
      ...ErrorFields
    }
  }
`)
