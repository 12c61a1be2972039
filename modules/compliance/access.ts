import { type AccessTable, can, reads } from '../kernel/access-rules.ts'

// Whoever looks into the trail leaves a trace in it.
const trail = { allow: can('audit-log:view'), audit: reads('AuditEntry', 'compliance') }

export const access = {
  'Query.auditEntries': trail,
  'AuditEntry.*': trail,
  'AuditAccess.*': trail,
  'AuditAggregate.*': trail,
  'AuditParam.*': trail,
} as const satisfies AccessTable
