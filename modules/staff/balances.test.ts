import { describe, expect, it } from 'vitest'
import { allowanceIn, balanceOf } from './balances.ts'

const vacation = { code: 'vacation', countsAs: 'days', annualAllowance: 12 }
const sofia = { hiredOn: '2018-08-20', terminatedOn: null }

describe('the allowance of a year', () => {
  it('is that of the law for vacation in Mexico', () => {
    expect([2018, 2019, 2023, 2024, 2027].map((year) => allowanceIn(year, vacation, sofia, 'MX'))).toEqual([0, 12, 20, 22, 22])
  })

  it('is what the clinic gives where that is more, or where the law gives nothing', () => {
    expect(allowanceIn(2019, { ...vacation, annualAllowance: 15 }, sofia, 'MX')).toBe(15)
    expect(allowanceIn(2030, vacation, sofia, 'US')).toBe(12)
  })

  it('of another type is its own', () => {
    expect(allowanceIn(2027, { code: 'personal', countsAs: 'days', annualAllowance: 3 }, sofia, 'MX')).toBe(3)
    expect(allowanceIn(2027, { code: 'sick', countsAs: 'days', annualAllowance: null }, sofia, 'MX')).toBeNull()
  })

  it('is nothing before and after the employment', () => {
    const left = { hiredOn: '2018-08-20', terminatedOn: '2024-02-01' }
    expect([2017, 2024, 2025].map((year) => allowanceIn(year, vacation, left, 'MX'))).toEqual([0, 22, 0])
  })
})

describe('a balance', () => {
  it('adds grants and takes off what is approved, not what is pending', () => {
    expect(balanceOf(12, { granted: -1.5, approved: 4.29, pending: 3 })).toEqual({ allowance: 12, granted: -1.5, approved: 4.29, pending: 3, remaining: 6.21 })
  })

  it('may be negative, and has no rest without a limit', () => {
    expect(balanceOf(0, { granted: 0, approved: 2, pending: 0 }).remaining).toBe(-2)
    expect(balanceOf(null, { granted: 1, approved: 2, pending: 0 }).remaining).toBeNull()
  })
})
