import { describe, expect, it } from 'vitest'

import { monthAfter, monthWeeks, weekOf } from './weeks.ts'

describe('the week of a date', () => {
  it('begins on Monday, also for a Sunday and over the end of a year', () => {
    expect(weekOf('2025-12-21')).toEqual(['2025-12-15', '2025-12-16', '2025-12-17', '2025-12-18', '2025-12-19', '2025-12-20', '2025-12-21'])
    expect(weekOf('2026-01-01')[0]).toBe('2025-12-29')
  })
})

describe('the weeks of a month', () => {
  it.each([
    ['2026-11-14', '2026-10-26', 6],
    ['2027-02-10', '2027-02-01', 4],
    ['2026-05-31', '2026-04-27', 5],
  ])('of %s begin on %s and are %i', (date, first, count) => {
    const weeks = monthWeeks(date)
    expect(weeks[0]?.[0]).toBe(first)
    expect(weeks).toHaveLength(count)
    expect(weeks.flat()).toContain(date)
  })
})

describe('a month further', () => {
  it('crosses years both ways', () => {
    expect(monthAfter('2025-12-01', 1)).toBe('2026-01-01')
    expect(monthAfter('2026-01-01', -1)).toBe('2025-12-01')
  })
})
