import type { Message } from '../../prisma/client/client.ts'
import { type Locale, type SystemActor, toLocale } from '../kernel/actor.ts'
import type { Reader, Tx } from '../kernel/db.ts'
import { MINUTE_MS } from '../kernel/time.ts'
import { findAppointmentsByIds } from '../scheduling/index.ts'
import { findAddress } from './addresses.ts'
import { notifyUsers } from './notifications.ts'
import { type MessageParams, paramsSchema } from './params.ts'
import { findMailRefusals, refusalOf } from './preferences.ts'
import { findMessageSettings, findMessagesByIds, listPreferencesByClient, quietHoursOf } from './queries.ts'
import { quietEnd } from './quiet-hours.ts'
import { render, valuesOf } from './rendering.ts'
import { findStaffValues, isNewsTrue } from './staff-values.ts'
import { findTemplate } from './templates.ts'
import { findValues } from './values.ts'
import { isStaffCode, type MessageKind, type TextChannel, toChannel, toMessageKind } from './vocabulary.ts'

/** A message as a provider gets it. */
export type Outgoing = {
  readonly id: string
  /** Which try this is: what becomes of it is noted only while it is the newest. */
  readonly attempt: number
  readonly channel: TextChannel
  readonly kind: MessageKind
  readonly locale: Locale
  readonly to: string
  readonly subject: string | null
  readonly text: string
  /** Whoever may refuse such messages; null for people who work here, and for those who have asked for this one. */
  readonly clientId: string | null
}

/** How a try ended. A temporary failure is tried again later, a permanent one never. */
export type Outcome =
  | { readonly kind: 'sent'; readonly providerId: string | null }
  | { readonly kind: 'temporary' | 'permanent'; readonly code: string }
  | { readonly kind: 'not_configured' }

/** A worker that is silent for longer has died: its message is sent again, under the same id. */
const LEASE_MINUTES = 10
const MAX_ATTEMPTS = 8
const LONGEST_WAIT_MINUTES = 120

const DUE = `((status = 'queued' AND not_before <= $3::timestamptz) OR (status = 'sending' AND claimed_at <= $3::timestamptz - ${LEASE_MINUTES} * interval '1 minute'))`

/** Ids of the messages of a clinic that are due, those that wait longest first. */
export async function findDueMessages(db: Reader, actor: SystemActor, now: Date, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>({
    name: 'find_due_messages',
    text: `SELECT id::text FROM message WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND ${DUE} ORDER BY not_before, id LIMIT $4`,
    values: [actor.organisationId, actor.clinic.id, now, limit],
  })
  return rows.map(({ id }) => id)
}

/**
 * Takes a message up for one try and makes its text from what is true now. Null when there is nothing to send: it is not due, somebody else
 * has it, it was told inside the product, or it is put off, suppressed or cancelled, which is noted with the reason.
 */
export async function claimMessage(tx: Tx, actor: SystemActor, id: string): Promise<Outgoing | null> {
  const now = tx.clock.now()
  const claimed = await tx.query<{ id: string }>({
    name: 'claim_message',
    text: `UPDATE message SET status = 'sending', attempts = attempts + 1, claimed_at = $3::timestamptz, updated_at = $3::timestamptz
      WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND id = $4::uuid AND ${DUE} RETURNING id::text`,
    values: [actor.organisationId, actor.clinic.id, now, id],
  })
  if (claimed.length === 0) return null
  tx.changes('Message', [id], ['attempts', 'status'])
  const [message] = await findMessagesByIds(tx, actor, [id])
  if (!message) throw new Error('a message that was just claimed is gone')
  // Whoever takes it up dies of it.
  if (message.attempts > MAX_ATTEMPTS) return settle(tx, actor, message, { status: 'failed', code: 'WORKER_LOST' })
  const params = paramsSchema.parse(message.params)
  if (message.notAfter !== null && message.notAfter <= now) return settle(tx, actor, message, { status: 'suppressed', code: 'TOO_LATE' })
  if (!(await isStillTrue(tx, actor, message, params, now)))
    return settle(tx, actor, message, { status: 'cancelled', code: isStaffCode(message.templateCode) ? 'OUT_OF_DATE' : 'VISIT_CHANGED' })
  if (toChannel(message.channel) === 'in_app') return tellInside(tx, actor, message, params)
  return prepare(tx, actor, message, params)
}

