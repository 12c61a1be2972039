import { builder } from '../../schema/builder.ts'
import { commonErrors, ErrorInterface } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { fromDateColumn, fromMinute, localDateOf } from '../kernel/time.ts'
import { OwnTimeOffError, TimeOffOverlapError } from './errors.ts'
import { findStaffByIds } from './queries.ts'
import { adjustTimeOff, refuseTimeOff } from './time-off.ts'
import { COUNTS_AS } from './time-off-amount.ts'
import { createTimeOffType, toCountsAs, updateTimeOffType } from './time-off-catalogue.ts'
import {
  findGrantsByIds,
  findTimeOffByIds,
  findTimeOffTypesByIds,
  listBalances,
  listTimeOff,
  listTimeOffTypes,
  type TypeBalance,
  toTimeOffStatus,
} from './time-off-queries.ts'

builder.objectType(TimeOffOverlapError, { name: 'TimeOffOverlap', interfaces: [ErrorInterface] })
builder.objectType(OwnTimeOffError, { name: 'OwnTimeOff', interfaces: [ErrorInterface] })

const TimeOffStatus = builder.enumType('TimeOffStatus', {
  values: {
    REQUESTED: { value: 'requested' },
    APPROVED: { value: 'approved', description: 'The person takes no visits at that time, at any clinic.' },
    REFUSED: { value: 'refused' },
    CANCELLED: { value: 'cancelled', description: 'Withdrawn, before or after it was approved.' },
  } as const,
})
const TimeOffUnit = builder.enumType('TimeOffUnit', { values: { DAYS: { value: COUNTS_AS[0] }, HOURS: { value: COUNTS_AS[1] } } as const })

const TimeOffType = builder.prismaObject('TimeOffType', {
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    code: t.exposeString('code', { description: 'Stable; names are for people.' }),
    name: t.exposeString('name'),
    isPaid: t.exposeBoolean('isPaid'),
    countsAs: t.field({ type: TimeOffUnit, description: 'The unit of its amounts.', resolve: ({ countsAs }) => toCountsAs(countsAs) }),
    annualAllowance: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'What everybody gets in a year, vacation at least what the law gives; null: without a limit.',
      resolve: ({ annualAllowance }) => annualAllowance?.toString() ?? null,
    }),
    colour: t.exposeString('colour', { description: '#rrggbb.' }),
    isArchived: t.boolean({ resolve: ({ archivedAt }) => archivedAt !== null }),
    version: t.exposeInt('version'),
  }),
})

export const TimeOffRequest = builder.prismaObject('TimeOffRequest', {
  description: 'Days off that a person asks for, in the zone of the clinic at which they ask.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    staff: t.field({ type: 'StaffProfile', resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    type: t.field({ type: TimeOffType, resolve: ({ typeId }, _args, ctx) => ctx.get(findTimeOffTypesByIds, typeId) }),
    firstDay: t.field({ type: 'LocalDate', resolve: ({ firstDay }) => fromDateColumn(firstDay) }),
    lastDay: t.field({ type: 'LocalDate', description: 'Included.', resolve: ({ lastDay }) => fromDateColumn(lastDay) }),
    start: t.field({
      type: 'LocalTime',
      nullable: true,
      description: 'Of a part of one day; null: whole days.',
      resolve: ({ startMinute }) => (startMinute === null ? null : fromMinute(startMinute)),
    }),
    end: t.field({ type: 'LocalTime', nullable: true, resolve: ({ endMinute }) => (endMinute === null ? null : fromMinute(endMinute)) }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'Not included.' }),
    amount: t.field({ type: 'Decimal', description: 'What it takes from the balance, in the unit of its type.', resolve: ({ amount }) => amount.toString() }),
    reason: t.exposeString('reason', { nullable: true }),
    status: t.field({ type: TimeOffStatus, resolve: ({ status }) => toTimeOffStatus(status) }),
    requestedAt: t.expose('createdAt', { type: 'DateTime' }),
    decidedAt: t.expose('decidedAt', { type: 'DateTime', nullable: true }),
    decisionReason: t.exposeString('decisionReason', { nullable: true }),
    cancelledAt: t.expose('cancelledAt', { type: 'DateTime', nullable: true }),
    version: t.exposeInt('version'),
  }),
})

const TimeOffBalance = builder.objectRef<TypeBalance>('TimeOffBalance').implement({
  description: 'What a person has of a type in a calendar year, in the unit of the type. A request counts in the year of its first day.',
  fields: (t) => ({
    type: t.field({ type: TimeOffType, resolve: ({ typeId }, _args, ctx) => ctx.get(findTimeOffTypesByIds, typeId) }),
    year: t.exposeInt('year'),
    allowance: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Null: without a limit.',
      resolve: ({ allowance }) => (allowance === null ? null : String(allowance)),
    }),
    granted: t.field({ type: 'Decimal', description: 'Sum of the adjustments.', resolve: ({ granted }) => String(granted) }),
    approved: t.field({ type: 'Decimal', resolve: ({ approved }) => String(approved) }),
    pending: t.field({ type: 'Decimal', description: 'Asked for and not decided; not taken off.', resolve: ({ pending }) => String(pending) }),
    remaining: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Allowance and adjustments without what is approved; may be negative. Null: without a limit.',
      resolve: ({ remaining }) => (remaining === null ? null : String(remaining)),
    }),
    grants: t.field({ type: [TimeOffGrant], description: 'The adjustments, oldest first.', resolve: ({ grants }) => [...grants] }),
  }),
})

