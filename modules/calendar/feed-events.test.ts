import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PURE_RUNS } from '../../test/effort.ts'
import type { Interval } from '../kernel/time.ts'
import type { VisitTime } from '../scheduling/index.ts'
import { shiftsOf } from '../staff/index.ts'
import { type Roster, shiftEvents, visitEvents } from './feed-events.ts'

const NOW = new Date('2027-03-10T12:00:00Z')
const STAMP = new Date('2027-01-01T00:00:00Z')
const instant = (text: string) => new Date(`2027-03-${text}:00Z`)
const span = (start: string, end: string): Interval => ({ start: instant(start), end: instant(end) })
const hours = (weekday: number, startMinute: number, endMinute: number) => ({
  weekday,
  startMinute,
  endMinute,
  validFrom: new Date('2020-01-01T00:00:00Z'),
  validUntil: null,
})
const roster = (change: Partial<Roster> = {}): Roster => ({
  staffId: 's',
  clinicId: 'c',
  timeZone: 'America/Cancun',
  plan: { schedules: [hours(3, 540, 840), hours(3, 840, 900), hours(3, 960, 1140)], shifts: [] },
  closed: [],
  isEmployedOn: () => true,
  ...change,
})
// Wednesday 10 March 2027; Cancún is five hours behind UTC all year.
const ofDay = (given: Roster) => shiftEvents(given, span('10T06:00', '11T04:00'), 'Turno', STAMP).map(({ uid, start, end }) => [uid, start, end])

describe('shiftEvents', () => {
  it('joins shifts that follow one another and keeps those with a break between them apart', () => {
    expect(ofDay(roster())).toEqual([
      ['s.c.2027-03-10.1@chiron', instant('10T14:00'), instant('10T20:00')],
      ['s.c.2027-03-10.2@chiron', instant('10T21:00'), instant('11T00:00')],
    ])
  })

  it.each<[string, Interval, [string, string][]]>([
    [
      'in the middle',
      span('10T15:00', '10T16:00'),
      [
        ['10T14:00', '10T15:00'],
        ['10T16:00', '10T20:00'],
        ['10T21:00', '11T00:00'],
      ],
    ],
    [
      'over the start',
      span('09T00:00', '10T15:00'),
      [
        ['10T15:00', '10T20:00'],
        ['10T21:00', '11T00:00'],
      ],
    ],
    [
      'over the end and the next start',
      span('10T19:00', '10T22:00'),
      [
        ['10T14:00', '10T19:00'],
        ['10T22:00', '11T00:00'],
      ],
    ],
    [
      'that only touch',
      span('10T20:00', '10T21:00'),
      [
        ['10T14:00', '10T20:00'],
        ['10T21:00', '11T00:00'],
      ],
    ],
    ['over the day', span('10T00:00', '11T12:00'), []],
  ])('leaves out closed times %s', (_case, closed, expected) => {
    expect(ofDay(roster({ closed: [closed] })).map(([, start, end]) => [start, end])).toEqual(expected.map(([start, end]) => [instant(start), instant(end)]))
  })

  it('leaves out days on which the person is not employed', () => {
    expect(ofDay(roster({ isEmployedOn: (date) => date !== '2027-03-10' }))).toEqual([])
  })

  it('covers exactly the minutes of the shifts that are not closed, over changes of the clock too', () => {
    const minute = fc.integer({ min: 0, max: 1440 })
    const day = fc.tuple(fc.integer({ min: 1, max: 7 }), minute, minute).filter(([, a, b]) => a !== b)
    // Weeks that end with a change of the clock in one of the zones.
    const week = fc.constantFrom('2027-03-08', '2027-03-22', '2027-10-25', '2027-11-01').map((date) => Date.parse(`${date}T00:00:00Z`))
    const closing = fc.tuple(fc.integer({ min: -60, max: 14_000 }), fc.integer({ min: 1, max: 3_000 }))
    fc.assert(
      fc.property(
        fc.array(day, { maxLength: 6 }),
        fc.array(closing, { maxLength: 4 }),
        fc.constantFrom('America/Tijuana', 'Europe/Madrid'),
        week,
        (days, closings, timeZone, base) => {
          const closed = closings.map(([at, length]) => ({ start: new Date(base + at * 60_000), end: new Date(base + (at + length) * 60_000) }))
          const plan = { schedules: days.map(([weekday, a, b]) => hours(weekday, Math.min(a, b), Math.max(a, b))), shifts: [] }
          const range = { start: new Date(base), end: new Date(base + 8 * 86_400_000) }
          const events = shiftEvents(roster({ plan, closed, timeZone }), range, 'Turno', STAMP)
          const dates = Array.from({ length: 11 }, (_, index) => new Date(base + (index - 1) * 86_400_000).toISOString().slice(0, 10))
          const shifts = dates.flatMap((date) => shiftsOf(plan, date, timeZone))
          const within = (spans: readonly Interval[], at: number) => spans.some(({ start, end }) => start.getTime() <= at && at < end.getTime())
          for (let at = base; at < range.end.getTime(); at += 7 * 60_000) if (within(events, at) !== (within(shifts, at) && !within(closed, at))) return false
          return new Set(events.map(({ uid }) => uid)).size === events.length && events.every(({ start, end }) => start < end)
        },
      ),
      { numRuns: PURE_RUNS / 5 },
    )
  })
})

describe('visitEvents', () => {
  const visit = (change: Partial<VisitTime> = {}): VisitTime => ({
    ...span('11T10:00', '11T10:45'),
    id: 'v',
    status: 'scheduled',
    version: 3,
    updatedAt: instant('09T00:00'),
    offSince: null,
    typeName: 'Consulta',
    roomName: 'Sala 1',
    ...change,
  })

  it('says kind, length and room', () => {
    expect(visitEvents([visit(), visit({ roomName: null })], NOW)).toEqual([
      {
        uid: 'v@chiron',
        ...span('11T10:00', '11T10:45'),
        summary: 'Consulta · 45 min · Sala 1',
        isCancelled: false,
        sequence: 2,
        stampedAt: instant('09T00:00'),
      },
      expect.objectContaining({ summary: 'Consulta · 45 min' }),
    ])
  })

  it.each([
    ['cancelled', 30, true],
    ['no_show', 30, true],
    ['cancelled', 30.001, false],
    ['no_show', 31, false],
  ] as const)('tells that one is off: %s for %d days: %s', (status, days, isTold) => {
    const offSince = new Date(NOW.getTime() - days * 86_400_000)
    expect(visitEvents([visit({ status, offSince })], NOW).map(({ isCancelled }) => isCancelled)).toEqual(isTold ? [true] : [])
  })
})
