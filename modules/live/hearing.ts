import { maySeeValues, READABLE_TYPES } from '../compliance/index.ts'
import { type AllowRule, allows, canOwn, signedIn } from '../kernel/access-rules.ts'
import type { UserActor } from '../kernel/actor.ts'

/** That records changed at a clinic. No `ids`: any of this type may have. No `changes`: any record of the clinic may have. */
export type ChangeNotice = {
  readonly organisation: string
  readonly clinic: string
  readonly changes: readonly HeardChange[] | null
}
export type HeardChange = { readonly type: string; readonly ids: readonly string[] | null }

/** Records that all clinics of an organisation hold together: a change at one of them is a change for all. */
export const ORGANISATION_WIDE: ReadonlySet<string> = new Set([
  'AdverseAction',
  'AppointmentType',
  'Client',
  'ClientPreference',
  'Clinic',
  'CredentialVerification',
  'MessageTemplate',
  'NoteTemplate',
  'Organisation',
  'Product',
  'ProductFamily',
  'ResourceBlock',
  'ResourceClaim',
  'Role',
  'RoleAssignment',
  'RoleGrant',
  'Roster',
  'RosterShift',
  'Service',
  'SlotHold',
  'StaffCredential',
  'StaffProfile',
  'StaffTask',
  'TimeOffGrant',
  'TimeOffRequest',
  'TimeOffType',
  'User',
  'WellbeingFlag',
])

/** Records that other clinics read while the organisation shares its charts. */
export const CHARTS: ReadonlySet<string> = new Set(['ClinicalNote', 'ClinicalNoteVersion', 'Patient'])

/** Records of which people read their own: they hear that some have changed, not which, because most are of others. */
const OF_ONES_OWN: Readonly<Record<string, AllowRule>> = {
  AttendanceEntry: canOwn('attendance:read'),
  Notification: signedIn,
  ShiftSwap: canOwn('shift:trade'),
  StaffCredential: canOwn('credential:read'),
  TimeOffGrant: canOwn('time-off:read'),
  TimeOffRequest: canOwn('time-off:read'),
}

/** What is kept of people of all clinics, of which a right at one clinic reaches some. */
const OF_PEOPLE: ReadonlySet<string> = new Set(['AdverseAction', 'CredentialVerification', 'StaffCredential', 'TimeOffGrant'])

function readsOwn(actor: UserActor, type: string): boolean {
  const rule = OF_ONES_OWN[type]
  return rule !== undefined && allows(rule, actor)
}

/** Record types of which this person may hear, out of those that were asked for (null: all of them). */
export function hearableTypes(actor: UserActor, asked: readonly string[] | null): readonly string[] {
  return READABLE_TYPES.filter((type) => (asked === null || asked.includes(type)) && (maySeeValues(actor, type) || readsOwn(actor, type)))
}

/**
 * What a notice tells this person: changes of `types` (of which they may hear) that happened where they look, at their active clinic or
 * to what its organisation holds together. Null: something that cannot be named may have changed, so that all must be read again.
 */
export function hear(actor: UserActor, types: ReadonlySet<string>, { organisation, clinic, changes }: ChangeNotice): readonly HeardChange[] | null {
  if (organisation !== actor.organisationId) return []
  const isHere = clinic === actor.clinic.id
  const isNear = (type: string) => isHere || ORGANISATION_WIDE.has(type) || (CHARTS.has(type) && actor.sharePatients)
  if (changes === null) return [...types].some(isNear) ? null : []
  return changes
    .filter(({ type }) => types.has(type) && isNear(type))
    .map(({ type, ids }) => ({ type, ids: maySeeValues(actor, type) && (isHere || !OF_PEOPLE.has(type)) ? ids : null }))
}
