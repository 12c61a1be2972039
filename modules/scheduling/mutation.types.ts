import type { GraphQLResolveInfo } from 'graphql'
import type { Appointment } from '../../prisma/client/client.ts'
import { builder } from '../../schema/builder.ts'
import type { Context } from '../../schema/context.ts'
import { commonErrors } from '../../schema/errors.ts'
import type { Tx } from '../kernel/db.ts'
import { createAppointmentType, createRoom, updateAppointmentType, updateRoom } from './catalogue.ts'
import { reportConflict } from './claims.ts'
import { bookAppointment, cancelAppointment, rescheduleAppointment, setAppointmentStatus } from './commands.ts'
import { HoldExpiredError, HoldMismatchError, OutsideShiftError, RequirementsNotMetError, SlotTakenError, StaffNotBookableError } from './errors.ts'
import { primeRelated } from './prime.ts'
import { findRoomsByIds, findTypesByIds, findVisitsByIds } from './queries.ts'
import { AppointmentStatus, AppointmentType, Room } from './types.ts'

const BookAppointmentInput = builder.inputType('BookAppointmentInput', {
  fields: (t) => ({
    patientId: t.field({ type: 'UUID', required: true }),
    typeId: t.field({ type: 'UUID', required: true }),
    staffId: t.field({ type: 'UUID', required: true }),
    roomId: t.field({ type: 'UUID' }),
    equipmentIds: t.field({ type: ['UUID'] }),
    startsAt: t.field({ type: 'DateTime', required: true, description: 'A whole minute.' }),
    durationMinutes: t.int({ description: "Left out: the type's." }),
    holdId: t.field({ type: 'UUID', description: 'The kept slot that gives way to the visit: of its type, for its person and room, and within its time.' }),
    reason: t.string(),
    overbookReason: t.string({ description: 'Books over other visits and marks it. Needs appointment:overbook.' }),
  }),
})
const RescheduleAppointmentInput = builder.inputType('RescheduleAppointmentInput', {
  description: 'What is left out stays.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    startsAt: t.field({ type: 'DateTime', required: true, description: 'A whole minute.' }),
    staffId: t.field({ type: 'UUID' }),
    roomId: t.field({ type: 'UUID', description: 'Null: no room.' }),
    equipmentIds: t.field({ type: ['UUID'], description: 'All of the equipment; empty: none.' }),
    durationMinutes: t.int(),
    overbookReason: t.string({ description: 'Books over other visits and marks it. Needs appointment:overbook.' }),
  }),
})
const CancelAppointmentInput = builder.inputType('CancelAppointmentInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }), reason: t.string({ required: true }) }),
})
const SetAppointmentStatusInput = builder.inputType('SetAppointmentStatusInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    status: t.field({ type: AppointmentStatus, required: true, description: 'One step on or back; CANCELLED has its own mutation.' }),
  }),
})

/**
 * Runs a command about a visit and reads the visit in the same transaction, so that one entry tells of both. A refusal is read
 * outside its transaction, so it is noted here.
 */
async function answerAppointment(ctx: Context, info: GraphQLResolveInfo, input: unknown, command: (tx: Tx) => Promise<{ id: string }>): Promise<Appointment> {
  try {
    const { appointments, related } = await ctx.change(info, input, command, (db, { id }) => findVisitsByIds(db, ctx.actor, [id], ctx.selects))
    primeRelated(ctx, related)
    const [visit] = appointments
    if (!visit) throw new Error('a visit that was just changed is out of reach')
    return visit
  } catch (error) {
    if (error instanceof SlotTakenError) reportConflict(ctx.db, error.conflict)
    throw error
  }
}

const placementErrors = [...commonErrors, SlotTakenError, OutsideShiftError, StaffNotBookableError, RequirementsNotMetError]

