// The door for sibling modules.
export { maySeeValues, READABLE_TYPES } from './changes.ts'
export { type Erased, type Erasure, eraseSubject } from './commands.ts'
export { type AuditEntry, type AuditFilter, listAuditEntries } from './queries.ts'
