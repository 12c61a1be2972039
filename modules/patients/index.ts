// The door for sibling modules.
export { createClient, createPatient, type NewClient, type NewPatient } from './commands.ts'
export { findClientsByIds, findPatientsByIds, findSpeciesByCodes, listSpecies } from './queries.ts'
export { clients, patients, species } from './records.ts'
