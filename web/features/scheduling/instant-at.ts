import { Temporal } from 'temporal-polyfill'

/** The instant of a local time. A time in a gap moves forward, one that occurs twice is the earlier. */
export function instantAt(date: string, minute: number, timeZone: string): string {
  return Temporal.PlainDate.from(date)
    .toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 })
    .toZonedDateTime(timeZone, { disambiguation: 'compatible' })
    .toInstant()
    .toString()
}
