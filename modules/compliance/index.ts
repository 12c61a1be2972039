// The door for sibling modules.
export { type Erased, type Erasure, eraseSubject } from './commands.ts'
export { type AuditEntry, type AuditFilter, listAuditEntries } from './queries.ts'
