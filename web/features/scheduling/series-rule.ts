import { addDays } from '../../ui/dates.ts'

/** ISO 8601 weekdays, from Monday (1), as recurrence rules name them. */
const DAYS: readonly string[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const FREQUENCY = { week: 'WEEKLY', month: 'MONTHLY' } as const

export const MOST_VISITS = 104
export const MOST_EVERY = 12
const MOST_DAYS = 728

/** How a series repeats, as far as the form goes. By months it keeps the day of the month of its first visit. */
export type Repeat = {
  readonly unit: 'week' | 'month'
  readonly every: number
  /** Of a weekly series; none: that of its first visit. */
  readonly weekdays: readonly number[]
  readonly end: { readonly kind: 'count'; readonly count: number } | { readonly kind: 'until'; readonly until: string }
}

export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7
}

/** The recurrence rule (RFC 5545) of a series that starts on a day. */
export function ruleOf({ unit, every, weekdays, end }: Repeat, startsOn: string): string {
  const days = weekdays.length === 0 ? [weekdayOf(startsOn)] : weekdays
  const parts = [
    `FREQ=${FREQUENCY[unit]}`,
    every > 1 && `INTERVAL=${every}`,
    unit === 'week' && `BYDAY=${days.map((day) => DAYS[day - 1]).join(',')}`,
    end.kind === 'count' ? `COUNT=${end.count}` : `UNTIL=${end.until.replaceAll('-', '')}`,
  ]
  return parts.filter((part) => part !== false).join(';')
}

/** Reads what the form could have written; null for any other rule. */
export function readRule(rule: string): Repeat | null {
  const parts = new Map(rule.split(';').map((part) => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']))
  const known = ['FREQ', 'INTERVAL', 'BYDAY', 'COUNT', 'UNTIL', 'WKST']
  const unit = parts.get('FREQ') === 'WEEKLY' ? 'week' : parts.get('FREQ') === 'MONTHLY' ? 'month' : null
  if (unit === null || [...parts.keys()].some((name) => !known.includes(name)) || (unit === 'month' && parts.has('BYDAY'))) return null
  const names = parts.get('BYDAY')?.split(',') ?? []
  const weekdays = names.map((name) => DAYS.indexOf(name) + 1)
  const end = endOf(parts)
  if (end === null || weekdays.includes(0)) return null
  return { unit, every: Number(parts.get('INTERVAL') ?? 1), weekdays, end }
}

function endOf(parts: ReadonlyMap<string, string>): Repeat['end'] | null {
  const count = parts.get('COUNT')
  if (count !== undefined) return { kind: 'count', count: Number(count) }
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})/.exec(parts.get('UNTIL') ?? '') ?? []
  return year === undefined ? null : { kind: 'until', until: `${year}-${month}-${day}` }
}

/** Whether the server would take it: within two years, and at most so many visits. */
export function isPossible({ every, end }: Repeat, startsOn: string): boolean {
  if (!Number.isInteger(every) || every < 1 || every > MOST_EVERY) return false
  if (end.kind === 'count') return Number.isInteger(end.count) && end.count >= 1 && end.count <= MOST_VISITS
  return end.until >= startsOn && end.until <= addDays(startsOn, MOST_DAYS)
}
