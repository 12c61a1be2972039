import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayInterval, type Interval, instantAt, localMinuteOf, overlaps, toDateColumn } from '../kernel/time.ts'
import { shiftsOf } from '../staff/index.ts'
import { findOpenSlots as findSlots, GRID_MINUTES, isCovered, mergeIntervals } from './slots.ts'

const MEXICO = 'America/Mexico_City'
const DAY = '2025-12-20'
const local = (minute: number, date = DAY, timeZone = MEXICO) => instantAt(date, minute, timeZone).instant
const from = (start: string, end: string): Interval => ({ start: new Date(`${DAY}T${start}:00Z`), end: new Date(`${DAY}T${end}:00Z`) })
const minutesOf = (slots: Date[], timeZone = MEXICO) => slots.map((slot) => localMinuteOf(slot, timeZone))

type OnePerson = { shifts: readonly Interval[]; busy: readonly Interval[]; durationMinutes: number; notBefore: Date; limit: number; timeZone: string }

/** Starts of a search for one person alone. */
function findOpenSlots({ shifts, busy, notBefore, ...search }: OnePerson): Date[] {
  const needs = [{ buffer: { before: 0, after: 0 }, candidates: [{ id: 'vet', open: shifts, busy }] }]
  return findSlots({ ...search, needs, windows: [{ start: notBefore, end: new Date('2100-01-01T00:00:00Z') }] }).map(({ start }) => start)
}

