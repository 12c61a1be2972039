import ical, { ICalEventStatus, ICalEventTransparency } from 'ical-generator'
import type { FeedCalendar } from './feed-calendar.ts'

/** What programs are asked to wait between two readings. */
const REFRESH_SECONDS = 15 * 60

/**
 * An iCalendar file (RFC 5545). The same calendar gives the same text, whenever it is rendered. Instants are in UTC: every program shows them in its own zone, and no rules of summer time travel
 * along that a country may change tomorrow.
 */
export function renderCalendar({ name, locale, events }: FeedCalendar): string {
  const calendar = ical({
    name,
    prodId: { company: 'Chiron', product: 'Calendar feed', language: locale === 'en' ? 'EN' : 'ES' },
    ttl: REFRESH_SECONDS,
    events: events.map(({ uid, start, end, summary, isCancelled, sequence, stampedAt }) => ({
      id: uid,
      start,
      end,
      summary,
      sequence,
      stamp: stampedAt,
      lastModified: stampedAt,
      status: isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
      transparency: isCancelled ? ICalEventTransparency.TRANSPARENT : ICalEventTransparency.OPAQUE,
    })),
  })
  return calendar.toString()
}
