import { describe, expect, it } from 'vitest'

import { obstacleOf, type Profile, stepsOf } from './trading.ts'

const ANA: Profile = { __typename: 'StaffProfile', id: 'ana', position: 'veterinarian', hiredOn: '2026-02-01', terminatedOn: '2026-02-28' }
const NOON = { id: 'noon', date: '2026-02-10', position: 'veterinarian', startsAt: '2026-02-10T16:00:00Z', endsAt: '2026-02-10T20:00:00Z' }

describe('why somebody cannot take a shift', () => {
  it('is another position, a day outside employment, or another shift at that time', () => {
    expect(obstacleOf(NOON, ANA, [])).toBeNull()
    expect(obstacleOf({ ...NOON, position: 'groomer' }, ANA, [])).toBe('position')
    expect(obstacleOf({ ...NOON, date: '2026-01-31' }, ANA, [])).toBe('employment')
    expect(obstacleOf({ ...NOON, date: '2026-03-01' }, ANA, [])).toBe('employment')
    expect(obstacleOf({ ...NOON, date: '2026-02-28' }, ANA, [])).toBeNull()
    expect(obstacleOf(NOON, ANA, [{ ...NOON, id: 'late', startsAt: '2026-02-10T19:59:00Z', endsAt: '2026-02-10T23:00:00Z' }])).toBe('overlap')
    expect(obstacleOf(NOON, ANA, [{ ...NOON, id: 'after', startsAt: NOON.endsAt, endsAt: '2026-02-10T23:00:00Z' }, NOON])).toBeNull()
  })
})

describe('the steps of a swap', () => {
  const ana = { staffId: 'ana', isPlanner: false, profile: ANA }
  const planner = { staffId: null, isPlanner: true, profile: null }
  const someone = (id: string) => ({ __typename: 'StaffProfile' as const, id, name: id })
  const asked = { status: 'ASKED' as const, from: someone('leo'), to: someone('ana'), shift: NOON }

  it('are an answer by whoever was asked, and the decision of a planner once there is a yes', () => {
    expect(stepsOf(asked, ana)).toEqual(['accept', 'refuse'])
    expect(stepsOf(asked, planner)).toEqual(['refuse'])
    expect(stepsOf({ ...asked, status: 'ACCEPTED' }, ana)).toEqual(['refuse'])
    expect(stepsOf({ ...asked, status: 'ACCEPTED' }, planner)).toEqual(['approve', 'refuse'])
  })

  it('are none for others, and none once it is decided', () => {
    expect(stepsOf(asked, { ...ana, staffId: 'eva' })).toEqual([])
    for (const status of ['APPROVED', 'REFUSED', 'WITHDRAWN'] as const) {
      expect(stepsOf({ ...asked, status }, { ...planner, staffId: 'leo' })).toEqual([])
      expect(stepsOf({ ...asked, status }, ana)).toEqual([])
    }
  })

  it('offer what is open to anybody to whoever is qualified, and a way back to whoever asked', () => {
    const open = { ...asked, to: null }
    expect(stepsOf(open, ana)).toEqual(['accept'])
    expect(stepsOf(open, { ...ana, profile: { ...ANA, position: 'groomer' } })).toEqual([])
    expect(stepsOf(open, { ...ana, staffId: 'leo' })).toEqual(['withdraw'])
  })
})
