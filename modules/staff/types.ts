import { builder } from '../../schema/builder.ts'
import { commonErrors, ErrorInterface } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { findClinicsByIds } from '../access/index.ts'
import { fromDateColumn, fromMinute, localDateOf, toDateColumn } from '../kernel/time.ts'
import { searchText } from '../kernel/validate.ts'
import { createStaffProfile, EMPLOYMENT_TYPES, setWeeklySchedule, updateStaffProfile } from './commands.ts'
import { ManagerCycleError, ScheduleOverlapError } from './errors.ts'
import { POSITIONS } from './inputs.ts'
import { findStaffByIds, listBookableStaff, listBreaksBySchedule, listSchedulesByStaff, listStaff } from './queries.ts'

builder.objectType(ScheduleOverlapError, { name: 'ScheduleOverlap', interfaces: [ErrorInterface] })
builder.objectType(ManagerCycleError, { name: 'ManagerCycle', interfaces: [ErrorInterface] })

const WeeklyBreak = builder.prismaObject('WeeklyBreak', {
  description: 'A break inside weekly hours: no time of work.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    start: t.field({ type: 'LocalTime', resolve: ({ startMinute }) => fromMinute(startMinute) }),
    end: t.field({ type: 'LocalTime', description: 'Not included.', resolve: ({ endMinute }) => fromMinute(endMinute) }),
  }),
})

export const WeeklySchedule = builder.prismaObject('WeeklySchedule', {
  description: 'Hours that a person works at the active clinic on one weekday.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    weekday: t.exposeInt('weekday', { description: 'ISO 8601: 1 Monday … 7 Sunday.' }),
    start: t.field({ type: 'LocalTime', resolve: ({ startMinute }) => fromMinute(startMinute) }),
    end: t.field({ type: 'LocalTime', description: 'Not included; 24:00 ends the day.', resolve: ({ endMinute }) => fromMinute(endMinute) }),
    breaks: t.field({ type: [WeeklyBreak], resolve: async ({ id }, _args, ctx) => [...(await ctx.many(listBreaksBySchedule, id))] }),
    validFrom: t.field({ type: 'LocalDate', resolve: ({ validFrom }) => fromDateColumn(validFrom) }),
    validUntil: t.field({
      type: 'LocalDate',
      nullable: true,
      description: 'First day on which it no longer applies.',
      resolve: ({ validUntil }) => validUntil && fromDateColumn(validUntil),
    }),
  }),
})

export const StaffProfile = builder.prismaObject('StaffProfile', {
  description: 'A person who works for the organisation.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    employeeNumber: t.exposeString('employeeNumber'),
    name: t.exposeString('name'),
    position: t.exposeString('position', { description: `One of ${POSITIONS.join(', ')}. Rights follow from roles, not from this.` }),
    hiredOn: t.field({ type: 'LocalDate', resolve: ({ hiredOn }) => fromDateColumn(hiredOn) }),
    terminatedOn: t.field({
      type: 'LocalDate',
      nullable: true,
      description: 'Last day of employment.',
      resolve: ({ terminatedOn }) => terminatedOn && fromDateColumn(terminatedOn),
    }),
    employmentType: t.exposeString('employmentType', { description: `One of ${EMPLOYMENT_TYPES.join(', ')}.` }),
    department: t.exposeString('department', { nullable: true }),
    licenceNumber: t.exposeString('licenceNumber', { nullable: true, description: 'Cédula profesional in Mexico.' }),
    specialisations: t.exposeStringList('specialisations'),
    colour: t.exposeString('colour', { description: 'Of the column in the calendar, #rrggbb.' }),
    isBookable: t.exposeBoolean('isBookable'),
    isActive: t.exposeBoolean('isActive'),
    hasAccount: t.boolean({ description: 'Whether the person can have a login: a user belongs to the profile.', resolve: ({ userId }) => userId !== null }),
    version: t.exposeInt('version'),
    primaryClinic: t.field({
      type: 'Clinic',
      nullable: true,
      resolve: ({ primaryClinicId }, _args, ctx) => (primaryClinicId === null ? null : ctx.find(findClinicsByIds, primaryClinicId)),
    }),
    manager: t.field({
      type: 'StaffProfile',
      nullable: true,
      description: 'Who leads the person, and sees with them alone when they are not well.',
      resolve: ({ managerId }, _args, ctx) => (managerId === null ? null : ctx.find(findStaffByIds, managerId)),
    }),
    schedules: t.field({
      type: [WeeklySchedule],
      description: 'Hours at the active clinic that are valid now or later; with `includePast` also those that have ended.',
      args: { includePast: t.arg.boolean({ defaultValue: false, required: true }) },
      resolve: async ({ id }, { includePast }, ctx) => {
        const rows = await ctx.many(listSchedulesByStaff, id)
        const today = toDateColumn(localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone))
        return rows.filter(({ validUntil }) => includePast || validUntil === null || validUntil > today)
      },
    }),
  }),
})

