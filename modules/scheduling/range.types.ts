import { builder } from '../../schema/builder.ts'
import { primeRelated } from './prime.ts'
import { countSchedule, type DayCount, listScheduleRange, MOST_RANGE_DAYS, type ScheduleRange as ScheduleRangeRow } from './range.ts'
import { ResourceBlock, Shift } from './types.ts'

const ScheduleRange = builder.objectRef<ScheduleRangeRow>('ScheduleRange').implement({
  description: 'Several practice days at the active clinic.',
  fields: (t) => ({
    from: t.expose('from', { type: 'LocalDate' }),
    until: t.expose('until', { type: 'LocalDate', description: 'Included.' }),
    appointments: t.field({
      type: ['Appointment'],
      description: 'In order of time; cancelled and missed ones included.',
      resolve: ({ appointments }) => [...appointments],
    }),
    blocks: t.field({
      type: [ResourceBlock],
      description: 'Time off, maintenance and closures; of a person or a room, when one was asked for, theirs and the closures.',
      resolve: ({ blocks }) => [...blocks],
    }),
    shifts: t.field({ type: [Shift], description: 'Hours of the person who was asked for; empty for all.', resolve: ({ shifts }) => [...shifts] }),
  }),
})

const ScheduleDayCount = builder.objectRef<DayCount>('ScheduleDayCount').implement({
  description: 'A practice day in numbers.',
  fields: (t) => ({
    date: t.expose('date', { type: 'LocalDate' }),
    booked: t.exposeInt('booked', { description: 'Visits that are, or were, to take place.' }),
    cancelled: t.exposeInt('cancelled', { description: 'Cancelled or missed.' }),
    blocks: t.exposeInt('blocks', { description: 'Time off, maintenance and closures that touch the day.' }),
  }),
})

const lastDay = `Included; fewer than ${MOST_RANGE_DAYS} days after \`from\`.`

builder.queryFields((t) => ({
  scheduleRange: t.field({
    type: ScheduleRange,
    description: 'Visits of several practice days, of everybody or of one person or room.',
    args: {
      from: t.arg({ type: 'LocalDate', required: true }),
      until: t.arg({ type: 'LocalDate', required: true, description: lastDay }),
      staffId: t.arg({ type: 'UUID' }),
      roomId: t.arg({ type: 'UUID' }),
    },
    resolve: async (_root, args, ctx) => {
      const range = await listScheduleRange(ctx.db, ctx.actor, args, ctx.selects)
      primeRelated(ctx, range.related)
      return range
    },
  }),
  scheduleCounts: t.field({
    type: [ScheduleDayCount],
    description: 'How full each practice day is, in order.',
    args: { from: t.arg({ type: 'LocalDate', required: true }), until: t.arg({ type: 'LocalDate', required: true, description: lastDay }) },
    resolve: (_root, { from, until }, ctx) => countSchedule(ctx.db, ctx.actor, from, until),
  }),
}))
