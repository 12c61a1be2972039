import type { ClientPreference, Message, MessageRule, MessageSettings, Notification, Prisma } from '../../prisma/client/client.ts'
import type { ClinicActor, UserActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { DEFAULT_QUIET_HOURS, type QuietHours } from './quiet-hours.ts'
import { clientPreferences, messageRules, messageSettings, messages, notifications } from './records.ts'

export type PageOf = { readonly limit: number; readonly offset: number }

export type MessageFilter = {
  readonly status?: string | null | undefined
  readonly channel?: string | null | undefined
  readonly kind?: string | null | undefined
  readonly clientId?: string | null | undefined
  readonly appointmentId?: string | null | undefined
  readonly from?: Date | null | undefined
  readonly to?: Date | null | undefined
}

const here = (actor: ClinicActor) => ({ organisationId: actor.organisationId, clinicId: actor.clinic.id })

/** Messages of the active clinic, newest first. */
export async function listMessages(db: Db, actor: ClinicActor, filter: MessageFilter, page: PageOf): Promise<Message[]> {
  const { from, to, ...equal } = filter
  const where: Prisma.MessageWhereInput = here(actor)
  for (const [name, value] of Object.entries(equal)) if (value !== null && value !== undefined) Object.assign(where, { [name]: value })
  if (from || to) where.createdAt = { ...(from ? { gte: from } : {}), ...(to ? { lt: to } : {}) }
  return messages.take(db, await db.prisma.message.findMany({ where, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: page.limit, skip: page.offset }))
}

/** Messages of the active clinic by id, in one statement. */
export async function findMessagesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Message[]> {
  return messages.read(db, {
    name: 'find_messages_by_ids',
    text: `SELECT ${messages.columns('m')} FROM message m WHERE m.organisation_id = $1::uuid AND m.clinic_id = $2::uuid AND m.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

/** Rules of the active clinic: those in force first, then by event, channel and lead time. */
export async function listMessageRules(db: Db, actor: ClinicActor): Promise<MessageRule[]> {
  const orderBy = [{ isActive: 'desc' }, { event: 'asc' }, { channel: 'asc' }, { leadMinutes: 'desc' }, { id: 'asc' }] as const satisfies readonly object[]
  return messageRules.take(db, await db.prisma.messageRule.findMany({ where: here(actor), orderBy: [...orderBy] }))
}

export async function findMessageRulesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<MessageRule[]> {
  return messageRules.take(db, await db.prisma.messageRule.findMany({ where: { ...here(actor), id: { in: [...ids] } } }))
}

/** Preferences by client, for those clients that have any. */
export async function listPreferencesByClient(db: Db, actor: ClinicActor, clientIds: readonly string[]): Promise<ReadonlyMap<string, ClientPreference[]>> {
  const rows = await db.prisma.clientPreference.findMany({ where: { organisationId: actor.organisationId, clientId: { in: [...clientIds] } } })
  return Map.groupBy(clientPreferences.take(db, rows), ({ clientId }) => clientId)
}

/** The active clinic's quiet hours; null where the product's apply. */
export async function findMessageSettings(db: Db, actor: ClinicActor): Promise<MessageSettings | null> {
  const [row] = messageSettings.take(db, await db.prisma.messageSettings.findMany({ where: here(actor) }))
  return row ?? null
}

/** The quiet hours of a clinic, or of a client who has hours of their own. */
export function quietHoursOf(settings: MessageSettings | null, preference: ClientPreference | undefined): QuietHours {
  if (preference && preference.quietFromMinute !== null && preference.quietUntilMinute !== null)
    return { fromMinute: preference.quietFromMinute, untilMinute: preference.quietUntilMinute }
  return settings === null ? DEFAULT_QUIET_HOURS : { fromMinute: settings.quietFromMinute, untilMinute: settings.quietUntilMinute }
}

/** What the product has told the caller at the active clinic, newest first. */
export async function listNotifications(db: Db, actor: UserActor, { unreadOnly }: { unreadOnly: boolean }, page: PageOf): Promise<Notification[]> {
  return notifications.take(
    db,
    await db.prisma.notification.findMany({
      where: { ...here(actor), userId: actor.userId, ...(unreadOnly ? { readAt: null } : {}) },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: page.limit,
      skip: page.offset,
    }),
  )
}

/** How many of them the caller has not read. */
export async function countUnreadNotifications(db: Db, actor: UserActor): Promise<number> {
  db.aggregates('unread_notifications', {})
  return db.prisma.notification.count({ where: { ...here(actor), userId: actor.userId, readAt: null } })
}

export async function findNotificationsByIds(db: Db, actor: UserActor, ids: readonly string[]): Promise<Notification[]> {
  return notifications.take(db, await db.prisma.notification.findMany({ where: { ...here(actor), userId: actor.userId, id: { in: [...ids] } } }))
}
