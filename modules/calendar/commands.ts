import { z } from 'zod'
import { holds, type UserActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { validate } from '../kernel/validate.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const newSchema = z.object({ staffId: uuid.nullish(), roomId: uuid.nullish() })
export type NewCalendarFeed = z.input<typeof newSchema>

/** What the server makes for a feed: its id, and what of its secret is stored. */
export type FeedKey = { readonly id: string; readonly tokenHash: Uint8Array }

/**
 * Makes a feed of the actor's own roster at the active clinic, or of one of its rooms. Throws InvalidInputError unless exactly one of the two is
 * named, NotPermittedError for somebody else's roster or a room without schedule:manage, NotFoundError for a room of another clinic or an
 * archived one.
 */
export async function createCalendarFeed(tx: Tx, actor: UserActor, input: NewCalendarFeed, key: FeedKey): Promise<{ id: string }> {
  const { staffId = null, roomId = null } = validate(newSchema, input)
  if ((staffId === null) === (roomId === null)) throw invalid('staffId', 'one_of', 'name either a person or a room')
  if (staffId !== null && staffId !== actor.staffId) throw new NotPermittedError('People make the feed of their own roster themselves.', 'own_roster')
  if (roomId !== null) await assertRoom(tx, actor, roomId)
  await tx.query({
    name: 'create_calendar_feed',
    text: `INSERT INTO calendar_feed (id, organisation_id, clinic_id, kind, staff_id, room_id, token_hash, created_by_id, created_at)
      VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5::uuid, $6::uuid, $7::bytea, $8::uuid, $9::timestamptz)`,
    values: [
      key.id,
      actor.organisationId,
      actor.clinic.id,
      staffId === null ? 'room' : 'staff',
      staffId,
      roomId,
      Buffer.from(key.tokenHash),
      actor.userId,
      tx.clock.now(),
    ],
  })
  tx.changes('CalendarFeed', [key.id], ['createdById', 'kind', 'roomId', 'staffId'])
  return { id: key.id }
}

async function assertRoom(tx: Tx, actor: UserActor, id: string): Promise<void> {
  if (!holds(actor, 'schedule:manage')) throw new NotPermittedError('A feed of a room needs the permission schedule:manage.', 'room_feed')
  const room = await tx.prisma.room.findFirst({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id, archivedAt: null },
    select: { id: true },
  })
  if (!room) throw new NotFoundError('Room')
}

/**
 * Ends a feed at once: its address is refused from now on. Repeating it changes nothing. Throws NotFoundError for a feed of another clinic, and
 * for one of somebody else or of a room without schedule:manage.
 */
export async function revokeCalendarFeed(tx: Tx, actor: UserActor, input: { id: string }): Promise<{ id: string }> {
  const { id } = validate(z.object({ id: uuid }), input)
  const [feed] = await tx.query<{ isRevoked: boolean }>({
    name: 'lock_calendar_feed',
    text: `SELECT f.revoked_at IS NOT NULL AS "isRevoked" FROM calendar_feed f WHERE f.organisation_id = $1::uuid AND f.clinic_id = $2::uuid AND f.id = $3::uuid
      AND ($4::boolean OR f.staff_id = $5::uuid) FOR UPDATE`,
    values: [actor.organisationId, actor.clinic.id, id, holds(actor, 'schedule:manage'), actor.staffId],
  })
  if (!feed) throw new NotFoundError('CalendarFeed')
  if (feed.isRevoked) return { id }
  await tx.query({
    name: 'revoke_calendar_feed',
    // The clocks of two servers may differ.
    text: 'UPDATE calendar_feed SET revoked_at = greatest($2::timestamptz, created_at) WHERE id = $1::uuid',
    values: [id, tx.clock.now()],
  })
  tx.changes('CalendarFeed', [id], ['revokedAt'])
  return { id }
}
