import { describe, expect, it } from 'vitest'
import type { ShiftTemplateFieldsFragment } from '../../gql/graphql.ts'
import type { Shift } from './roster-week.ts'
import { changeOf, draftOf, isComplete, planOf } from './shift-draft.ts'

const GROOMING = { id: 'g', position: 'groomer', start: '16:00', end: '24:00', breakStart: '20:00', breakEnd: '20:30' } as ShiftTemplateFieldsFragment
const CARE = { id: 'c', position: 'assistant', start: '08:00', end: '15:00', breakStart: null, breakEnd: null } as ShiftTemplateFieldsFragment
const PEOPLE = [{ id: 'mateo', position: 'groomer' }]
const blank = { shift: null, date: '2026-11-23', staffId: null }

describe('a new shift', () => {
  it('begins with a kind that fits the person, or the first one for nobody', () => {
    expect(draftOf({ ...blank, staffId: 'mateo' }, PEOPLE, [CARE, GROOMING])).toMatchObject({ templateId: 'g', staffId: 'mateo', position: 'groomer' })
    expect(draftOf(blank, PEOPLE, [CARE, GROOMING])).toMatchObject({ templateId: 'c', staffId: '', position: 'assistant' })
    expect(draftOf({ ...blank, staffId: 'mateo' }, PEOPLE, [CARE])).toMatchObject({ templateId: '', position: 'groomer', start: '09:00' })
  })

  it('ends at midnight as a form can say it, and leaves out what is empty', () => {
    const draft = draftOf({ ...blank, staffId: 'mateo' }, PEOPLE, [GROOMING])
    expect(planOf(draft)).toMatchObject({ start: '16:00', end: '00:00', breakStart: '20:00', breakEnd: '20:30', templateId: 'g', note: null })
    expect(planOf({ ...draft, staffId: '', templateId: '', breakStart: '', breakEnd: '' })).toMatchObject({
      staffId: null,
      templateId: null,
      breakStart: null,
      breakEnd: null,
    })
  })

  it('is complete with both times and a whole break', () => {
    const draft = draftOf(blank, PEOPLE, [GROOMING])
    expect(isComplete(draft)).toBe(true)
    expect(isComplete({ ...draft, end: '' })).toBe(false)
    expect(isComplete({ ...draft, breakEnd: '' })).toBe(false)
  })
})

describe('a shift that changes', () => {
  it('keeps its version and says what it is now, also that nobody has it', () => {
    const shift = { ...GROOMING, id: 's', version: 4, date: '2026-11-24', staff: null, template: null, note: null } as never as Shift
    expect(changeOf(shift, draftOf({ shift, date: shift.date, staffId: null }, PEOPLE, []))).toEqual({
      id: 's',
      version: 4,
      date: '2026-11-24',
      staffId: null,
      start: '16:00',
      end: '00:00',
      breakStart: '20:00',
      breakEnd: '20:30',
      position: 'groomer',
      note: null,
    })
  })
})
