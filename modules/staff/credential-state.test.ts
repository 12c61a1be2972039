import { describe, expect, it } from 'vitest'
import { toDateColumn } from '../kernel/time.ts'
import { bucketOn, comparable, daysLeft, endingOf, stateOn } from './credential-state.ts'

const until = (day: string | null, status = 'verified') => ({ status, expiresOn: day === null ? null : toDateColumn(day) })

describe('a credential on 1 December 2025', () => {
  it.each([
    ['2025-11-30', -1, 'expired', 'expired'],
    ['2025-12-01', 0, 'expiring', 'within_7'],
    ['2025-12-08', 7, 'expiring', 'within_7'],
    ['2025-12-09', 8, 'expiring', 'within_30'],
    ['2025-12-31', 30, 'expiring', 'within_30'],
    ['2026-01-01', 31, 'expiring', 'within_90'],
    ['2026-03-01', 90, 'expiring', 'within_90'],
    ['2026-03-02', 91, 'verified', 'later'],
    [null, null, 'verified', 'later'],
  ])('that is valid until %s has %s days left and is %s, %s', (day, left, state, bucket) => {
    expect(daysLeft(until(day), '2025-12-01')).toBe(left)
    expect(stateOn(until(day), '2025-12-01')).toBe(state)
    expect(bucketOn(until(day), '2025-12-01')).toBe(bucket)
  })

  it.each(['suspended', 'revoked'])('is %s whatever its date', (status) => {
    expect(stateOn(until('2020-01-01', status), '2025-12-01')).toBe(status)
  })

  it('is recorded until somebody has verified it', () => {
    expect(stateOn(until(null, 'recorded'), '2025-12-01')).toBe('recorded')
  })
})

describe('a number', () => {
  it('is the same however it is spaced', () => {
    expect(comparable(' ab-12 34.5/6 ')).toBe('AB123456')
  })

  it.each([
    ['12345678', '5678'],
    ['12-34', '34'],
    ['123', '3'],
    ['1', '1'],
  ])('%s shows of itself %s', (number, ending) => {
    expect(endingOf(number)).toBe(ending)
  })
})
