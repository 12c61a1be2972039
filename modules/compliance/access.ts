import { type AccessTable, can, creates, reads, signedIn, unrecorded } from '../kernel/access-rules.ts'

// Whoever looks into the trail leaves a trace in it.
const trail = { allow: can('audit-log:view'), audit: reads('AuditEntry', 'compliance') }

const image = { allow: can('audit-log:view'), audit: reads('AuditImage', 'compliance') }

// Hashes, sizes and states of the log itself.
const status = { allow: can('audit-log:view'), audit: reads('AuditLog', 'compliance') }

// Taking the trail out of the house is a right of its own.
const exported = { allow: can('audit-log:export'), audit: reads('AuditExport', 'compliance') }

export const access = {
  'Query.auditEntries': trail,
  'AuditEntry.*': trail,
  'AuditAccess.*': trail,
  'AuditAggregate.*': trail,
  'AuditParam.*': trail,
  'AuditRecord.*': trail,
  'Query.accessSummary': trail,
  'AuditAccessSummary.*': trail,
  'AuditPersonAccess.*': trail,
  // Values are shown to those alone who may read the records themselves (changes.ts).
  'AuditRowChange.*': image,
  'AuditFieldChange.*': image,
  'Query.auditLogStatus': status,
  'Query.auditVerifications': status,
  'Query.auditProof': trail,
  'Query.auditConsistency': status,
  'AuditLogStatus.*': status,
  'AuditLogMonth.*': status,
  'AuditAnchor.*': status,
  'AuditFinding.*': status,
  'AuditSpine.*': status,
  'AuditProof.*': trail,
  'AuditVerification.*': status,
  'AuditVerificationFinding.*': status,
  'Mutation.requestAuditVerification': { allow: can('audit-log:view'), audit: creates('AuditVerification', 'compliance') },
  // Every browser is a witness, whoever uses it.
  'Query.auditWitness': { allow: signedIn, audit: unrecorded },
  'AuditWitness.*': { allow: signedIn, audit: unrecorded },
  'AuditHead.*': { allow: signedIn, audit: unrecorded },
  'Mutation.reportAuditMismatch': { allow: signedIn, audit: creates('AuditFinding', 'compliance') },
  'AuditMismatchReported.*': { allow: signedIn, audit: unrecorded },
  'Query.auditExports': exported,
  'Query.auditExport': exported,
  'Mutation.requestAuditExport': { allow: can('audit-log:export'), audit: { action: 'export', types: ['AuditExport'], class: 'compliance' } },
  'Mutation.issueExportTicket': exported,
  'AuditExport.*': exported,
  'AuditExportFilterPart.*': exported,
  'ExportTicket.*': exported,
} as const satisfies AccessTable
