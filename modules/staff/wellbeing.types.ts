import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { findStaffByIds } from './queries.ts'
import { StaffProfile } from './types.ts'
import { FLAG_KINDS, findFlagsByIds, listFlags, raiseWellbeingFlag, resolveWellbeingFlag } from './wellbeing.ts'

const Flag = builder.prismaObject('WellbeingFlag', {
  description: 'That somebody is not well. The person and their manager alone know of it, whatever rights others hold.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    staff: t.field({ type: StaffProfile, resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    kind: t.exposeString('kind', { description: `One of ${FLAG_KINDS.join(', ')}.` }),
    note: t.exposeString('note', { nullable: true }),
    raisedAt: t.expose('raisedAt', { type: 'DateTime' }),
    raisedBy: t.field({ type: StaffProfile, resolve: ({ raisedById }, _args, ctx) => ctx.get(findStaffByIds, raisedById) }),
    resolvedAt: t.expose('resolvedAt', { type: 'DateTime', nullable: true }),
    resolvedBy: t.field({
      type: StaffProfile,
      nullable: true,
      resolve: ({ resolvedById }, _args, ctx) => (resolvedById === null ? null : ctx.find(findStaffByIds, resolvedById)),
    }),
    version: t.exposeInt('version'),
  }),
})

builder.queryFields((t) => ({
  wellbeingFlags: t.connection({
    type: Flag,
    description: "The caller's own flags and those of the people whom they lead, newest first.",
    args: { staffId: t.arg({ type: 'UUID' }), includeResolved: t.arg.boolean({ defaultValue: false, required: true }) },
    resolve: (_root, { staffId, includeResolved, ...args }, ctx) =>
      offsetPage(args, (page) => listFlags(ctx.db, ctx.actor, { staffId, includeResolved }, page)),
  }),
}))

const RaiseWellbeingFlagInput = builder.inputType('RaiseWellbeingFlagInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', required: true }),
    kind: t.string({ required: true, description: `One of ${FLAG_KINDS.join(', ')}.` }),
    note: t.string(),
  }),
})
const ResolveWellbeingFlagInput = builder.inputType('ResolveWellbeingFlagInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }) }),
})

builder.mutationFields((t) => ({
  raiseWellbeingFlag: t.field({
    type: Flag,
    description: 'By the person, or by their manager.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: RaiseWellbeingFlagInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => raiseWellbeingFlag(tx, ctx.actor, input))
      return ctx.get(findFlagsByIds, id)
    },
  }),
  resolveWellbeingFlag: t.field({
    type: Flag,
    description: 'By the person, or by their manager.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: ResolveWellbeingFlagInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => resolveWellbeingFlag(tx, ctx.actor, input))
      return ctx.get(findFlagsByIds, id)
    },
  }),
}))
