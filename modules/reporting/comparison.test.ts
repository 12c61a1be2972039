import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../kernel/errors.ts'
import { addDays, weekdayOf } from '../kernel/time.ts'
import { comparisonDateOf, lastDays } from './comparison.ts'

const days = fc.integer({ min: 0, max: 60_000 }).map((offset) => addDays('1950-01-01', offset))

describe('the day of comparison', () => {
  it.each([
    ['2025-12-20', 'same_weekday_last_week', '2025-12-13'],
    ['2025-12-20', 'same_day_last_month', '2025-11-20'],
    ['2025-12-20', 'day_before', '2025-12-19'],
    ['2026-03-31', 'same_day_last_month', '2026-02-28'],
    ['2024-03-31', 'same_day_last_month', '2024-02-29'],
    ['2026-01-01', 'day_before', '2025-12-31'],
    ['2026-01-05', 'same_weekday_last_week', '2025-12-29'],
  ] as const)('of %s by %s is %s', (date, comparison, expected) => {
    expect(comparisonDateOf(date, comparison, null)).toBe(expected)
  })

  it('is the chosen day, which may lie anywhere', () => {
    expect(comparisonDateOf('2025-12-20', 'date', '2024-02-29')).toBe('2024-02-29')
  })

  it('is refused when the choice and its kind do not match', () => {
    expect(() => comparisonDateOf('2025-12-20', 'date', null)).toThrow(InvalidInputError)
    expect(() => comparisonDateOf('2025-12-20', 'day_before', '2025-12-01')).toThrow(InvalidInputError)
  })

  it('keeps the weekday a week before, whatever the day', () => {
    fc.assert(fc.property(days, (date) => weekdayOf(comparisonDateOf(date, 'same_weekday_last_week', null)) === weekdayOf(date)))
  })
})

describe('the last days', () => {
  it('end with the day itself and cross a year', () => {
    expect(lastDays('2026-01-02', 4)).toEqual(['2025-12-30', '2025-12-31', '2026-01-01', '2026-01-02'])
  })

  it('are consecutive, whatever the day', () => {
    fc.assert(
      fc.property(days, (date) => {
        const found = lastDays(date, 14)
        expect(found).toHaveLength(14)
        expect(found.at(-1)).toBe(date)
        for (const [index, day] of found.slice(1).entries()) expect(day).toBe(addDays(found[index] ?? '', 1))
      }),
    )
  })
})
