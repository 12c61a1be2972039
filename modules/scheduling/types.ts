import { builder } from '../../schema/builder.ts'
import { ErrorInterface } from '../../schema/errors.ts'
import { ownedPage } from '../../schema/owned-page.ts'
import type { Interval } from '../kernel/time.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findStaffByIds, type Shift as ShiftRow } from '../staff/index.ts'
import { EQUIPMENT_KINDS } from './catalogue.ts'
import {
  HoldExpiredError,
  HoldMismatchError,
  OutsideShiftError,
  RequirementsNotMetError,
  SlotTakenError,
  StaffNotBookableError,
  toBlockingReason,
} from './errors.ts'
import { type Buffer, buffersOf } from './needs.ts'
import { findResourceName, findVisit, primeRelated } from './prime.ts'
import {
  type DaySchedule as DayScheduleRow,
  findEquipmentByIds,
  findRoomsByIds,
  findTypesByIds,
  getDaySchedule,
  listAppointmentTypes,
  listRooms,
  listVisitsByPatient,
  type StaffDay as StaffDayRow,
} from './queries.ts'
import { listNextSlots } from './slot-search.ts'
import { toOrigin, toStatus } from './status.ts'

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
export const ResourceKind = builder.enumType('ResourceKind', {
  values: { STAFF: { value: 'staff' }, ROOM: { value: 'room' }, EQUIPMENT: { value: 'equipment' }, CLINIC: { value: 'clinic' } } as const,
})
const BlockingReason = builder.enumType('BlockingReason', {
  values: {
    VISIT: { value: 'visit' },
    HOLD: { value: 'hold', description: 'The slot is kept for somebody.' },
    TIME_OFF: { value: 'time_off' },
    MAINTENANCE: { value: 'maintenance' },
    CLOSURE: { value: 'closure' },
  } as const,
})
const AppointmentOrigin = builder.enumType('AppointmentOrigin', {
  values: {
    DESK: { value: 'desk' },
    WALK_IN: { value: 'walk_in' },
    ONLINE: { value: 'online' },
    SERIES: { value: 'series' },
    WAITLIST: { value: 'waitlist' },
  } as const,
})
export const ClockChange = builder.enumType('ClockChange', {
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

export const Equipment = builder.prismaObject('Equipment', {
  description: 'A machine that visits take like a room.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    name: t.exposeString('name'),
    kind: t.exposeString('kind', { description: `One of ${EQUIPMENT_KINDS.join(', ')}.` }),
    serialNumber: t.exposeString('serialNumber', { nullable: true }),
    position: t.exposeInt('position', { description: 'Place in the calendar, from 0.' }),
    isArchived: t.boolean({ resolve: ({ archivedAt }) => archivedAt !== null }),
    version: t.exposeInt('version'),
  }),
})

const ResourceBuffer = builder.objectRef<Buffer>('ResourceBuffer').implement({
  description: 'Minutes for which a resource is held before and after a visit.',
  fields: (t) => ({ before: t.exposeInt('before'), after: t.exposeInt('after') }),
})

export const AppointmentType = builder.prismaObject('AppointmentType', {
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    code: t.exposeString('code', { description: 'Stable; names are for people.' }),
    name: t.exposeString('name'),
    durationMinutes: t.exposeInt('durationMinutes', { description: 'Length of a visit unless another one is asked for.' }),
    colour: t.exposeString('colour', { description: '#rrggbb.' }),
    serviceId: t.expose('serviceId', { type: 'UUID', nullable: true, description: 'The service as which such a visit is usually invoiced.' }),
    positions: t.exposeStringList('positions', { description: 'Of which the person must have one; empty: anybody who can be booked.' }),
    roomKinds: t.exposeStringList('roomKinds', { description: 'Of which the room must be one; empty: no room is needed.' }),
    equipmentKinds: t.exposeStringList('equipmentKinds', { description: 'One piece of each is needed.' }),
    staffBuffer: t.field({ type: ResourceBuffer, resolve: (type) => buffersOf(type).staff }),
    roomBuffer: t.field({ type: ResourceBuffer, resolve: (type) => buffersOf(type).room }),
    equipmentBuffer: t.field({ type: ResourceBuffer, resolve: (type) => buffersOf(type).equipment }),
    isOnline: t.exposeBoolean('isOnline', { description: 'Clients may ask for such a visit online.' }),
    isArchived: t.boolean({ resolve: (type) => type.archivedAt !== null }),
    version: t.exposeInt('version'),
  }),
})

