import { z } from 'zod'
import { type ClinicActor, LOCALES, type Locale } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { NotFoundError, WrongStateError } from '../kernel/errors.ts'
import { isUuid, newId } from '../kernel/ids.ts'
import { sendJob } from '../kernel/jobs.ts'
import { validate } from '../kernel/validate.ts'
import { findClientsByIds } from '../patients/index.ts'
import { type MessageParams, paramsSchema } from './params.ts'
import { findMessagesByIds } from './queries.ts'
import { CHANNELS, type Channel, CLIENT_CODES, kindOf, type MessageKind, type TextChannel } from './vocabulary.ts'

/** Queues that migration 0017 has made: one message, all of a clinic that are due, and the planner. */
export const SEND_QUEUE = 'message-send'
export const DRAIN_QUEUE = 'message-drain'
export const PLAN_QUEUE = 'message-plan'

export type Recipient = { readonly clientId: string } | { readonly userId: string } | { readonly bookingRequestId: string }

/** A row of the outbox before it is written. */
export type Draft = {
  readonly recipient: Recipient
  readonly channel: Channel
  readonly kind: MessageKind
  readonly templateCode: string
  readonly locale: string
  readonly params: MessageParams
  readonly ruleId: string | null
  readonly notBefore: Date
  readonly notAfter: Date | null
  readonly dedupeKey: string
}

const INSERT = `INSERT INTO message AS m (id, organisation_id, clinic_id, recipient_id, client_id, user_id, channel, kind, template_code, locale, params, appointment_id, rule_id,
    not_before, not_after, dedupe_key, created_at, updated_at, booking_request_id)
  VALUES ($1::uuid, $2::uuid, $3::uuid, coalesce($4::uuid, $5::uuid, $17::uuid), $4::uuid, $5::uuid, $6, $7, $8, $9, $10::jsonb, $11::uuid, $12::uuid, $13::timestamptz, $14::timestamptz, $15,
    $16::timestamptz, $16::timestamptz, $17::uuid)
  ON CONFLICT (organisation_id, dedupe_key) DO UPDATE SET status = 'queued', error_code = NULL, attempts = 0, not_before = excluded.not_before, not_after = excluded.not_after,
    recipient_id = excluded.recipient_id, client_id = excluded.client_id, user_id = excluded.user_id, booking_request_id = excluded.booking_request_id, template_code = excluded.template_code, locale = excluded.locale,
    params = excluded.params, updated_at = excluded.updated_at WHERE m.status = 'cancelled'
  RETURNING m.id::text`

/**
 * Writes a message to the outbox, once for each dedupe key: one that was cancelled is taken up again, any other stays as it is.
 * @returns null when it was there already
 */
export async function insertMessage(tx: Tx, actor: ClinicActor, draft: Draft): Promise<string | null> {
  const { recipient, params } = draft
  const [row] = await tx.query<{ id: string }>({
    name: 'insert_message',
    text: INSERT,
    values: [
      newId(),
      actor.organisationId,
      actor.clinic.id,
      'clientId' in recipient ? recipient.clientId : null,
      'userId' in recipient ? recipient.userId : null,
      draft.channel,
      draft.kind,
      draft.templateCode,
      draft.locale,
      JSON.stringify(params),
      params.appointmentId ?? null,
      draft.ruleId,
      draft.notBefore,
      draft.notAfter,
      draft.dedupeKey,
      tx.clock.now(),
      'bookingRequestId' in recipient ? recipient.bookingRequestId : null,
    ],
  })
  if (!row) return null
  tx.changes('Message', [row.id], ['channel', 'notAfter', 'notBefore', 'params', 'status', 'templateCode', ...Object.keys(recipient)])
  return row.id
}

const uuid = z.string().refine(isUuid, 'must be a UUID')
const queueSchema = z.object({
  clientId: uuid,
  channel: z.enum(CHANNELS).exclude(['in_app']),
  templateCode: z.enum(CLIENT_CODES),
  params: paramsSchema,
  /** Left out: now, or when the recipient's quiet hours end. */
  notBefore: z.date().nullish(),
  /** A message that could not be sent until then is not sent at all. */
  notAfter: z.date().nullish(),
  /** What makes two calls mean the same message: `waitlist/<entry>/<offer>`. */
  dedupeKey: z.string().min(1).max(200),
  locale: z.string().pipe(z.enum(LOCALES)).nullish(),
})
export type NewMessage = z.input<typeof queueSchema>

