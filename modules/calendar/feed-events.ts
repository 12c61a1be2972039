import { addDays, DAY_MS, type Interval, type LocalDate, localDateOf, MINUTE_MS } from '../kernel/time.ts'
import { holdsResources, type VisitTime } from '../scheduling/index.ts'
import { type Shift, shiftsOf } from '../staff/index.ts'

/** One event of a calendar. `uid` stays the same as long as the thing is the same, so that programs change what they have. */
export type FeedEvent = Interval & {
  readonly uid: string
  readonly summary: string
  readonly isCancelled: boolean
  readonly sequence: number
  /** When it was last changed. */
  readonly stampedAt: Date
}

/** Days before and after now that a feed shows. */
const DAYS_BACK = 30
export const DAYS_AHEAD = 180
/** Days for which a visit that is off is still told, so that programs take it out of what they keep. */
const DAYS_CANCELLED = 30

export function feedRange(now: Date): Interval {
  return { start: new Date(now.getTime() - DAYS_BACK * DAY_MS), end: new Date(now.getTime() + DAYS_AHEAD * DAY_MS) }
}

/**
 * Visits as events: what kind, how long and where, and nothing about the patient or the client, because an address can be passed on. Those
 * that were cancelled or missed more than 30 days ago are left out.
 */
export function visitEvents(visits: readonly VisitTime[], now: Date): FeedEvent[] {
  const told = new Date(now.getTime() - DAYS_CANCELLED * DAY_MS)
  return visits.flatMap((visit) => {
    const isCancelled = !holdsResources(visit.status)
    if (isCancelled && (visit.offSince ?? visit.updatedAt) < told) return []
    const minutes = Math.round((visit.end.getTime() - visit.start.getTime()) / MINUTE_MS)
    return {
      uid: `${visit.id}@chiron`,
      start: visit.start,
      end: visit.end,
      summary: [visit.typeName, `${minutes} min`, ...(visit.roomName === null ? [] : [visit.roomName])].join(' · '),
      isCancelled,
      // Versions count from 1, revisions of a calendar from 0.
      sequence: visit.version - 1,
      stampedAt: visit.updatedAt,
    }
  })
}

export type Roster = {
  readonly staffId: string
  readonly clinicId: string
  readonly timeZone: string
  readonly plan: Parameters<typeof shiftsOf>[0]
  /** Time off and closures. */
  readonly closed: readonly Interval[]
  readonly isEmployedOn: (date: LocalDate) => boolean
}

/**
 * Hours of work as events, practice day by practice day: shifts that follow one another without a break are one event, and what falls into
 * time off or a closure is left out. They have no version of their own; `stampedAt` is the feed's.
 */
export function shiftEvents(roster: Roster, { start, end }: Interval, summary: string, stampedAt: Date): FeedEvent[] {
  const { timeZone, plan, closed, staffId, clinicId } = roster
  const events: FeedEvent[] = []
  const last = localDateOf(end, timeZone)
  for (let date = localDateOf(start, timeZone); date <= last; date = addDays(date, 1)) {
    if (!roster.isEmployedOn(date)) continue
    const spans = without(joined(shiftsOf(plan, date, timeZone)), closed)
    for (const [index, span] of spans.entries())
      events.push({ uid: `${staffId}.${clinicId}.${date}.${index + 1}@chiron`, ...span, summary, isCancelled: false, sequence: 0, stampedAt })
  }
  return events
}

function joined(shifts: readonly Shift[]): Interval[] {
  const spans: { start: Date; end: Date }[] = []
  for (const { start, end } of shifts) {
    const before = spans.at(-1)
    if (before && start <= before.end) before.end = end > before.end ? end : before.end
    else spans.push({ start, end })
  }
  return spans
}

function without(spans: readonly Interval[], closed: readonly Interval[]): readonly Interval[] {
  return closed.reduce<readonly Interval[]>(
    (left, gap) =>
      left.flatMap((span) => {
        if (gap.end <= span.start || span.end <= gap.start) return [span]
        const parts = [
          { start: span.start, end: gap.start },
          { start: gap.end, end: span.end },
        ]
        return parts.filter((part) => part.start < part.end)
      }),
    spans,
  )
}
