import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, dayInterval, instantAt, toDateColumn } from '../kernel/time.ts'
import type { RosteredHours } from './shifts.ts'
import { dayLimit, findWarnings, presetLimits, type Stint, stintsOf, type WorkLimits } from './work-rules.ts'

const MONDAY = '2026-03-02'
const RULE: WorkLimits = { maxWeekMinutes: 2880, maxDayMinutes: 480, maxMixedMinutes: 450, maxNightMinutes: 420, minRestMinutes: 720, maxConsecutiveDays: 6 }
const ZONE = 'America/Mexico_City'

/** A day's work by the wall clock of a zone without changes, in hours. */
function stint(date: string, from: number, to: number, breakHours = 0): Stint {
  const { start } = dayInterval(date, ZONE)
  const at = (hours: number) => new Date(start.getTime() + hours * 3_600_000)
  const night = [
    [-4, 6],
    [20, 30],
  ].reduce((sum, [a = 0, b = 0]) => sum + Math.max(0, Math.min(to, b) - Math.max(from, a)), 0)
  return { date, start: at(from), end: at(to), workedMinutes: (to - from - breakHours) * 60, nightMinutes: night * 60 }
}
const codes = (work: Stint[], rule = RULE) => findWarnings(work, rule, MONDAY).map(({ code, date, actual, limit }) => [code, date, actual, limit])

describe('presetLimits', () => {
  it.each([
    ['2026-12-31', 48],
    ['2027-01-01', 46],
    ['2028-05-01', 44],
    ['2029-05-01', 42],
    ['2030-01-01', 40],
    ['2040-01-01', 40],
    ['2020-01-01', 48],
  ])('follows the Mexican week as it gets shorter: %s is %d hours', (date, hours) => {
    expect(presetLimits('MX', date)).toMatchObject({ maxWeekMinutes: hours * 60, maxDayMinutes: 480, maxMixedMinutes: 450, maxNightMinutes: 420 })
  })

  it('knows the United States, Spain, and the Union for others', () => {
    expect(presetLimits('US', MONDAY)).toMatchObject({ maxWeekMinutes: 2400, maxDayMinutes: 480, maxConsecutiveDays: 6 })
    expect(presetLimits('ES', MONDAY)).toMatchObject({ maxWeekMinutes: 2400, maxDayMinutes: 540, minRestMinutes: 720 })
    expect(presetLimits('DE', MONDAY)).toMatchObject({ maxWeekMinutes: 2880, minRestMinutes: 660 })
  })
})

describe('dayLimit', () => {
  it.each([
    [480, 0, 480],
    [480, 209, 450],
    [480, 210, 420],
    [120, 120, 420],
  ])('of %d minutes with %d at night is %d', (worked, night, limit) => {
    expect(dayLimit(worked, night, RULE)).toBe(limit)
  })
})