describe('open slots', () => {
  const morning = { start: local(9 * 60), end: local(10 * 60) }
  const search = { shifts: [morning], busy: [], durationMinutes: 30, notBefore: morning.start, limit: 10, timeZone: MEXICO }

  it('begin every ten minutes and end within the shift', () => {
    expect(minutesOf(findOpenSlots(search))).toEqual([540, 550, 560, 570])
  })

  it('touch what is busy and never overlap it', () => {
    expect(minutesOf(findOpenSlots({ ...search, durationMinutes: 10, busy: [{ start: local(550), end: local(580) }] }))).toEqual([540, 580, 590])
  })

  it('count overlapping and overbooked claims once', () => {
    const busy = [
      { start: local(540), end: local(560) },
      { start: local(550), end: local(570) },
      { start: local(545), end: local(550) },
    ]
    expect(minutesOf(findOpenSlots({ ...search, busy }))).toEqual([570])
  })

  it('begin on the grid after a shift or a claim that does not', () => {
    expect(
      minutesOf(
        findOpenSlots({ ...search, durationMinutes: 10, shifts: [{ start: local(543), end: local(600) }], busy: [{ start: local(550), end: local(571) }] }),
      ),
    ).toEqual([580, 590])
  })

  it('run over shifts that touch, and stop at the limit', () => {
    const shifts = [{ start: local(600), end: local(660) }, morning]
    expect(minutesOf(findOpenSlots({ ...search, shifts, durationMinutes: 90 }))).toEqual([540, 550, 560, 570])
    expect(minutesOf(findOpenSlots({ ...search, shifts, limit: 2 }))).toEqual([540, 550])
  })

  it('do not begin before the wished time, and there are none without a shift', () => {
    expect(minutesOf(findOpenSlots({ ...search, notBefore: local(561) }))).toEqual([570])
    expect(findOpenSlots({ ...search, shifts: [] })).toEqual([])
  })

  // Tijuana and Madrid go forward and back on different days; 2:00 to 3:00 is missing or doubled.
  it.each([
    ['America/Tijuana', '2026-03-08', 4 * 6 - 6],
    ['America/Tijuana', '2025-11-02', 4 * 6 + 6],
    ['Europe/Madrid', '2026-03-29', 4 * 6 - 6],
    ['Europe/Madrid', '2025-10-26', 4 * 6 + 6],
    ['Europe/Madrid', '2025-12-20', 4 * 6],
  ])('of a night shift from 0 to 4 in %s on %s are %i', (timeZone, date, count) => {
    const shift = { start: local(0, date, timeZone), end: local(240, date, timeZone) }
    const slots = findOpenSlots({ shifts: [shift], busy: [], durationMinutes: 10, notBefore: shift.start, limit: 100, timeZone })
    expect(slots).toHaveLength(count)
    expect(minutesOf(slots, timeZone).every((minute) => minute % GRID_MINUTES === 0)).toBe(true)
  })

  it('keep to the wall clock where the offset is no multiple of ten minutes', () => {
    const timeZone = 'Asia/Kathmandu'
    const shift = { start: local(545, DAY, timeZone), end: local(600, DAY, timeZone) }
    expect(minutesOf(findOpenSlots({ shifts: [shift], busy: [], durationMinutes: 20, notBefore: shift.start, limit: 9, timeZone }), timeZone)).toEqual([
      550, 560, 570, 580,
    ])
  })

  const dates = fc.constantFrom('2026-03-08', '2025-11-02', '2026-03-29', '2025-10-26', '2025-12-31', '2026-01-01', '2026-02-28')
  const hours = fc
    .tuple(fc.nat(1439), fc.integer({ min: 1, max: 600 }))
    .map(([startMinute, length]) => ({ startMinute, endMinute: Math.min(startMinute + length, 1440) }))
  const claims = fc.array(fc.tuple(fc.integer({ min: -60, max: 1500 }), fc.integer({ min: 1, max: 240 })), { maxLength: 12 })

  it('lie in a shift, overlap no claim, and leave out no earlier start, on days of DST change too', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('America/Tijuana', 'Europe/Madrid'),
        dates,
        fc.array(hours, { maxLength: 4 }),
        claims,
        fc.integer({ min: 5, max: 120 }),
        fc.nat(1440),
        (timeZone, date, worked, taken, durationMinutes, wished) => {
          const day = dayInterval(date, timeZone)
          const weekday = new Date(`${date}T12:00:00Z`).getUTCDay() || 7
          const shifts = shiftsOf(
            { schedules: worked.map((hour) => ({ ...hour, weekday, validFrom: toDateColumn('2020-01-01'), validUntil: null })), shifts: [] },
            date,
            timeZone,
          )
          const minute = (count: number) => new Date(day.start.getTime() + count * 60_000)
          const busy = taken.map(([start, length]) => ({ start: minute(start), end: minute(start + length) }))
          const notBefore = minute(wished)
          const slots = findOpenSlots({ shifts, busy, durationMinutes, notBefore, limit: 1_000, timeZone })
          const isOpen = (start: Date) => {
            const slot = { start, end: new Date(start.getTime() + durationMinutes * 60_000) }
            return start >= notBefore && coveredMinuteByMinute(slot, shifts) && busy.every((claim) => !overlaps(slot, claim))
          }
          for (const slot of slots) expect(isOpen(slot), slot.toISOString()).toBe(true)
          const grid = Array.from({ length: (day.end.getTime() - day.start.getTime()) / 600_000 }, (_, step) => minute(step * 10))
          expect(slots).toEqual(grid.filter(isOpen))
        },
      ),
    )
  })
})

// Another way to say it than the code's: every minute of the interval lies in some shift.
function coveredMinuteByMinute(slot: Interval, shifts: readonly Interval[]): boolean {
  for (let at = slot.start.getTime(); at < slot.end.getTime(); at += 60_000)
    if (!shifts.some(({ start, end }) => start.getTime() <= at && at < end.getTime())) return false
  return true
}

describe('merged intervals', () => {
  it('join what overlaps or touches and keep what is apart', () => {
    expect(mergeIntervals([from('12:00', '13:00'), from('09:00', '10:00'), from('10:00', '11:00'), from('09:15', '09:30')])).toEqual([
      from('09:00', '11:00'),
      from('12:00', '13:00'),
    ])
  })
})

describe('working time', () => {
  const shifts = [from('09:00', '13:00'), from('13:00', '14:00'), from('16:00', '18:00')]
  it.each([
    ['09:00', '14:00', true],
    ['12:30', '13:30', true],
    ['08:50', '09:10', false],
    ['13:30', '16:30', false],
    ['17:50', '18:00', true],
    ['17:50', '18:01', false],
  ])('covers %s to %s: %s', (start, end, expected) => {
    expect(isCovered(from(start, end), shifts)).toBe(expected)
  })
})
