// The door for sibling modules.
export { assignRole, createOrganisation, createUser, type NewOrganisation, takeNumber } from './commands.ts'
export { DEFAULT_ROLES, ROLE_CODES, type RoleCode } from './default-roles.ts'
export { assertMayEndAccess, countRolesBeyond, endAccess } from './employment-access.ts'
export { TooManyAttemptsError } from './errors.ts'
export { clinics, doOthersHold, findClinicsByIds, findUsersByIds, holdersOf, listUserIdsWhoHold, type UserRow } from './queries.ts'
