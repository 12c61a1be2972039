import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, dayInterval, toDateColumn, toMinute, weekdayOf } from '../kernel/time.ts'
import { areBreaksInside, findOverlappingWeekday, NO_WORK, type RosteredHours, type ScheduleHours, shiftsOf } from './shifts.ts'

function hours(weekday: number, start: string, end: string, validFrom = '2020-01-01', validUntil: string | null = null): ScheduleHours {
  return {
    weekday,
    startMinute: toMinute(start),
    endMinute: toMinute(end),
    validFrom: toDateColumn(validFrom),
    validUntil: validUntil === null ? null : toDateColumn(validUntil),
  }
}

const read = (schedules: ScheduleHours[], date: string, timeZone: string) =>
  shiftsOf({ schedules, shifts: [] }, date, timeZone).map(({ start, end, clockChange }) => [start.toISOString(), end.toISOString(), clockChange])

describe('shiftsOf', () => {
  it('gives the hours of the weekday in order, as instants of the zone', () => {
    const week = [hours(6, '14:00', '18:00'), hours(6, '09:00', '13:00'), hours(5, '09:00', '17:00')]
    expect(read(week, '2025-12-20', 'America/Mexico_City')).toEqual([
      ['2025-12-20T15:00:00.000Z', '2025-12-20T19:00:00.000Z', 'none'],
      ['2025-12-20T20:00:00.000Z', '2025-12-21T00:00:00.000Z', 'none'],
    ])
    expect(read(week, '2025-12-19', 'Europe/Madrid')).toEqual([['2025-12-19T08:00:00.000Z', '2025-12-19T16:00:00.000Z', 'none']])
  })

  it('gives nothing on a weekday without hours', () => {
    expect(read([hours(6, '09:00', '13:00')], '2025-12-21', 'America/Mexico_City')).toEqual([])
  })

  it.each([
    ['2025-12-06', 0],
    ['2025-12-13', 1],
    ['2025-12-20', 0],
  ])('counts a schedule from its first day up to, not including, the day on which it ends: %s', (date, count) => {
    expect(read([hours(6, '09:00', '13:00', '2025-12-13', '2025-12-20')], date, 'UTC')).toHaveLength(count)
  })

  it('ends the day at 24:00 local time, also when the day is short or long', () => {
    const night = [hours(7, '00:00', '24:00')]
    expect(read(night, '2025-03-30', 'Europe/Madrid')).toEqual([['2025-03-29T23:00:00.000Z', '2025-03-30T22:00:00.000Z', 'none']])
    expect(read(night, '2025-10-26', 'Europe/Madrid')).toEqual([['2025-10-25T22:00:00.000Z', '2025-10-26T23:00:00.000Z', 'none']])
  })

  // Clocks go from 02:00 to 03:00 on 9 March 2025 and back from 02:00 to 01:00 on 2 November 2025.
  it('moves a start that the clock skips forward, and says so', () => {
    expect(read([hours(7, '02:30', '10:00')], '2025-03-09', 'America/Tijuana')).toEqual([['2025-03-09T10:30:00.000Z', '2025-03-09T17:00:00.000Z', 'gap']])
  })

  it('drops a shift of no length inside the skipped hour', () => {
    expect(read([hours(7, '02:00', '03:00')], '2025-03-09', 'America/Tijuana')).toEqual([])
  })

  it('keeps shifts apart when the end of one moves past the start of the next', () => {
    const night = [hours(7, '01:00', '02:50'), hours(7, '03:20', '05:00')]
    expect(read(night, '2025-03-09', 'America/Tijuana')).toEqual([
      ['2025-03-09T09:00:00.000Z', '2025-03-09T10:50:00.000Z', 'gap'],
      ['2025-03-09T10:50:00.000Z', '2025-03-09T12:00:00.000Z', 'none'],
    ])
  })

  it('takes the earlier reading of a time that comes twice, and says so', () => {
    expect(read([hours(7, '01:30', '05:00')], '2025-11-02', 'America/Tijuana')).toEqual([['2025-11-02T08:30:00.000Z', '2025-11-02T13:00:00.000Z', 'overlap']])
    expect(read([hours(7, '00:00', '01:30')], '2025-11-02', 'America/Tijuana')).toEqual([['2025-11-02T07:00:00.000Z', '2025-11-02T08:30:00.000Z', 'overlap']])
  })

  it('knows that Mexico City has kept one time since 2022', () => {
    expect(read([hours(7, '02:30', '03:30')], '2025-04-06', 'America/Mexico_City')).toEqual([['2025-04-06T08:30:00.000Z', '2025-04-06T09:30:00.000Z', 'none']])
  })

  it('gives ordered shifts inside the practice day for any plan without overlaps', () => {
    const plan = fc.record({
      cuts: fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 144 }), fc.integer({ min: 0, max: 30 })), { minLength: 2, maxLength: 8 }),
      // Any day of two years, and as often a day on which one of these zones changes its clock.
      date: fc.oneof(
        fc.integer({ min: 0, max: 730 }).map((offset) => addDays('2025-01-01', offset)),
        fc.constantFrom('2025-03-09', '2025-11-02', '2025-03-30', '2025-10-26', '2025-04-06', '2025-10-05'),
      ),
      zone: fc.constantFrom('America/Tijuana', 'Europe/Madrid', 'America/Mexico_City', 'Australia/Lord_Howe'),
    })
    fc.assert(
      fc.property(plan, ({ cuts, date, zone }) => {
        const minutes = cuts.map((cut) => cut * 10).sort((a, b) => a - b)
        const schedules = minutes
          .slice(1)
          .map((endMinute, index) => ({ ...hours(weekdayOf(date), '00:00', '24:00'), startMinute: minutes[index] ?? 0, endMinute }))
        const day = dayInterval(date, zone)
        let last = day.start
        for (const { start, end } of shiftsOf({ schedules, shifts: [] }, date, zone)) {
          expect(start.getTime()).toBeLessThan(end.getTime())
          expect(start.getTime()).toBeGreaterThanOrEqual(last.getTime())
          expect(end.getTime()).toBeLessThanOrEqual(day.end.getTime())
          last = end
        }
      }),
    )
  })
})

