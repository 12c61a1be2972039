import { GraphQLError } from 'graphql'
import type { AttendanceEntry } from '../../prisma/client/client.ts'
import { builder } from '../../schema/builder.ts'
import { commonErrors, ErrorInterface } from '../../schema/errors.ts'
import { addDays, dayInterval, daysBetween, type Interval, type LocalDate, localDateOf } from '../kernel/time.ts'
import { clockIn, clockOut, correctAttendance, recordAttendance } from './attendance.ts'
import { findAttendanceByIds, listAttendance } from './attendance-queries.ts'
import { AlreadyClockedInError, AttendanceOverlapError, NotClockedInError } from './errors.ts'
import { findStaffByIds, listStaffByUsers } from './queries.ts'
import { StaffProfile } from './types.ts'
import { minutesWorked } from './worked-time.ts'

builder.objectType(AlreadyClockedInError, { name: 'AlreadyClockedIn', interfaces: [ErrorInterface] })
builder.objectType(NotClockedInError, { name: 'NotClockedIn', interfaces: [ErrorInterface] })
builder.objectType(AttendanceOverlapError, { name: 'AttendanceOverlap', interfaces: [ErrorInterface] })

const ALWAYS: Interval = { start: new Date(0), end: new Date(8_640_000_000_000_000) }

const Entry = builder.prismaObject('AttendanceEntry', {
  description: 'Time at work of one person at the active clinic.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    staff: t.field({ type: StaffProfile, resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    clockedInAt: t.expose('clockedInAt', { type: 'DateTime' }),
    clockedOutAt: t.expose('clockedOutAt', { type: 'DateTime', nullable: true, description: 'Null while the person is there.' }),
    minutesWorked: t.int({
      description: 'Whole minutes; until now while the person is there.',
      resolve: (entry, _args, ctx) => minutesWorked([entry], ALWAYS, ctx.clock.now()),
    }),
    correctedAt: t.expose('correctedAt', { type: 'DateTime', nullable: true, description: 'When somebody wrote the times by hand.' }),
    correctedById: t.expose('correctedById', { type: 'UUID', nullable: true, description: 'The user who did.' }),
    correctedBy: t.field({
      type: StaffProfile,
      nullable: true,
      description: 'The same as a member of the staff; null for a user who is none.',
      resolve: async ({ correctedById }, _args, ctx) => (correctedById === null ? null : ((await ctx.many(listStaffByUsers, correctedById))[0] ?? null)),
    }),
    correctionReason: t.exposeString('correctionReason', { nullable: true }),
    version: t.exposeInt('version'),
  }),
})

type Report = { readonly from: LocalDate; readonly until: LocalDate; readonly interval: Interval; readonly entries: readonly AttendanceEntry[] }
type Total = { readonly staffId: string; readonly report: Report; readonly entries: readonly AttendanceEntry[] }

const AttendanceTotal = builder.objectRef<Total>('AttendanceTotal').implement({
  description: "One person's time at work in the range.",
  fields: (t) => ({
    staff: t.field({ type: StaffProfile, resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    minutesWorked: t.int({
      description: 'Within the range; seconds of several entries add up.',
      resolve: ({ entries, report }, _args, ctx) => minutesWorked(entries, report.interval, ctx.clock.now()),
    }),
    openSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when the person is there.',
      resolve: ({ entries }) => entries.find(({ clockedOutAt }) => clockedOutAt === null)?.clockedInAt ?? null,
    }),
  }),
})

