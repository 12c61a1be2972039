import { builder } from '../../schema/builder.ts'
import type { GroupBatch } from '../../schema/context.ts'
import { commonErrors, ErrorInterface } from '../../schema/errors.ts'
import { type Clock, fromDateColumn, fromMinute } from '../kernel/time.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findStaffByIds } from '../staff/index.ts'
import { RequirementsNotMetError, SeriesNotBookableError, SlotTakenError } from './errors.ts'
import { findResourceName } from './prime.ts'
import { findEquipmentByIds, findRoomsByIds, findTypesByIds } from './queries.ts'
import { refusalsShown, repeated } from './repeated.ts'
import { bookSeries, cancelSeries, findSeriesByIds, listActiveSeries, listSkippedBySeries, listVisitsBySeries, previewSeries } from './series.ts'
import type { SeriesOccurrence as SeriesOccurrenceRow } from './series-check.ts'
import { ObstacleReason } from './slots.types.ts'
import { AppointmentType, ClockChange, Equipment, ResourceKind, Room } from './types.ts'

const SeriesOccurrence = builder.objectRef<SeriesOccurrenceRow>('SeriesOccurrence').implement({
  description: 'A time at which a series takes place, `[startsAt, endsAt)`, by the clock on the wall of the clinic.',
  fields: (t) => ({
    date: t.expose('date', { type: 'LocalDate' }),
    startsAt: t.field({ type: 'DateTime', resolve: ({ start }) => start }),
    endsAt: t.field({ type: 'DateTime', resolve: ({ end }) => end }),
    clockChange: t.expose('clockChange', { type: ClockChange, description: 'Whether a change of the clock has moved the start.' }),
    isSkipped: t.boolean({ resolve: ({ skip }) => skip !== null }),
    reason: t.field({ type: ObstacleReason, nullable: true, description: 'Why it is skipped.', resolve: ({ skip }) => skip?.reason ?? null }),
    resourceKind: t.field({ type: ResourceKind, nullable: true, resolve: ({ skip }) => skip?.resource?.kind ?? null }),
    resourceName: t.string({
      nullable: true,
      description: 'Of what is in the way.',
      resolve: ({ skip }, _args, ctx) => (skip?.resource ? findResourceName(ctx, skip.resource) : null),
    }),
    nextSlots: t.field({
      type: ['DateTime'],
      description: 'For a skipped one, at most three starts within two weeks at which person, room and equipment are free.',
      resolve: ({ nextSlots }) => [...nextSlots],
    }),
  }),
})

// A loader is known by its batch function, and this one reads the clock.
const batches = new WeakMap<Clock, GroupBatch<SeriesOccurrenceRow>>()

function skippedBatch(clock: Clock): GroupBatch<SeriesOccurrenceRow> {
  const batch = batches.get(clock) ?? ((db, actor, ids) => listSkippedBySeries(db, actor, ids, clock.now()))
  batches.set(clock, batch)
  return batch
}

const AppointmentSeries = builder.prismaObject('AppointmentSeries', {
  description: 'Visits that repeat. Each moves and is cancelled by itself; the series remembers its rule and what could not be booked.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    rule: t.exposeString('rule', { description: 'A recurrence rule (RFC 5545) of days, such as FREQ=WEEKLY;BYDAY=MO;COUNT=10.' }),
    startsOn: t.field({ type: 'LocalDate', resolve: ({ startsOn }) => fromDateColumn(startsOn) }),
    startTime: t.field({ type: 'LocalTime', resolve: ({ startMinute }) => fromMinute(startMinute) }),
    durationMinutes: t.exposeInt('durationMinutes'),
    reason: t.exposeString('reason', { nullable: true }),
    isActive: t.boolean({ resolve: ({ status }) => status === 'active' }),
    endedFrom: t.field({ type: 'LocalDate', nullable: true, resolve: ({ endedFrom }) => endedFrom && fromDateColumn(endedFrom) }),
    endReason: t.exposeString('endReason', { nullable: true }),
    version: t.exposeInt('version'),
    patient: t.field({ type: 'Patient', resolve: ({ patientId }, _args, ctx) => ctx.get(findPatientsByIds, patientId) }),
    type: t.field({ type: AppointmentType, resolve: ({ typeId }, _args, ctx) => ctx.get(findTypesByIds, typeId) }),
    staff: t.field({ type: 'StaffProfile', resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    room: t.field({ type: Room, nullable: true, resolve: ({ roomId }, _args, ctx) => (roomId === null ? null : ctx.get(findRoomsByIds, roomId)) }),
    equipment: t.field({
      type: [Equipment],
      resolve: ({ equipmentIds }, _args, ctx) => Promise.all(equipmentIds.map((id) => ctx.get(findEquipmentByIds, id))),
    }),
    appointments: t.field({
      type: ['Appointment'],
      description: 'In order of time; moved and cancelled ones included.',
      resolve: async ({ id }, _args, ctx) => [...(await ctx.many(listVisitsBySeries, id))],
    }),
    skipped: t.field({
      type: [SeriesOccurrence],
      description: 'Occurrences that could not be booked, with the times that are free now.',
      resolve: async ({ id }, _args, ctx) => [...(await ctx.many(skippedBatch(ctx.clock), id))],
    }),
  }),
})

