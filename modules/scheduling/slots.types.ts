import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { findStaffByIds } from '../staff/index.ts'
import { createEquipment, updateEquipment } from './catalogue.ts'
import { reportConflict } from './claims.ts'
import { OutsideShiftError, RequirementsNotMetError, SlotTakenError, StaffNotBookableError } from './errors.ts'
import { findHoldsByIds, holdSlot, releaseHold } from './holds.ts'
import { findResourceName } from './prime.ts'
import { findEquipmentByIds, findRoomsByIds, listEquipment } from './queries.ts'
import { explainSlot, MOST_DAYS, type Obstacle, type OpenSlot as OpenSlotRow, type SlotExplanation as SlotExplanationRow, searchSlots } from './slot-search.ts'
import { Equipment, ResourceKind, Room, SlotHold } from './types.ts'

export const OpenSlot = builder.objectRef<OpenSlotRow>('OpenSlot').implement({
  description: 'A time at which the visit could be booked, with the first person, room and equipment that are free.',
  fields: (t) => ({
    startsAt: t.field({ type: 'DateTime', resolve: ({ start }) => start }),
    endsAt: t.field({ type: 'DateTime', resolve: ({ end }) => end }),
    staff: t.field({ type: 'StaffProfile', resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    room: t.field({ type: Room, nullable: true, resolve: ({ roomId }, _args, ctx) => (roomId === null ? null : ctx.get(findRoomsByIds, roomId)) }),
    equipment: t.field({
      type: [Equipment],
      resolve: ({ equipmentIds }, _args, ctx) => Promise.all(equipmentIds.map((id) => ctx.get(findEquipmentByIds, id))),
    }),
  }),
})

export const ObstacleReason = builder.enumType('SlotObstacleReason', {
  values: {
    VISIT: { value: 'visit' },
    HOLD: { value: 'hold', description: 'The slot is kept for somebody.' },
    TIME_OFF: { value: 'time_off' },
    MAINTENANCE: { value: 'maintenance' },
    CLOSURE: { value: 'closure' },
    OUTSIDE_SHIFT: { value: 'outside_shift' },
    NOT_BOOKABLE: { value: 'not_bookable', description: 'Takes no visits, or is not employed, on that day.' },
    NOT_QUALIFIED: { value: 'not_qualified' },
    NONE_THERE: { value: 'none_there', description: 'The clinic has nobody, or nothing, of the kind.' },
    PAST: { value: 'past' },
    OFF_GRID: { value: 'off_grid', description: 'Visits are offered every ten minutes.' },
  } as const,
})

const SlotObstacle = builder.objectRef<Obstacle>('SlotObstacle').implement({
  fields: (t) => ({
    reason: t.field({ type: ObstacleReason, resolve: ({ reason }) => reason }),
    resourceKind: t.field({ type: ResourceKind, nullable: true, resolve: ({ resource }) => resource?.kind ?? null }),
    resourceName: t.string({
      nullable: true,
      resolve: ({ resource, reason }, _args, ctx) => (resource === null || reason === 'none_there' ? null : findResourceName(ctx, resource)),
    }),
    startsAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ interval }) => interval?.start ?? null }),
    endsAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ interval }) => interval?.end ?? null }),
  }),
})

const SlotExplanation = builder.objectRef<SlotExplanationRow>('SlotExplanation').implement({
  description: 'Whether a visit could begin at an instant and, if not, what keeps each candidate from it.',
  fields: (t) => ({
    isOpen: t.boolean({ resolve: ({ isOpen }) => isOpen }),
    obstacles: t.field({ type: [SlotObstacle], resolve: ({ obstacles }) => [...obstacles] }),
    nextSlots: t.field({
      type: [OpenSlot],
      description: 'The first three from that instant on, within two weeks.',
      resolve: ({ wishes, from }, _args, ctx) => searchSlots(ctx.db, ctx.actor, wishes, ctx.clock.now(), from),
    }),
  }),
})

const OpenSlotsInput = builder.inputType('OpenSlotsInput', {
  description: 'What the visit needs follows from its type; the rest narrows.',
  fields: (t) => ({
    typeId: t.field({ type: 'UUID', required: true }),
    from: t.field({ type: 'LocalDate', required: true }),
    until: t.field({ type: 'LocalDate', required: true, description: `Included; fewer than ${MOST_DAYS} days after \`from\`.` }),
    durationMinutes: t.int({ description: "Left out: the type's." }),
    staffIds: t.field({ type: ['UUID'], description: 'Left out: anybody who is qualified.' }),
    roomIds: t.field({ type: ['UUID'] }),
    roomKinds: t.stringList({ description: 'For this visit a room of one of these.' }),
    equipmentKinds: t.stringList({ description: 'Beside what the type needs.' }),
    weekdays: t.intList({ description: 'ISO 8601: 1 Monday … 7 Sunday.' }),
    earliest: t.field({ type: 'LocalTime' }),
    latest: t.field({ type: 'LocalTime', description: 'The visit has ended by then.' }),
    limit: t.int({ description: 'At most 200; left out: 20.' }),
  }),
})
const ExplainSlotInput = builder.inputType('ExplainSlotInput', {
  fields: (t) => ({
    typeId: t.field({ type: 'UUID', required: true }),
    startsAt: t.field({ type: 'DateTime', required: true }),
    durationMinutes: t.int(),
    staffIds: t.field({ type: ['UUID'] }),
    roomIds: t.field({ type: ['UUID'] }),
    roomKinds: t.stringList(),
    equipmentKinds: t.stringList(),
  }),
})

