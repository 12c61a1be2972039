import { builder } from '../../schema/builder.ts'
import type { Context } from '../../schema/context.ts'
import { commonErrors } from '../../schema/errors.ts'
import { UnknownPlaceholderError } from './errors.ts'
import { markNotificationsRead } from './notifications.ts'
import { findMailRefusals, setClientPreference, setMessageSettings, setMyMailRefusals } from './preferences.ts'
import {
  countUnreadNotifications,
  findMessageRulesByIds,
  findMessageSettings,
  findMessagesByIds,
  findNotificationsByIds,
  listPreferencesByClient,
} from './queries.ts'
import { resendMessage } from './queue.ts'
import { createMessageRule, updateMessageRule } from './rules.ts'
import { type EffectiveTemplate, listTemplates, resetMessageTemplate, saveMessageTemplate, type TemplateKey } from './templates.ts'
import {
  ClientPreference,
  MailPreference,
  Message,
  MessageChannel,
  MessageEvent,
  MessageKind,
  MessageRule,
  MessageSettings,
  MessageTemplate,
  Notification,
  settingsShape,
  TextChannel,
} from './types.ts'

const CreateMessageRuleInput = builder.inputType('CreateMessageRuleInput', {
  fields: (t) => ({
    event: t.field({ type: MessageEvent, required: true }),
    channel: t.field({ type: MessageChannel, required: true }),
    appointmentTypeId: t.field({ type: 'UUID', description: 'Left out: all types.' }),
    leadMinutes: t.int({ description: 'For a reminder: 10 minutes to 30 days before the visit.' }),
    locale: t.string({ description: "Left out: the recipient's." }),
    templateCode: t.string({ description: "Left out: the event's." }),
  }),
})
const UpdateMessageRuleInput = builder.inputType('UpdateMessageRuleInput', {
  description: 'What is left out stays.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    leadMinutes: t.int(),
    locale: t.string({ description: "Null: the recipient's." }),
    templateCode: t.string(),
    isActive: t.boolean(),
  }),
})
const SaveMessageTemplateInput = builder.inputType('SaveMessageTemplateInput', {
  fields: (t) => ({
    code: t.string({ required: true }),
    channel: t.field({ type: TextChannel, required: true }),
    locale: t.string({ required: true }),
    subject: t.string({ description: 'Of mail, and of nothing else.' }),
    body: t.string({ required: true }),
    version: t.int({ description: "Of the organisation's own text that is replaced." }),
  }),
})
const MessageSettingsInput = builder.inputType('MessageSettingsInput', {
  fields: (t) => ({
    quietFrom: t.field({ type: 'LocalTime', required: true }),
    quietUntil: t.field({ type: 'LocalTime', required: true }),
    version: t.int({ description: 'Left out as long as nobody has set them.' }),
  }),
})
const MessageRefusalInput = builder.inputType('MessageRefusalInput', {
  fields: (t) => ({ channel: t.field({ type: TextChannel, required: true }), kind: t.field({ type: MessageKind, required: true }) }),
})
const ClientPreferenceInput = builder.inputType('ClientPreferenceInput', {
  description: 'What is left out stays.',
  fields: (t) => ({
    clientId: t.field({ type: 'UUID', required: true }),
    version: t.int({ description: 'Left out as long as there is none.' }),
    refusals: t.field({ type: [MessageRefusalInput], description: 'All of them.' }),
    quietFrom: t.field({ type: 'LocalTime', description: "Null, with quietUntil: the clinic's." }),
    quietUntil: t.field({ type: 'LocalTime' }),
  }),
})

const MailPreferenceInput = builder.inputType('MailPreferenceInput', {
  fields: (t) => ({ refusals: t.field({ type: [MessageKind], required: true, description: 'CREDENTIAL, ROSTER, SWAP, TIME_OFF. In place of those before.' }) }),
})

const NotificationsRead = builder.objectRef<{ ids: readonly string[]; unread: number }>('NotificationsRead').implement({
  fields: (t) => ({
    notifications: t.field({
      type: [Notification],
      description: 'Those that were unread.',
      resolve: ({ ids }, _args, ctx) => findNotificationsByIds(ctx.db, ctx.actor, ids),
    }),
    unreadCount: t.exposeInt('unread'),
  }),
})

