import { describe, expect, it } from 'vitest'

import { isPossible, type Repeat, readRule, ruleOf, weekdayOf } from './series-rule.ts'

const weekly: Repeat = { unit: 'week', every: 1, weekdays: [1, 3], end: { kind: 'count', count: 10 } }
const monthly: Repeat = { unit: 'month', every: 2, weekdays: [], end: { kind: 'until', until: '2026-06-15' } }

describe('the rule of a series', () => {
  it('is written as RFC 5545 has it', () => {
    expect(ruleOf(weekly, '2026-01-05')).toBe('FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10')
    expect(ruleOf(monthly, '2026-01-15')).toBe('FREQ=MONTHLY;INTERVAL=2;UNTIL=20260615')
  })

  it('takes the weekday of the first visit when none is chosen', () => {
    expect(ruleOf({ ...weekly, weekdays: [] }, '2026-01-11')).toBe('FREQ=WEEKLY;BYDAY=SU;COUNT=10')
    expect(weekdayOf('2026-01-05')).toBe(1)
  })

  it('is read back, and rules of another kind are not misread', () => {
    expect(readRule(ruleOf(weekly, '2026-01-05'))).toEqual(weekly)
    expect(readRule(ruleOf(monthly, '2026-01-15'))).toEqual(monthly)
    expect(readRule('FREQ=WEEKLY;COUNT=3')).toEqual({ unit: 'week', every: 1, weekdays: [], end: { kind: 'count', count: 3 } })
    for (const rule of [
      'FREQ=DAILY;COUNT=3',
      'FREQ=MONTHLY;BYDAY=2TU;COUNT=3',
      'FREQ=WEEKLY;BYDAY=1MO;COUNT=3',
      'FREQ=WEEKLY',
      'FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2',
    ])
      expect(readRule(rule), rule).toBeNull()
  })

  it('is possible within two years and a number of visits', () => {
    expect(isPossible(weekly, '2026-01-05')).toBe(true)
    expect(isPossible({ ...weekly, every: 0 }, '2026-01-05')).toBe(false)
    expect(isPossible({ ...weekly, end: { kind: 'count', count: 105 } }, '2026-01-05')).toBe(false)
    expect(isPossible(monthly, '2026-06-16')).toBe(false)
    expect(isPossible(monthly, '2024-01-15')).toBe(false)
  })
})
