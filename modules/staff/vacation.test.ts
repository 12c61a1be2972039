import { describe, expect, it } from 'vitest'
import { vacationDays, yearsCompletedIn } from './vacation.ts'

describe('vacation by law', () => {
  // The table of the STPS, which spells out the article.
  it.each([
    [0, 0],
    [1, 12],
    [2, 14],
    [3, 16],
    [4, 18],
    [5, 20],
    [6, 22],
    [10, 22],
    [11, 24],
    [15, 24],
    [16, 26],
    [20, 26],
    [21, 28],
    [25, 28],
    [26, 30],
    [30, 30],
    [31, 32],
    [35, 32],
  ])('in Mexico is, after %i years of service, %i days', (years, days) => {
    expect(vacationDays('MX', years)).toBe(days)
  })

  it('never falls with the years', () => {
    for (let years = 1; years < 60; years += 1) expect(vacationDays('MX', years)).toBeGreaterThanOrEqual(vacationDays('MX', years - 1) ?? Number.NaN)
  })

  it('is left to the employer in the United States', () => {
    expect(vacationDays('US', 10)).toBeNull()
  })

  it('counts the anniversary that falls in the year', () => {
    expect([yearsCompletedIn(2026, '2024-08-20'), yearsCompletedIn(2024, '2024-08-20'), yearsCompletedIn(2020, '2024-08-20')]).toEqual([2, 0, 0])
  })
})
