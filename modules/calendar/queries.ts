import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'

export const FEED_KINDS = ['staff', 'room'] as const

/** A feed without its secret, which nobody stores. */
export type CalendarFeed = {
  readonly id: string
  readonly kind: (typeof FEED_KINDS)[number]
  readonly staffId: string | null
  readonly roomId: string | null
  /** The person's or the room's. */
  readonly name: string
  readonly createdById: string
  readonly createdByName: string
  readonly createdAt: Date
  readonly revokedAt: Date | null
  readonly lastReadAt: Date | null
}

const FIELDS = Object.freeze(['createdAt', 'createdById', 'kind', 'lastReadAt', 'revokedAt', 'roomId', 'staffId'])

// Feeds within reach of $3 (schedule:manage) or $4 (the person themselves).
const SELECT = `SELECT f.id, f.kind, f.staff_id AS "staffId", f.room_id AS "roomId", coalesce(s.name, r.name) AS name, f.created_by_id AS "createdById",
    u.name AS "createdByName", f.created_at AS "createdAt", f.revoked_at AS "revokedAt", n.last_read_at AS "lastReadAt"
  FROM calendar_feed f JOIN app_user u ON u.organisation_id = f.organisation_id AND u.id = f.created_by_id
    LEFT JOIN staff_profile s ON s.organisation_id = f.organisation_id AND s.id = f.staff_id
    LEFT JOIN room r ON r.clinic_id = f.clinic_id AND r.id = f.room_id
    LEFT JOIN calendar_feed_use n ON n.organisation_id = f.organisation_id AND n.feed_id = f.id
  WHERE f.organisation_id = $1::uuid AND f.clinic_id = $2::uuid AND ($3::boolean OR f.staff_id = $4::uuid)`

const reachOf = (actor: ClinicActor) => [actor.organisationId, actor.clinic.id, holds(actor, 'schedule:manage'), actor.staffId]

/** Feeds of the active clinic, newest first: the actor's own, and with schedule:manage those of rooms and of others. */
export async function listCalendarFeeds(
  db: Db,
  actor: ClinicActor,
  { includeRevoked }: { includeRevoked: boolean },
  { limit, offset }: { limit: number; offset: number },
): Promise<CalendarFeed[]> {
  const rows = await db.query<CalendarFeed>({
    name: 'list_calendar_feeds',
    text: `${SELECT} AND ($5::boolean OR f.revoked_at IS NULL) ORDER BY f.created_at DESC, f.id DESC LIMIT $6::int OFFSET $7::int`,
    values: [...reachOf(actor), includeRevoked, limit, offset],
  })
  report(db, rows)
  return rows
}

/** Feeds within the actor's reach by id, in one statement. */
export async function findCalendarFeedsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<CalendarFeed[]> {
  const rows = await db.query<CalendarFeed>({
    name: 'find_calendar_feeds_by_ids',
    text: `${SELECT} AND f.id = ANY ($5::uuid[])`,
    values: [...reachOf(actor), [...ids]],
  })
  report(db, rows)
  return rows
}

function report(db: Db, rows: readonly CalendarFeed[]): void {
  db.reads(
    'CalendarFeed',
    rows.map(({ id }) => id),
    FIELDS,
  )
  const idsOf = (key: 'staffId' | 'roomId' | 'createdById') => rows.flatMap((row) => row[key] ?? [])
  db.reads('StaffProfile', idsOf('staffId'), ['name'])
  db.reads('Room', idsOf('roomId'), ['name'])
  db.reads('User', idsOf('createdById'), ['name'])
}
