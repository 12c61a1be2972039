import { describe, expect, it } from 'vitest'

import { copyDay, draftsOn, type Hours, isValidOn, periodsOf, toScheduleInput } from './weekly-hours.ts'

const hours = (part: Partial<Hours>): Hours => ({
  __typename: 'WeeklySchedule',
  id: `${part.weekday}-${part.start}-${part.validFrom}`,
  weekday: 1,
  start: '09:00',
  end: '17:00',
  validFrom: '2026-01-01',
  validUntil: null,
  breaks: [],
  ...part,
})

describe('weekly hours', () => {
  it('apply from their first day to the one before their end', () => {
    const year = { validFrom: '2026-01-01', validUntil: '2026-07-01' }
    expect(['2025-12-31', '2026-01-01', '2026-06-30', '2026-07-01'].map((date) => isValidOn(year, date))).toEqual([false, true, true, false])
  })

  it('are grouped by when they apply, newest first, in the order of the week', () => {
    const old = { validFrom: '2025-01-01', validUntil: '2026-01-01' }
    const periods = periodsOf([hours(old), hours({ weekday: 3 }), hours({ weekday: 1, start: '15:00' }), hours({ weekday: 1 })])
    expect(periods.map((one) => [one.validFrom, one.hours.map(({ weekday, start }) => `${weekday} ${start}`)])).toEqual([
      ['2026-01-01', ['1 09:00', '1 15:00', '3 09:00']],
      ['2025-01-01', ['1 09:00']],
    ])
  })

  it('of one day are copied to others with their breaks, in place of what was there', () => {
    const pause = { __typename: 'WeeklyBreak' as const, id: 'b', start: '13:00', end: '14:00' }
    const drafts = draftsOn([hours({ breaks: [pause] }), hours({ weekday: 2, start: '11:00' }), hours({ weekday: 6 })], '2026-03-01')
    const input = toScheduleInput('s', '2026-03-01', copyDay(drafts, 1, [2, 3]))
    const monday = { start: '09:00', end: '17:00', breaks: [{ start: '13:00', end: '14:00' }] }
    expect(input).toEqual({
      staffId: 's',
      validFrom: '2026-03-01',
      days: [
        { weekday: 1, ...monday },
        { weekday: 6, start: '09:00', end: '17:00', breaks: [] },
        { weekday: 2, ...monday },
        { weekday: 3, ...monday },
      ],
    })
  })
})
