// The door for sibling modules.
export { createClient, createPatient, type NewClient, type NewPatient } from './commands.ts'
export { findClientsByIds, findPatientsByIds } from './queries.ts'
