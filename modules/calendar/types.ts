import { randomBytes } from 'node:crypto'
import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { newId } from '../kernel/ids.ts'
import { createCalendarFeed, revokeCalendarFeed } from './commands.ts'
import { type CalendarFeed as CalendarFeedShape, FEED_KINDS, findCalendarFeedsByIds, listCalendarFeeds } from './queries.ts'

const SEED_BYTES = 32

const CalendarFeed = builder.objectRef<CalendarFeedShape>('CalendarFeed').implement({
  description: 'An iCalendar address to which other programs subscribe: a roster at the active clinic, or the bookings of one of its rooms.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    kind: t.exposeString('kind', { description: `One of ${FEED_KINDS.join(', ')}.` }),
    staffId: t.expose('staffId', { type: 'UUID', nullable: true }),
    roomId: t.expose('roomId', { type: 'UUID', nullable: true }),
    name: t.exposeString('name', { description: "The person's or the room's." }),
    createdByName: t.exposeString('createdByName', { description: 'A feed ends with the activity, the employment and the rights of whoever made it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastReadAt: t.expose('lastReadAt', { type: 'DateTime', nullable: true, description: 'Kept to the minute.' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
  }),
})

const NewCalendarFeed = builder.objectRef<{ feed: CalendarFeedShape; url: string }>('NewCalendarFeed').implement({
  description: 'A feed that was just made, with its address.',
  fields: (t) => ({
    feed: t.field({ type: CalendarFeed, resolve: ({ feed }) => feed }),
    url: t.exposeString('url', { description: 'Shown this once: only a hash of it is kept. Whoever holds it can read the feed.' }),
  }),
})

const CreateCalendarFeedInput = builder.inputType('CreateCalendarFeedInput', {
  description: 'Either of the two.',
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', description: "The caller's own." }),
    roomId: t.field({ type: 'UUID', description: 'With schedule:manage.' }),
  }),
})
const RevokeCalendarFeedInput = builder.inputType('RevokeCalendarFeedInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }) }),
})

builder.queryFields((t) => ({
  calendarFeeds: t.connection({
    type: CalendarFeed,
    description: "The caller's own feeds at the active clinic, newest first; with schedule:manage those of rooms and of others as well.",
    args: { includeRevoked: t.arg.boolean({ defaultValue: false, required: true }) },
    resolve: (_root, { includeRevoked, ...args }, ctx) => offsetPage(args, (page) => listCalendarFeeds(ctx.db, ctx.actor, { includeRevoked }, page)),
  }),
}))

const errors = { types: commonErrors }

builder.mutationFields((t) => ({
  createCalendarFeed: t.field({
    type: NewCalendarFeed,
    errors,
    args: { input: t.arg({ type: CreateCalendarFeedInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      // What a repeated request finds is the seed; without the server's key it says nothing of the secret.
      const { id, seed } = await ctx.transact(info, input, async (tx) => {
        const made = { id: newId(), seed: randomBytes(SEED_BYTES).toString('base64url') }
        const { tokenHash } = ctx.calendar.link(made.id, made.seed)
        await createCalendarFeed(tx, ctx.actor, input, { id: made.id, tokenHash })
        return made
      })
      return { feed: await ctx.get(findCalendarFeedsByIds, id), url: ctx.calendar.link(id, seed).url }
    },
  }),
  revokeCalendarFeed: t.field({
    type: CalendarFeed,
    description: 'Ends a feed: its address is refused from now on.',
    errors,
    args: { input: t.arg({ type: RevokeCalendarFeedInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => revokeCalendarFeed(tx, ctx.actor, input))
      return ctx.get(findCalendarFeedsByIds, id)
    },
  }),
}))
