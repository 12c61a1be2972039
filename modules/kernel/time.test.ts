import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  dayInterval,
  daysBetween,
  fromDateColumn,
  fromMinute,
  instantAt,
  isLocalDate,
  isTimeZone,
  localDateOf,
  localMinuteOf,
  overlaps,
  sameDayLastMonth,
  systemClock,
  toDateColumn,
  toMinute,
  weekdayOf,
} from './time.ts'

const ZONES = ['America/Mexico_City', 'America/Tijuana', 'Europe/Madrid', 'Asia/Kathmandu', 'Pacific/Apia', 'Australia/Lord_Howe', 'UTC']
const day = fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })

describe('intervals', () => {
  const span = (start: number, end: number) => ({ start: new Date(start), end: new Date(end) })
  it.each([
    [span(0, 10), span(10, 20), false],
    [span(0, 10), span(9, 20), true],
    [span(0, 20), span(5, 6), true],
    [span(5, 6), span(0, 20), true],
    [span(10, 20), span(0, 10), false],
  ])('%o and %o overlap: %s', (a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected)
  })
})

describe('practice days', () => {
  it('hold every instant exactly once, in every zone', () => {
    fc.assert(
      fc.property(day, fc.constantFrom(...ZONES), (instant, zone) => {
        const date = localDateOf(instant, zone)
        const { start, end } = dayInterval(date, zone)
        expect(start <= instant && instant < end).toBe(true)
        expect(localDateOf(start, zone)).toBe(date)
        expect(localDateOf(end, zone)).not.toBe(date)
      }),
    )
  })

  it.each([
    ['2025-03-09', 'America/Tijuana', 23],
    ['2025-11-02', 'America/Tijuana', 25],
    ['2025-03-30', 'Europe/Madrid', 23],
    ['2025-10-26', 'Europe/Madrid', 25],
    ['2025-04-06', 'America/Mexico_City', 24],
  ])('%s in %s has %s hours', (date, zone, hours) => {
    const { start, end } = dayInterval(date, zone)
    expect((end.getTime() - start.getTime()) / 3_600_000).toBe(hours)
  })

  it('travel through date columns unchanged', () => {
    expect(fromDateColumn(toDateColumn('2025-12-20'))).toBe('2025-12-20')
  })

  it.each([
    ['2025-12-20', true],
    ['2024-02-29', true],
    ['2025-02-29', false],
    ['2025-13-01', false],
    ['1899-12-31', false],
    ['2200-01-01', false],
    ['2025-1-1', false],
    ['2025-12-20T00:00', false],
    ['', false],
  ])('"%s" is a day: %s', (text, expected) => {
    expect(isLocalDate(text)).toBe(expected)
  })

  it('step, compare and have weekdays', () => {
    expect([addDays('2025-12-31', 1), addDays('2024-03-01', -1), daysBetween('2025-12-20', '2026-01-15'), daysBetween('2025-12-20', '2025-12-19')]).toEqual([
      '2026-01-01',
      '2024-02-29',
      26,
      -1,
    ])
    expect([weekdayOf('2025-12-20'), weekdayOf('2025-12-21'), weekdayOf('2025-12-22')]).toEqual([6, 7, 1])
    expect([sameDayLastMonth('2025-03-31'), sameDayLastMonth('2024-03-30'), sameDayLastMonth('2025-01-15')]).toEqual(['2025-02-28', '2024-02-29', '2024-12-15'])
  })
})

describe('wall-clock times', () => {
  it.each([
    ['2025-12-20', 600, 'America/Mexico_City', '2025-12-20T16:00:00.000Z', 'none'],
    ['2025-03-30', 150, 'Europe/Madrid', '2025-03-30T01:30:00.000Z', 'gap'],
    ['2025-10-26', 150, 'Europe/Madrid', '2025-10-26T00:30:00.000Z', 'overlap'],
    ['2025-12-20', 1440, 'Europe/Madrid', '2025-12-20T23:00:00.000Z', 'none'],
    ['2025-03-09', 1440, 'America/Tijuana', '2025-03-10T07:00:00.000Z', 'none'],
  ])('%s minute %s in %s', (date, minute, zone, instant, shift) => {
    expect(instantAt(date, minute, zone)).toEqual({ instant: new Date(instant), shift })
  })

  it('come back from their instant unless the clock skipped them', () => {
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 1439 }), fc.constantFrom(...ZONES), (instant, minute, zone) => {
        const date = localDateOf(instant, zone)
        const read = instantAt(date, minute, zone)
        if (read.shift !== 'gap') expect([localDateOf(read.instant, zone), localMinuteOf(read.instant, zone)]).toEqual([date, minute])
        else expect(localMinuteOf(read.instant, zone)).not.toBe(minute)
      }),
    )
  })

  it('are texts of hours and minutes, up to the end of the day', () => {
    expect(['00:00', '09:30', '23:59', '24:00'].map(toMinute)).toEqual([0, 570, 1439, 1440])
    fc.assert(fc.property(fc.integer({ min: 0, max: 1440 }), (minute) => void expect(toMinute(fromMinute(minute))).toBe(minute)))
    for (const text of ['24:01', '25:00', '9:30', '09:60', '', '09.30']) expect(() => toMinute(text)).toThrow(RangeError)
  })
})

describe('zones and clocks', () => {
  it.each([
    ['America/Mexico_City', true],
    ['UTC', true],
    ['Mexico', false],
    ['+02:00', false],
    ['', false],
  ])('"%s" is a zone: %s', (zone, expected) => {
    expect(isTimeZone(zone)).toBe(expected)
  })

  it('the clock of the system is now', () => {
    const before = Date.now()
    expect(systemClock.now().getTime()).toBeGreaterThanOrEqual(before)
  })
})
