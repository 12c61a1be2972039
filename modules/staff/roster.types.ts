import type { CoverageNeed as CoverageNeedRow } from '../../prisma/client/client.ts'
import { builder } from '../../schema/builder.ts'
import type { Context } from '../../schema/context.ts'
import { commonErrors, ErrorInterface } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { findClinicsByIds } from '../access/index.ts'
import { addDays, dayInterval, fromDateColumn, fromMinute, type LocalDate, localDateOf } from '../kernel/time.ts'
import type { Coverage } from './coverage.ts'
import { NotQualifiedError, ShiftNotOpenError, ShiftOverlapError } from './errors.ts'
import { POSITIONS } from './inputs.ts'
import { CoverageNeed, ShiftTemplate, WorkRule } from './planning.types.ts'
import { findStaffByIds } from './queries.ts'
import { listAbsencesByShift, listClosuresByShift } from './roster-absences.ts'
import { findRosterShiftsByIds, findRostersByIds, findShiftTemplatesByIds, listOpenShifts, listOwnShifts } from './roster-queries.ts'
import { changeShift, planShift, removeShift } from './roster-shifts.ts'
import { getRosterWeek, type PersonWarning, type RosterWeek as RosterWeekRow } from './roster-week.ts'
import { copyRoster, planTemplate, publishRoster } from './rosters.ts'
import { mondayOf, wallTime } from './shift-times.ts'
import { claimOpenShift, releaseShift } from './shift-trade.ts'
import { endsNextDay, toShift } from './shifts.ts'
import { findTimeOffByIds } from './time-off-queries.ts'
import { WARNING_CODES } from './work-rules.ts'

builder.objectType(ShiftOverlapError, { name: 'ShiftOverlap', interfaces: [ErrorInterface] })
builder.objectType(ShiftNotOpenError, { name: 'ShiftNotOpen', interfaces: [ErrorInterface] })
builder.objectType(NotQualifiedError, { name: 'NotQualified', interfaces: [ErrorInterface] })
export const shiftErrors = [...commonErrors, ShiftOverlapError, NotQualifiedError]

const RosterStatus = builder.enumType('RosterStatus', { values: { DRAFT: { value: 'draft' }, PUBLISHED: { value: 'published' } } as const })
const RosterShiftStatus = builder.enumType('RosterShiftStatus', { values: { PLANNED: { value: 'planned' }, CANCELLED: { value: 'cancelled' } } as const })

