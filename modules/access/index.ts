// The door for sibling modules.
export { type NewOrganisation, assignRole, createOrganisation, createUser } from './commands.ts'
export { DEFAULT_ROLES, ROLE_CODES, type RoleCode } from './default-roles.ts'
export { findClinicsByIds, findUsersByIds, type UserRow } from './queries.ts'