/** Whether what a message speaks of is still as it says. One that says it is cancelled stays true. */
async function isStillTrue(tx: Tx, actor: SystemActor, message: Message, params: MessageParams, now: Date): Promise<boolean> {
  if (isStaffCode(message.templateCode)) return isNewsTrue(tx, actor, message, params, now)
  if (params.appointmentId === undefined || params.startsAt === undefined) return true
  const [visit] = await findAppointmentsByIds(tx, actor, [params.appointmentId])
  if (!visit) return false
  if (visit.status === 'cancelled') return message.templateCode === 'booking_cancelled' || message.dedupeKey.startsWith('cancelled/')
  const isToCome = visit.status === 'scheduled' || visit.status === 'confirmed'
  return isToCome && visit.startsAt > now && visit.startsAt.getTime() === Date.parse(params.startsAt)
}

async function tellInside(tx: Tx, actor: SystemActor, message: Message, params: MessageParams): Promise<null> {
  if (message.userId === null) throw new Error('what is told inside the product is told to users')
  await notifyUsers(tx, actor, { userIds: [message.userId], kind: message.templateCode, params: stripped(params) }, message.id)
  return settle(tx, actor, message, { status: 'delivered' })
}

function stripped(params: MessageParams): Record<string, string> {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
}

async function prepare(tx: Tx, actor: SystemActor, message: Message, params: MessageParams): Promise<Outgoing | null> {
  const now = tx.clock.now()
  const channel: TextChannel = message.channel === 'sms' ? 'sms' : 'mail'
  const kind = toMessageKind(message.kind)
  const [preference] = message.clientId === null ? [] : ((await listPreferencesByClient(tx, actor, [message.clientId])).get(message.clientId) ?? [])
  const mailRefusals: readonly string[] = message.userId === null ? [] : await findMailRefusals(tx, actor, message.userId)
  if (preference?.refusals.includes(refusalOf(channel, kind)) || mailRefusals.includes(kind))
    return settle(tx, actor, message, { status: 'suppressed', code: 'REFUSED' })
  const end = quietEnd(now, quietHoursOf(await findMessageSettings(tx, actor), preference), actor.clinic.timeZone)
  if (end !== null) {
    const isOver = message.notAfter !== null && message.notAfter <= end
    return settle(tx, actor, message, isOver ? { status: 'suppressed', code: 'TOO_LATE' } : { status: 'queued', notBefore: end })
  }
  const address = await findAddress(tx, actor, message, channel)
  if ('missing' in address) return settle(tx, actor, message, { status: 'suppressed', code: address.missing })
  const locale = toLocale(message.locale)
  const template = await findTemplate(tx, actor, { code: message.templateCode, channel, locale })
  if (template === null) return settle(tx, actor, message, { status: 'failed', code: 'NO_TEMPLATE' })
  const values = await findValues(tx, actor, { params, locale, recipientName: address.name })
  const all = isStaffCode(message.templateCode) ? { ...values, ...(await findStaffValues(tx, actor, params, locale)) } : values
  const { subject, body } = render(template, valuesOf(message.templateCode, all))
  return { id: message.id, attempt: message.attempts, channel, kind, locale, to: address.to, subject, text: body, clientId: message.clientId }
}

type Settled =
  | { readonly status: 'suppressed' | 'cancelled' | 'failed'; readonly code: string }
  | { readonly status: 'sent' | 'delivered'; readonly providerId?: string | null }
  | { readonly status: 'queued'; readonly notBefore: Date; readonly code?: string }