export const RosterShift = builder.prismaObject('RosterShift', {
  description: 'A shift of a roster, `[startsAt, endsAt)`; nobody has it while it is open.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    date: t.field({ type: 'LocalDate', description: 'The practice day on which it begins.', resolve: ({ workDate }) => fromDateColumn(workDate) }),
    start: t.field({ type: 'LocalTime', description: 'As planned, by the wall clock.', resolve: ({ startMinute }) => fromMinute(startMinute) }),
    end: t.field({ type: 'LocalTime', description: 'Not included; at or before the start: on the next day.', resolve: ({ endMinute }) => wallTime(endMinute) }),
    endsNextDay: t.boolean({ resolve: endsNextDay }),
    breakStart: t.field({
      type: 'LocalTime',
      nullable: true,
      resolve: ({ breakStartMinute }) => (breakStartMinute === null ? null : wallTime(breakStartMinute)),
    }),
    breakEnd: t.field({ type: 'LocalTime', nullable: true, resolve: ({ breakEndMinute }) => (breakEndMinute === null ? null : wallTime(breakEndMinute)) }),
    startsAt: t.field({ type: 'DateTime', resolve: ({ startsAt }) => startsAt }),
    endsAt: t.field({ type: 'DateTime', resolve: ({ endsAt }) => endsAt }),
    isClockChanged: t.boolean({
      description: 'Whether a change of the clock moved either end.',
      resolve: async (shift, _args, ctx) => {
        const clinic = shift.clinicId === ctx.actor.clinic.id ? ctx.actor.clinic : await ctx.get(findClinicsByIds, shift.clinicId)
        return toShift(fromDateColumn(shift.workDate), shift, clinic.timeZone).clockChange !== 'none'
      },
    }),
    position: t.exposeString('position', { description: `One of ${POSITIONS.join(', ')}.` }),
    note: t.exposeString('note', { nullable: true }),
    status: t.field({ type: RosterShiftStatus, resolve: ({ status }) => (status === 'cancelled' ? 'cancelled' : 'planned') }),
    isAway: t.boolean({
      description: 'Whether the person has approved time off within it: it covers nothing then.',
      resolve: async ({ id, staffId }, _args, ctx) => staffId !== null && (await ctx.many(listAbsencesByShift, id)).length > 0,
    }),
    timeOff: t.field({
      type: 'TimeOffRequest',
      nullable: true,
      description: 'That time off, for those who may see it; null for others, and when there is none.',
      resolve: async ({ id, staffId }, _args, ctx) => {
        const [absence] = staffId === null ? [] : await ctx.many(listAbsencesByShift, id)
        return absence === undefined ? null : ctx.find(findTimeOffByIds, absence.id)
      },
    }),
    isClosed: t.boolean({
      description: 'Whether its clinic is closed for a part of it.',
      resolve: async ({ id }, _args, ctx) => (await ctx.many(listClosuresByShift, id)).length > 0,
    }),
    isOpen: t.boolean({ resolve: ({ staffId, status }) => staffId === null && status === 'planned' }),
    version: t.exposeInt('version'),
    staff: t.field({
      type: 'StaffProfile',
      nullable: true,
      resolve: ({ staffId }, _args, ctx) => (staffId === null ? null : ctx.find(findStaffByIds, staffId)),
    }),
    template: t.field({
      type: ShiftTemplate,
      nullable: true,
      description: 'Null also for a shift of another clinic.',
      resolve: ({ templateId }, _args, ctx) => (templateId === null ? null : ctx.find(findShiftTemplatesByIds, templateId)),
    }),
    clinic: t.field({ type: 'Clinic', resolve: ({ clinicId }, _args, ctx) => ctx.get(findClinicsByIds, clinicId) }),
  }),
})

const Roster = builder.prismaObject('Roster', {
  description: 'The plan of a week. A draft changes nothing; published shifts take the place of weekly hours on the days on which they begin.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    weekStart: t.field({ type: 'LocalDate', description: 'A Monday.', resolve: ({ weekStart }) => fromDateColumn(weekStart) }),
    status: t.field({ type: RosterStatus, resolve: ({ status }) => (status === 'published' ? 'published' : 'draft') }),
    publishedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ publishedAt }) => publishedAt }),
    version: t.exposeInt('version'),
  }),
})

const CoverageDay = builder.objectRef<Coverage<CoverageNeedRow>>('CoverageDay').implement({
  description: 'How far a need is met on a day.',
  fields: (t) => ({
    need: t.field({ type: CoverageNeed, resolve: ({ need }) => need }),
    date: t.expose('date', { type: 'LocalDate' }),
    needed: t.int({ resolve: ({ need }) => need.minCount }),
    planned: t.exposeInt('planned', {
      description: 'People of the position who are there at the worst moment; breaks do not count as absence, time off does.',
    }),
    isMet: t.exposeBoolean('isMet'),
  }),
})

