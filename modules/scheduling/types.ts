import { builder } from '../../schema/builder.ts'
import { ErrorInterface } from '../../schema/errors.ts'
import { ownedPage } from '../../schema/owned-page.ts'
import type { Interval } from '../kernel/time.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findStaffByIds, type Shift as ShiftRow } from '../staff/index.ts'
import { OutsideShiftError, SlotTakenError, StaffNotBookableError } from './errors.ts'
import { findVisit, primeRelated } from './prime.ts'
import {
  type DaySchedule as DayScheduleRow,
  findRoomsByIds,
  findTypesByIds,
  getDaySchedule,
  listAppointmentTypes,
  listNextSlots,
  listRooms,
  listVisitsByPatient,
  type StaffDay as StaffDayRow,
} from './queries.ts'
import { toStatus } from './status.ts'

export const AppointmentStatus = builder.enumType('AppointmentStatus', {
  values: {
    SCHEDULED: { value: 'scheduled' },
    CONFIRMED: { value: 'confirmed', description: 'The client has said that they will come.' },
    CHECKED_IN: { value: 'checked_in', description: 'The client is here and waits.' },
    IN_PROGRESS: { value: 'in_progress' },
    COMPLETED: { value: 'completed', description: 'The clinician has finished.' },
    CHECKED_OUT: { value: 'checked_out', description: 'The client has left.' },
    CANCELLED: { value: 'cancelled', description: 'Final; the time is free again.' },
    NO_SHOW: { value: 'no_show', description: 'The client did not come; the time is free again.' },
  } as const,
})
const ResourceKind = builder.enumType('ResourceKind', { values: { STAFF: { value: 'staff' }, ROOM: { value: 'room' } } as const })
const ClockChange = builder.enumType('ClockChange', {
  description: 'Whether a change of the clock has moved a local time: a time in the gap moves forward, one that occurs twice is the earlier.',
  values: { NONE: { value: 'none' }, GAP: { value: 'gap' }, OVERLAP: { value: 'overlap' } } as const,
})

export const Room = builder.prismaObject('Room', {
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    name: t.exposeString('name'),
    kind: t.exposeString('kind', { description: 'consultation, surgery, grooming, imaging or hospital.' }),
    position: t.exposeInt('position', { description: 'Place in the calendar, from 0.' }),
    isArchived: t.boolean({ resolve: (room) => room.archivedAt !== null }),
    version: t.exposeInt('version'),
  }),
})

export const AppointmentType = builder.prismaObject('AppointmentType', {
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    code: t.exposeString('code', { description: 'Stable; names are for people.' }),
    name: t.exposeString('name'),
    durationMinutes: t.exposeInt('durationMinutes', { description: 'Length of a visit unless another one is asked for.' }),
    colour: t.exposeString('colour', { description: '#rrggbb.' }),
    serviceId: t.expose('serviceId', { type: 'UUID', nullable: true, description: 'The service as which such a visit is usually invoiced.' }),
    isArchived: t.boolean({ resolve: (type) => type.archivedAt !== null }),
    version: t.exposeInt('version'),
  }),
})

builder.prismaObject('Appointment', {
  description: 'A visit, `[startsAt, endsAt)`. It holds its person and its room until it is cancelled or missed.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime' }),
    status: t.field({ type: AppointmentStatus, resolve: (appointment) => toStatus(appointment.status) }),
    reason: t.exposeString('reason', { nullable: true }),
    patient: t.field({ type: 'Patient', resolve: (appointment, _args, ctx) => ctx.get(findPatientsByIds, appointment.patientId) }),
    type: t.field({ type: AppointmentType, resolve: (appointment, _args, ctx) => ctx.get(findTypesByIds, appointment.typeId) }),
    staff: t.field({ type: 'StaffProfile', resolve: (appointment, _args, ctx) => ctx.get(findStaffByIds, appointment.staffId) }),
    room: t.field({
      type: Room,
      nullable: true,
      resolve: (appointment, _args, ctx) => (appointment.roomId === null ? null : ctx.get(findRoomsByIds, appointment.roomId)),
    }),
    version: t.exposeInt('version'),
    confirmedAt: t.expose('confirmedAt', { type: 'DateTime', nullable: true }),
    checkedInAt: t.expose('checkedInAt', { type: 'DateTime', nullable: true }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
    completedAt: t.expose('completedAt', { type: 'DateTime', nullable: true }),
    checkedOutAt: t.expose('checkedOutAt', { type: 'DateTime', nullable: true }),
    cancelledAt: t.expose('cancelledAt', { type: 'DateTime', nullable: true }),
    noShowAt: t.expose('noShowAt', { type: 'DateTime', nullable: true }),
    cancelReason: t.exposeString('cancelReason', { nullable: true }),
    isOverbooked: t.boolean({ description: 'Deliberately booked over another visit.', resolve: (appointment) => appointment.overbookReason !== null }),
    overbookReason: t.exposeString('overbookReason', { nullable: true }),
  }),
})