builder.queryFields((t) => ({
  openSlots: t.field({
    type: [OpenSlot],
    description: 'The first open slots for a type of visit at the active clinic, in order of time.',
    args: { input: t.arg({ type: OpenSlotsInput, required: true }) },
    resolve: (_root, { input }, ctx) => searchSlots(ctx.db, ctx.actor, { ...input, limit: input.limit ?? undefined }, ctx.clock.now()),
  }),
  explainSlot: t.field({
    type: SlotExplanation,
    description: 'Why a visit can, or cannot, begin at an instant.',
    args: { input: t.arg({ type: ExplainSlotInput, required: true }) },
    resolve: (_root, { input }, ctx) => explainSlot(ctx.db, ctx.actor, input, ctx.clock.now()),
  }),
  equipment: t.field({
    type: [Equipment],
    args: { includeArchived: t.arg.boolean({ required: true, defaultValue: false }) },
    resolve: (_root, args, ctx) => listEquipment(ctx.db, ctx.actor, args),
  }),
}))

const ReleasedHold = builder.objectRef<{ readonly id: string }>('ReleasedHold').implement({
  fields: (t) => ({ id: t.expose('id', { type: 'UUID' }) }),
})
const HoldSlotInput = builder.inputType('HoldSlotInput', {
  fields: (t) => ({
    typeId: t.field({ type: 'UUID', required: true }),
    staffId: t.field({ type: 'UUID', required: true }),
    roomId: t.field({ type: 'UUID' }),
    equipmentIds: t.field({ type: ['UUID'] }),
    startsAt: t.field({ type: 'DateTime', required: true, description: 'A whole minute.' }),
    durationMinutes: t.int(),
    minutes: t.int({ description: 'How long it is kept; left out: ten.' }),
  }),
})
const EQUIPMENT_KIND = 'xray, ultrasound, dental, anaesthesia, laboratory, endoscopy, monitor, laser or other.'
const CreateEquipmentInput = builder.inputType('CreateEquipmentInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    kind: t.string({ required: true, description: EQUIPMENT_KIND }),
    serialNumber: t.string(),
    position: t.int(),
  }),
})
const UpdateEquipmentInput = builder.inputType('UpdateEquipmentInput', {
  description: 'What is left out stays.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    name: t.string(),
    kind: t.string({ description: EQUIPMENT_KIND }),
    serialNumber: t.string({ description: 'Null: none.' }),
    position: t.int(),
    isArchived: t.boolean({ description: 'Archived equipment takes no new visits.' }),
  }),
})

builder.mutationFields((t) => ({
  holdSlot: t.field({
    type: SlotHold,
    description: 'Keeps a slot until it is booked (`bookAppointment` with its id), let go or expired.',
    errors: { types: [...commonErrors, SlotTakenError, OutsideShiftError, StaffNotBookableError, RequirementsNotMetError] },
    args: { input: t.arg({ type: HoldSlotInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      try {
        const { id } = await ctx.transact(info, input, (tx) => holdSlot(tx, ctx.actor, { ...input, minutes: input.minutes ?? undefined }))
        return await ctx.get(findHoldsByIds, id)
      } catch (error) {
        if (error instanceof SlotTakenError) reportConflict(ctx.db, error.conflict)
        throw error
      }
    },
  }),
  releaseHold: t.field({
    type: ReleasedHold,
    description: 'Lets a kept slot go.',
    errors: { types: commonErrors },
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, input, ctx, info) => ctx.transact(info, input, (tx) => releaseHold(tx, ctx.actor, input)),
  }),
  createEquipment: t.field({
    type: Equipment,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateEquipmentInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createEquipment(tx, ctx.actor, input))
      return ctx.get(findEquipmentByIds, id)
    },
  }),
  updateEquipment: t.field({
    type: Equipment,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdateEquipmentInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateEquipment(tx, ctx.actor, input))
      return ctx.get(findEquipmentByIds, id)
    },
  }),
}))