const minutes = (time: string, isNext = false) => toMinute(time) + (isNext ? 1440 : 0)
const rostered = (date: string, start: string, end: string, pause: [string, string] | null = null): RosteredHours => ({
  workDate: toDateColumn(date),
  startMinute: toMinute(start),
  endMinute: minutes(end, end <= start),
  breakStartMinute: pause && minutes(pause[0], pause[0] < start),
  breakEndMinute: pause && minutes(pause[1], pause[1] < start),
})

describe('breaks and published shifts', () => {
  const MONDAY = '2025-12-15'
  const week = [1, 2, 3].map((weekday) => ({ ...hours(weekday, '09:00', '17:00'), breaks: [{ startMinute: toMinute('13:00'), endMinute: toMinute('14:00') }] }))
  const local = (shifts: RosteredHours[], date: string, zone = 'UTC', schedules: ScheduleHours[] = week) =>
    shiftsOf({ schedules, shifts }, date, zone).map(({ start, end }) => [start.toISOString().slice(5, 16), end.toISOString().slice(5, 16)])

  it('takes a break out of weekly hours', () => {
    expect(local([], MONDAY)).toEqual([
      ['12-15T09:00', '12-15T13:00'],
      ['12-15T14:00', '12-15T17:00'],
    ])
    expect(shiftsOf(NO_WORK, MONDAY, 'UTC')).toEqual([])
  })

  it('lets shifts take the place of weekly hours on their day, and on no other', () => {
    const shifts = [rostered('2025-12-16', '14:00', '20:00')]
    expect(local(shifts, MONDAY)).toHaveLength(2)
    expect(local(shifts, '2025-12-16')).toEqual([['12-16T14:00', '12-16T20:00']])
    expect(local(shifts, '2025-12-17')).toHaveLength(2)
  })

  it('shows a night on both of its days, without its break, and leaves the hours of the second', () => {
    const shifts = [rostered(MONDAY, '22:00', '06:00', ['01:00', '01:30'])]
    expect(local(shifts, MONDAY)).toEqual([['12-15T22:00', '12-16T00:00']])
    expect(local(shifts, '2025-12-16')).toEqual([
      ['12-16T00:00', '12-16T01:00'],
      ['12-16T01:30', '12-16T06:00'],
      ['12-16T09:00', '12-16T13:00'],
      ['12-16T14:00', '12-16T17:00'],
    ])
  })

  it('joins a night that runs into the hours of the next day', () => {
    expect(local([rostered(MONDAY, '22:00', '10:00')], '2025-12-16', 'UTC', [hours(2, '09:00', '17:00')])).toEqual([
      ['12-16T00:00', '12-16T10:00'],
      ['12-16T10:00', '12-16T17:00'],
    ])
  })

  // Clocks go from 02:00 to 03:00 on 9 March 2025 and back from 02:00 to 01:00 on 2 November 2025.
  it('moves the end of a night that the clock skips, and says so', () => {
    const shift = (date: string) => ({ schedules: [], shifts: [rostered(date, '22:00', '02:30')] })
    expect(shiftsOf(shift('2025-03-08'), '2025-03-09', 'America/Tijuana')).toEqual([
      { start: new Date('2025-03-09T08:00:00.000Z'), end: new Date('2025-03-09T10:30:00.000Z'), clockChange: 'gap' },
    ])
    expect(shiftsOf(shift('2025-11-01'), '2025-11-02', 'America/Tijuana').map(({ start, end }) => (end.getTime() - start.getTime()) / 3_600_000)).toEqual([3.5])
  })

  it('stays in order, apart and inside the day, whatever is planned', () => {
    const shift = fc
      .record({ day: fc.integer({ min: -1, max: 1 }), start: fc.integer({ min: 0, max: 1439 }), length: fc.integer({ min: 3, max: 1440 }) })
      .chain(({ day, start, length }) =>
        fc
          .tuple(fc.integer({ min: 1, max: length - 2 }), fc.integer({ min: 1, max: length - 1 }))
          .map(([a, b]) => ({ day, start, length, pause: a < b ? ([a, b] as const) : null })),
      )
    fc.assert(
      fc.property(
        fc.constantFrom('2025-03-09', '2025-11-02', '2025-07-01'),
        fc.constantFrom('America/Tijuana', 'Europe/Madrid'),
        fc.array(shift, { maxLength: 5 }),
        (date, zone, planned) => {
          const shifts = planned.map(({ day, start, length, pause }) => ({
            workDate: toDateColumn(addDays(date, day)),
            startMinute: start,
            endMinute: start + length,
            breakStartMinute: pause && start + pause[0],
            breakEndMinute: pause && start + pause[1],
          }))
          const day = dayInterval(date, zone)
          let last = day.start.getTime()
          for (const { start, end } of shiftsOf({ schedules: week, shifts }, date, zone)) {
            expect(start.getTime()).toBeGreaterThanOrEqual(last)
            expect(start.getTime()).toBeLessThan(end.getTime())
            last = end.getTime()
          }
          expect(last).toBeLessThanOrEqual(day.end.getTime())
        },
      ),
    )
  })
})

