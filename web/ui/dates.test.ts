import { describe, expect, it } from 'vitest'

import { addDays, dateIn, isDate, minuteIn } from './dates.ts'

describe('addDays', () => {
  it.each([
    ['2025-12-31', 1, '2026-01-01'],
    ['2024-02-28', 1, '2024-02-29'],
    ['2025-03-01', -1, '2025-02-28'],
    ['2025-03-09', 7, '2025-03-16'],
  ])('%s and %i days is %s', (date, days, expected) => {
    expect(addDays(date, days)).toBe(expected)
  })
})

describe('the practice day of an instant', () => {
  it('is that of the clinic, not of UTC', () => {
    const lateEvening = new Date('2025-12-21T05:30:00Z')
    expect(dateIn('America/Mexico_City', lateEvening)).toBe('2025-12-20')
    expect(minuteIn('America/Mexico_City', lateEvening)).toBe(23 * 60 + 30)
    expect(dateIn('Europe/Madrid', lateEvening)).toBe('2025-12-21')
  })

  it('begins at minute 0', () => {
    expect(minuteIn('America/Mexico_City', new Date('2025-12-20T06:00:00Z'))).toBe(0)
  })
})

describe('isDate', () => {
  it.each(['2025-02-30', '2025-13-01', '20251220', '2025-12-20T00:00', '', 20251220, undefined])('refuses %s', (value) => {
    expect(isDate(value)).toBe(false)
  })

  it('takes a leap day', () => {
    expect(isDate('2024-02-29')).toBe(true)
  })
})