const AttendanceReport = builder.objectRef<Report>('AttendanceReport').implement({
  description: 'Time at work at the active clinic: of everybody, or the caller’s own, as far as their right reaches.',
  fields: (t) => ({
    from: t.field({ type: 'LocalDate', resolve: ({ from }) => from }),
    until: t.field({ type: 'LocalDate', description: 'Included.', resolve: ({ until }) => until }),
    minutesWorked: t.int({ resolve: ({ entries, interval }, _args, ctx) => minutesWorked(entries, interval, ctx.clock.now()) }),
    people: t.field({
      type: [AttendanceTotal],
      resolve: (report) => [...Map.groupBy(report.entries, ({ staffId }) => staffId)].map(([staffId, entries]) => ({ staffId, report, entries })),
    }),
    entries: t.field({ type: [Entry], description: 'All that touch the range, in order.', resolve: ({ entries }) => [...entries] }),
  }),
})

const MOST_DAYS = 31
const WEEK_DAYS = 7

builder.queryFields((t) => ({
  attendance: t.field({
    type: AttendanceReport,
    args: {
      from: t.arg({ type: 'LocalDate', description: 'Left out: six days before `until`.' }),
      until: t.arg({ type: 'LocalDate', description: `Included; left out: today at the clinic. At most ${MOST_DAYS} days.` }),
      staffId: t.arg({ type: 'UUID' }),
    },
    resolve: async (_root, { from: first, until: last, staffId }, ctx): Promise<Report> => {
      const { timeZone } = ctx.actor.clinic
      const until = last ?? localDateOf(ctx.clock.now(), timeZone)
      const from = first ?? addDays(until, 1 - WEEK_DAYS)
      const days = daysBetween(from, until) + 1
      if (days < 1 || days > MOST_DAYS)
        throw new GraphQLError(`attendance answers 1 to ${MOST_DAYS} days at a time.`, { extensions: { code: 'BAD_USER_INPUT' } })
      const interval = { start: dayInterval(from, timeZone).start, end: dayInterval(until, timeZone).end }
      return { from, until, interval, entries: await listAttendance(ctx.db, ctx.actor, interval, { staffId }) }
    },
  }),
}))

const RecordAttendanceInput = builder.inputType('RecordAttendanceInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', required: true }),
    clockedInAt: t.field({ type: 'DateTime', required: true }),
    clockedOutAt: t.field({ type: 'DateTime', required: true }),
    reason: t.string({ required: true }),
  }),
})
const CorrectAttendanceInput = builder.inputType('CorrectAttendanceInput', {
  description: 'What is left out stays.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    clockedInAt: t.field({ type: 'DateTime' }),
    clockedOutAt: t.field({ type: 'DateTime' }),
    reason: t.string({ required: true }),
  }),
})

builder.mutationFields((t) => ({
  clockIn: t.field({
    type: Entry,
    description: 'Begins the caller’s own time at work at the active clinic.',
    errors: { types: [...commonErrors, AlreadyClockedInError] },
    resolve: async (_root, _args, ctx, info) => {
      const { id } = await ctx.transact(info, null, (tx) => clockIn(tx, ctx.actor))
      return ctx.get(findAttendanceByIds, id)
    },
  }),
  clockOut: t.field({
    type: Entry,
    description: 'Ends the caller’s own time at work at the active clinic.',
    errors: { types: [...commonErrors, NotClockedInError] },
    resolve: async (_root, _args, ctx, info) => {
      const { id } = await ctx.transact(info, null, (tx) => clockOut(tx, ctx.actor))
      return ctx.get(findAttendanceByIds, id)
    },
  }),
  recordAttendance: t.field({
    type: Entry,
    description: 'Writes down time at work that somebody forgot to record.',
    errors: { types: [...commonErrors, AttendanceOverlapError] },
    args: { input: t.arg({ type: RecordAttendanceInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => recordAttendance(tx, ctx.actor, input))
      return ctx.get(findAttendanceByIds, id)
    },
  }),
  correctAttendance: t.field({
    type: Entry,
    description: 'Corrects when somebody came or left.',
    errors: { types: [...commonErrors, AttendanceOverlapError] },
    args: { input: t.arg({ type: CorrectAttendanceInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => correctAttendance(tx, ctx.actor, input))
      return ctx.get(findAttendanceByIds, id)
    },
  }),
}))
