import { type Locale, reachOf, type UserActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { addDays, localDateOf } from '../kernel/time.ts'
import { listClosedTimes, listVisitsOfResource } from '../scheduling/index.ts'
import { findStaffByIds, isEmployedOn, listWorkPlans, NO_WORK } from '../staff/index.ts'
import { type FeedEvent, feedRange, shiftEvents, visitEvents } from './feed-events.ts'

/** What a feed shows at one moment. */
export type FeedCalendar = {
  readonly name: string
  readonly locale: Locale
  readonly events: readonly FeedEvent[]
  /** When something of it, or the feed itself, was last changed. */
  readonly changedAt: Date
}

const SHIFT: Readonly<Record<Locale, string>> = { 'es-MX': 'Turno', en: 'Shift' }

type FeedRow = {
  readonly kind: string
  readonly staffId: string | null
  readonly roomId: string | null
  readonly roomName: string | null
  readonly createdAt: Date
  /** Of whoever made it. */
  readonly hasLeft: boolean
}

/**
 * The calendar of a feed, read as whoever made it, with the rights that they have now. Null when it is over: it was revoked, whoever made it has
 * left or has another profile, or whoever made the feed of a room may no longer plan or no longer see visits. Of a roster the visits are
 * left out when the person may not see visits.
 */
export async function openCalendar(db: Db, actor: UserActor, feedId: string, now: Date): Promise<FeedCalendar | null> {
  const [feed] = await db.query<FeedRow>({
    name: 'open_calendar_feed',
    text: `SELECT f.kind, f.staff_id AS "staffId", f.room_id AS "roomId", r.name AS "roomName", f.created_at AS "createdAt",
        EXISTS (SELECT FROM staff_profile m WHERE m.organisation_id = $1::uuid AND m.user_id = $4::uuid AND (NOT m.is_active OR m.terminated_on < $5::date)) AS "hasLeft"
      FROM calendar_feed f LEFT JOIN room r ON r.clinic_id = f.clinic_id AND r.id = f.room_id
      WHERE f.organisation_id = $1::uuid AND f.clinic_id = $2::uuid AND f.id = $3::uuid AND f.created_by_id = $4::uuid AND f.revoked_at IS NULL`,
    values: [actor.organisationId, actor.clinic.id, feedId, actor.userId, localDateOf(now, actor.clinic.timeZone)],
  })
  if (!feed || feed.hasLeft) return null
  db.reads('CalendarFeed', [feedId], ['createdAt', 'kind', 'roomId', 'staffId'])
  const found = feed.staffId === null ? await readRoom(db, actor, feed, now) : await readRoster(db, actor, feed.staffId, feed.createdAt, now)
  if (found === null) return null
  const events = found.events.toSorted((a, b) => a.start.getTime() - b.start.getTime() || (a.uid < b.uid ? -1 : 1))
  const changedAt = events.reduce((latest, { stampedAt }) => (stampedAt > latest ? stampedAt : latest), feed.createdAt)
  return { name: `${found.name} · ${actor.clinic.name}`, locale: actor.locale, events, changedAt }
}

type Found = { readonly name: string; readonly events: readonly FeedEvent[] }

async function readRoom(db: Db, actor: UserActor, { roomId, roomName }: FeedRow, now: Date): Promise<Found | null> {
  if (roomId === null || reachOf(actor, 'schedule:manage') !== 'all' || reachOf(actor, 'appointment:read') !== 'all') return null
  db.reads('Room', [roomId], ['name'])
  const visits = await listVisitsOfResource(db, actor, { kind: 'room', id: roomId }, feedRange(now))
  return { name: roomName ?? '', events: visitEvents(visits, now) }
}

async function readRoster(db: Db, actor: UserActor, staffId: string, stampedAt: Date, now: Date): Promise<Found | null> {
  const { timeZone, id: clinicId } = actor.clinic
  const [person] = actor.staffId === staffId ? await findStaffByIds(db, actor, [staffId]) : []
  if (!person || !isEmployedOn(person, localDateOf(now, timeZone))) return null
  const range = feedRange(now)
  const [plans, closed, visits] = await Promise.all([
    listWorkPlans(db, actor, [staffId], addDays(localDateOf(range.start, timeZone), -1), addDays(localDateOf(range.end, timeZone), 2)),
    listClosedTimes(db, actor, staffId, range),
    reachOf(actor, 'appointment:read') === null ? [] : listVisitsOfResource(db, actor, { kind: 'staff', id: staffId }, range),
  ])
  const roster = { staffId, clinicId, timeZone, plan: plans.get(staffId) ?? NO_WORK, closed, isEmployedOn: (date: string) => isEmployedOn(person, date) }
  return { name: person.name, events: [...shiftEvents(roster, range, SHIFT[actor.locale], stampedAt), ...visitEvents(visits, now)] }
}