/**
 * Queues a message to a client in the transaction of whatever it tells of: it is sent when, and only when, that commits. Opt-outs,
 * quiet hours and addresses are looked at when it is sent. Throws NotFoundError for a client out of reach.
 * @returns its id; null when a message with this dedupe key is there already
 */
export async function queueMessage(tx: Tx, actor: ClinicActor, input: NewMessage): Promise<{ id: string | null }> {
  const wanted = validate(queueSchema, input)
  const [client] = await findClientsByIds(tx, actor, [wanted.clientId])
  if (!client) throw new NotFoundError('Client')
  const now = tx.clock.now()
  const notBefore = wanted.notBefore ?? now
  const id = await insertMessage(tx, actor, {
    recipient: { clientId: client.id },
    channel: wanted.channel,
    kind: kindOf(wanted.templateCode),
    templateCode: wanted.templateCode,
    locale: wanted.locale ?? toKnown(client.locale),
    params: wanted.params,
    ruleId: null,
    notBefore,
    notAfter: wanted.notAfter ?? null,
    dedupeKey: wanted.dedupeKey,
  })
  if (id !== null && notBefore <= now) await sendSoon(tx, actor, id)
  return { id }
}

/** Somebody who has asked for a visit online, how they can be reached, and what became of it. */
export type RequestNews = {
  readonly requestId: string
  readonly channel: TextChannel
  readonly locale: string
  readonly templateCode: 'request_confirmed' | 'request_declined' | 'request_expired'
  readonly startsAt: Date
  /** Of a confirmed one. */
  readonly appointmentId?: string
}

/** Tells whoever has asked for a visit what became of it. Once for each request. */
export async function queueRequestNews(tx: Tx, actor: ClinicActor, news: RequestNews): Promise<void> {
  const { requestId, channel, locale, templateCode, startsAt, appointmentId } = news
  const id = await insertMessage(tx, actor, {
    recipient: { bookingRequestId: requestId },
    channel,
    kind: kindOf(templateCode),
    templateCode,
    locale: toKnown(locale),
    params: { requestId, startsAt: startsAt.toISOString(), ...(appointmentId === undefined ? {} : { appointmentId }) },
    ruleId: null,
    notBefore: tx.clock.now(),
    notAfter: startsAt > tx.clock.now() ? startsAt : null,
    dedupeKey: `request/${requestId}`,
  })
  if (id !== null) await sendSoon(tx, actor, id)
}

function toKnown(locale: string): Locale {
  return LOCALES.find((known) => known === locale) ?? 'es-MX'
}

function sendSoon(tx: Tx, actor: ClinicActor, id: string): Promise<void> {
  return sendJob(tx, SEND_QUEUE, { organisationId: actor.organisationId, clinicId: actor.clinic.id, recordId: id })
}

/**
 * Sends a message again, as a message of its own: the log keeps what became of the first. Throws NotFoundError for one out of reach and
 * WrongStateError for one that has not been tried to the end.
 */
export async function resendMessage(tx: Tx, actor: ClinicActor, { id }: { readonly id: string }): Promise<{ id: string }> {
  const [found] = await findMessagesByIds(tx, actor, [id])
  if (!found) throw new NotFoundError('Message')
  if (found.status === 'queued' || found.status === 'sending') throw new WrongStateError('Message', found.status, 'sent again')
  const copy = newId()
  const [row] = await tx.query<{ id: string }>({
    name: 'resend_message',
    text: `INSERT INTO message (id, organisation_id, clinic_id, recipient_id, client_id, user_id, booking_request_id, channel, kind, template_code, locale, params, appointment_id, rule_id, not_before, not_after,
        dedupe_key, created_at, updated_at)
      SELECT $4::uuid, organisation_id, clinic_id, recipient_id, client_id, user_id, booking_request_id, channel, kind, template_code, locale, params, appointment_id, rule_id, $5::timestamptz,
        CASE WHEN not_after > $5::timestamptz THEN not_after END, 'resend/' || $4, $5::timestamptz, $5::timestamptz
      FROM message WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND id = $3::uuid RETURNING id::text`,
    values: [actor.organisationId, actor.clinic.id, id, copy, tx.clock.now()],
  })
  if (!row) throw new Error('a message that was just read is gone')
  tx.changes('Message', [row.id], ['bookingRequestId', 'channel', 'clientId', 'notBefore', 'params', 'status', 'templateCode', 'userId'])
  await sendSoon(tx, actor, row.id)
  return { id: row.id }
}
