import { z } from 'zod'
import type { ClinicActor, UserActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { isUuid, newId } from '../kernel/ids.ts'
import { validate } from '../kernel/validate.ts'
import { notificationParamsSchema } from './params.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const newSchema = z.object({
  userIds: z.array(uuid).max(500),
  kind: z.string().regex(/^[a-z][a-z0-9_]{2,39}$/, 'must be a code such as shift_swap_asked'),
  params: notificationParamsSchema,
})
export type NewNotification = z.input<typeof newSchema>

/**
 * Tells people who work with the product of something, in the transaction in which it happens. The client writes the text, by `kind`, from
 * the records that `params` names; those must be within the recipients' own rights to be shown.
 */
export async function notifyUsers(tx: Tx, actor: ClinicActor, input: NewNotification, messageId: string | null = null): Promise<{ ids: string[] }> {
  const { userIds, kind, params } = validate(newSchema, input)
  if (userIds.length === 0) return { ids: [] }
  const createdAt = tx.clock.now()
  const rows = [...new Set(userIds)].map((userId) => ({ id: newId(), userId, kind, params, messageId, createdAt }))
  await tx.prisma.notification.createMany({
    data: rows.map((row) => ({ ...row, organisationId: actor.organisationId, clinicId: actor.clinic.id })),
  })
  const ids = rows.map(({ id }) => id)
  tx.changes('Notification', ids, ['kind', 'params', 'userId'])
  return { ids }
}

const readSchema = z.object({ ids: z.array(uuid).max(500).nullish() })

/** Marks the caller's own notifications at the active clinic as read: those named, or all. Others' are left alone without a word. */
export async function markNotificationsRead(tx: Tx, actor: UserActor, input: z.input<typeof readSchema>): Promise<{ ids: string[] }> {
  const { ids } = validate(readSchema, input)
  const rows = await tx.query<{ id: string }>({
    name: 'mark_notifications_read',
    text: `UPDATE notification SET read_at = $4::timestamptz WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND user_id = $3::uuid AND read_at IS NULL
        AND ($5::uuid[] IS NULL OR id = ANY ($5::uuid[])) RETURNING id::text`,
    values: [actor.organisationId, actor.clinic.id, actor.userId, tx.clock.now(), ids ?? null],
  })
  const marked = rows.map(({ id }) => id)
  tx.changes('Notification', marked, ['readAt'])
  return { ids: marked }
}
