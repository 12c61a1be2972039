import { LRUCache } from 'lru-cache'
import { Temporal } from 'temporal-polyfill'

/** A day as `YYYY-MM-DD`, in the zone of the clinic that it belongs to. */
export type LocalDate = string
/** A time of day as `HH:MM`; `24:00` is the end of the day. */
export type LocalTime = string
/** Business time. The audit's `at` is the database's clock instead. */
export type Clock = { readonly now: () => Date }
export const systemClock: Clock = { now: () => new Date() }

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** Half-open: `[start, end)`. Back to back does not overlap. */
export type Interval = { readonly start: Date; readonly end: Date }

/** Intervals for a `tstzmultirange`. */
export function toMultirange(intervals: readonly Interval[]): string {
  return `{${intervals.map(({ start, end }) => `[${start.toISOString()},${end.toISOString()})`).join(',')}}`
}

export function overlaps(a: Interval, b: Interval): boolean {
  return a.start < b.end && b.start < a.end
}

/** True for a text that is a real day between 1900 and 2199. */
export function isLocalDate(text: string): boolean {
  if (!/^(19|20|21)\d\d-\d\d-\d\d$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

/** True for an IANA zone that this runtime knows. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return /^[A-Z]/.test(zone)
  } catch {
    return false
  }
}

/** A day for a `date` column. */
export function toDateColumn(date: LocalDate): Date {
  return new Date(`${date}T00:00:00Z`)
}

/** The day in a `date` column. */
export function fromDateColumn(column: Date): LocalDate {
  return column.toISOString().slice(0, 10)
}

// Zone arithmetic costs tens of microseconds and its answers never change, so the days that a clinic works on are kept.
const days = new LRUCache<string, Interval>({ max: 5_000 })
const instants = new LRUCache<string, { instant: Date; shift: 'none' | 'gap' | 'overlap' }>({ max: 20_000 })
/** The day last asked for in each zone: most instants are of today. */
const recent = new LRUCache<string, Interval & { readonly date: LocalDate }>({ max: 600 })

/** The practice day of an instant. */
export function localDateOf(instant: Date, timeZone: string): LocalDate {
  const known = recent.get(timeZone)
  if (known && known.start <= instant && instant < known.end) return known.date
  const date = toLocalDate(instant, timeZone)
  recent.set(timeZone, { date, ...dayInterval(date, timeZone) })
  return date
}

function toLocalDate(instant: Date, timeZone: string): LocalDate {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone).toPlainDate().toString()
}

/** Minutes after local midnight of an instant, by the wall clock. */
export function localMinuteOf(instant: Date, timeZone: string): number {
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone)
  return zoned.hour * 60 + zoned.minute
}

/** The instants of a practice day, `[midnight, next midnight)`: 23, 24 or 25 hours long. */
export function dayInterval(date: LocalDate, timeZone: string): Interval {
  return remembered(days, `${date} ${timeZone}`, () => computeDay(date, timeZone))
}

function computeDay(date: LocalDate, timeZone: string): Interval {
  const day = Temporal.PlainDate.from(date)
  return {
    start: new Date(day.toZonedDateTime(timeZone).epochMilliseconds),
    end: new Date(day.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds),
  }
}

/**
 * The instant of a wall-clock time. In a gap the clock moves forward, in an overlap the earlier reading counts; `shift`
 * says so.
 * @param minute minutes after local midnight, 0 to 2880; 1440 is the next midnight, and more lies on the day after
 */
export function instantAt(date: LocalDate, minute: number, timeZone: string): { instant: Date; shift: 'none' | 'gap' | 'overlap' } {
  return remembered(instants, `${date} ${minute} ${timeZone}`, () => computeInstant(date, minute, timeZone))
}

function remembered<Value extends object>(cache: LRUCache<string, Value>, key: string, compute: () => Value): Value {
  const known = cache.get(key)
  if (known !== undefined) return known
  const value = compute()
  cache.set(key, value)
  return value
}

function computeInstant(date: LocalDate, minute: number, timeZone: string): { instant: Date; shift: 'none' | 'gap' | 'overlap' } {
  const day = Temporal.PlainDate.from(date).add({ days: Math.floor(minute / 1440) })
  const wall = day.toPlainDateTime({ hour: Math.floor((minute % 1440) / 60), minute: minute % 60 })
  const earlier = wall.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  const later = wall.toZonedDateTime(timeZone, { disambiguation: 'later' })
  if (earlier.epochMilliseconds === later.epochMilliseconds) return { instant: new Date(earlier.epochMilliseconds), shift: 'none' }
  const isGap = !earlier.toPlainDateTime().equals(wall)
  return { instant: new Date((isGap ? later : earlier).epochMilliseconds), shift: isGap ? 'gap' : 'overlap' }
}

// Days of UTC are all as long, and a summary adds twenty times: the calendar's own arithmetic took a tenth of it.
export function addDays(date: LocalDate, days: number): LocalDate {
  return fromDateColumn(new Date(toDateColumn(date).getTime() + days * DAY_MS))
}

/** The same day of the month before; the last day of a shorter month. */
export function sameDayLastMonth(date: LocalDate): LocalDate {
  return Temporal.PlainDate.from(date).subtract({ months: 1 }).toString()
}

/** ISO 8601 weekday: 1 Monday … 7 Sunday. */
export function weekdayOf(date: LocalDate): number {
  return toDateColumn(date).getUTCDay() || 7
}

/** Whole days from one day to another; negative when the second is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return (toDateColumn(to).getTime() - toDateColumn(from).getTime()) / DAY_MS
}

/** `HH:MM` as minutes after midnight. Throws RangeError on anything else; `24:00` is 1440. */
export function toMinute(time: LocalTime): number {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(time)
  const minute = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN
  if (!(minute <= 1440)) throw new RangeError(`not a time of day: ${time}`)
  return minute
}

export function fromMinute(minute: number): LocalTime {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}
