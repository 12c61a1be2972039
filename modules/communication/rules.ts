import { z } from 'zod'
import { type ClinicActor, LOCALES } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { fieldsOf, kept, validate } from '../kernel/validate.ts'
import { findTypesByIds } from '../scheduling/index.ts'
import { findMessageRulesByIds } from './queries.ts'
import { CHANNELS, codeOf, isTemplateCode, kindOf, RULE_EVENTS, type RuleEvent, TEXT_CHANNELS, toRuleEvent } from './vocabulary.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const leadMinutes = z.int().min(10).max(43_200)
const templateCode = z.string().regex(/^[a-z][a-z0-9_]{2,39}$/, 'must be a code such as surgery_reminder')

const ruleSchema = z.object({
  event: z.enum(RULE_EVENTS),
  channel: z.enum(CHANNELS),
  appointmentTypeId: uuid.nullish(),
  leadMinutes: leadMinutes.nullish(),
  locale: z.string().pipe(z.enum(LOCALES)).nullish(),
  templateCode: kept(templateCode),
})
export type NewMessageRule = z.input<typeof ruleSchema>

/**
 * Makes the active clinic tell people of visits from now on: visits that are booked already are reminded of, and not confirmed anew. A rule
 * for one type of visit takes the place of those for all types, event by event and channel by channel. Throws InvalidInputError for a
 * reminder without a lead time, another event with one, and a text that is about something else or that nobody has written;
 * NotFoundError for a type out of reach.
 */
export async function createMessageRule(tx: Tx, actor: ClinicActor, input: NewMessageRule): Promise<{ id: string }> {
  const rule = validate(ruleSchema, input)
  if ((rule.event === 'reminder') !== (typeof rule.leadMinutes === 'number'))
    throw invalid('leadMinutes', 'lead_of_reminder', 'must be given for a reminder, and for nothing else')
  const code = rule.templateCode ?? codeOf(rule.event)
  await assertTemplate(tx, actor, rule.event, rule.channel, code)
  if (rule.appointmentTypeId && (await findTypesByIds(tx, actor, [rule.appointmentTypeId])).length === 0) throw new NotFoundError('AppointmentType')
  const now = tx.clock.now()
  const data = { ...rule, templateCode: code, activeSince: now, createdAt: now }
  const row = await tx.prisma.messageRule.create({ data: { organisationId: actor.organisationId, clinicId: actor.clinic.id, ...data }, select: { id: true } })
  tx.changes('MessageRule', [row.id], fieldsOf(data))
  return { id: row.id }
}

async function assertTemplate(tx: Tx, actor: ClinicActor, event: RuleEvent, channel: string, code: string): Promise<void> {
  if (code === codeOf(event)) return
  const suits = !isTemplateCode(code) || kindOf(code) === kindOf(codeOf(event))
  if (!suits) throw invalid('templateCode', 'template_of_event', 'is the text of another kind of message')
  if (isTemplateCode(code) || !TEXT_CHANNELS.some((known) => known === channel)) return
  const written = await tx.prisma.messageTemplate.findMany({ where: { organisationId: actor.organisationId, code, channel }, select: { locale: true } })
  if (!written.some(({ locale }) => locale === actor.clinic.locale))
    throw invalid('templateCode', 'template_missing', "has no text for this channel in the clinic's language: write it first")
}

const changeSchema = z.object({
  id: uuid,
  version: z.int(),
  leadMinutes: kept(leadMinutes),
  locale: z.string().pipe(z.enum(LOCALES)).nullish(),
  templateCode: kept(templateCode),
  isActive: kept(z.boolean()),
})
export type MessageRuleChange = z.input<typeof changeSchema>

/**
 * Changes a rule, or ends it and begins it again; what is left out stays. Reminders that it has planned and not sent are planned anew.
 * Throws what createMessageRule throws.
 */
export async function updateMessageRule(tx: Tx, actor: ClinicActor, input: MessageRuleChange): Promise<{ id: string }> {
  const { id, version, ...change } = validate(changeSchema, input)
  const [current] = await findMessageRulesByIds(tx, actor, [id])
  if (!current) throw new NotFoundError('MessageRule')
  const event = toRuleEvent(current.event)
  if (change.leadMinutes !== undefined && event !== 'reminder')
    throw invalid('leadMinutes', 'lead_of_reminder', 'must be given for a reminder, and for nothing else')
  if (change.templateCode !== undefined) await assertTemplate(tx, actor, event, current.channel, change.templateCode)
  const now = tx.clock.now()
  const begins = change.isActive === true && !current.isActive
  const { count } = await tx.prisma.messageRule.updateMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, id, version },
    data: { ...change, ...(begins ? { activeSince: now } : {}), version: { increment: 1 } },
  })
  if (count === 0) throw new StaleVersionError('MessageRule', current.version)
  tx.changes('MessageRule', [id], fieldsOf({ ...change, activeSince: begins ? now : undefined }))
  await cancelPlanned(tx, actor, id)
  return { id }
}

async function cancelPlanned(tx: Tx, actor: ClinicActor, ruleId: string): Promise<void> {
  const rows = await tx.query<{ id: string }>({
    name: 'cancel_planned_of_rule',
    text: `UPDATE message SET status = 'cancelled', error_code = 'RULE_CHANGED', updated_at = $4::timestamptz
      WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND rule_id = $3::uuid AND status = 'queued' AND kind = 'reminder' RETURNING id::text`,
    values: [actor.organisationId, actor.clinic.id, ruleId, tx.clock.now()],
  })
  tx.changes(
    'Message',
    rows.map(({ id }) => id),
    ['errorCode', 'status'],
  )
}
