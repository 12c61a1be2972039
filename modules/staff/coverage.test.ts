import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, instantAt, MINUTE_MS, toDateColumn, toMinute } from '../kernel/time.ts'
import { countAtWorst, coverWeek, type Need, type Presence, presenceIn, without } from './coverage.ts'

const MONDAY = '2026-03-02'
const ZONE = 'America/Mexico_City'
const at = (date: string, time: string) => instantAt(date, toMinute(time), ZONE).instant
const need = (weekday: number, start: string, end: string, minCount: number, more: Partial<Need> = {}): Need => ({
  position: 'veterinarian',
  weekday,
  startMinute: toMinute(start),
  endMinute: toMinute(end),
  minCount,
  validFrom: toDateColumn('2020-01-01'),
  validUntil: null,
  ...more,
})
const vet = (date: string, start: string, end: string, position = 'veterinarian'): Presence => ({ position, start: at(date, start), end: at(date, end) })
const read = (needs: Need[], present: Presence[]) => coverWeek(needs, present, MONDAY, ZONE).map(({ date, planned, isMet }) => [date, planned, isMet])

describe('coverWeek', () => {
  it('counts who is there at the worst moment, by position', () => {
    const present = [vet(MONDAY, '08:00', '14:00'), vet(MONDAY, '13:00', '18:00'), vet(MONDAY, '09:00', '17:00', 'receptionist')]
    expect(read([need(1, '09:00', '17:00', 1)], present)).toEqual([[MONDAY, 1, true]])
    expect(read([need(1, '09:00', '17:00', 2)], present)).toEqual([[MONDAY, 1, false]])
    expect(read([need(1, '13:00', '14:00', 2)], present)).toEqual([[MONDAY, 2, true]])
    expect(read([need(1, '09:00', '18:30', 1)], present)).toEqual([[MONDAY, 0, false]])
  })

  it('lets people follow one another without a gap', () => {
    expect(read([need(1, '09:00', '17:00', 1)], [vet(MONDAY, '09:00', '13:00'), vet(MONDAY, '13:00', '17:00')])).toEqual([[MONDAY, 1, true]])
    expect(read([need(1, '09:00', '17:00', 1)], [vet(MONDAY, '09:00', '12:59'), vet(MONDAY, '13:00', '17:00')])).toEqual([[MONDAY, 0, false]])
  })

  it('asks on the weekdays and days that a need names', () => {
    const needs = [need(3, '09:00', '10:00', 1), need(5, '09:00', '10:00', 1, { validUntil: toDateColumn(addDays(MONDAY, 4)) })]
    expect(read(needs, [])).toEqual([[addDays(MONDAY, 2), 0, false]])
    expect(read([need(5, '09:00', '10:00', 1, { validUntil: toDateColumn(addDays(MONDAY, 5)) })], [])).toEqual([[addDays(MONDAY, 4), 0, false]])
  })
})

describe('closed times', () => {
  const closed = (start: string, end: string) => [{ start: at(MONDAY, start), end: at(MONDAY, end) }]
  const readClosed = (present: Presence[], times: ReturnType<typeof closed>) =>
    coverWeek([need(1, '09:00', '17:00', 1)], present, MONDAY, ZONE, times).map(({ planned, isMet }) => [planned, isMet])

  it('need nobody: a need is asked for outside them, and not at all within them', () => {
    expect(readClosed([vet(MONDAY, '09:00', '13:00')], closed('13:00', '17:00'))).toEqual([[1, true]])
    expect(readClosed([vet(MONDAY, '09:00', '13:00')], closed('14:00', '17:00'))).toEqual([[0, false]])
    expect(readClosed([vet(MONDAY, '13:00', '17:00')], closed('13:00', '17:00'))).toEqual([[0, false]])
    expect(readClosed([], closed('00:00', '24:00'))).toEqual([])
    expect(readClosed([], closed('17:00', '24:00'))).toEqual([[0, false]])
  })
})

describe('without', () => {
  it('leaves exactly the minutes that no hole has', () => {
    const span = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }))
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => ({ start: new Date(Math.min(a, b) * MINUTE_MS), end: new Date(Math.max(a, b) * MINUTE_MS) }))
    const has = (parts: readonly { start: Date; end: Date }[], minute: number) =>
      parts.filter(({ start, end }) => start.getTime() <= minute * MINUTE_MS && minute * MINUTE_MS < end.getTime()).length
    fc.assert(
      fc.property(span, fc.array(span, { maxLength: 5 }), (whole, holes) => {
        const parts = without(whole, holes)
        for (let minute = 0; minute <= 60; minute += 1) expect(has(parts, minute)).toBe(has([whole], minute) === 1 && has(holes, minute) === 0 ? 1 : 0)
        expect(parts.every(({ start, end }) => start < end)).toBe(true)
      }),
    )
  })
})

describe('countAtWorst', () => {
  it('agrees with a look at every minute', () => {
    const span = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }))
      .map(([a, b]) => ({ start: new Date(Math.min(a, b) * 60_000), end: new Date(Math.max(a, b) * 60_000) }))
    fc.assert(
      fc.property(fc.array(span, { maxLength: 8 }), span, (present, wanted) => {
        let worst = wanted.start < wanted.end ? Number.POSITIVE_INFINITY : 0
        for (let minute = wanted.start.getTime(); minute < wanted.end.getTime(); minute += 60_000)
          worst = Math.min(worst, present.filter(({ start, end }) => start.getTime() <= minute && minute < end.getTime()).length)
        expect(countAtWorst(present, wanted)).toBe(worst)
      }),
    )
  })
})

describe('presenceIn', () => {
  it('takes the position of a shift, and the own one for weekly hours', () => {
    const tuesday = addDays(MONDAY, 1)
    const plan = {
      schedules: [1, 2].map((weekday) => ({ weekday, startMinute: 540, endMinute: 600, validFrom: toDateColumn('2020-01-01'), validUntil: null })),
      shifts: [{ workDate: toDateColumn(tuesday), startMinute: 1320, endMinute: 1500, breakStartMinute: null, breakEndMinute: null, position: 'assistant' }],
    }
    expect(presenceIn(plan, 'veterinarian', MONDAY, 2, ZONE).map(({ position, start, end }) => [position, start, end])).toEqual([
      ['veterinarian', at(MONDAY, '09:00'), at(MONDAY, '10:00')],
      ['assistant', at(tuesday, '22:00'), instantAt(tuesday, 1500, ZONE).instant],
    ])
  })
})
