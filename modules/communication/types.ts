import type { MessageSettings as SettingsRow } from '../../prisma/client/client.ts'
import { builder } from '../../schema/builder.ts'
import { ErrorInterface } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { findUsersByIds } from '../access/index.ts'
import { toLocale } from '../kernel/actor.ts'
import { fromMinute } from '../kernel/time.ts'
import { findClientsByIds } from '../patients/index.ts'
import { findAppointmentsByIds, findTypesByIds } from '../scheduling/index.ts'
import { UnknownPlaceholderError } from './errors.ts'
import { notificationParamsSchema, paramsSchema } from './params.ts'
import { findMailRefusals } from './preferences.ts'
import { countUnreadNotifications, findMessageSettings, listMessageRules, listMessages, listNotifications, listPreferencesByClient } from './queries.ts'
import { DEFAULT_QUIET_HOURS } from './quiet-hours.ts'
import { type EffectiveTemplate, listTemplates, type Preview, previewTemplate } from './templates.ts'
import { PLACEHOLDERS, type StaffKind, TEMPLATE_CODES, toChannel, toMessageKind, toMessageStatus, toRuleEvent } from './vocabulary.ts'

builder.objectType(UnknownPlaceholderError, { name: 'UnknownPlaceholder', interfaces: [ErrorInterface] })

export const MessageChannel = builder.enumType('MessageChannel', {
  values: { IN_APP: { value: 'in_app', description: 'A notification inside the product.' }, MAIL: { value: 'mail' }, SMS: { value: 'sms' } } as const,
})
export const TextChannel = builder.enumType('TextChannel', { values: { MAIL: { value: 'mail' }, SMS: { value: 'sms' } } as const })
export const MessageKind = builder.enumType('MessageKind', {
  description: 'What a recipient may refuse: clients the first four, channel by channel; people who work here the others, by mail.',
  values: {
    REMINDER: { value: 'reminder' },
    BOOKING: { value: 'booking', description: 'A visit was booked, moved or cancelled.' },
    WAITLIST: { value: 'waitlist' },
    REQUEST: { value: 'request', description: 'About a booking that was asked for online.' },
    CREDENTIAL: { value: 'credential', description: 'A credential expires in 90, 30 or 7 days.' },
    ROSTER: { value: 'roster', description: 'Shifts that are new, changed or gone.' },
    SWAP: { value: 'swap', description: 'A swap of shifts was asked for, accepted, approved or refused.' },
    TIME_OFF: { value: 'time_off', description: 'Time off was approved or refused.' },
  } as const,
})
export const MessageEvent = builder.enumType('MessageEvent', {
  values: { REMINDER: { value: 'reminder' }, BOOKED: { value: 'booked' }, MOVED: { value: 'moved' }, CANCELLED: { value: 'cancelled' } } as const,
})
const MessageStatus = builder.enumType('MessageStatus', {
  values: {
    QUEUED: { value: 'queued', description: 'Waits for its time, or for another try.' },
    SENDING: { value: 'sending' },
    SENT: { value: 'sent', description: 'The provider has taken it.' },
    DELIVERED: { value: 'delivered' },
    FAILED: { value: 'failed' },
    SUPPRESSED: { value: 'suppressed', description: 'It was not wanted or not possible to send it; errorCode says why.' },
    CANCELLED: { value: 'cancelled', description: 'What it speaks of has changed.' },
  } as const,
})

const MessageParam = builder.objectRef<{ name: string; value: string }>('MessageParam').implement({
  description: 'An id, an instant or a day that a message is about.',
  fields: (t) => ({ name: t.exposeString('name'), value: t.exposeString('value') }),
})

function listParams(params: Readonly<Record<string, string | undefined>>): { name: string; value: string }[] {
  return Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]))
}

