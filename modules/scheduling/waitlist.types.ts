import { builder } from '../../schema/builder.ts'
import { commonErrors, ErrorInterface } from '../../schema/errors.ts'
import { addDays, fromDateColumn, fromMinute } from '../kernel/time.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findStaffByIds } from '../staff/index.ts'
import {
  HoldExpiredError,
  HoldMismatchError,
  NobodyFreeError,
  OutsideShiftError,
  RequirementsNotMetError,
  SlotTakenError,
  StaffNotBookableError,
} from './errors.ts'
import { findVisit } from './prime.ts'
import { findAppointmentsByIds, findRoomsByIds, findTypesByIds } from './queries.ts'
import { refusalsShown, repeated } from './repeated.ts'
import { HORIZON_DAYS, NEXT_SLOTS, searchSlots } from './slot-search.ts'
import { OpenSlot } from './slots.types.ts'
import { AppointmentType, Room } from './types.ts'
import {
  acceptOffer,
  addToWaitlist,
  declineOffer,
  findEntriesByIds,
  findOffersByIds,
  listOffersByEntry,
  listWaitlist,
  toOfferStatus,
  toWaitingStatus,
  withdrawFromWaitlist,
} from './waitlist.ts'
import { bookWalkIn } from './walk-in.ts'

const WaitlistStatus = builder.enumType('WaitlistStatus', {
  values: {
    WAITING: { value: 'waiting' },
    OFFERED: { value: 'offered', description: 'A slot is kept until the client answers.' },
    BOOKED: { value: 'booked' },
    WITHDRAWN: { value: 'withdrawn' },
    EXPIRED: { value: 'expired', description: 'The days on which the client could come are over.' },
  } as const,
})
const OfferStatus = builder.enumType('WaitlistOfferStatus', {
  values: { OPEN: { value: 'open' }, ACCEPTED: { value: 'accepted' }, DECLINED: { value: 'declined' }, EXPIRED: { value: 'expired' } } as const,
})

const WaitlistOffer = builder.prismaObject('WaitlistOffer', {
  description: 'A slot, `[startsAt, endsAt)`, that became free and was offered to a client who waits. While it is open nobody else can have it.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    status: t.field({ type: OfferStatus, resolve: ({ status }) => toOfferStatus(status) }),
    decidedAt: t.expose('decidedAt', { type: 'DateTime', nullable: true }),
    staff: t.field({ type: 'StaffProfile', resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    room: t.field({ type: Room, nullable: true, resolve: ({ roomId }, _args, ctx) => (roomId === null ? null : ctx.get(findRoomsByIds, roomId)) }),
    appointment: t.field({
      type: 'Appointment',
      nullable: true,
      description: 'What an accepted offer has become.',
      resolve: ({ appointmentId }, _args, ctx) => (appointmentId === null ? null : ctx.find(findAppointmentsByIds, appointmentId)),
    }),
  }),
})

const WaitlistEntry = builder.prismaObject('WaitlistEntry', {
  description: 'A client who waits for a slot to become free.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    patient: t.field({ type: 'Patient', resolve: ({ patientId }, _args, ctx) => ctx.get(findPatientsByIds, patientId) }),
    type: t.field({ type: AppointmentType, resolve: ({ typeId }, _args, ctx) => ctx.get(findTypesByIds, typeId) }),
    staff: t.field({
      type: 'StaffProfile',
      nullable: true,
      description: 'Null: anybody.',
      resolve: ({ staffId }, _args, ctx) => (staffId === null ? null : ctx.get(findStaffByIds, staffId)),
    }),
    earliestOn: t.field({ type: 'LocalDate', resolve: ({ earliestOn }) => fromDateColumn(earliestOn) }),
    latestOn: t.field({ type: 'LocalDate', resolve: ({ latestOn }) => fromDateColumn(latestOn) }),
    weekdays: t.exposeIntList('weekdays', { description: 'ISO 8601: 1 Monday … 7 Sunday; empty: every day.' }),
    earliest: t.field({ type: 'LocalTime', resolve: ({ earliestMinute }) => fromMinute(earliestMinute) }),
    latest: t.field({ type: 'LocalTime', description: 'The visit has ended by then.', resolve: ({ latestMinute }) => fromMinute(latestMinute) }),
    priority: t.exposeInt('priority', { description: '9 first, then by age.' }),
    note: t.exposeString('note', { nullable: true }),
    status: t.field({ type: WaitlistStatus, resolve: ({ status }) => toWaitingStatus(status) }),
    waitingSince: t.expose('createdAt', { type: 'DateTime' }),
    version: t.exposeInt('version'),
    offers: t.field({
      type: [WaitlistOffer],
      description: 'Newest first; at most one is open.',
      resolve: async ({ id }, _args, ctx) => [...(await ctx.many(listOffersByEntry, id))],
    }),
  }),
})