const PracticeDay = builder.objectRef<Interval>('PracticeDay').implement({
  description: "The instants of a day in the clinic's zone, `[startsAt, endsAt)`: 23, 24 or 25 hours.",
  fields: (t) => ({
    startsAt: t.field({ type: 'DateTime', resolve: ({ start }) => start }),
    endsAt: t.field({ type: 'DateTime', resolve: ({ end }) => end }),
  }),
})

export const Shift = builder.objectRef<ShiftRow>('Shift').implement({
  description: 'Hours of work, `[startsAt, endsAt)`.',
  fields: (t) => ({
    startsAt: t.field({ type: 'DateTime', resolve: ({ start }) => start }),
    endsAt: t.field({ type: 'DateTime', resolve: ({ end }) => end }),
    clockChange: t.expose('clockChange', { type: ClockChange, description: 'Whether a change of the clock moved either end.' }),
  }),
})

const StaffDay = builder.objectRef<StaffDayRow>('StaffDay').implement({
  description: 'A person who works, or has a visit, on the day.',
  fields: (t) => ({
    staff: t.field({ type: 'StaffProfile', resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    shifts: t.field({ type: [Shift], description: 'Empty for somebody who has a visit outside their hours.', resolve: ({ shifts }) => [...shifts] }),
  }),
})

const DaySchedule = builder.objectRef<DayScheduleRow>('DaySchedule').implement({
  description: 'A practice day at the active clinic.',
  fields: (t) => ({
    date: t.expose('date', { type: 'LocalDate' }),
    day: t.field({ type: PracticeDay, resolve: ({ day }) => day }),
    staff: t.field({ type: [StaffDay], resolve: ({ staff }) => [...staff] }),
    rooms: t.field({ type: [Room], resolve: ({ rooms }) => [...rooms] }),
    appointments: t.field({
      type: ['Appointment'],
      description: 'In order of time; cancelled and missed ones included.',
      resolve: ({ appointments }) => [...appointments],
    }),
  }),
})

builder.objectType(SlotTakenError, {
  name: 'SlotTaken',
  interfaces: [ErrorInterface],
  description: 'Somebody else holds the person or the room at that time.',
  fields: (t) => ({
    resourceId: t.field({ type: 'UUID', resolve: ({ conflict }) => conflict.resource.id }),
    resourceKind: t.field({ type: ResourceKind, resolve: ({ conflict }) => conflict.resource.kind }),
    resourceName: t.string({
      nullable: true,
      description: 'Null when a visit at another clinic is in the way.',
      resolve: async ({ conflict: { resource, isOwnClinic } }, _args, ctx) => {
        if (!isOwnClinic) return null
        const named = resource.kind === 'staff' ? await ctx.find(findStaffByIds, resource.id) : await ctx.find(findRoomsByIds, resource.id)
        return named?.name ?? null
      },
    }),
    startsAt: t.field({ type: 'DateTime', description: 'When the person or room begins to be taken.', resolve: ({ conflict }) => conflict.interval.start }),
    endsAt: t.field({ type: 'DateTime', resolve: ({ conflict }) => conflict.interval.end }),
    nextSlots: t.field({
      type: ['DateTime'],
      description: 'At most three starts within two weeks at which person and room are free and the person works.',
      resolve: (error, _args, ctx) => listNextSlots(ctx.db, ctx.actor, error),
    }),
  }),
})
builder.objectType(OutsideShiftError, { name: 'OutsideShift', interfaces: [ErrorInterface] })
builder.objectType(StaffNotBookableError, { name: 'StaffNotBookable', interfaces: [ErrorInterface] })

builder.objectField('Patient', 'appointments', (t) =>
  t.connection({
    type: 'Appointment',
    nullable: true,
    description: 'Visits at the active clinic, newest first.',
    ...ownedPage(async (ctx, db, patientIds, page) => {
      const { appointments, related } = await listVisitsByPatient(db, ctx.actor, patientIds, page, ctx.selects)
      primeRelated(ctx, related)
      return Map.groupBy(appointments, ({ patientId }) => patientId)
    }),
  }),
)

builder.queryFields((t) => ({
  daySchedule: t.field({
    type: DaySchedule,
    description: 'People, rooms and visits of a practice day.',
    args: { date: t.arg({ type: 'LocalDate', required: true }) },
    resolve: async (_root, { date }, ctx) => {
      const schedule = await getDaySchedule(ctx.db, ctx.actor, date, ctx.selects)
      primeRelated(ctx, schedule.related)
      return schedule
    },
  }),
  appointment: t.field({
    type: 'Appointment',
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => findVisit(ctx, id),
  }),
  appointmentTypes: t.field({
    type: [AppointmentType],
    args: { includeArchived: t.arg.boolean({ required: true, defaultValue: false }) },
    resolve: (_root, args, ctx) => listAppointmentTypes(ctx.db, ctx.actor, args),
  }),
  rooms: t.field({
    type: [Room],
    args: { includeArchived: t.arg.boolean({ required: true, defaultValue: false }) },
    resolve: (_root, args, ctx) => listRooms(ctx.db, ctx.actor, args),
  }),
}))