builder.prismaObject('Appointment', {
  description: 'A visit, `[startsAt, endsAt)`. It holds its person, room and equipment until it is cancelled or missed.',
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
    equipment: t.field({
      type: [Equipment],
      resolve: async ({ equipmentIds }, _args, ctx) => Promise.all(equipmentIds.map((id) => ctx.get(findEquipmentByIds, id))),
    }),
    origin: t.field({ type: AppointmentOrigin, description: 'How the visit came about.', resolve: ({ origin }) => toOrigin(origin) }),
    version: t.exposeInt('version'),
    confirmedAt: t.expose('confirmedAt', { type: 'DateTime', nullable: true }),
    checkedInAt: t.expose('checkedInAt', { type: 'DateTime', nullable: true }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true }),
    completedAt: t.expose('completedAt', { type: 'DateTime', nullable: true }),
    checkedOutAt: t.expose('checkedOutAt', { type: 'DateTime', nullable: true }),
    cancelledAt: t.expose('cancelledAt', { type: 'DateTime', nullable: true }),
    noShowAt: t.expose('noShowAt', { type: 'DateTime', nullable: true }),
    cancelReason: t.exposeString('cancelReason', { nullable: true }),
    isOverbooked: t.boolean({
      description: 'Deliberately booked over another visit, or into a closed time.',
      resolve: (appointment) => appointment.overbookReason !== null,
    }),
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

export const SlotHold = builder.prismaObject('SlotHold', {
  description: 'A slot that is kept for somebody until it is booked, let go or expired.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    purpose: t.exposeString('purpose', { description: 'desk, online or waitlist.' }),
    staffId: t.expose('staffId', { type: 'UUID' }),
    roomId: t.expose('roomId', { type: 'UUID', nullable: true }),
    equipmentIds: t.expose('equipmentIds', { type: ['UUID'] }),
    type: t.field({ type: AppointmentType, resolve: ({ typeId }, _args, ctx) => ctx.get(findTypesByIds, typeId) }),
  }),
})

export const ResourceBlock = builder.prismaObject('ResourceBlock', {
  description: 'A time, `[startsAt, endsAt)`, at which a person, a room, a machine or the whole clinic takes no visits.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    kind: t.field({ type: BlockingReason, resolve: ({ kind }) => toBlockingReason(kind) }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime' }),
    title: t.exposeString('title', { nullable: true }),
    staffId: t.expose('staffId', { type: 'UUID', nullable: true }),
    roomId: t.expose('roomId', { type: 'UUID', nullable: true }),
    equipmentId: t.expose('equipmentId', { type: 'UUID', nullable: true }),
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
    equipment: t.field({ type: [Equipment], resolve: ({ equipment }) => [...equipment] }),
    blocks: t.field({ type: [ResourceBlock], description: 'Time off, maintenance and closures that touch the day.', resolve: ({ blocks }) => [...blocks] }),
    holds: t.field({ type: [SlotHold], resolve: ({ holds }) => [...holds] }),
  }),
})

builder.objectType(SlotTakenError, {
  name: 'SlotTaken',
  interfaces: [ErrorInterface],
  description: 'Something else holds the person, the room or the equipment at that time, or it is closed.',
  fields: (t) => ({
    resourceId: t.field({ type: 'UUID', resolve: ({ conflict }) => conflict.resource.id }),
    resourceKind: t.field({ type: ResourceKind, resolve: ({ conflict }) => conflict.resource.kind }),
    resourceName: t.string({
      nullable: true,
      description: 'Null when something at another clinic is in the way.',
      resolve: ({ conflict: { resource, isOwnClinic } }, _args, ctx) => (isOwnClinic ? findResourceName(ctx, resource) : null),
    }),
    reason: t.field({ type: BlockingReason, resolve: ({ conflict }) => conflict.reason }),
    startsAt: t.field({ type: 'DateTime', description: 'When it begins to be taken; buffers included.', resolve: ({ conflict }) => conflict.interval.start }),
    endsAt: t.field({ type: 'DateTime', resolve: ({ conflict }) => conflict.interval.end }),
    nextSlots: t.field({
      type: ['DateTime'],
      description: 'At most three starts within two weeks at which everything that was wanted is free and the person works.',
      resolve: (error, _args, ctx) => listNextSlots(ctx.db, ctx.actor, error, ctx.clock.now()),
    }),
  }),
})
builder.objectType(OutsideShiftError, { name: 'OutsideShift', interfaces: [ErrorInterface] })
builder.objectType(RequirementsNotMetError, {
  name: 'RequirementsNotMet',
  interfaces: [ErrorInterface],
  description: 'Person, room or equipment are not what the type of visit needs.',
  fields: (t) => ({
    positions: t.stringList({ resolve: ({ missing }) => [...missing.positions] }),
    roomKinds: t.stringList({ resolve: ({ missing }) => [...missing.roomKinds] }),
    equipmentKinds: t.stringList({ resolve: ({ missing }) => [...missing.equipmentKinds] }),
  }),
})
builder.objectType(HoldExpiredError, { name: 'HoldExpired', interfaces: [ErrorInterface] })
builder.objectType(HoldMismatchError, { name: 'HoldMismatch', interfaces: [ErrorInterface] })
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
      const schedule = await getDaySchedule(ctx.db, ctx.actor, date, ctx.selects, ctx.clock.now())
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