export const Message = builder.prismaObject('Message', {
  description: 'One message to one recipient over one channel: an entry of the delivery log.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    channel: t.field({ type: MessageChannel, resolve: ({ channel }) => toChannel(channel) }),
    kind: t.field({ type: MessageKind, resolve: ({ kind }) => toMessageKind(kind) }),
    templateCode: t.exposeString('templateCode'),
    locale: t.exposeString('locale'),
    status: t.field({ type: MessageStatus, resolve: ({ status }) => toMessageStatus(status) }),
    errorCode: t.exposeString('errorCode', {
      nullable: true,
      description:
        'Why it was not sent, or not yet: NO_ADDRESS, BAD_ADDRESS, RECIPIENT_GONE, REFUSED, NOT_CONFIGURED, NO_TEMPLATE, TOO_LATE, VISIT_CHANGED, RULE_CHANGED, OUT_OF_DATE, NOT_MADE or NOT_HANDED_OVER (with the code of the error, if it has one), WORKER_LOST, or what the provider said.',
    }),
    attempts: t.exposeInt('attempts'),
    providerId: t.exposeString('providerId', { nullable: true, description: 'How the provider calls it.' }),
    notBefore: t.expose('notBefore', { type: 'DateTime', description: 'When it is sent, or tried again.' }),
    sentAt: t.expose('sentAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    params: t.field({ type: [MessageParam], resolve: ({ params }) => listParams(paramsSchema.parse(params)) }),
    client: t.field({
      type: 'Client',
      nullable: true,
      description: 'The recipient; null for a person who works here, and for one who has asked for a visit online.',
      resolve: ({ clientId }, _args, ctx) => (clientId === null ? null : ctx.find(findClientsByIds, clientId)),
    }),
    userId: t.expose('userId', { type: 'UUID', nullable: true, description: 'The recipient, for a person who works here.' }),
    bookingRequestId: t.expose('bookingRequestId', {
      type: 'UUID',
      nullable: true,
      description: 'The recipient, for somebody who has asked for a visit online.',
    }),
    appointment: t.field({
      type: 'Appointment',
      nullable: true,
      resolve: ({ appointmentId }, _args, ctx) => (appointmentId === null ? null : ctx.find(findAppointmentsByIds, appointmentId)),
    }),
    ruleId: t.expose('ruleId', { type: 'UUID', nullable: true }),
    userName: t.string({
      nullable: true,
      description: 'Of the recipient, for a person who works here.',
      resolve: async ({ userId }, _args, ctx) => (userId === null ? null : ((await ctx.find(findUsersByIds, userId))?.name ?? null)),
    }),
  }),
})

export const MessageRule = builder.prismaObject('MessageRule', {
  description: 'When people are told of visits at the active clinic.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    event: t.field({ type: MessageEvent, resolve: ({ event }) => toRuleEvent(event) }),
    channel: t.field({ type: MessageChannel, resolve: ({ channel }) => toChannel(channel) }),
    appointmentType: t.field({
      type: 'AppointmentType',
      nullable: true,
      description: 'Null: every type that has no rule of its own for this event and channel.',
      resolve: ({ appointmentTypeId }, _args, ctx) => (appointmentTypeId === null ? null : ctx.find(findTypesByIds, appointmentTypeId)),
    }),
    leadMinutes: t.exposeInt('leadMinutes', { nullable: true, description: 'Of a reminder: before the visit.' }),
    locale: t.exposeString('locale', { nullable: true, description: "Null: the recipient's own." }),
    templateCode: t.exposeString('templateCode'),
    isActive: t.exposeBoolean('isActive'),
    version: t.exposeInt('version'),
  }),
})

