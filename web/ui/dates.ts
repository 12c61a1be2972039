/** Practice days are `YYYY-MM-DD` texts; they are counted in UTC, where no day has 23 or 25 hours. */
const DAY_MS = 86_400_000

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** The practice day that `now` falls on in a time zone. */
export function dateIn(timeZone: string, now: Date): string {
  const parts = partsIn(timeZone, now)
  return `${parts.year}-${parts.month}-${parts.day}`
}

/** Minutes since local midnight of an instant in a time zone. */
export function minuteIn(timeZone: string, instant: Date): number {
  const parts = partsIn(timeZone, instant)
  return Number(parts.hour) * 60 + Number(parts.minute)
}

/** True for a calendar date that exists: 2025-02-30 does not. */
export function isDate(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const time = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}

const formats = new Map<string, Intl.DateTimeFormat>()

function partsIn(timeZone: string, instant: Date) {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(timeZone, format)
  }
  const found = { year: '', month: '', day: '', hour: '', minute: '' }
  for (const part of format.formatToParts(instant)) {
    if (part.type === 'year' || part.type === 'month' || part.type === 'day' || part.type === 'hour' || part.type === 'minute') {
      found[part.type] = part.value
    }
  }
  return found
}