/** Notes what became of a claimed message. Nothing happens when a later try has it: that one tells. */
async function settle(tx: Tx, actor: SystemActor, { id, attempts }: Pick<Message, 'id' | 'attempts'>, end: Settled): Promise<null> {
  const now = tx.clock.now()
  const isSent = end.status === 'sent' || end.status === 'delivered'
  // A message that was only put off has not been tried.
  const isPutOff = end.status === 'queued' && end.code === undefined
  const rows = await tx.query<{ id: string }>({
    name: 'settle_message',
    text: `UPDATE message SET status = $5, claimed_at = NULL, sent_at = CASE WHEN $6::boolean THEN $7::timestamptz END, provider_id = coalesce($8, provider_id), error_code = $9,
        not_before = coalesce($10::timestamptz, not_before), attempts = attempts - CASE WHEN $11::boolean THEN 1 ELSE 0 END, updated_at = $7::timestamptz
      WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND id = $3::uuid AND status = 'sending' AND attempts = $4 RETURNING id::text`,
    values: [
      actor.organisationId,
      actor.clinic.id,
      id,
      attempts,
      end.status,
      isSent,
      now,
      'providerId' in end ? (end.providerId ?? null) : null,
      'code' in end ? (end.code ?? null) : null,
      end.status === 'queued' ? end.notBefore : null,
      isPutOff,
    ],
  })
  if (rows.length > 0) tx.changes('Message', [id], ['errorCode', 'notBefore', 'providerId', 'sentAt', 'status'])
  return null
}

/** Notes how a try ended: sent; failed for good; or to be tried again, later each time, as long as that makes sense. */
export async function settleMessage(tx: Tx, actor: SystemActor, { id, attempt }: Pick<Outgoing, 'id' | 'attempt'>, outcome: Outcome): Promise<null> {
  const message = { id, attempts: attempt }
  if (outcome.kind === 'sent') return settle(tx, actor, message, { status: 'sent', providerId: outcome.providerId })
  if (outcome.kind === 'not_configured') return settle(tx, actor, message, { status: 'suppressed', code: 'NOT_CONFIGURED' })
  const [current] = await findMessagesByIds(tx, actor, [id])
  const notBefore = new Date(tx.clock.now().getTime() + waitMinutes(attempt) * MINUTE_MS)
  const notAfter = current?.notAfter ?? null
  const isOver = attempt >= MAX_ATTEMPTS || (notAfter !== null && notAfter <= notBefore)
  if (outcome.kind === 'permanent' || isOver) return settle(tx, actor, message, { status: 'failed', code: outcome.code })
  return settle(tx, actor, message, { status: 'queued', notBefore, code: outcome.code })
}

/**
 * Notes a try that broke off before there was anything to hand over: the message waits for the next one, later each time, and fails after
 * the last. Nothing happens when somebody else has it.
 */
export async function noteBrokenTry(tx: Tx, actor: SystemActor, { id, code }: { readonly id: string; readonly code: string }): Promise<null> {
  const now = tx.clock.now()
  const [row] = await tx.query<{ attempts: number }>({
    name: 'broken_try',
    text: `UPDATE message SET status = 'sending', attempts = attempts + 1, claimed_at = $3::timestamptz, updated_at = $3::timestamptz
      WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND id = $4::uuid AND ${DUE} RETURNING attempts`,
    values: [actor.organisationId, actor.clinic.id, now, id],
  })
  if (!row) return null
  tx.changes('Message', [id], ['attempts', 'status'])
  return settleMessage(tx, actor, { id, attempt: row.attempts }, { kind: 'temporary', code })
}

/** 1, 2, 4 … minutes, and two hours at the most. */
export function waitMinutes(attempt: number): number {
  return Math.min(2 ** (attempt - 1), LONGEST_WAIT_MINUTES)
}