export const MessageTemplate = builder.objectRef<EffectiveTemplate>('MessageTemplate').implement({
  description: 'The text of a message as it is sent now.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', nullable: true, description: "Null: the product's own text.", resolve: ({ own }) => own?.id ?? null }),
    code: t.exposeString('code', { description: `${TEMPLATE_CODES.join(', ')}, or an organisation's own for its rules.` }),
    channel: t.field({ type: TextChannel, resolve: ({ channel }) => channel }),
    locale: t.exposeString('locale'),
    subject: t.exposeString('subject', { nullable: true, description: 'Of mail.' }),
    body: t.exposeString('body'),
    placeholders: t.stringList({
      description: `What may stand in double braces: some of ${PLACEHOLDERS.join(', ')}.`,
      resolve: ({ placeholders }) => [...placeholders],
    }),
    version: t.int({ nullable: true, resolve: ({ own }) => own?.version ?? null }),
  }),
})

const MessagePreview = builder.objectRef<Preview>('MessagePreview').implement({
  description: 'A text filled with made-up values.',
  fields: (t) => ({
    subject: t.exposeString('subject', { nullable: true }),
    text: t.exposeString('text'),
    html: t.exposeString('html', { nullable: true, description: 'Of mail, without its frame.' }),
    unknownPlaceholders: t.stringList({
      description: 'With any of these the text cannot be saved.',
      resolve: ({ unknownPlaceholders }) => [...unknownPlaceholders],
    }),
  }),
})

export type SettingsShape = Pick<SettingsRow, 'quietFromMinute' | 'quietUntilMinute'> & { readonly version: number | null }
export const MessageSettings = builder.objectRef<SettingsShape>('MessageSettings').implement({
  description: "How the active clinic writes to clients. Between quietFrom and quietUntil, by the clinic's clock, nothing leaves.",
  fields: (t) => ({
    quietFrom: t.field({ type: 'LocalTime', resolve: ({ quietFromMinute }) => fromMinute(quietFromMinute) }),
    quietUntil: t.field({
      type: 'LocalTime',
      description: 'The same as quietFrom: no quiet hours.',
      resolve: ({ quietUntilMinute }) => fromMinute(quietUntilMinute),
    }),
    version: t.exposeInt('version', { nullable: true, description: 'Null as long as nobody has set them.' }),
  }),
})

/** What applies at a clinic where nobody has set anything. */
export function settingsShape(row: SettingsRow | null): SettingsShape {
  return row ?? { quietFromMinute: DEFAULT_QUIET_HOURS.fromMinute, quietUntilMinute: DEFAULT_QUIET_HOURS.untilMinute, version: null }
}

const MessageRefusal = builder.objectRef<string>('MessageRefusal').implement({
  description: 'What a client does not want to get.',
  fields: (t) => ({
    channel: t.field({ type: TextChannel, resolve: (refusal) => (refusal.startsWith('sms:') ? 'sms' : 'mail') }),
    kind: t.field({ type: MessageKind, resolve: (refusal) => toMessageKind(refusal.slice(refusal.indexOf(':') + 1)) }),
  }),
})

export const ClientPreference = builder.prismaObject('ClientPreference', {
  description: 'What a client does not want to get, and when.',
  fields: (t) => ({
    clientId: t.expose('clientId', { type: 'UUID' }),
    refusals: t.field({ type: [MessageRefusal], resolve: ({ refusals }) => refusals }),
    quietFrom: t.field({
      type: 'LocalTime',
      nullable: true,
      description: "Null: the clinic's quiet hours.",
      resolve: ({ quietFromMinute }) => (quietFromMinute === null ? null : fromMinute(quietFromMinute)),
    }),
    quietUntil: t.field({
      type: 'LocalTime',
      nullable: true,
      resolve: ({ quietUntilMinute }) => (quietUntilMinute === null ? null : fromMinute(quietUntilMinute)),
    }),
    version: t.exposeInt('version'),
  }),
})

builder.objectField('Client', 'preference', (t) =>
  t.field({
    type: ClientPreference,
    nullable: true,
    description: 'How they want to be written to; null as long as they want everything.',
    resolve: async ({ id }, _args, ctx) => (await ctx.many(listPreferencesByClient, id))[0] ?? null,
  }),
)

