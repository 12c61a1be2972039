import { describe, expect, it } from 'vitest'

import type { PersonFieldsFragment } from '../../gql/graphql.ts'
import { draftOf, isComplete, newDraft, toCreateInput, toUpdateInput } from './person-draft.ts'

const sofia: PersonFieldsFragment = {
  __typename: 'StaffProfile',
  id: 's',
  version: 3,
  name: 'Sofía',
  employeeNumber: 'E-2',
  position: 'veterinarian',
  hiredOn: '2018-08-20',
  terminatedOn: '2026-12-31',
  employmentType: 'full_time',
  department: 'Medicina',
  licenceNumber: '9874521',
  specialisations: ['Dermatología'],
  colour: '#9c36b5',
  isBookable: true,
  isActive: true,
  hasAccount: true,
  primaryClinic: { __typename: 'Clinic', id: 'c', name: 'Centro' },
  manager: { __typename: 'StaffProfile', id: 'm', name: 'Pablo' },
  ' $fragmentName': 'PersonFieldsFragment',
}

describe('the form of a person', () => {
  it('sends what changed alone, and null for what was emptied', () => {
    expect(toUpdateInput(sofia, draftOf(sofia))).toEqual({ id: 's', version: 3 })
    const changed = { ...draftOf(sofia), department: ' ', managerId: null, specialisations: ['Dermatología', 'Felinos'], lastDay: '' }
    expect(toUpdateInput(sofia, changed)).toEqual({
      id: 's',
      version: 3,
      department: null,
      managerId: null,
      specialisations: ['Dermatología', 'Felinos'],
      terminatedOn: null,
    })
  })

  it('names a user only when one was chosen', () => {
    expect(toUpdateInput(sofia, { ...draftOf(sofia), userId: 'u' })).toEqual({ id: 's', version: 3, userId: 'u' })
    const fresh = { ...newDraft('2026-11-21', 'c'), name: 'Rosa', employeeNumber: 'E-9' }
    expect('userId' in toCreateInput(fresh)).toBe(false)
    expect(toCreateInput({ ...fresh, userId: 'u' })).toMatchObject({ userId: 'u', primaryClinicId: 'c', department: null })
  })

  it('needs a name, a number, a first day and a colour that is one', () => {
    const whole = { ...newDraft('2026-11-21', 'c'), name: 'Rosa', employeeNumber: 'E-9' }
    expect(isComplete(whole)).toBe(true)
    for (const part of [{ name: ' ' }, { employeeNumber: '' }, { hiredOn: '' }, { colour: '#12' }])
      expect([part, isComplete({ ...whole, ...part })]).toEqual([part, false])
  })
})