builder.objectField('Appointment', 'series', (t) =>
  t.field({
    type: AppointmentSeries,
    nullable: true,
    description: 'Of which the visit is an occurrence, wherever it has been moved to.',
    resolve: ({ seriesId }, _args, ctx) => (seriesId === null ? null : ctx.get(findSeriesByIds, seriesId)),
  }),
)

builder.objectType(SeriesNotBookableError, { name: 'SeriesNotBookable', interfaces: [ErrorInterface] })

const SeriesInput = builder.inputType('SeriesInput', {
  fields: (t) => ({
    patientId: t.field({ type: 'UUID', required: true }),
    typeId: t.field({ type: 'UUID', required: true }),
    staffId: t.field({ type: 'UUID', required: true }),
    roomId: t.field({ type: 'UUID' }),
    equipmentIds: t.field({ type: ['UUID'] }),
    rule: t.string({
      required: true,
      description: 'A recurrence rule (RFC 5545) of days with its end (COUNT or UNTIL, included): at most 104 visits within two years.',
    }),
    startsOn: t.field({ type: 'LocalDate', required: true, description: 'The first day that may be one; it is one only when the rule says so.' }),
    startTime: t.field({ type: 'LocalTime', required: true }),
    durationMinutes: t.int({ description: "Left out: the type's." }),
    reason: t.string(),
  }),
})
const CancelSeriesInput = builder.inputType('CancelSeriesInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    from: t.field({ type: 'LocalDate', required: true, description: 'Visits of this day and later ones are cancelled unless they have begun.' }),
    reason: t.string({ required: true }),
  }),
})

builder.queryFields((t) => ({
  previewSeries: t.field({
    type: [SeriesOccurrence],
    description: 'What bookSeries would do now: every occurrence, those included that would be skipped.',
    args: { input: t.arg({ type: SeriesInput, required: true }) },
    resolve: (_root, { input }, ctx) => previewSeries(ctx.db, ctx.actor, input, ctx.clock.now()),
  }),
  appointmentSeries: t.field({
    type: AppointmentSeries,
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => ctx.find(findSeriesByIds, id),
  }),
  activeSeries: t.field({
    type: [AppointmentSeries],
    description: 'Series of the active clinic that go on, newest first; at most 200.',
    args: { patientId: t.arg({ type: 'UUID' }) },
    resolve: (_root, { patientId }, ctx) => listActiveSeries(ctx.db, ctx.actor, patientId ?? null),
  }),
}))

builder.mutationFields((t) => ({
  bookSeries: t.field({
    type: AppointmentSeries,
    description: 'Books all visits of a series that can be booked; the others are told in `skipped`.',
    errors: { types: [...commonErrors, RequirementsNotMetError, SeriesNotBookableError, SlotTakenError] },
    args: { input: t.arg({ type: SeriesInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await refusalsShown(ctx, () => repeated(() => ctx.transact(info, input, (tx) => bookSeries(tx, ctx.actor, input))))
      return ctx.get(findSeriesByIds, id)
    },
  }),
  cancelSeries: t.field({
    type: AppointmentSeries,
    description: 'Ends a series and cancels its visits from a day on.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CancelSeriesInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => cancelSeries(tx, ctx.actor, input))
      return ctx.get(findSeriesByIds, id)
    },
  }),
}))