const WorkWarningCode = builder.enumType('WorkWarningCode', { values: WARNING_CODES })
const WorkWarning = builder.objectRef<PersonWarning>('WorkWarning').implement({
  description: "What a person's work breaks. It is shown and refuses nothing.",
  fields: (t) => ({
    code: t.expose('code', { type: WorkWarningCode }),
    date: t.expose('date', { type: 'LocalDate', description: 'The Monday for a limit of the week.' }),
    actual: t.exposeInt('actual', { description: 'Minutes; days for TOO_MANY_DAYS.' }),
    limit: t.exposeInt('limit'),
    staff: t.field({ type: 'StaffProfile', resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
  }),
})

const RosterWeek = builder.objectRef<RosterWeekRow>('RosterWeek').implement({
  description: 'A week at the active clinic as it is planned. Drafts are shown to whoever manages schedules.',
  fields: (t) => ({
    weekStart: t.expose('weekStart', { type: 'LocalDate' }),
    roster: t.field({ type: Roster, nullable: true, description: 'Null: nothing planned, or a draft that one may not see.', resolve: ({ roster }) => roster }),
    shifts: t.field({ type: [RosterShift], description: 'In order; cancelled ones included.', resolve: ({ shifts }) => [...shifts] }),
    openShifts: t.field({ type: [RosterShift], resolve: ({ shifts }) => shifts.filter(({ staffId, status }) => staffId === null && status === 'planned') }),
    coverage: t.field({ type: [CoverageDay], resolve: ({ coverage }) => [...coverage] }),
    rule: t.field({ type: WorkRule, resolve: ({ rule }) => rule }),
    warnings: t.field({ type: [WorkWarning], description: "Others' only for whoever manages schedules.", resolve: ({ warnings }) => [...warnings] }),
    staff: t.field({ type: ['StaffProfile'], description: 'People who work here, by weekly hours or by shifts, by name.', resolve: ({ staff }) => [...staff] }),
  }),
})

async function showWeek(ctx: Context, weekStart: LocalDate): Promise<RosterWeekRow> {
  const week = await getRosterWeek(ctx.db, ctx.actor, weekStart)
  ctx.prime(findStaffByIds, week.staff)
  return week
}

async function showWeekOf(ctx: Context, rosterId: string): Promise<RosterWeekRow> {
  const roster = await ctx.get(findRostersByIds, rosterId)
  return showWeek(ctx, fromDateColumn(roster.weekStart))
}

const OWN_DAYS = 28

builder.queryFields((t) => ({
  rosterWeek: t.field({
    type: RosterWeek,
    args: { date: t.arg({ type: 'LocalDate', description: 'Any day of the week. Left out: today at the clinic.' }) },
    resolve: (_root, { date }, ctx) => showWeek(ctx, mondayOf(date ?? localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone))),
  }),
  myShifts: t.field({
    type: [RosterShift],
    description: "The caller's published shifts at every clinic; cancelled ones are left out.",
    args: {
      from: t.arg({ type: 'LocalDate', description: 'Left out: today at the clinic.' }),
      until: t.arg({ type: 'LocalDate', description: 'First day that is left out; without it four weeks.' }),
    },
    resolve: (_root, args, ctx) => {
      const { timeZone } = ctx.actor.clinic
      const from = args.from ?? localDateOf(ctx.clock.now(), timeZone)
      return listOwnShifts(ctx.db, ctx.actor, dayInterval(from, timeZone).start, dayInterval(args.until ?? addDays(from, OWN_DAYS), timeZone).start)
    },
  }),
  openShifts: t.connection({
    type: RosterShift,
    description: 'Shifts at the active clinic that can still be claimed.',
    resolve: (_root, args, ctx) => offsetPage(args, (page) => listOpenShifts(ctx.db, ctx.actor, ctx.clock.now(), page)),
  }),
}))

const PlanShiftInput = builder.inputType('PlanShiftInput', {
  description: 'What is left out comes from the template.',
  fields: (t) => ({
    date: t.field({ type: 'LocalDate', required: true }),
    templateId: t.field({ type: 'UUID' }),
    start: t.field({ type: 'LocalTime' }),
    end: t.field({ type: 'LocalTime', description: 'At or before the start: on the next day.' }),
    breakStart: t.field({ type: 'LocalTime' }),
    breakEnd: t.field({ type: 'LocalTime' }),
    position: t.string(),
    staffId: t.field({ type: 'UUID', description: 'Left out: open.' }),
    note: t.string(),
  }),
})
const ChangeShiftInput = builder.inputType('ChangeShiftInput', {
  description: 'What is left out stays; null opens the shift, and takes its break or note away.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    date: t.field({ type: 'LocalDate', description: 'In the same week.' }),
    start: t.field({ type: 'LocalTime' }),
    end: t.field({ type: 'LocalTime' }),
    breakStart: t.field({ type: 'LocalTime' }),
    breakEnd: t.field({ type: 'LocalTime' }),
    position: t.string(),
    staffId: t.field({ type: 'UUID' }),
    note: t.string(),
  }),
})
const RemoveShiftInput = builder.inputType('RemoveShiftInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }) }),
})
const PlanTemplateInput = builder.inputType('PlanTemplateInput', {
  fields: (t) => ({
    templateId: t.field({ type: 'UUID', required: true }),
    dates: t.field({ type: ['LocalDate'], required: true, description: 'Days of one week.' }),
  }),
})
const CopyRosterInput = builder.inputType('CopyRosterInput', {
  fields: (t) => ({ fromWeek: t.field({ type: 'LocalDate', required: true }), toWeek: t.field({ type: 'LocalDate', required: true }) }),
})
const PublishRosterInput = builder.inputType('PublishRosterInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }) }),
})
const ClaimOpenShiftInput = builder.inputType('ClaimOpenShiftInput', { fields: (t) => ({ shiftId: t.field({ type: 'UUID', required: true }) }) })
const ReleaseShiftInput = builder.inputType('ReleaseShiftInput', {
  fields: (t) => ({ shiftId: t.field({ type: 'UUID', required: true }), reason: t.string() }),
})

