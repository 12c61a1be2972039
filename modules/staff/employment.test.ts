import { describe, expect, it } from 'vitest'
import { toDateColumn } from '../kernel/time.ts'
import { isEmployedOn } from './employment.ts'

const person = (hired: string, terminated: string | null, isActive = true) => ({
  hiredOn: toDateColumn(hired),
  terminatedOn: terminated === null ? null : toDateColumn(terminated),
  isActive,
})

describe('isEmployedOn', () => {
  it.each([
    ['2025-01-09', false],
    ['2025-01-10', true],
    ['2025-06-30', true],
    ['2025-07-01', false],
  ])('counts the first and the last day: %s is %s', (date, expected) => {
    expect(isEmployedOn(person('2025-01-10', '2025-06-30'), date)).toBe(expected)
  })

  it('knows no end for whoever has not left', () => {
    expect(isEmployedOn(person('2025-01-10', null), '2199-12-31')).toBe(true)
  })

  it('is over at once for whoever is inactive', () => {
    expect(isEmployedOn(person('2025-01-10', null, false), '2025-03-01')).toBe(false)
  })
})
