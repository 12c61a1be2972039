// The door for sibling modules.
export { type AuditEntry, type AuditFilter, listAuditEntries } from './queries.ts'
