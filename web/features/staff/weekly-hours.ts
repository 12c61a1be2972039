import type { SetWeeklyScheduleInput, WeeklyHoursFieldsFragment } from '../../gql/graphql.ts'

export type Hours = WeeklyHoursFieldsFragment['schedules'][number]
/** Hours that begin and end to apply on the same days. */
export type Period = { readonly validFrom: string; readonly validUntil: string | null; readonly hours: readonly Hours[] }

export function isValidOn({ validFrom, validUntil }: Pick<Hours, 'validFrom' | 'validUntil'>, date: string): boolean {
  return validFrom <= date && (validUntil === null || date < validUntil)
}

/** Hours by the days on which they apply, the newest first, each in the order of the week. */
export function periodsOf(schedules: readonly Hours[]): Period[] {
  const periods = new Map<string, { validFrom: string; validUntil: string | null; hours: Hours[] }>()
  for (const hours of schedules.toSorted(inWeek)) {
    const { validFrom, validUntil } = hours
    const key = `${validFrom} ${validUntil}`
    const period = periods.get(key) ?? { validFrom, validUntil, hours: [] }
    period.hours.push(hours)
    periods.set(key, period)
  }
  return [...periods.values()].sort((a, b) => b.validFrom.localeCompare(a.validFrom))
}

function inWeek(a: Hours, b: Hours): number {
  return a.weekday - b.weekday || a.start.localeCompare(b.start)
}

export type BreakDraft = { readonly key: string; readonly start: string; readonly end: string }
export type SpanDraft = { readonly key: string; readonly weekday: number; readonly start: string; readonly end: string; readonly breaks: readonly BreakDraft[] }

/** The hours that apply on a day, to be changed in a form. */
export function draftsOn(schedules: readonly Hours[], date: string): SpanDraft[] {
  return schedules
    .filter((hours) => isValidOn(hours, date))
    .toSorted(inWeek)
    .map(({ id, weekday, start, end, breaks }) => ({
      key: id,
      weekday,
      start,
      end,
      breaks: breaks.map((pause) => ({ key: pause.id, start: pause.start, end: pause.end })),
    }))
}

/** One day's hours for other days too, in place of what was there. */
export function copyDay(spans: readonly SpanDraft[], from: number, to: readonly number[]): SpanDraft[] {
  const source = spans.filter(({ weekday }) => weekday === from)
  const copies = to.flatMap((weekday) =>
    source.map((span) => ({
      ...span,
      weekday,
      key: `${span.key} ${weekday}`,
      breaks: span.breaks.map((pause) => ({ ...pause, key: `${pause.key} ${weekday}` })),
    })),
  )
  return [...spans.filter(({ weekday }) => !to.includes(weekday)), ...copies]
}

export function isComplete(spans: readonly SpanDraft[]): boolean {
  return spans.every(({ start, end, breaks }) => start !== '' && end !== '' && breaks.every((pause) => pause.start !== '' && pause.end !== ''))
}

export function toScheduleInput(staffId: string, validFrom: string, spans: readonly SpanDraft[]): SetWeeklyScheduleInput {
  return {
    staffId,
    validFrom,
    days: spans.map(({ weekday, start, end, breaks }) => ({ weekday, start, end, breaks: breaks.map((pause) => ({ start: pause.start, end: pause.end })) })),
  }
}