builder.mutationFields((t) => ({
  bookAppointment: t.field({
    type: 'Appointment',
    errors: { types: [...placementErrors, HoldExpiredError, HoldMismatchError] },
    args: { input: t.arg({ type: BookAppointmentInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => answerAppointment(ctx, info, input, (tx) => bookAppointment(tx, ctx.actor, input)),
  }),
  rescheduleAppointment: t.field({
    type: 'Appointment',
    description: 'Moves a visit that has not begun.',
    errors: { types: placementErrors },
    args: { input: t.arg({ type: RescheduleAppointmentInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => answerAppointment(ctx, info, input, (tx) => rescheduleAppointment(tx, ctx.actor, input)),
  }),
  cancelAppointment: t.field({
    type: 'Appointment',
    description: 'Frees the time of a visit that has not begun. Final.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CancelAppointmentInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => answerAppointment(ctx, info, input, (tx) => cancelAppointment(tx, ctx.actor, input)),
  }),
  setAppointmentStatus: t.field({
    type: 'Appointment',
    description: 'Takes a visit one step on or back and notes when. A missed visit that returns may find its time taken.',
    errors: { types: [...commonErrors, SlotTakenError] },
    args: { input: t.arg({ type: SetAppointmentStatusInput, required: true }) },
    resolve: (_root, { input }, ctx, info) => answerAppointment(ctx, info, input, (tx) => setAppointmentStatus(tx, ctx.actor, input)),
  }),
}))

const ROOM_KIND = 'consultation, surgery, grooming, imaging or hospital.'
const CreateRoomInput = builder.inputType('CreateRoomInput', {
  fields: (t) => ({ name: t.string({ required: true }), kind: t.string({ description: ROOM_KIND }), position: t.int() }),
})
const UpdateRoomInput = builder.inputType('UpdateRoomInput', {
  description: 'What is left out stays.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    name: t.string(),
    kind: t.string({ description: ROOM_KIND }),
    position: t.int(),
    isArchived: t.boolean({ description: 'An archived room takes no new visits.' }),
  }),
})
const ResourceBufferInput = builder.inputType('ResourceBufferInput', {
  description: 'Minutes, 0 to 240.',
  fields: (t) => ({ before: t.int({ required: true }), after: t.int({ required: true }) }),
})
const CreateAppointmentTypeInput = builder.inputType('CreateAppointmentTypeInput', {
  fields: (t) => ({
    code: t.string({ required: true }),
    name: t.string({ required: true }),
    durationMinutes: t.int({ required: true }),
    colour: t.string(),
    serviceId: t.field({ type: 'UUID' }),
    positions: t.stringList({ description: 'Of which the person must have one.' }),
    roomKinds: t.stringList({ description: 'Of which the room must be one.' }),
    equipmentKinds: t.stringList({ description: 'One piece of each is needed.' }),
    staffBuffer: t.field({ type: ResourceBufferInput }),
    roomBuffer: t.field({ type: ResourceBufferInput }),
    equipmentBuffer: t.field({ type: ResourceBufferInput }),
    isOnline: t.boolean(),
  }),
})
const UpdateAppointmentTypeInput = builder.inputType('UpdateAppointmentTypeInput', {
  description: 'What is left out stays; the code always does.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    name: t.string(),
    durationMinutes: t.int(),
    colour: t.string(),
    serviceId: t.field({ type: 'UUID', description: 'Null: none.' }),
    positions: t.stringList({ description: 'Of which the person must have one.' }),
    roomKinds: t.stringList({ description: 'Of which the room must be one.' }),
    equipmentKinds: t.stringList({ description: 'One piece of each is needed.' }),
    staffBuffer: t.field({ type: ResourceBufferInput }),
    roomBuffer: t.field({ type: ResourceBufferInput }),
    equipmentBuffer: t.field({ type: ResourceBufferInput }),
    isOnline: t.boolean(),
    isArchived: t.boolean({ description: 'An archived type takes no new visits.' }),
  }),
})

builder.mutationFields((t) => ({
  createRoom: t.field({
    type: Room,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateRoomInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createRoom(tx, ctx.actor, input))
      return ctx.get(findRoomsByIds, id)
    },
  }),
  updateRoom: t.field({
    type: Room,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdateRoomInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateRoom(tx, ctx.actor, input))
      return ctx.get(findRoomsByIds, id)
    },
  }),
  createAppointmentType: t.field({
    type: AppointmentType,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateAppointmentTypeInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createAppointmentType(tx, ctx.actor, input))
      return ctx.get(findTypesByIds, id)
    },
  }),
  updateAppointmentType: t.field({
    type: AppointmentType,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdateAppointmentTypeInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateAppointmentType(tx, ctx.actor, input))
      return ctx.get(findTypesByIds, id)
    },
  }),
}))
