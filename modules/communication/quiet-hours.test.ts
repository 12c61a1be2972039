import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { localMinuteOf } from '../kernel/time.ts'
import { DEFAULT_QUIET_HOURS, isQuietMinute, placeReminder, type QuietHours, quietEnd, quietStart } from './quiet-hours.ts'

const MINUTE_MS = 60_000
const ZONES = ['America/Mexico_City', 'America/Tijuana', 'America/Cancun', 'Europe/Madrid', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC']
// Nights on which the clock changes in Madrid and Tijuana, and one of Lord Howe's, whose change is half an hour.
const CHANGES = ['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T10:00Z', '2026-11-01T09:00Z', '2026-04-04T15:00Z', '2026-10-03T15:30Z']

const minute = fc.integer({ min: 0, max: 1439 })
const hours: fc.Arbitrary<QuietHours> = fc.record({ fromMinute: minute, untilMinute: minute })
const anywhen = fc.oneof(
  fc.date({ min: new Date('2024-01-01'), max: new Date('2030-12-31'), noInvalidDate: true }),
  fc
    .tuple(fc.constantFrom(...CHANGES), fc.integer({ min: -36 * 3600, max: 36 * 3600 }))
    .map(([change, seconds]) => new Date(Date.parse(change) + seconds * 1000)),
)
const zone = fc.constantFrom(...ZONES)
const isQuiet = (at: Date, quiet: QuietHours, timeZone: string) => isQuietMinute(localMinuteOf(at, timeZone), quiet)

describe('quiet hours', () => {
  it('end at the first minute that is not quiet, and begin after the last one, on every day of every zone', () => {
    fc.assert(
      fc.property(anywhen, hours, zone, (at, quiet, timeZone) => {
        const [end, start] = [quietEnd(at, quiet, timeZone), quietStart(at, quiet, timeZone)]
        if (!isQuiet(at, quiet, timeZone)) {
          expect([end, start]).toEqual([null, null])
          return
        }
        if (end === null || start === null) throw new Error('a quiet minute lies between two that are not')
        expect(start < at && at < end).toBe(true)
        expect([isQuiet(end, quiet, timeZone), isQuiet(start, quiet, timeZone)]).toEqual([false, false])
        for (let time = start.getTime() + MINUTE_MS; time < end.getTime(); time += MINUTE_MS)
          if (!isQuiet(new Date(time), quiet, timeZone)) throw new Error(`${new Date(time).toISOString()} is not quiet`)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['goes over midnight', '2026-01-15T05:30Z', 'America/Mexico_City', '2026-01-15T14:00:00.000Z'],
    ['is an hour shorter when clocks go forward', '2026-03-28T21:00Z', 'Europe/Madrid', '2026-03-29T06:00:00.000Z'],
    ['is an hour longer when they go back', '2026-10-24T20:00Z', 'Europe/Madrid', '2026-10-25T07:00:00.000Z'],
    ['knows no summer time in Cancún', '2026-03-08T03:00Z', 'America/Cancun', '2026-03-08T13:00:00.000Z'],
    ['is over at 08:00 sharp', '2026-01-15T14:00Z', 'America/Mexico_City', undefined],
  ])('a night that %s', (_what, at, timeZone, end) => {
    expect(quietEnd(new Date(at), DEFAULT_QUIET_HOURS, timeZone)?.toISOString()).toBe(end)
  })

  it('that end within the hour that is missing end with the change', () => {
    const quiet = { fromMinute: 60, untilMinute: 150 }
    expect(quietEnd(new Date('2026-03-29T00:30Z'), quiet, 'Europe/Madrid')?.toISOString()).toBe('2026-03-29T01:00:00.000Z')
  })

  it('that begin and end at the same minute are none', () => {
    fc.assert(fc.property(anywhen, minute, zone, (at, both, timeZone) => quietEnd(at, { fromMinute: both, untilMinute: both }, timeZone) === null))
  })
})

describe('a reminder', () => {
  const zoneOf = 'America/Mexico_City'
  const at = (text: string) => new Date(`2026-01-15T${text}-06:00`)
  it.each([
    ['by day, when it is wanted', '10:00', '12:00', '2026-01-15T16:00:00.000Z'],
    ['before breakfast, when the night is over', '06:30', '08:30', '2026-01-15T14:00:00.000Z'],
    ['for the first visit of the day, the evening before', '06:00', '08:00', '2026-01-15T02:59:00.000Z'],
  ])('comes %s', (_when, wanted, startsAt, sent) => {
    expect(placeReminder(at(wanted), at(startsAt), DEFAULT_QUIET_HOURS, zoneOf).toISOString()).toBe(sent)
  })

  it('is never quiet, and never after its visit', () => {
    fc.assert(
      fc.property(anywhen, fc.integer({ min: 10, max: 3_000 }), hours, zone, (startsAt, lead, quiet, timeZone) => {
        const placed = placeReminder(new Date(startsAt.getTime() - lead * MINUTE_MS), startsAt, quiet, timeZone)
        expect(isQuiet(placed, quiet, timeZone)).toBe(false)
        expect(placed < startsAt).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
