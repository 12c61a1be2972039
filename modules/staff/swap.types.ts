import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { findStaffByIds } from './queries.ts'
import { RosterShift, shiftErrors } from './roster.types.ts'
import { findRosterShiftsByIds, findShiftSwapsByIds, listShiftSwaps } from './roster-queries.ts'
import { acceptSwap, approveSwap, askSwap, isSwapStatus, refuseSwap, SWAP_STATUSES, withdrawSwap } from './swaps.ts'

const ShiftSwapStatus = builder.enumType('ShiftSwapStatus', {
  values: Object.fromEntries(SWAP_STATUSES.map((value) => [value.toUpperCase(), { value }])),
})

const ShiftSwap = builder.prismaObject('ShiftSwap', {
  description: 'Somebody asks to give a shift away, perhaps for another one. It changes hands when it is accepted and approved.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    status: t.field({ type: ShiftSwapStatus, resolve: ({ status }) => (isSwapStatus(status) ? status : 'asked') }),
    shift: t.field({ type: RosterShift, resolve: ({ shiftId }, _args, ctx) => ctx.get(findRosterShiftsByIds, shiftId) }),
    counterShift: t.field({
      type: RosterShift,
      nullable: true,
      resolve: ({ counterShiftId }, _args, ctx) => (counterShiftId === null ? null : ctx.find(findRosterShiftsByIds, counterShiftId)),
    }),
    from: t.field({ type: 'StaffProfile', resolve: ({ fromStaffId }, _args, ctx) => ctx.get(findStaffByIds, fromStaffId) }),
    to: t.field({
      type: 'StaffProfile',
      nullable: true,
      description: 'Null while it is open to anybody qualified.',
      resolve: ({ toStaffId }, _args, ctx) => (toStaffId === null ? null : ctx.find(findStaffByIds, toStaffId)),
    }),
    reason: t.exposeString('reason', { nullable: true }),
    decisionReason: t.exposeString('decisionReason', { nullable: true }),
    decidedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ decidedAt }) => decidedAt }),
    askedAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    version: t.exposeInt('version'),
  }),
})

builder.queryFields((t) => ({
  shiftSwaps: t.connection({
    type: ShiftSwap,
    description: 'Swaps at the active clinic, newest first: all for whoever manages schedules, else those that concern the caller or are open to anybody.',
    args: {
      status: t.arg({ type: ShiftSwapStatus, description: 'Left out: those that wait, and with `includeClosed` all.' }),
      includeClosed: t.arg.boolean({ defaultValue: false, required: true }),
    },
    resolve: (_root, { status, includeClosed, ...args }, ctx) =>
      offsetPage(args, (page) => listShiftSwaps(ctx.db, ctx.actor, { status: status ?? null, includeClosed }, page)),
  }),
}))

const AskSwapInput = builder.inputType('AskSwapInput', {
  fields: (t) => ({
    shiftId: t.field({ type: 'UUID', required: true }),
    toStaffId: t.field({ type: 'UUID', description: 'Left out: anybody qualified.' }),
    counterShiftId: t.field({ type: 'UUID', description: "The colleague's shift that is taken in return." }),
    reason: t.string(),
  }),
})
const SwapStepInput = builder.inputType('SwapStepInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }) }),
})
const ApproveSwapInput = builder.inputType('ApproveSwapInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }), reason: t.string() }),
})
const RefuseSwapInput = builder.inputType('RefuseSwapInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }), reason: t.string({ required: true }) }),
})

builder.mutationFields((t) => ({
  askSwap: t.field({
    type: ShiftSwap,
    errors: { types: shiftErrors },
    args: { input: t.arg({ type: AskSwapInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => askSwap(tx, ctx.actor, input))
      return ctx.get(findShiftSwapsByIds, id)
    },
  }),
  acceptSwap: t.field({
    type: ShiftSwap,
    errors: { types: shiftErrors },
    args: { input: t.arg({ type: SwapStepInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => acceptSwap(tx, ctx.actor, input))
      return ctx.get(findShiftSwapsByIds, id)
    },
  }),
  approveSwap: t.field({
    type: ShiftSwap,
    description: 'The shifts change hands.',
    errors: { types: shiftErrors },
    args: { input: t.arg({ type: ApproveSwapInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => approveSwap(tx, ctx.actor, input))
      return ctx.get(findShiftSwapsByIds, id)
    },
  }),
  refuseSwap: t.field({
    type: ShiftSwap,
    description: 'By whoever manages schedules, or by the colleague who was asked.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: RefuseSwapInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => refuseSwap(tx, ctx.actor, input))
      return ctx.get(findShiftSwapsByIds, id)
    },
  }),
  withdrawSwap: t.field({
    type: ShiftSwap,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: SwapStepInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => withdrawSwap(tx, ctx.actor, input))
      return ctx.get(findShiftSwapsByIds, id)
    },
  }),
}))
