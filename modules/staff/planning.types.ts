import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { fromDateColumn, fromMinute, localDateOf } from '../kernel/time.ts'
import { POSITIONS } from './inputs.ts'
import { findCoverageNeedsByIds, findShiftTemplatesByIds, getWorkRule, listCoverageNeeds, listShiftTemplates, type WorkRuleInForce } from './roster-queries.ts'
import { createShiftTemplate, updateShiftTemplate } from './shift-templates.ts'
import { wallTime } from './shift-times.ts'
import { endsNextDay } from './shifts.ts'
import { createCoverageNeed, endCoverageNeed, setWorkRule } from './work-limits.ts'

export const ShiftTemplate = builder.prismaObject('ShiftTemplate', {
  description: 'A kind of shift that the clinic plans again and again.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    code: t.exposeString('code'),
    name: t.exposeString('name'),
    start: t.field({ type: 'LocalTime', resolve: ({ startMinute }) => fromMinute(startMinute) }),
    end: t.field({ type: 'LocalTime', description: 'Not included; at or before the start: on the next day.', resolve: ({ endMinute }) => wallTime(endMinute) }),
    breakStart: t.field({
      type: 'LocalTime',
      nullable: true,
      resolve: ({ breakStartMinute }) => (breakStartMinute === null ? null : wallTime(breakStartMinute)),
    }),
    breakEnd: t.field({ type: 'LocalTime', nullable: true, resolve: ({ breakEndMinute }) => (breakEndMinute === null ? null : wallTime(breakEndMinute)) }),
    endsNextDay: t.boolean({ resolve: endsNextDay }),
    position: t.exposeString('position', { description: `One of ${POSITIONS.join(', ')}.` }),
    capacity: t.exposeInt('capacity', { description: 'Shifts that one day gets.' }),
    colour: t.exposeString('colour', { description: '#rrggbb.' }),
    isArchived: t.boolean({ resolve: ({ archivedAt }) => archivedAt !== null }),
    version: t.exposeInt('version'),
  }),
})

export const CoverageNeed = builder.prismaObject('CoverageNeed', {
  description: 'How many people of a position the clinic needs at a time of a weekday.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    position: t.exposeString('position'),
    weekday: t.exposeInt('weekday', { description: 'ISO 8601: 1 Monday … 7 Sunday.' }),
    start: t.field({ type: 'LocalTime', resolve: ({ startMinute }) => fromMinute(startMinute) }),
    end: t.field({ type: 'LocalTime', description: 'Not included; 24:00 ends the day.', resolve: ({ endMinute }) => fromMinute(endMinute) }),
    minCount: t.exposeInt('minCount'),
    validFrom: t.field({ type: 'LocalDate', resolve: ({ validFrom }) => fromDateColumn(validFrom) }),
    validUntil: t.field({
      type: 'LocalDate',
      nullable: true,
      description: 'First day on which it no longer counts.',
      resolve: ({ validUntil }) => validUntil && fromDateColumn(validUntil),
    }),
    version: t.exposeInt('version'),
  }),
})

type CoveragePlanRow = { readonly needs: Awaited<ReturnType<typeof listCoverageNeeds>> }
const CoveragePlan = builder.objectRef<CoveragePlanRow>('CoveragePlan').implement({
  description: 'What the clinic needs from today on.',
  fields: (t) => ({ needs: t.field({ type: [CoverageNeed], resolve: ({ needs }) => [...needs] }) }),
})

export const WorkRule = builder.objectRef<WorkRuleInForce>('WorkRule').implement({
  description: 'Limits of work time that the clinic watches. What breaks them is shown and refuses nothing.',
  fields: (t) => ({
    maxWeekMinutes: t.exposeInt('maxWeekMinutes'),
    maxDayMinutes: t.exposeInt('maxDayMinutes'),
    maxMixedMinutes: t.exposeInt('maxMixedMinutes', { description: 'Of a day with less than three and a half hours between 20:00 and 06:00.' }),
    maxNightMinutes: t.exposeInt('maxNightMinutes', { description: 'Of a day with more of the night, or of nothing else.' }),
    minRestMinutes: t.exposeInt('minRestMinutes', { description: 'Between the work of two days.' }),
    maxConsecutiveDays: t.exposeInt('maxConsecutiveDays'),
    isPreset: t.exposeBoolean('isPreset', { description: "Whether these are the country's, because the clinic has set none." }),
    version: t.exposeInt('version', { nullable: true, description: 'Null for a preset.' }),
  }),
})