describe('areBreaksInside', () => {
  const inside = (...breaks: [number, number][]) =>
    areBreaksInside({ startMinute: 540, endMinute: 1020, breaks: breaks.map(([startMinute, endMinute]) => ({ startMinute, endMinute })) })
  it('wants breaks inside the hours, not at an end, and apart', () => {
    expect(inside()).toBe(true)
    expect(inside([780, 840], [600, 610])).toBe(true)
    expect(inside([600, 610], [610, 620])).toBe(true)
    for (const wrong of [
      [540, 600],
      [960, 1020],
      [600, 600],
      [610, 600],
    ] satisfies [number, number][])
      expect(inside(wrong)).toBe(false)
    expect(inside([600, 620], [610, 630])).toBe(false)
  })
})

describe('findOverlappingWeekday', () => {
  it('lets hours follow one another and names the weekday on which they overlap', () => {
    expect(findOverlappingWeekday([hours(1, '09:00', '13:00'), hours(1, '13:00', '17:00'), hours(2, '10:00', '12:00')])).toBeNull()
    expect(findOverlappingWeekday([hours(1, '09:00', '13:00'), hours(3, '12:59', '17:00'), hours(3, '09:00', '13:00')])).toBe(3)
    expect(findOverlappingWeekday([hours(4, '09:00', '17:00'), hours(4, '10:00', '11:00')])).toBe(4)
    expect(findOverlappingWeekday([])).toBeNull()
  })
})