export const Notification = builder.prismaObject('Notification', {
  description: 'What the product tells the person who is signed in. Texts are made by `kind` from the records that `params` name.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    kind: t.exposeString('kind'),
    params: t.field({ type: [MessageParam], resolve: ({ params }) => listParams(notificationParamsSchema.parse(params)) }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    readAt: t.expose('readAt', { type: 'DateTime', nullable: true }),
    appointment: t.field({
      type: 'Appointment',
      nullable: true,
      description: 'The visit that it is about.',
      resolve: ({ params }, _args, ctx) => {
        const { appointmentId } = notificationParamsSchema.parse(params)
        return appointmentId === undefined ? null : ctx.find(findAppointmentsByIds, appointmentId)
      },
    }),
  }),
})

export const MailPreference = builder.objectRef<{ readonly refusals: readonly StaffKind[] }>('MailPreference').implement({
  description: 'Of what the person who is signed in wants no mail. Inside the product they are told in any case.',
  fields: (t) => ({ refusals: t.field({ type: [MessageKind], resolve: ({ refusals }) => [...refusals] }) }),
})

builder.queryFields((t) => ({
  messages: t.connection({
    type: Message,
    description: 'The delivery log of the active clinic, newest first. All that is given must match.',
    args: {
      status: t.arg({ type: MessageStatus }),
      channel: t.arg({ type: MessageChannel }),
      kind: t.arg({ type: MessageKind }),
      clientId: t.arg({ type: 'UUID' }),
      appointmentId: t.arg({ type: 'UUID' }),
      from: t.arg({ type: 'DateTime', description: 'Queued at or after.' }),
      to: t.arg({ type: 'DateTime', description: 'Queued before.' }),
    },
    resolve: (_root, { status, channel, kind, clientId, appointmentId, from, to, ...args }, ctx) =>
      offsetPage(args, (page) => listMessages(ctx.db, ctx.actor, { status, channel, kind, clientId, appointmentId, from, to }, page)),
  }),
  messageRules: t.field({ type: [MessageRule], resolve: (_root, _args, ctx) => listMessageRules(ctx.db, ctx.actor) }),
  messageTemplates: t.field({
    type: [MessageTemplate],
    description: "Every text that can be sent, in both languages: the organisation's own, else the product's.",
    resolve: (_root, _args, ctx) => listTemplates(ctx.db, ctx.actor),
  }),
  messagePreview: t.field({
    type: MessagePreview,
    args: {
      code: t.arg.string({ required: true }),
      channel: t.arg({ type: TextChannel, required: true }),
      locale: t.arg.string({ required: true }),
      subject: t.arg.string(),
      body: t.arg.string({ required: true }),
    },
    resolve: (_root, { code, channel, locale, subject, body }, ctx) =>
      previewTemplate(ctx.actor, { code, channel, locale: toLocale(locale), subject: subject ?? null, body: body.slice(0, 5_000) }),
  }),
  messageSettings: t.field({ type: MessageSettings, resolve: async (_root, _args, ctx) => settingsShape(await findMessageSettings(ctx.db, ctx.actor)) }),
  notifications: t.connection({
    type: Notification,
    description: 'What the product has told the caller at the active clinic, newest first.',
    args: { unreadOnly: t.arg.boolean({ required: true, defaultValue: false }) },
    resolve: (_root, { unreadOnly, ...args }, ctx) => offsetPage(args, (page) => listNotifications(ctx.db, ctx.actor, { unreadOnly }, page)),
  }),
  myMailPreference: t.field({
    type: MailPreference,
    resolve: async (_root, _args, ctx) => ({ refusals: await findMailRefusals(ctx.db, ctx.actor, ctx.actor.userId) }),
  }),
  unreadNotificationCount: t.int({ resolve: (_root, _args, ctx) => countUnreadNotifications(ctx.db, ctx.actor) }),
}))