const TimeOffGrant = builder.prismaObject('TimeOffGrant', {
  description: 'An adjustment of what a person gets of a type in a year. It stays; a mistake is mended by another one.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    year: t.exposeInt('year'),
    amount: t.field({ type: 'Decimal', resolve: ({ amount }) => amount.toString() }),
    reason: t.exposeString('reason'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
})

builder.queryFields((t) => ({
  timeOffTypes: t.field({
    type: [TimeOffType],
    args: { includeArchived: t.arg.boolean({ required: true, defaultValue: false }) },
    resolve: (_root, args, ctx) => listTimeOffTypes(ctx.db, ctx.actor, args),
  }),
  timeOffRequests: t.connection({
    type: TimeOffRequest,
    description: "One's own requests; with the right over all of them, those of the active clinic. Those that begin last come first.",
    args: {
      staffId: t.arg({ type: 'UUID' }),
      status: t.arg({ type: TimeOffStatus }),
      from: t.arg({ type: 'LocalDate', description: 'Requests that touch this day or later ones.' }),
      until: t.arg({ type: 'LocalDate', description: 'Requests that touch this day or earlier ones.' }),
    },
    resolve: (_root, { staffId, status, from, until, ...args }, ctx) => {
      const filter = { staffId: staffId ?? null, status: status ?? null, from: from ?? null, until: until ?? null }
      return offsetPage(args, (page) => listTimeOff(ctx.db, ctx.actor, filter, page))
    },
  }),
  timeOffBalances: t.field({
    type: [TimeOffBalance],
    description: 'Of each type; nothing about somebody whose time off the caller may not see.',
    args: {
      staffId: t.arg({ type: 'UUID', description: 'Left out: the caller.' }),
      year: t.arg.int({ description: 'Left out: this year at the clinic.' }),
    },
    resolve: (_root, { staffId, year }, ctx) => {
      const person = staffId ?? ctx.actor.staffId
      const thisYear = Number(localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone).slice(0, 4))
      return person === null ? [] : listBalances(ctx.db, ctx.actor, person, boundedYear(year ?? thisYear))
    },
  }),
}))

// Outside of these there are no balances, and no day either.
function boundedYear(year: number): number {
  return Math.min(2199, Math.max(1970, year))
}

const CreateTimeOffTypeInput = builder.inputType('CreateTimeOffTypeInput', {
  fields: (t) => ({
    code: t.string({ required: true }),
    name: t.string({ required: true }),
    isPaid: t.boolean({ description: 'Left out: yes.' }),
    countsAs: t.field({ type: TimeOffUnit, description: 'Left out: days.' }),
    annualAllowance: t.field({ type: 'Decimal', description: 'Left out: without a limit.' }),
    colour: t.string(),
  }),
})
const UpdateTimeOffTypeInput = builder.inputType('UpdateTimeOffTypeInput', {
  description: 'What is left out stays; the code and the unit always do.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    name: t.string(),
    isPaid: t.boolean(),
    annualAllowance: t.field({ type: 'Decimal', description: 'Null: without a limit.' }),
    colour: t.string(),
    isArchived: t.boolean({ description: 'An archived type takes no new requests.' }),
  }),
})
const AdjustTimeOffInput = builder.inputType('AdjustTimeOffInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', required: true }),
    typeId: t.field({ type: 'UUID', required: true }),
    year: t.int({ required: true }),
    amount: t.field({ type: 'Decimal', required: true, description: 'In the unit of the type; below zero takes away.' }),
    reason: t.string({ required: true }),
  }),
})
const RefuseTimeOffInput = builder.inputType('RefuseTimeOffInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }), reason: t.string({ required: true }) }),
})

builder.mutationFields((t) => ({
  createTimeOffType: t.field({
    type: TimeOffType,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateTimeOffTypeInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createTimeOffType(tx, ctx.actor, input))
      return ctx.get(findTimeOffTypesByIds, id)
    },
  }),
  updateTimeOffType: t.field({
    type: TimeOffType,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdateTimeOffTypeInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateTimeOffType(tx, ctx.actor, input))
      return ctx.get(findTimeOffTypesByIds, id)
    },
  }),
  adjustTimeOff: t.field({
    type: TimeOffGrant,
    description: 'Adds to what a person gets of a type in a year, or takes from it.',
    errors: { types: [...commonErrors, OwnTimeOffError] },
    args: { input: t.arg({ type: AdjustTimeOffInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => adjustTimeOff(tx, ctx.actor, input))
      return ctx.get(findGrantsByIds, id)
    },
  }),
  refuseTimeOff: t.field({
    type: TimeOffRequest,
    description: 'Refuses a request of the active clinic, with a reason that the person sees.',
    errors: { types: [...commonErrors, OwnTimeOffError] },
    args: { input: t.arg({ type: RefuseTimeOffInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => refuseTimeOff(tx, ctx.actor, input))
      return ctx.get(findTimeOffByIds, id)
    },
  }),
}))
