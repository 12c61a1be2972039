import type { BookingPage as BookingPageRow } from '../../prisma/client/client.ts'
import { builder } from '../../schema/builder.ts'
import { commonErrors } from '../../schema/errors.ts'
import { findUsersByIds } from '../access/index.ts'
import { findSpeciesByCodes } from '../patients/index.ts'
import { findStaffByIds } from '../staff/index.ts'
import { setBookingPage } from './booking-page.ts'
import { HoldExpiredError, OutsideShiftError, RequirementsNotMetError, SlotTakenError, StaffNotBookableError } from './errors.ts'
import { findAppointmentsByIds, findRoomsByIds, findTypesByIds } from './queries.ts'
import { refusalsShown } from './repeated.ts'
import { findBookingPage, findBookingRequestsByIds, listBookingRequests, listMatchesByRequest, toRequestStatus } from './request-queries.ts'
import { confirmBookingRequest, declineBookingRequest } from './requests.ts'
import { AppointmentType, Room } from './types.ts'

const BookingRequestStatus = builder.enumType('BookingRequestStatus', {
  values: {
    REQUESTED: { value: 'requested', description: 'The slot is kept until the clinic decides.' },
    CONFIRMED: { value: 'confirmed' },
    DECLINED: { value: 'declined' },
    EXPIRED: { value: 'expired', description: 'Nobody has decided in time.' },
  } as const,
})

const BookingRequest = builder.prismaObject('BookingRequest', {
  description: 'A visit, `[startsAt, endsAt)`, that somebody has asked for on the page of the clinic.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    type: t.field({ type: AppointmentType, resolve: ({ typeId }, _args, ctx) => ctx.get(findTypesByIds, typeId) }),
    staff: t.field({
      type: 'StaffProfile',
      description: 'With whom the slot is kept: whoever was free first.',
      resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId),
    }),
    room: t.field({ type: Room, nullable: true, resolve: ({ roomId }, _args, ctx) => (roomId === null ? null : ctx.get(findRoomsByIds, roomId)) }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
    endsAt: t.expose('endsAt', { type: 'DateTime' }),
    contactName: t.exposeString('contactName'),
    contactPhone: t.exposeString('contactPhone', { nullable: true }),
    contactMail: t.exposeString('contactMail', { nullable: true }),
    locale: t.exposeString('locale', { description: 'In which they are answered.' }),
    patientName: t.exposeString('patientName'),
    species: t.field({ type: 'Species', resolve: ({ speciesCode }, _args, ctx) => ctx.get(findSpeciesByCodes, speciesCode) }),
    breed: t.exposeString('breed', { nullable: true, description: 'In their own words.' }),
    note: t.exposeString('note', { nullable: true }),
    status: t.field({ type: BookingRequestStatus, resolve: ({ status }) => toRequestStatus(status) }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when the clinic may decide.' }),
    decisionReason: t.exposeString('decisionReason', { nullable: true, description: 'Why it was declined; nobody outside is told.' }),
    decidedAt: t.expose('decidedAt', { type: 'DateTime', nullable: true }),
    decidedByName: t.string({
      nullable: true,
      resolve: async ({ decidedById }, _args, ctx) => (decidedById === null ? null : ((await ctx.find(findUsersByIds, decidedById))?.name ?? null)),
    }),
    appointment: t.field({
      type: 'Appointment',
      nullable: true,
      description: 'What a confirmed request has become.',
      resolve: ({ appointmentId }, _args, ctx) => (appointmentId === null ? null : ctx.find(findAppointmentsByIds, appointmentId)),
    }),
    requestedAt: t.expose('createdAt', { type: 'DateTime' }),
    version: t.exposeInt('version'),
    matches: t.field({
      type: ['Client'],
      nullable: true,
      description: 'Clients with the same address or number, at most five: perhaps whoever has asked.',
      resolve: async ({ id }, _args, ctx) => [...(await ctx.many(listMatchesByRequest, id))],
    }),
  }),
})