describe('findWarnings', () => {
  it('says nothing of six days of eight hours', () => {
    expect(codes([0, 1, 2, 3, 4, 5].map((day) => stint(addDays(MONDAY, day), 9, 17)))).toEqual([])
  })

  it('names a week that is too long, once', () => {
    expect(
      codes(
        [0, 1, 2, 3, 4, 5].map((day) => stint(addDays(MONDAY, day), 9, 17.25)),
        { ...RULE, maxDayMinutes: 600 },
      ),
    ).toEqual([['OVERTIME_WEEK', MONDAY, 2970, 2880]])
  })

  it('adds what one day holds, and takes breaks out', () => {
    expect(codes([stint(MONDAY, 8, 12), stint(MONDAY, 14, 19)])).toEqual([['OVERTIME_DAY', MONDAY, 540, 480]])
    expect(codes([stint(MONDAY, 9, 18, 1)])).toEqual([])
  })

  it('measures a night by the limit of a night', () => {
    expect(codes([stint(MONDAY, 22, 30)])).toEqual([['OVERTIME_DAY', MONDAY, 480, 420]])
    expect(codes([stint(MONDAY, 14, 22)])).toEqual([['OVERTIME_DAY', MONDAY, 480, 450]])
  })

  it('counts the rest between two days, also from the day before the week, and none within a day', () => {
    expect(codes([stint(MONDAY, 8, 12), stint(MONDAY, 14, 18)])).toEqual([])
    expect(codes([stint(addDays(MONDAY, -1), 13, 21), stint(MONDAY, 8, 12)], { ...RULE, maxMixedMinutes: 480 })).toEqual([['SHORT_REST', MONDAY, 660, 720]])
    expect(codes([stint(addDays(MONDAY, -1), 13, 20), stint(MONDAY, 8, 12)])).toEqual([])
    expect(codes([stint(MONDAY, 22, 29), stint(addDays(MONDAY, 1), 4, 8)])).toEqual([['SHORT_REST', addDays(MONDAY, 1), 0, 720]])
  })

  it('counts days in a row with those before the week, and names the first that is too many', () => {
    const days = (from: number, count: number) => Array.from({ length: count }, (_, index) => stint(addDays(MONDAY, from + index), 9, 12))
    expect(codes(days(-4, 6))).toEqual([])
    expect(codes(days(-4, 8))).toEqual([['TOO_MANY_DAYS', addDays(MONDAY, 2), 8, 6]])
    expect(codes(days(-8, 9))).toEqual([['TOO_MANY_DAYS', MONDAY, 9, 6]])
    expect(codes(days(0, 7))).toEqual([['TOO_MANY_DAYS', addDays(MONDAY, 6), 7, 6]])
    expect(codes([...days(-7, 7), ...days(1, 2)])).toEqual([])
  })

  it('agrees with a count of single minutes, whatever people work', () => {
    const hours = fc.record({ day: fc.integer({ min: -14, max: 7 }), start: fc.integer({ min: 0, max: 95 }), length: fc.integer({ min: 1, max: 60 }) })
    const rules = fc.record({
      maxWeekMinutes: fc.integer({ min: 60, max: 4000 }),
      maxDayMinutes: fc.integer({ min: 60, max: 900 }),
      minRestMinutes: fc.integer({ min: 0, max: 1440 }),
      maxConsecutiveDays: fc.integer({ min: 1, max: 14 }),
    })
    fc.assert(
      fc.property(fc.array(hours, { maxLength: 14 }), rules, (shifts, rule) => {
        const limits = { ...rule, maxMixedMinutes: rule.maxDayMinutes, maxNightMinutes: rule.maxDayMinutes }
        const work = shifts.map(({ day, start, length }) => stint(addDays(MONDAY, day), start / 4, (start + length) / 4))
        expect(codes(work, limits).map(String).sort()).toEqual(expected(shifts, limits).sort())
      }),
    )
  })

  /** The same from quarters of an hour after the Monday's midnight, without instants. */
  function expected(shifts: { day: number; start: number; length: number }[], rule: WorkLimits): string[] {
    const found: string[] = []
    const on = (day: number) => shifts.filter((shift) => shift.day === day)
    const worked = (day: number) => on(day).reduce((sum, { length }) => sum + length * 15, 0)
    const week = [0, 1, 2, 3, 4, 5, 6]
    const total = week.reduce((sum, day) => sum + worked(day), 0)
    if (total > rule.maxWeekMinutes) found.push(String(['OVERTIME_WEEK', MONDAY, total, rule.maxWeekMinutes]))
    for (const day of week) {
      const date = addDays(MONDAY, day)
      if (worked(day) > rule.maxDayMinutes) found.push(String(['OVERTIME_DAY', date, worked(day), rule.maxDayMinutes]))
      const before = shifts.filter((shift) => shift.day < day).map((shift) => shift.day * 96 + shift.start + shift.length)
      const begins = Math.min(...on(day).map((shift) => day * 96 + shift.start))
      const rest = Math.max(0, (begins - Math.max(...before)) * 15)
      if (on(day).length > 0 && before.length > 0 && rest < rule.minRestMinutes) found.push(String(['SHORT_REST', date, rest, rule.minRestMinutes]))
    }
    let run = 0
    let named: number | null = null
    for (let day = -14; day <= 7; day += 1) {
      if (day < 7 && on(day).length > 0) {
        run += 1
        if (named === null && run > rule.maxConsecutiveDays && day >= 0) named = day
        continue
      }
      if (named !== null) found.push(String(['TOO_MANY_DAYS', addDays(MONDAY, named), run, rule.maxConsecutiveDays]))
      run = 0
      named = null
    }
    return found
  }
})

describe('stintsOf', () => {
  const night = (date: string): RosteredHours => ({
    workDate: toDateColumn(date),
    startMinute: 1320,
    endMinute: 1800,
    breakStartMinute: 1500,
    breakEndMinute: 1530,
  })

  it('counts elapsed minutes without the break, and those of the night', () => {
    expect(stintsOf({ schedules: [], shifts: [night(MONDAY)] }, MONDAY, addDays(MONDAY, 2), ZONE)).toEqual([
      {
        date: MONDAY,
        start: instantAt(MONDAY, 1320, ZONE).instant,
        end: instantAt(addDays(MONDAY, 1), 360, ZONE).instant,
        workedMinutes: 450,
        nightMinutes: 450,
      },
    ])
  })

  it('is an hour shorter or longer in the night in which the clock changes', () => {
    const minutes = (date: string) =>
      stintsOf({ schedules: [], shifts: [night(date)] }, date, addDays(date, 1), 'America/Tijuana').map(({ workedMinutes }) => workedMinutes)
    expect(minutes('2025-03-08')).toEqual([390])
    expect(minutes('2025-11-01')).toEqual([510])
  })
})
