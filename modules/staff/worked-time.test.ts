import { describe, expect, it } from 'vitest'
import { minutesWorked } from './worked-time.ts'

const at = (time: string) => new Date(`2025-12-01T${time}Z`)
const entry = (from: string, until: string | null) => ({ clockedInAt: at(from), clockedOutAt: until === null ? null : at(until) })
const day = { start: at('06:00:00'), end: at('18:00:00') }
it('stops to count an entry that was left open for more than a day', () => {
  const week = { start: at('00:00:00'), end: new Date('2025-12-08T00:00:00Z') }
  expect(minutesWorked([entry('08:00:00', null)], week, new Date('2025-12-05T00:00:00Z'))).toBe(24 * 60)
})

const now = at('12:00:00')

describe('minutesWorked', () => {
  it.each([
    ['a closed entry', [entry('08:00:00', '09:30:00')], 90],
    ['an open one until now', [entry('11:15:00', null)], 45],
    ['none', [], 0],
    ['what lies before the range', [entry('05:00:00', '06:30:00')], 30],
    ['what lies after it', [entry('17:00:00', '19:00:00')], 60],
    ['what lies outside altogether', [entry('04:00:00', '05:00:00'), entry('19:00:00', '20:00:00')], 0],
    ['seconds that add up to a minute', [entry('08:00:00', '08:00:30'), entry('09:00:00', '09:00:30')], 1],
    ['seconds that do not', [entry('08:00:00', '08:00:59')], 0],
    ['an entry that begins after now', [entry('13:00:00', null)], 0],
  ])('counts %s', (_case, entries, minutes) => {
    expect(minutesWorked(entries, day, now)).toBe(minutes)
  })
})
