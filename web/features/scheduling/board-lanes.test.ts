import { describe, expect, it } from 'vitest'

import { lanesOf, timerOf } from './board-lanes.ts'
import type { Appointment } from './day-plan.ts'

const at = (time: string) => `2025-12-20T${time}:00.000Z`
const NOW = new Date(at('10:00'))

function visit(id: string, part: Partial<Appointment>): Appointment {
  return { id, startsAt: at('09:50'), endsAt: at('10:20'), status: 'SCHEDULED', checkedInAt: null, startedAt: null, completedAt: null, ...part } as Appointment
}

describe('the lanes of the board', () => {
  it('hold what is still to be done, and nothing that is over', () => {
    const all = (['SCHEDULED', 'CONFIRMED', 'CHECKED_IN', 'IN_PROGRESS', 'COMPLETED', 'CHECKED_OUT', 'CANCELLED', 'NO_SHOW'] as const).map((status) =>
      visit(status, { status, checkedInAt: at('09:40'), startedAt: at('09:45'), completedAt: at('09:55') }),
    )
    const ids = Object.entries(lanesOf(all)).map(([lane, visits]) => [lane, visits.map(({ id }) => id)])
    expect(Object.fromEntries(ids)).toEqual({
      expected: ['CONFIRMED', 'SCHEDULED'],
      checkedIn: ['CHECKED_IN'],
      inProgress: ['IN_PROGRESS'],
      checkout: ['COMPLETED'],
    })
  })

  it('put who has waited longest first, whatever hour was agreed', () => {
    const late = visit('late', { status: 'CHECKED_IN', startsAt: at('09:00'), checkedInAt: at('09:55') })
    const early = visit('early', { status: 'CHECKED_IN', startsAt: at('11:00'), checkedInAt: at('09:30') })
    expect(lanesOf([late, early]).checkedIn.map(({ id }) => id)).toEqual(['early', 'late'])
  })
})

describe('the timer of a tile', () => {
  it('counts to the agreed hour, then from it', () => {
    expect(timerOf(visit('a', { startsAt: at('10:20') }), NOW)).toEqual({ kind: 'due', minutes: 20, isLong: false })
    expect(timerOf(visit('a', { startsAt: at('09:50') }), NOW)).toEqual({ kind: 'late', minutes: 10, isLong: false })
    expect(timerOf(visit('a', { startsAt: at('09:40') }), NOW)).toEqual({ kind: 'late', minutes: 20, isLong: true })
  })

  it('counts a wait from the moment of arrival, and marks one above a quarter of an hour', () => {
    const waiting = (time: string) => timerOf(visit('a', { status: 'CHECKED_IN', startsAt: at('11:00'), checkedInAt: at(time) }), NOW)
    expect(waiting('09:45')).toEqual({ kind: 'waiting', minutes: 15, isLong: false })
    expect(waiting('09:44')).toEqual({ kind: 'waiting', minutes: 16, isLong: true })
    expect(waiting('10:01')).toEqual({ kind: 'waiting', minutes: 0, isLong: false })
  })

  it('does not mark a long treatment', () => {
    expect(timerOf(visit('a', { status: 'IN_PROGRESS', startedAt: at('08:00') }), NOW)).toEqual({ kind: 'running', minutes: 120, isLong: false })
  })
})
