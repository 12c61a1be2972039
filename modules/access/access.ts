import { type AccessTable, anyone, can, creates, reads, signedIn, unrecorded, updates } from '../kernel/access-rules.ts'

export const access = {
  'Query.viewer': { allow: anyone, audit: unrecorded },
  'Query.setupRequired': { allow: anyone, audit: unrecorded },
  'Query.countryPresets': { allow: anyone, audit: unrecorded },
  'Query.roles': { allow: can('role:administer'), audit: reads('Role', 'compliance') },
  'Query.users': { allow: can('role:administer'), audit: reads('User') },
  'Mutation.signIn': { allow: anyone, audit: { action: 'login', types: ['Session'], class: 'compliance' } },
  'Mutation.refreshSession': { allow: anyone, audit: { action: 'refresh', types: ['Session'], class: 'compliance' } },
  'Mutation.signOut': { allow: signedIn, audit: { action: 'logout', types: ['Session'], class: 'compliance' } },
  'Mutation.signOutEverywhere': { allow: signedIn, audit: { action: 'logout', types: ['Session'], class: 'compliance' } },
  'Mutation.setUpInstallation': { allow: anyone, audit: creates('Organisation', 'operational') },
  'Mutation.assignRole': { allow: can('role:administer'), audit: updates('RoleAssignment', 'compliance') },
  'Mutation.endRoleAssignment': { allow: can('role:administer'), audit: updates('RoleAssignment', 'compliance') },
  'Mutation.setRolePermission': { allow: can('role:administer'), audit: updates('Role', 'compliance') },
  'Mutation.setUserActive': { allow: can('role:administer'), audit: updates('User', 'compliance') },
  'Mutation.createUser': { allow: can('role:administer'), audit: creates('User', 'compliance') },
  'Mutation.changePassword': { allow: signedIn, audit: updates('User', 'compliance') },
  'Mutation.setLocale': { allow: signedIn, audit: updates('User') },
  // A viewer is only ever the caller, who at sign-in is still nobody to the operation.
  'Viewer.*': { allow: anyone, audit: unrecorded },
  'ViewerUser.*': { allow: anyone, audit: unrecorded },
  'User.*': { allow: can('role:administer'), audit: reads('User') },
  'Role.*': { allow: can('role:administer'), audit: reads('Role', 'compliance') },
  'RoleAssignment.*': { allow: can('role:administer'), audit: reads('RoleAssignment', 'compliance') },
  // Name, zone and currency: on every receipt, and part of the viewer.
  'Clinic.*': { allow: anyone, audit: unrecorded },
  'CountryPreset.*': { allow: anyone, audit: unrecorded },
  'Session.*': { allow: anyone, audit: unrecorded },
  'SignedOut.*': { allow: anyone, audit: unrecorded },
} as const satisfies AccessTable
