import type { CreateStaffProfileInput, PersonFieldsFragment, UpdateStaffProfileInput } from '../../gql/graphql.ts'

export const POSITIONS = ['veterinarian', 'assistant', 'receptionist', 'groomer', 'manager', 'compliance', 'admin', 'owner'] as const
export const EMPLOYMENT_TYPES = ['full_time', 'part_time', 'contractor', 'locum', 'intern'] as const

/** What the form of a person holds while somebody fills it in. */
export type PersonDraft = {
  name: string
  employeeNumber: string
  position: string
  hiredOn: string
  lastDay: string
  employmentType: string
  department: string
  licenceNumber: string
  specialisations: string[]
  colour: string
  isBookable: boolean
  isActive: boolean
  clinicId: string | null
  managerId: string | null
  userId: string | null
}

export function newDraft(today: string, clinicId: string): PersonDraft {
  return {
    name: '',
    employeeNumber: '',
    position: 'assistant',
    hiredOn: today,
    lastDay: '',
    employmentType: 'full_time',
    department: '',
    licenceNumber: '',
    specialisations: [],
    colour: '#228be6',
    isBookable: false,
    isActive: true,
    clinicId,
    managerId: null,
    userId: null,
  }
}

export function draftOf(person: PersonFieldsFragment): PersonDraft {
  return {
    name: person.name,
    employeeNumber: person.employeeNumber,
    position: person.position,
    hiredOn: person.hiredOn,
    lastDay: person.terminatedOn ?? '',
    employmentType: person.employmentType,
    department: person.department ?? '',
    licenceNumber: person.licenceNumber ?? '',
    specialisations: person.specialisations,
    colour: person.colour,
    isBookable: person.isBookable,
    isActive: person.isActive,
    clinicId: person.primaryClinic?.id ?? null,
    managerId: person.manager?.id ?? null,
    userId: null,
  }
}

export function isComplete({ name, employeeNumber, hiredOn, colour }: PersonDraft): boolean {
  return name.trim() !== '' && employeeNumber.trim() !== '' && hiredOn !== '' && /^#[0-9a-f]{6}$/i.test(colour)
}

const orNull = (text: string) => text.trim() || null

function common(draft: PersonDraft) {
  return {
    name: draft.name,
    employeeNumber: draft.employeeNumber,
    position: draft.position,
    hiredOn: draft.hiredOn,
    employmentType: draft.employmentType,
    department: orNull(draft.department),
    licenceNumber: orNull(draft.licenceNumber),
    specialisations: draft.specialisations,
    colour: draft.colour,
    isBookable: draft.isBookable,
    primaryClinicId: draft.clinicId,
    managerId: draft.managerId,
    // Left out, the person keeps the user that belongs to them.
    ...(draft.userId === null ? {} : { userId: draft.userId }),
  }
}

export function toCreateInput(draft: PersonDraft): CreateStaffProfileInput {
  return common(draft)
}

/** What changed alone: the rest of the record is not the form's business, and neither is it the trail's. */
export function toUpdateInput(person: PersonFieldsFragment, draft: PersonDraft): UpdateStaffProfileInput {
  const { id, version } = person
  const [before, after] = [draftOf(person), draft].map((one) => ({ ...common(one), terminatedOn: orNull(one.lastDay), isActive: one.isActive }))
  const isChanged = (name: string) =>
    JSON.stringify(Object.entries(before ?? {}).find(([key]) => key === name)?.[1]) !==
    JSON.stringify(Object.entries(after ?? {}).find(([key]) => key === name)?.[1])
  return { id, version, ...Object.fromEntries(Object.entries(after ?? {}).filter(([name]) => isChanged(name))) }
}