const errors = { types: commonErrors }

builder.mutationFields((t) => ({
  createMessageRule: t.field({
    type: MessageRule,
    errors,
    args: { input: t.arg({ type: CreateMessageRuleInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createMessageRule(tx, ctx.actor, input))
      return ctx.get(findMessageRulesByIds, id)
    },
  }),
  updateMessageRule: t.field({
    type: MessageRule,
    errors,
    args: { input: t.arg({ type: UpdateMessageRuleInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateMessageRule(tx, ctx.actor, input))
      return ctx.get(findMessageRulesByIds, id)
    },
  }),
  saveMessageTemplate: t.field({
    type: MessageTemplate,
    description: "Writes the organisation's own text of a message. One that names a value that such messages do not have is refused.",
    errors: { types: [...commonErrors, UnknownPlaceholderError] },
    args: { input: t.arg({ type: SaveMessageTemplateInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      await ctx.transact(info, input, (tx) => saveMessageTemplate(tx, ctx.actor, input))
      const saved = await findEffective(ctx, input)
      if (!saved) throw new Error('a text that was just written is gone')
      return saved
    },
  }),
  resetMessageTemplate: t.field({
    type: MessageTemplate,
    nullable: true,
    description: "Gives up an organisation's own text. Answers the product's, which is sent from now on; null for a code that the product does not know.",
    errors,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: async (_root, { id }, ctx, info) => findEffective(ctx, await ctx.transact(info, { id }, (tx) => resetMessageTemplate(tx, ctx.actor, { id }))),
  }),
  setMessageSettings: t.field({
    type: MessageSettings,
    errors,
    args: { input: t.arg({ type: MessageSettingsInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      await ctx.transact(info, input, (tx) => setMessageSettings(tx, ctx.actor, input))
      return settingsShape(await findMessageSettings(ctx.db, ctx.actor))
    },
  }),
  setClientPreference: t.field({
    type: ClientPreference,
    errors,
    args: { input: t.arg({ type: ClientPreferenceInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { clientId } = await ctx.transact(info, input, (tx) => setClientPreference(tx, ctx.actor, input))
      const [row] = (await listPreferencesByClient(ctx.db, ctx.actor, [clientId])).get(clientId) ?? []
      if (!row) throw new Error('preferences that were just written are gone')
      return row
    },
  }),
  setMyMailPreference: t.field({
    type: MailPreference,
    errors,
    args: { input: t.arg({ type: MailPreferenceInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      await ctx.transact(info, input, (tx) => setMyMailRefusals(tx, ctx.actor, input))
      return { refusals: await findMailRefusals(ctx.db, ctx.actor, ctx.actor.userId) }
    },
  }),
  resendMessage: t.field({
    type: Message,
    description: 'Sends a message again, as one of its own; opt-outs and quiet hours still count.',
    errors,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: async (_root, { id }, ctx, info) => {
      const { id: copy } = await ctx.transact(info, { id }, (tx) => resendMessage(tx, ctx.actor, { id }))
      return ctx.get(findMessagesByIds, copy)
    },
  }),
  markNotificationsRead: t.field({
    type: NotificationsRead,
    errors,
    args: { ids: t.arg({ type: ['UUID'], description: 'Left out: all.' }) },
    resolve: async (_root, { ids }, ctx, info) => {
      const marked = await ctx.transact(info, { ids }, (tx) => markNotificationsRead(tx, ctx.actor, { ids }))
      return { ids: marked.ids, unread: await countUnreadNotifications(ctx.db, ctx.actor) }
    },
  }),
}))

async function findEffective(ctx: Context, { code, channel, locale }: TemplateKey): Promise<EffectiveTemplate | null> {
  const templates = await listTemplates(ctx.db, ctx.actor)
  return templates.find((template) => template.code === code && template.channel === channel && template.locale === locale) ?? null
}
