import { describe, expect, it } from 'vitest'
import { amountOf } from './time-off-amount.ts'

const since = new Date('2020-01-01T00:00:00Z')
/** Monday to Friday, nine to one and three to six: seven hours. */
const HOURS = [1, 2, 3, 4, 5].flatMap((weekday) => [
  { weekday, startMinute: 540, endMinute: 780, validFrom: since, validUntil: null },
  { weekday, startMinute: 900, endMinute: 1080, validFrom: since, validUntil: null },
])
const NONE = new Set<string>()

describe('what days off take from a balance', () => {
  // 1 March 2027 is a Monday.
  it.each([
    ['a week, its weekend free', '2027-03-01', '2027-03-07', 5, 35],
    ['a weekend', '2027-03-06', '2027-03-07', 0, 0],
    ['Friday to Monday', '2027-03-05', '2027-03-08', 2, 14],
    ['one day', '2027-03-03', '2027-03-03', 1, 7],
  ])('%s', (_case, firstDay, lastDay, days, hours) => {
    expect(amountOf({ firstDay, lastDay, part: null }, HOURS, NONE, 'days')).toBe(days)
    expect(amountOf({ firstDay, lastDay, part: null }, HOURS, NONE, 'hours')).toBe(hours)
  })

  it('a part of a day is its share of the hours, pauses left out', () => {
    const day = { firstDay: '2027-03-03', lastDay: '2027-03-03' }
    expect(amountOf({ ...day, part: { start: 720, end: 960 } }, HOURS, NONE, 'hours')).toBe(2)
    expect(amountOf({ ...day, part: { start: 720, end: 960 } }, HOURS, NONE, 'days')).toBe(0.29)
    expect(amountOf({ ...day, part: { start: 780, end: 900 } }, HOURS, NONE, 'hours')).toBe(0)
    expect(amountOf({ ...day, part: { start: 0, end: 1440 } }, HOURS, NONE, 'days')).toBe(1)
  })

  it('a day on which the clinic is closed is free', () => {
    expect(amountOf({ firstDay: '2027-03-15', lastDay: '2027-03-19', part: null }, HOURS, new Set(['2027-03-15']), 'days')).toBe(4)
  })

  it('hours count while they are valid alone', () => {
    const ended = HOURS.map((row) => ({ ...row, validUntil: new Date('2027-03-03T00:00:00Z') }))
    expect(amountOf({ firstDay: '2027-03-01', lastDay: '2027-03-05', part: null }, ended, NONE, 'days')).toBe(2)
  })

  it('without any hours on record, Monday to Friday count', () => {
    expect(amountOf({ firstDay: '2027-03-01', lastDay: '2027-03-07', part: null }, [], NONE, 'days')).toBe(5)
  })
})
