import { graphql } from '../../gql/index.ts'

export const AuditWitness = graphql(`
  query AuditWitness($size: Float, $clinicOrigin: String, $clinicSize: Float) {
    auditWitness(size: $size, clinicOrigin: $clinicOrigin, clinicSize: $clinicSize) {
      verifierKey
      checkpoint
      consistency
      clinicCheckpoint
      clinicConsistency
      head {
        index
        body
        proof
      }
    }
  }
`)

export const ReportAuditMismatch = graphql(`
  mutation ReportAuditMismatch($input: AuditMismatchInput!) {
    reportAuditMismatch(input: $input) {
      ... on AuditMismatchReported {
        reported
      }
      ...ErrorFields
    }
  }
`)