builder.queryFields((t) => ({
  shiftTemplates: t.field({
    type: [ShiftTemplate],
    args: { includeArchived: t.arg.boolean({ defaultValue: false, required: true }) },
    resolve: (_root, filter, ctx) => listShiftTemplates(ctx.db, ctx.actor, filter),
  }),
  coverageNeeds: t.field({
    type: [CoverageNeed],
    args: { from: t.arg({ type: 'LocalDate', description: 'Left out: today at the clinic.' }) },
    resolve: (_root, { from }, ctx) => listCoverageNeeds(ctx.db, ctx.actor, from ?? localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone)),
  }),
  workRule: t.field({
    type: WorkRule,
    args: { date: t.arg({ type: 'LocalDate', description: 'Left out: today at the clinic.' }) },
    resolve: (_root, { date }, ctx) => getWorkRule(ctx.db, ctx.actor, date ?? localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone)),
  }),
}))

const ShiftTimesInput = builder.inputType('ShiftTimesInput', {
  description: 'By the wall clock. An end at or before the start lies on the next day.',
  fields: (t) => ({
    start: t.field({ type: 'LocalTime', required: true }),
    end: t.field({ type: 'LocalTime', required: true }),
    breakStart: t.field({ type: 'LocalTime' }),
    breakEnd: t.field({ type: 'LocalTime' }),
  }),
})
const CreateShiftTemplateInput = builder.inputType('CreateShiftTemplateInput', {
  fields: (t) => ({
    code: t.string({ required: true }),
    name: t.string({ required: true }),
    position: t.string({ required: true }),
    times: t.field({ type: ShiftTimesInput, required: true }),
    capacity: t.int({ description: 'Left out: 1.' }),
    colour: t.string(),
  }),
})
const UpdateShiftTemplateInput = builder.inputType('UpdateShiftTemplateInput', {
  description: 'What is left out stays.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    code: t.string(),
    name: t.string(),
    position: t.string(),
    times: t.field({ type: ShiftTimesInput }),
    capacity: t.int(),
    colour: t.string(),
    isArchived: t.boolean({ description: 'An archived kind plans no new shifts.' }),
  }),
})
const CreateCoverageNeedInput = builder.inputType('CreateCoverageNeedInput', {
  fields: (t) => ({
    position: t.string({ required: true }),
    weekday: t.int({ required: true, description: 'ISO 8601: 1 Monday … 7 Sunday.' }),
    start: t.field({ type: 'LocalTime', required: true }),
    end: t.field({ type: 'LocalTime', required: true }),
    minCount: t.int({ required: true }),
    validFrom: t.field({ type: 'LocalDate', required: true }),
    validUntil: t.field({ type: 'LocalDate' }),
  }),
})
const EndCoverageNeedInput = builder.inputType('EndCoverageNeedInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    validUntil: t.field({ type: 'LocalDate', required: true, description: 'First day on which it no longer counts; at or before its first day it is gone.' }),
  }),
})
const SetWorkRuleInput = builder.inputType('SetWorkRuleInput', {
  fields: (t) => ({
    version: t.int({ description: 'Of the rule that is replaced; null for a preset.' }),
    maxWeekMinutes: t.int({ required: true }),
    maxDayMinutes: t.int({ required: true }),
    maxMixedMinutes: t.int({ description: 'Left out: as by day.' }),
    maxNightMinutes: t.int({ description: 'Left out: as by day.' }),
    minRestMinutes: t.int({ required: true }),
    maxConsecutiveDays: t.int({ required: true }),
  }),
})

builder.mutationFields((t) => ({
  createShiftTemplate: t.field({
    type: ShiftTemplate,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateShiftTemplateInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createShiftTemplate(tx, ctx.actor, input))
      return ctx.get(findShiftTemplatesByIds, id)
    },
  }),
  updateShiftTemplate: t.field({
    type: ShiftTemplate,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdateShiftTemplateInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateShiftTemplate(tx, ctx.actor, input))
      return ctx.get(findShiftTemplatesByIds, id)
    },
  }),
  createCoverageNeed: t.field({
    type: CoverageNeed,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateCoverageNeedInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createCoverageNeed(tx, ctx.actor, input))
      return ctx.get(findCoverageNeedsByIds, id)
    },
  }),
  endCoverageNeed: t.field({
    type: CoveragePlan,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: EndCoverageNeedInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      await ctx.transact(info, input, (tx) => endCoverageNeed(tx, ctx.actor, input))
      return { needs: await listCoverageNeeds(ctx.db, ctx.actor, localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone)) }
    },
  }),
  setWorkRule: t.field({
    type: WorkRule,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: SetWorkRuleInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      await ctx.transact(info, input, (tx) => setWorkRule(tx, ctx.actor, input))
      return getWorkRule(ctx.db, ctx.actor, localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone))
    },
  }),
}))
