import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { APPOINTMENT_STATUSES, type AppointmentStatus, canCancel, canMove, canStep, holdsResources, type Moments, stepTo, toStatus } from './status.ts'

const untouched: Moments = { confirmedAt: null, checkedInAt: null, startedAt: null, completedAt: null, checkedOutAt: null }
const at = (time: string) => new Date(`2025-12-20T${time}:00Z`)

describe('steps of a visit', () => {
  it.each<[AppointmentStatus, AppointmentStatus[]]>([
    ['scheduled', ['confirmed', 'checked_in', 'no_show']],
    ['confirmed', ['scheduled', 'checked_in', 'no_show']],
    ['checked_in', ['scheduled', 'confirmed', 'in_progress']],
    ['in_progress', ['checked_in', 'completed']],
    ['completed', ['in_progress', 'checked_out']],
    ['checked_out', ['completed']],
    ['cancelled', []],
    ['no_show', ['scheduled', 'confirmed']],
  ])('%s may become %j and nothing else', (from, allowed) => {
    expect(APPOINTMENT_STATUSES.filter((to) => canStep(from, to)).sort()).toEqual([...allowed].sort())
  })

  it('never lead to cancelled, which needs a reason', () => {
    expect(APPOINTMENT_STATUSES.filter((from) => canStep(from, 'cancelled'))).toEqual([])
  })

  it('can each be taken back', () => {
    for (const from of APPOINTMENT_STATUSES)
      for (const to of APPOINTMENT_STATUSES) if (canStep(from, to)) expect(canStep(to, from), `${to} to ${from}`).toBe(true)
  })
})

describe('what a status means', () => {
  it('only a visit that has not begun can be moved, and one that waits can still be cancelled', () => {
    expect(APPOINTMENT_STATUSES.filter(canMove)).toEqual(['scheduled', 'confirmed'])
    expect(APPOINTMENT_STATUSES.filter(canCancel)).toEqual(['scheduled', 'confirmed', 'checked_in'])
  })

  it('cancelled and missed visits hold nothing', () => {
    expect(APPOINTMENT_STATUSES.filter((status) => !holdsResources(status))).toEqual(['cancelled', 'no_show'])
  })

  it('is read from the database, and nothing else is', () => {
    expect(toStatus('checked_in')).toBe('checked_in')
    expect(() => toStatus('CHECKED_IN')).toThrow(RangeError)
  })
})

describe('moments of a visit', () => {
  it('are noted when their status is reached', () => {
    expect(stepTo(untouched, 'checked_in', at('10:00'))).toEqual({
      status: 'checked_in',
      noShowAt: null,
      checkedInAt: at('10:00'),
      startedAt: null,
      completedAt: null,
      checkedOutAt: null,
    })
  })

  it('are cleared by a step back, which keeps the moment that was known', () => {
    const done: Moments = { ...untouched, checkedInAt: at('10:00'), startedAt: at('10:05'), completedAt: at('10:30') }
    expect(stepTo(done, 'in_progress', at('10:31'))).toEqual({ status: 'in_progress', noShowAt: null, completedAt: null, checkedOutAt: null })
    expect(stepTo({ ...untouched, confirmedAt: at('09:00') }, 'scheduled', at('09:01'))).toMatchObject({ status: 'scheduled', confirmedAt: null })
  })

  it('of a missed visit are noted and taken back', () => {
    expect(stepTo(untouched, 'no_show', at('11:00'))).toEqual({ status: 'no_show', noShowAt: at('11:00') })
    expect(stepTo(untouched, 'confirmed', at('11:10'))).toMatchObject({ noShowAt: null, confirmedAt: at('11:10') })
  })

  it("are never earlier than the one before, even when a server's clock is behind", () => {
    expect(stepTo({ ...untouched, checkedInAt: at('10:00') }, 'in_progress', at('09:59')).startedAt).toEqual(at('10:00'))
  })

  it('stay in order and match the status, whatever way a visit takes', () => {
    const momentOf = {
      confirmed: 'confirmedAt',
      checked_in: 'checkedInAt',
      in_progress: 'startedAt',
      completed: 'completedAt',
      checked_out: 'checkedOutAt',
    } as const
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(7), fc.integer({ min: -30, max: 30 })), { maxLength: 30 }), (walk) => {
        let visit: Moments & { status: AppointmentStatus; noShowAt: Date | null } = { ...untouched, status: 'scheduled', noShowAt: null }
        let clock = at('10:00').getTime()
        for (const [choice, minutes] of walk) {
          const open = APPOINTMENT_STATUSES.filter((to) => canStep(visit.status, to))
          const to = open[choice % open.length]
          if (to === undefined) break
          clock += minutes * 60_000
          visit = { ...visit, ...stepTo(visit, to, new Date(clock)) }
          const order = [visit.checkedInAt, visit.startedAt, visit.completedAt, visit.checkedOutAt]
          const known = order.filter((moment) => moment !== null)
          expect(order.slice(0, known.length)).toEqual(known)
          expect([...known].sort((a, b) => a.getTime() - b.getTime())).toEqual(known)
          if (visit.status in momentOf) expect(visit[momentOf[visit.status as keyof typeof momentOf]]).not.toBeNull()
          expect(visit.noShowAt !== null).toBe(visit.status === 'no_show')
        }
      }),
    )
  })
})