const BookingPage = builder.objectRef<BookingPageRow>('BookingPage').implement({
  description: 'The page `/book/<slug>` on which strangers ask the active clinic for a visit.',
  fields: (t) => ({
    slug: t.exposeString('slug', { description: 'One over the whole installation.' }),
    isOpen: t.exposeBoolean('isOpen'),
    noticeMinutes: t.exposeInt('noticeMinutes', { description: 'How long before a visit it has to be asked for, at least.' }),
    daysAhead: t.exposeInt('daysAhead', { description: 'How many days from today on are offered.' }),
    version: t.exposeInt('version'),
  }),
})

builder.queryFields((t) => ({
  bookingRequests: t.field({
    type: [BookingRequest],
    description: 'What was asked for at the active clinic: what waits for an answer by when it expires, then what was decided last; at most 200.',
    args: { statuses: t.arg({ type: [BookingRequestStatus], required: true, defaultValue: ['requested'] }) },
    resolve: (_root, { statuses }, ctx) => listBookingRequests(ctx.db, ctx.actor, statuses),
  }),
  bookingRequest: t.field({
    type: BookingRequest,
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => ctx.find(findBookingRequestsByIds, id),
  }),
  bookingPage: t.field({
    type: BookingPage,
    nullable: true,
    description: "The active clinic's page; null as long as nobody has set one up.",
    resolve: (_root, _args, ctx) => findBookingPage(ctx.db, ctx.actor),
  }),
}))

const NewRequestedClientInput = builder.inputType('NewRequestedClientInput', {
  fields: (t) => ({ name: t.string({ required: true }), phone: t.string(), email: t.string(), locale: t.string({ description: "Left out: the clinic's." }) }),
})
const NewRequestedPatientInput = builder.inputType('NewRequestedPatientInput', {
  description: 'Of a client of the organisation, or of a new one.',
  fields: (t) => ({
    name: t.string({ required: true }),
    speciesCode: t.string({ required: true }),
    breedCode: t.string(),
    clientId: t.field({ type: 'UUID' }),
    newClient: t.field({ type: NewRequestedClientInput }),
  }),
})
const ConfirmBookingRequestInput = builder.inputType('ConfirmBookingRequestInput', {
  description: 'Either a patient of the clinic or a new one.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    patientId: t.field({ type: 'UUID' }),
    newPatient: t.field({ type: NewRequestedPatientInput }),
  }),
})
const DeclineBookingRequestInput = builder.inputType('DeclineBookingRequestInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    reason: t.string({ required: true, description: "For the clinic's own use." }),
  }),
})
const SetBookingPageInput = builder.inputType('SetBookingPageInput', {
  fields: (t) => ({
    slug: t.string({ required: true, description: 'Lower-case letters, digits and hyphens.' }),
    isOpen: t.boolean({ required: true }),
    noticeMinutes: t.int({ description: '120 to 20160; left out: as it is, at first 240.' }),
    daysAhead: t.int({ description: '1 to 180; left out: as it is, at first 30.' }),
    version: t.int({ description: 'Of the page that is changed; left out for a first one.' }),
  }),
})

builder.mutationFields((t) => ({
  confirmBookingRequest: t.field({
    type: BookingRequest,
    description: 'Books the visit that was asked for and tells whoever has asked.',
    errors: { types: [...commonErrors, SlotTakenError, OutsideShiftError, StaffNotBookableError, RequirementsNotMetError, HoldExpiredError] },
    args: { input: t.arg({ type: ConfirmBookingRequestInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await refusalsShown(ctx, () => ctx.transact(info, input, (tx) => confirmBookingRequest(tx, ctx.actor, input)))
      return ctx.get(findBookingRequestsByIds, id)
    },
  }),
  declineBookingRequest: t.field({
    type: BookingRequest,
    description: 'Lets the slot go and tells whoever has asked.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: DeclineBookingRequestInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => declineBookingRequest(tx, ctx.actor, input))
      return ctx.get(findBookingRequestsByIds, id)
    },
  }),
  setBookingPage: t.field({
    type: BookingPage,
    description: "Sets up, opens, closes or moves the active clinic's page.",
    errors: { types: commonErrors },
    args: { input: t.arg({ type: SetBookingPageInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      await ctx.transact(info, input, (tx) => setBookingPage(tx, ctx.actor, input))
      const page = await findBookingPage(ctx.db, ctx.actor)
      if (!page) throw new Error('a page that was just set up is out of reach')
      return page
    },
  }),
}))
