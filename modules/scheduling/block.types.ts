import type { Appointment, ResourceBlock } from '../../prisma/client/client.ts'
import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { invalid } from '../kernel/errors.ts'
import { DAY_MS, type Interval } from '../kernel/time.ts'
import { findStaffByIds } from '../staff/index.ts'
import {
  findBlocksByIds,
  findMachinesByIds,
  type HolidayOfYear,
  listAbsences,
  listAffected,
  listAffectedByHolidays,
  listBlocksByVisit,
  listClosures,
  listHolidays,
  listMaintenance,
  rangeOf,
} from './block-queries.ts'
import { addClosure, addMaintenance, importHolidays, removeClosure, removeMaintenance } from './blocks.ts'
import { findRoomsByIds } from './queries.ts'
import { Room } from './types.ts'

const CLOSED_TIME_KINDS = ['time_off', 'maintenance', 'closure'] as const
const ClosedTimeKind = builder.enumType('ClosedTimeKind', {
  values: {
    TIME_OFF: { value: CLOSED_TIME_KINDS[0], description: 'The person is off; why is nobody else’s affair.' },
    MAINTENANCE: { value: CLOSED_TIME_KINDS[1], description: 'The room or a machine is out of use.' },
    CLOSURE: { value: CLOSED_TIME_KINDS[2], description: 'The clinic is closed.' },
  } as const,
})

const ClinicClosure = builder.objectRef<ResourceBlock>('ClinicClosure').implement({
  description: 'A time at which the active clinic is closed, `[startsAt, endsAt)`.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    title: t.exposeString('title', { nullable: true }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime' }),
  }),
})

const MaintenanceWindow = builder.objectRef<ResourceBlock>('MaintenanceWindow').implement({
  description: 'A time at which a room or a machine is out of use, `[startsAt, endsAt)`.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    title: t.exposeString('title', { nullable: true }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime' }),
    room: t.field({ type: Room, nullable: true, resolve: ({ roomId }, _args, ctx) => (roomId === null ? null : ctx.get(findRoomsByIds, roomId)) }),
    equipmentId: t.expose('equipmentId', { type: 'UUID', nullable: true }),
    equipmentName: t.string({
      nullable: true,
      resolve: async ({ equipmentId }, _args, ctx) => (equipmentId === null ? null : (await ctx.get(findMachinesByIds, equipmentId)).name),
    }),
  }),
})