builder.mutationFields((t) => ({
  planShift: t.field({
    type: RosterShift,
    description: 'Plans one shift; a draft of its week is opened when there is none.',
    errors: { types: shiftErrors },
    args: { input: t.arg({ type: PlanShiftInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => planShift(tx, ctx.actor, input))
      return ctx.get(findRosterShiftsByIds, id)
    },
  }),
  changeShift: t.field({
    type: RosterShift,
    errors: { types: shiftErrors },
    args: { input: t.arg({ type: ChangeShiftInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => changeShift(tx, ctx.actor, input))
      return ctx.get(findRosterShiftsByIds, id)
    },
  }),
  removeShift: t.field({
    type: RosterWeek,
    description: 'Takes a shift out of a draft; a published one is cancelled.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: RemoveShiftInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { rosterWeek } = await ctx.transact(info, input, (tx) => removeShift(tx, ctx.actor, input))
      return showWeek(ctx, rosterWeek)
    },
  }),
  planTemplate: t.field({
    type: RosterWeek,
    description: 'Fills days of a week with open shifts of a kind, up to its capacity.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: PlanTemplateInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => planTemplate(tx, ctx.actor, input))
      return showWeekOf(ctx, id)
    },
  }),
  copyRoster: t.field({
    type: RosterWeek,
    description: 'Copies a week into one without shifts. Who cannot work then leaves an open shift.',
    errors: { types: shiftErrors },
    args: { input: t.arg({ type: CopyRosterInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => copyRoster(tx, ctx.actor, input))
      return showWeekOf(ctx, id)
    },
  }),
  publishRoster: t.field({
    type: RosterWeek,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: PublishRosterInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => publishRoster(tx, ctx.actor, input))
      return showWeekOf(ctx, id)
    },
  }),
  claimOpenShift: t.field({
    type: RosterShift,
    description: 'Takes an open shift for oneself. Of many one gets it.',
    errors: { types: [...shiftErrors, ShiftNotOpenError] },
    args: { input: t.arg({ type: ClaimOpenShiftInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => claimOpenShift(tx, ctx.actor, input))
      return ctx.get(findRosterShiftsByIds, id)
    },
  }),
  releaseShift: t.field({
    type: RosterShift,
    description: 'Gives a shift back, so that it is open.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: ReleaseShiftInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => releaseShift(tx, ctx.actor, input))
      return ctx.get(findRosterShiftsByIds, id)
    },
  }),
}))
