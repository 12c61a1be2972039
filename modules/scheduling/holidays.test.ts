import { describe, expect, it } from 'vitest'
import { holidaysOf } from './holidays.ts'

const datesOf = (country: string, year: number) => holidaysOf(country, year).map(({ code, date }) => `${date} ${code}`)

describe('public holidays', () => {
  it('of Mexico', () => {
    expect(datesOf('MX', 2027)).toEqual([
      '2027-01-01 new-year',
      '2027-02-01 constitution',
      '2027-03-15 juarez',
      '2027-05-01 labour',
      '2027-09-16 independence',
      '2027-11-15 revolution',
      '2027-12-25 christmas',
    ])
  })

  it('of Mexico when the federal executive changes', () => {
    expect([2018, 2024, 2029, 2030].map((year) => datesOf('MX', year).filter((day) => day.endsWith('transfer-of-power')))).toEqual([
      [],
      ['2024-10-01 transfer-of-power'],
      [],
      ['2030-10-01 transfer-of-power'],
    ])
  })

  // As the Office of Personnel Management lists them, on the days of the law itself.
  it('of the United States', () => {
    expect(datesOf('US', 2027)).toEqual([
      '2027-01-01 new-year',
      '2027-01-18 king',
      '2027-02-15 washington',
      '2027-05-31 memorial',
      '2027-06-19 juneteenth',
      '2027-07-04 independence',
      '2027-09-06 labour',
      '2027-10-11 columbus',
      '2027-11-11 veterans',
      '2027-11-25 thanksgiving',
      '2027-12-25 christmas',
    ])
    expect(datesOf('US', 2020).some((day) => day.endsWith('juneteenth'))).toBe(false)
  })

  it('of another country are unknown', () => {
    expect(holidaysOf('ES', 2027)).toEqual([])
  })
})