builder.objectType(NobodyFreeError, {
  name: 'NobodyFree',
  interfaces: [ErrorInterface],
  description: 'The rest of the day has no slot for a client who has come without a booking.',
  fields: (t) => ({
    nextSlots: t.field({
      type: [OpenSlot],
      description: 'The first three within two weeks.',
      resolve: ({ wanted }, _args, ctx) =>
        searchSlots(ctx.db, ctx.actor, { ...wanted, until: addDays(wanted.from, HORIZON_DAYS), limit: NEXT_SLOTS }, ctx.clock.now()),
    }),
  }),
})

builder.queryFields((t) => ({
  waitlist: t.field({
    type: [WaitlistEntry],
    description: 'Who waits at the active clinic, by priority and then by age; at most 200.',
    args: { statuses: t.arg({ type: [WaitlistStatus], required: true, defaultValue: ['waiting', 'offered'] }) },
    resolve: (_root, { statuses }, ctx) => listWaitlist(ctx.db, ctx.actor, statuses),
  }),
  waitlistEntry: t.field({
    type: WaitlistEntry,
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => ctx.find(findEntriesByIds, id),
  }),
}))

const AddToWaitlistInput = builder.inputType('AddToWaitlistInput', {
  fields: (t) => ({
    patientId: t.field({ type: 'UUID', required: true }),
    typeId: t.field({ type: 'UUID', required: true }),
    staffId: t.field({ type: 'UUID', description: 'Left out: anybody.' }),
    earliestOn: t.field({ type: 'LocalDate', required: true }),
    latestOn: t.field({ type: 'LocalDate', required: true, description: 'Included.' }),
    weekdays: t.intList({ description: 'ISO 8601: 1 Monday … 7 Sunday; left out: every day.' }),
    earliest: t.field({ type: 'LocalTime' }),
    latest: t.field({ type: 'LocalTime', description: 'The visit has ended by then.' }),
    priority: t.int({ description: '0 to 9; left out: 0.' }),
    note: t.string(),
  }),
})
const WithdrawFromWaitlistInput = builder.inputType('WithdrawFromWaitlistInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }) }),
})
const WaitlistOfferInput = builder.inputType('WaitlistOfferInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }) }),
})
const BookWalkInInput = builder.inputType('BookWalkInInput', {
  fields: (t) => ({
    patientId: t.field({ type: 'UUID', required: true }),
    typeId: t.field({ type: 'UUID', required: true }),
    staffId: t.field({ type: 'UUID', description: 'Left out: whoever is free first.' }),
    roomId: t.field({ type: 'UUID' }),
    equipmentIds: t.field({ type: ['UUID'], description: 'Of a visit that is squeezed in; otherwise it follows from the type.' }),
    reason: t.string(),
    overbookReason: t.string({ description: 'Squeezes the visit in at once, with `staffId`. Needs appointment:overbook.' }),
  }),
})

const placementErrors = [...commonErrors, SlotTakenError, OutsideShiftError, StaffNotBookableError, RequirementsNotMetError]

builder.mutationFields((t) => ({
  addToWaitlist: t.field({
    type: WaitlistEntry,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: AddToWaitlistInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => addToWaitlist(tx, ctx.actor, input))
      return ctx.get(findEntriesByIds, id)
    },
  }),
  withdrawFromWaitlist: t.field({
    type: WaitlistEntry,
    description: 'Takes a client off the list; an open offer goes on to the next.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: WithdrawFromWaitlistInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => withdrawFromWaitlist(tx, ctx.actor, input))
      return ctx.get(findEntriesByIds, id)
    },
  }),
  acceptOffer: t.field({
    type: WaitlistOffer,
    description: 'Books the slot that was offered, for a client who has said yes.',
    errors: { types: [...placementErrors, HoldExpiredError, HoldMismatchError] },
    args: { input: t.arg({ type: WaitlistOfferInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await refusalsShown(ctx, () => ctx.transact(info, input, (tx) => acceptOffer(tx, ctx.actor, input)))
      return ctx.get(findOffersByIds, id)
    },
  }),
  declineOffer: t.field({
    type: WaitlistOffer,
    description: 'Lets the slot go on to whoever waits next; the client waits on.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: WaitlistOfferInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => declineOffer(tx, ctx.actor, input))
      return ctx.get(findOffersByIds, id)
    },
  }),
  bookWalkIn: t.field({
    type: 'Appointment',
    description: 'Books a client who has come without a booking into the next open slot of the day, and checks them in.',
    errors: { types: [...placementErrors, NobodyFreeError] },
    args: { input: t.arg({ type: BookWalkInInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await refusalsShown(ctx, () => repeated(() => ctx.transact(info, input, (tx) => bookWalkIn(tx, ctx.actor, input))))
      const visit = await findVisit(ctx, id)
      if (!visit) throw new Error('a visit that was just booked is out of reach')
      return visit
    },
  }),
}))