builder.queryFields((t) => ({
  staff: t.connection({
    type: StaffProfile,
    args: {
      includeInactive: t.arg.boolean({ defaultValue: false, required: true, description: 'Also those who left.' }),
      query: t.arg.string({ description: 'Part of the name, the employee number or the department; accents and case ignored.' }),
    },
    resolve: (_root, { includeInactive, query, ...args }, ctx) => {
      const today = localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone)
      return offsetPage(args, (page) => listStaff(ctx.db, ctx.actor, { includeInactive, query: searchText(query), today }, page))
    },
  }),
  staffMember: t.field({
    type: StaffProfile,
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => ctx.find(findStaffByIds, id),
  }),
  bookableStaff: t.field({
    type: [StaffProfile],
    description: 'Staff who can be booked at the active clinic.',
    args: { date: t.arg({ type: 'LocalDate', description: 'Left out: today at the clinic.' }) },
    resolve: (_root, { date }, ctx) => listBookableStaff(ctx.db, ctx.actor, date ?? localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone)),
  }),
}))

const CreateStaffProfileInput = builder.inputType('CreateStaffProfileInput', {
  fields: (t) => ({
    employeeNumber: t.string({ required: true }),
    name: t.string({ required: true }),
    position: t.string({ required: true }),
    hiredOn: t.field({ type: 'LocalDate', required: true }),
    terminatedOn: t.field({ type: 'LocalDate' }),
    userId: t.field({ type: 'UUID', description: 'The user as whom the person signs in.' }),
    primaryClinicId: t.field({ type: 'UUID' }),
    employmentType: t.string(),
    department: t.string(),
    managerId: t.field({ type: 'UUID' }),
    licenceNumber: t.string(),
    specialisations: t.stringList(),
    colour: t.string(),
    isBookable: t.boolean(),
  }),
})
const UpdateStaffProfileInput = builder.inputType('UpdateStaffProfileInput', {
  description: 'Fields that are left out stay as they are; null clears an optional one.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    employeeNumber: t.string(),
    name: t.string(),
    position: t.string(),
    hiredOn: t.field({ type: 'LocalDate' }),
    terminatedOn: t.field({ type: 'LocalDate' }),
    userId: t.field({ type: 'UUID' }),
    primaryClinicId: t.field({ type: 'UUID' }),
    employmentType: t.string(),
    department: t.string(),
    managerId: t.field({ type: 'UUID' }),
    licenceNumber: t.string(),
    specialisations: t.stringList(),
    colour: t.string(),
    isBookable: t.boolean(),
    isActive: t.boolean(),
  }),
})
const WeeklyBreakInput = builder.inputType('WeeklyBreakInput', {
  fields: (t) => ({ start: t.field({ type: 'LocalTime', required: true }), end: t.field({ type: 'LocalTime', required: true }) }),
})
const WeeklyHoursInput = builder.inputType('WeeklyHoursInput', {
  fields: (t) => ({
    weekday: t.int({ required: true, description: 'ISO 8601: 1 Monday … 7 Sunday.' }),
    start: t.field({ type: 'LocalTime', required: true }),
    end: t.field({ type: 'LocalTime', required: true }),
    breaks: t.field({ type: [WeeklyBreakInput], description: 'Inside the hours, apart from each other.' }),
  }),
})
const SetWeeklyScheduleInput = builder.inputType('SetWeeklyScheduleInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', required: true }),
    validFrom: t.field({ type: 'LocalDate', required: true }),
    days: t.field({ type: [WeeklyHoursInput], required: true, description: 'All hours of the week at the active clinic; none: no hours any more.' }),
  }),
})

builder.mutationFields((t) => ({
  createStaffProfile: t.field({
    type: StaffProfile,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateStaffProfileInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createStaffProfile(tx, ctx.actor, input))
      return ctx.get(findStaffByIds, id)
    },
  }),
  updateStaffProfile: t.field({
    type: StaffProfile,
    errors: { types: [...commonErrors, ManagerCycleError] },
    args: { input: t.arg({ type: UpdateStaffProfileInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateStaffProfile(tx, ctx.actor, input))
      return ctx.get(findStaffByIds, id)
    },
  }),
  setWeeklySchedule: t.field({
    type: StaffProfile,
    description: 'Replaces the hours of a person at the active clinic from a day on.',
    errors: { types: [...commonErrors, ScheduleOverlapError] },
    args: { input: t.arg({ type: SetWeeklyScheduleInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { staffId } = await ctx.transact(info, input, (tx) => setWeeklySchedule(tx, ctx.actor, input))
      return ctx.get(findStaffByIds, staffId)
    },
  }),
}))