const Absence = builder.objectRef<ResourceBlock>('Absence').implement({
  description: 'A time at which a person is off, `[startsAt, endsAt)`, for the calendar: without its type or reason.',
  fields: (t) => ({
    staff: t.field({
      type: 'StaffProfile',
      resolve: ({ staffId }, _args, ctx) => {
        if (staffId === null) throw new Error('time off is that of a person')
        return ctx.get(findStaffByIds, staffId)
      },
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime' }),
  }),
})

const PublicHoliday = builder.objectRef<HolidayOfYear>('PublicHoliday').implement({
  description: "A day on which nobody has to work by the law of the clinic's country.",
  fields: (t) => ({
    code: t.exposeString('code'),
    date: t.expose('date', { type: 'LocalDate' }),
    name: t.string({ description: "In the caller's language.", resolve: ({ name }, _args, ctx) => name[ctx.actor.locale] }),
    isClosed: t.exposeBoolean('isClosed', { description: 'Whether the clinic is closed on the whole of it.' }),
  }),
})

const OpenedTime = builder.objectRef<{ id: string }>('OpenedTime').implement({
  description: 'A closed time that is open again.',
  fields: (t) => ({ id: t.expose('id', { type: 'UUID' }) }),
})

const ClosingImpact = builder.objectRef<{ visits: readonly Appointment[] }>('ClosingImpact').implement({
  description: 'What closing a time would touch.',
  fields: (t) => ({
    visits: t.field({
      type: ['Appointment'],
      description: 'Visits that have yet to take place, or are taking place, in order of time.',
      resolve: ({ visits }) => [...visits],
    }),
  }),
})

builder.objectField('Appointment', 'closedBy', (t) =>
  t.field({
    type: [ClosedTimeKind],
    description: 'Why the visit is affected: its person is off, its room or a machine is out of use, or the clinic is closed. Empty for most.',
    resolve: async ({ id }, _args, ctx) => {
      const kinds = new Set((await ctx.many(listBlocksByVisit, id)).map(({ kind }) => kind))
      return CLOSED_TIME_KINDS.filter((kind) => kinds.has(kind))
    },
  }),
)

builder.queryFields((t) => {
  const range = { from: t.arg({ type: 'LocalDate', required: true }), until: t.arg({ type: 'LocalDate', required: true, description: 'Included.' }) }
  return {
    closures: t.field({
      type: [ClinicClosure],
      description: 'When the active clinic is closed, in order; those that touch the days.',
      args: range,
      resolve: (_root, { from, until }, ctx) => listClosures(ctx.db, ctx.actor, rangeOf(ctx.actor, from, until)),
    }),
    maintenanceWindows: t.field({
      type: [MaintenanceWindow],
      description: 'When rooms and equipment of the active clinic are out of use, in order; those that touch the days.',
      args: range,
      resolve: (_root, { from, until }, ctx) => listMaintenance(ctx.db, ctx.actor, rangeOf(ctx.actor, from, until)),
    }),
    absences: t.field({
      type: [Absence],
      description: 'When people of the active clinic are off, in order; what touches the days.',
      args: range,
      resolve: (_root, { from, until }, ctx) => listAbsences(ctx.db, ctx.actor, rangeOf(ctx.actor, from, until)),
    }),
    publicHolidays: t.field({
      type: [PublicHoliday],
      description: "Of the clinic's country in a year; none for a country that is not known.",
      args: { year: t.arg.int({ required: true }) },
      resolve: (_root, { year }, ctx) => (isYear(year) ? listHolidays(ctx.db, ctx.actor, year) : []),
    }),
    closingImpact: t.field({
      type: ClosingImpact,
      description: 'Visits that would be affected if a room, a machine or (neither named) the clinic were closed for a time.',
      args: {
        startsAt: t.arg({ type: 'DateTime', required: true }),
        endsAt: t.arg({ type: 'DateTime', required: true }),
        roomId: t.arg({ type: 'UUID' }),
        equipmentId: t.arg({ type: 'UUID' }),
      },
      resolve: async (_root, { startsAt, endsAt, roomId, equipmentId }, ctx) => ({
        visits: await listAffected(ctx.db, ctx.actor, roomId ?? equipmentId ?? ctx.actor.clinic.id, [assertSpan({ start: startsAt, end: endsAt })]),
      }),
    }),
    holidayImpact: t.field({
      type: ClosingImpact,
      description: 'Visits that would be affected if the clinic were closed on the public holidays of a year on which it is open.',
      args: { year: t.arg.int({ required: true }) },
      resolve: async (_root, { year }, ctx) => ({ visits: isYear(year) ? await listAffectedByHolidays(ctx.db, ctx.actor, year) : [] }),
    }),
  }
})

const isYear = (year: number) => year >= 1970 && year <= 2198

const MOST_DAYS = 62

// What it answers is a list without pages.
function assertSpan(interval: Interval): Interval {
  if (interval.end <= interval.start) throw invalid('endsAt', 'ordered', 'must be after startsAt')
  const days = (interval.end.getTime() - interval.start.getTime()) / DAY_MS
  if (days > MOST_DAYS) throw invalid('endsAt', 'too_big', `must be within ${MOST_DAYS} days of startsAt`)
  return interval
}

const AddClosureInput = builder.inputType('AddClosureInput', {
  fields: (t) => ({
    startsAt: t.field({ type: 'DateTime', required: true, description: 'A whole minute.' }),
    endsAt: t.field({ type: 'DateTime', required: true }),
    title: t.string({ required: true }),
  }),
})
const AddMaintenanceInput = builder.inputType('AddMaintenanceInput', {
  description: 'Names a room or a machine.',
  fields: (t) => ({
    roomId: t.field({ type: 'UUID' }),
    equipmentId: t.field({ type: 'UUID' }),
    startsAt: t.field({ type: 'DateTime', required: true, description: 'A whole minute.' }),
    endsAt: t.field({ type: 'DateTime', required: true }),
    title: t.string(),
  }),
})
const OpenTimeInput = builder.inputType('OpenTimeInput', { fields: (t) => ({ id: t.field({ type: 'UUID', required: true }) }) })
const ImportHolidaysInput = builder.inputType('ImportHolidaysInput', { fields: (t) => ({ year: t.int({ required: true }) }) })

const ImportedHolidays = builder.objectRef<{ year: number; ids: readonly string[] }>('ImportedHolidays').implement({
  fields: (t) => ({
    year: t.exposeInt('year'),
    closures: t.field({
      type: [ClinicClosure],
      description: 'Those that were added; none when the clinic is closed on each holiday already.',
      resolve: ({ ids }, _args, ctx) => Promise.all(ids.map((id) => ctx.get(findBlocksByIds, id))),
    }),
  }),
})

builder.mutationFields((t) => ({
  addClosure: t.field({
    type: ClinicClosure,
    description: 'Closes the active clinic for a time. Visits that are booked stay and are affected.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: AddClosureInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => addClosure(tx, ctx.actor, input))
      return ctx.get(findBlocksByIds, id)
    },
  }),
  removeClosure: t.field({
    type: OpenedTime,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: OpenTimeInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => ctx.transact(info, input, (tx) => removeClosure(tx, ctx.actor, input)),
  }),
  importHolidays: t.field({
    type: ImportedHolidays,
    description: 'Closes the active clinic on each public holiday of a year on which it is open.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: ImportHolidaysInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => ctx.transact(info, input, (tx) => importHolidays(tx, ctx.actor, input)),
  }),
  addMaintenance: t.field({
    type: MaintenanceWindow,
    description: 'Takes a room or a machine out of use for a time. Visits that are booked stay and are affected.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: AddMaintenanceInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => addMaintenance(tx, ctx.actor, input))
      return ctx.get(findBlocksByIds, id)
    },
  }),
  removeMaintenance: t.field({
    type: OpenedTime,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: OpenTimeInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => ctx.transact(info, input, (tx) => removeMaintenance(tx, ctx.actor, input)),
  }),
}))
