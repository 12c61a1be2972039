import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { dayInterval, fromDateColumn, localDateOf } from '../kernel/time.ts'
import { countVisitsElsewhere, listVisitsToCome } from '../scheduling/index.ts'
import { type Departed, foreseeDeparture, offboardStaffMember } from './offboarding.ts'
import { findStaffByIds, listSchedulesByStaff, listStaffByUsers } from './queries.ts'
import { addStaffTask, CHECKLISTS, findTasksByIds, isOverdue, listTasks, PROCESSES, setStaffTaskDone, startOnboarding } from './tasks.ts'
import { StaffProfile, WeeklySchedule } from './types.ts'

const CODES = Object.values(CHECKLISTS)
  .flat()
  .map(([code]) => code)
  .join(', ')

const StaffTask = builder.prismaObject('StaffTask', {
  description: "A step of somebody's first or last days.",
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    staff: t.field({ type: StaffProfile, resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    process: t.exposeString('process', { description: `One of ${PROCESSES.join(', ')}.` }),
    step: t.exposeString('code', { nullable: true, description: `Of the steps that every clinic takes: ${CODES}. Null: it has a title.` }),
    title: t.exposeString('title', { nullable: true }),
    dueOn: t.field({ type: 'LocalDate', resolve: ({ dueOn }) => fromDateColumn(dueOn) }),
    isOverdue: t.boolean({ resolve: (task, _args, ctx) => isOverdue(task, localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone)) }),
    doneAt: t.expose('doneAt', { type: 'DateTime', nullable: true }),
    doneById: t.expose('doneById', { type: 'UUID', nullable: true, description: 'The user who ticked it off.' }),
    doneBy: t.field({
      type: StaffProfile,
      nullable: true,
      description: 'The same as a member of the staff; null for a user who is none.',
      resolve: async ({ doneById }, _args, ctx) => (doneById === null ? null : ((await ctx.many(listStaffByUsers, doneById))[0] ?? null)),
    }),
    version: t.exposeInt('version'),
  }),
})

const Onboarding = builder.objectRef<{ readonly staffId: string; readonly taskIds: readonly string[] }>('Onboarding').implement({
  fields: (t) => ({
    staff: t.field({ type: StaffProfile, resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    tasks: t.field({ type: [StaffTask], resolve: ({ taskIds }, _args, ctx) => findTasksByIds(ctx.db, ctx.actor, taskIds) }),
  }),
})

const Offboarding = builder.objectRef<Departed>('Offboarding').implement({
  description: 'What ends with somebody’s employment, and what is left for others.',
  fields: (t) => ({
    staff: t.field({ type: StaffProfile, resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    tasks: t.field({ type: [StaffTask], resolve: ({ taskIds }, _args, ctx) => findTasksByIds(ctx.db, ctx.actor, taskIds) }),
    endedRoles: t.exposeInt('endedRoles', { description: 'Roles that end with the last day.' }),
    affectedAppointments: t.field({
      type: ['Appointment'],
      nullable: true,
      description: 'Visits at the active clinic after the last day, in order; 500 at most.',
      resolve: ({ staffId, lastDay }, _args, ctx) => listVisitsToCome(ctx.db, ctx.actor, staffId, dayInterval(lastDay, ctx.actor.clinic.timeZone).end),
    }),
    affectedElsewhere: t.int({
      description: 'How many visits there are at other clinics.',
      resolve: ({ staffId, lastDay }, _args, ctx) => countVisitsElsewhere(ctx.db, ctx.actor, staffId, dayInterval(lastDay, ctx.actor.clinic.timeZone).end),
    }),
    affectedSchedules: t.field({
      type: [WeeklySchedule],
      description: 'Weekly hours at the active clinic that reach beyond the last day. Nobody is booked in them any more.',
      resolve: async ({ staffId, lastDay }, _args, ctx) =>
        (await ctx.many(listSchedulesByStaff, staffId)).filter(({ validUntil }) => validUntil === null || fromDateColumn(validUntil) > lastDay),
    }),
  }),
})

builder.queryFields((t) => ({
  offboardingImpact: t.field({
    type: Offboarding,
    nullable: true,
    description:
      'What would end with somebody’s employment on a day. Nothing is written, so that there are no steps yet; null for nobody of this organisation.',
    args: { staffId: t.arg({ type: 'UUID', required: true }), lastDay: t.arg({ type: 'LocalDate', required: true }) },
    resolve: (_root, { staffId, lastDay }, ctx) => foreseeDeparture(ctx.db, ctx.actor, { staffId, lastDay }),
  }),
  staffTasks: t.connection({
    type: StaffTask,
    description: 'Steps of first and last days, of one person or of everybody, the ones that are due first ahead.',
    args: {
      staffId: t.arg({ type: 'UUID' }),
      process: t.arg.string({ description: `One of ${PROCESSES.join(', ')}.` }),
      includeDone: t.arg.boolean({ defaultValue: false, required: true }),
    },
    resolve: (_root, { staffId, process, includeDone, ...args }, ctx) =>
      offsetPage(args, (page) => listTasks(ctx.db, ctx.actor, { staffId, process, includeDone }, page)),
  }),
}))

const StartOnboardingInput = builder.inputType('StartOnboardingInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', required: true }),
    startsOn: t.field({ type: 'LocalDate', description: 'Left out: the first day of employment.' }),
  }),
})
const AddStaffTaskInput = builder.inputType('AddStaffTaskInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', required: true }),
    process: t.string({ required: true, description: `One of ${PROCESSES.join(', ')}.` }),
    title: t.string({ required: true }),
    dueOn: t.field({ type: 'LocalDate', required: true }),
  }),
})
const SetStaffTaskDoneInput = builder.inputType('SetStaffTaskDoneInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }), isDone: t.boolean({ required: true }) }),
})
const OffboardStaffMemberInput = builder.inputType('OffboardStaffMemberInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    lastDay: t.field({ type: 'LocalDate', required: true, description: 'The last day of employment, and of access.' }),
    reason: t.string({ required: true, description: 'For people who search the trail.' }),
  }),
})

builder.mutationFields((t) => ({
  startOnboarding: t.field({
    type: Onboarding,
    description: 'Writes down the steps of somebody’s first days.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: StartOnboardingInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => ctx.transact(info, input, (tx) => startOnboarding(tx, ctx.actor, input)),
  }),
  offboardStaffMember: t.field({
    type: Offboarding,
    description: 'Ends employment and access with a day, writes down the steps of the last days and answers what is affected.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: OffboardStaffMemberInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => ctx.transact(info, input, (tx) => offboardStaffMember(tx, ctx.actor, input)),
  }),
  addStaffTask: t.field({
    type: StaffTask,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: AddStaffTaskInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => addStaffTask(tx, ctx.actor, input))
      return ctx.get(findTasksByIds, id)
    },
  }),
  setStaffTaskDone: t.field({
    type: StaffTask,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: SetStaffTaskDoneInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => setStaffTaskDone(tx, ctx.actor, input))
      return ctx.get(findTasksByIds, id)
    },
  }),
}))
