import { maySeeValues, READABLE_TYPES } from '../compliance/index.ts'
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

/** Records that everybody has some of their own: that there are new ones is told to all, and whose they are to nobody who may not read them. */
const ONES_OWN: ReadonlySet<string> = new Set(['Notification'])

/** Record types of which this person may hear, out of those that were asked for (null: all of them). */
export function hearableTypes(actor: UserActor, asked: readonly string[] | null): readonly string[] {
  return READABLE_TYPES.filter((type) => (asked === null || asked.includes(type)) && (ONES_OWN.has(type) || maySeeValues(actor, type)))
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
    .map((change) => (ONES_OWN.has(change.type) && !maySeeValues(actor, change.type) ? { type: change.type, ids: null } : change))
}
