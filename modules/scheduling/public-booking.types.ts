import type { AppointmentType } from '../../prisma/client/client.ts'
import { builder } from '../../schema/builder.ts'
import type { BookingDoor, Context } from '../../schema/context.ts'
import { ErrorInterface } from '../../schema/errors.ts'
import { TooManyAttemptsError } from '../access/index.ts'
import type { ActorClinic } from '../kernel/actor.ts'
import { DomainError, IdempotencyMismatchError, InvalidInputError, NotFoundError } from '../kernel/errors.ts'
import { listSpecies } from '../patients/index.ts'
import { type BookingWindow, listNextStarts, listOfferedSlots, listOnlineTypes, MOST_PUBLIC_DAYS, windowOf } from './booking-page.ts'
import { SlotGoneError } from './errors.ts'
import { repeated } from './repeated.ts'
import { findBookingPage } from './request-queries.ts'
import { type Receipt, requestBooking } from './requests.ts'

// What everybody may see of a clinic: plain values, none of which leads to a record.

type SpeciesShape = { readonly code: string; readonly nameEs: string; readonly nameEn: string }
type PageShape = {
  readonly clinic: ActorClinic
  readonly types: readonly AppointmentType[]
  readonly species: readonly SpeciesShape[]
  readonly window: BookingWindow
}

const PublicVisitType = builder.objectRef<AppointmentType>('PublicVisitType').implement({
  description: 'A kind of visit that a clinic offers online.',
  fields: (t) => ({ id: t.expose('id', { type: 'UUID' }), name: t.exposeString('name'), durationMinutes: t.exposeInt('durationMinutes') }),
})
const PublicSpecies = builder.objectRef<SpeciesShape>('PublicSpecies').implement({
  fields: (t) => ({ code: t.exposeString('code'), nameEs: t.exposeString('nameEs'), nameEn: t.exposeString('nameEn') }),
})
const PublicBookingPage = builder.objectRef<PageShape>('PublicBookingPage').implement({
  description: 'What a clinic shows to people who would like a visit.',
  fields: (t) => ({
    clinicName: t.string({ resolve: ({ clinic }) => clinic.name }),
    timeZone: t.string({ resolve: ({ clinic }) => clinic.timeZone }),
    locale: t.string({ resolve: ({ clinic }) => clinic.locale }),
    countryCode: t.string({ description: 'ISO 3166-1 alpha-2.', resolve: ({ clinic }) => clinic.countryCode }),
    types: t.field({ type: [PublicVisitType], resolve: ({ types }) => [...types] }),
    species: t.field({ type: [PublicSpecies], resolve: ({ species }) => [...species] }),
    firstDay: t.field({ type: 'LocalDate', description: 'Before which nothing is offered.', resolve: ({ window }) => window.firstDay }),
    lastDay: t.field({ type: 'LocalDate', description: 'After which nothing is offered yet.', resolve: ({ window }) => window.lastDay }),
  }),
})
const BookingReceipt = builder.objectRef<Receipt>('BookingReceipt').implement({
  description: 'That a visit was asked for. It is no visit until the clinic confirms it.',
  fields: (t) => ({
    startsAt: t.field({ type: 'DateTime', resolve: ({ startsAt }) => new Date(startsAt) }),
    endsAt: t.field({ type: 'DateTime', resolve: ({ endsAt }) => new Date(endsAt) }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when the slot is kept.', resolve: ({ expiresAt }) => new Date(expiresAt) }),
  }),
})

builder.objectType(SlotGoneError, {
  name: 'SlotGone',
  interfaces: [ErrorInterface],
  description: 'The time that was asked for is not offered, or not any more.',
  fields: (t) => ({
    nextStarts: t.field({
      type: ['DateTime'],
      description: 'The next three that are offered, within two weeks.',
      resolve: ({ nextStarts }) => [...nextStarts],
    }),
  }),
})

builder.queryFields((t) => ({
  publicBookingPage: t.field({
    type: PublicBookingPage,
    nullable: true,
    description: "A clinic's page for bookings, for everybody; null for one that is closed and for one that nobody has.",
    args: { slug: t.arg.string({ required: true }) },
    resolve: async (_root, { slug }, ctx) => {
      const door = await ctx.booking.open(slug, 'look')
      const page = door && (await findBookingPage(door.db, door.actor))
      if (!door || !page) return null
      const [types, species] = await Promise.all([listOnlineTypes(door.db, door.actor), listSpecies(door.db)])
      return { clinic: door.actor.clinic, types, species, window: windowOf(page, door.actor, ctx.clock.now()) }
    },
  }),
  publicSlots: t.field({
    type: ['DateTime'],
    nullable: true,
    description: 'Starts that a clinic offers for a kind of visit, for everybody; null like publicBookingPage.',
    args: {
      slug: t.arg.string({ required: true }),
      typeId: t.arg({ type: 'UUID', required: true }),
      from: t.arg({ type: 'LocalDate', required: true }),
      until: t.arg({ type: 'LocalDate', required: true, description: `Included; fewer than ${MOST_PUBLIC_DAYS} days after \`from\`.` }),
    },
    resolve: async (_root, { slug, ...wish }, ctx) => {
      const door = await ctx.booking.open(slug, 'look')
      const page = door && (await findBookingPage(door.db, door.actor))
      if (!door || !page) return null
      return (await door.look(() => listOfferedSlots(door.db, door.actor, page, wish, ctx.clock.now()))).map(({ start }) => start)
    },
  }),
}))

const RequestBookingInput = builder.inputType('RequestBookingInput', {
  description: 'A telephone number or an e-mail address, at least one of them.',
  fields: (t) => ({
    slug: t.string({ required: true }),
    typeId: t.field({ type: 'UUID', required: true }),
    startsAt: t.field({ type: 'DateTime', required: true, description: 'One of publicSlots.' }),
    locale: t.string({ required: true, description: 'es-MX or en: in which the clinic answers.' }),
    contactName: t.string({ required: true }),
    contactPhone: t.string(),
    contactMail: t.string(),
    patientName: t.string({ required: true }),
    speciesCode: t.string({ required: true }),
    breed: t.string(),
    note: t.string(),
  }),
})

builder.mutationFields((t) => ({
  requestBooking: t.field({
    type: BookingReceipt,
    description:
      'Asks a clinic for a visit. The slot is kept for a day, or until an hour before it, in which the clinic decides. Refused while too much waits for an answer.',
    errors: { types: [InvalidInputError, NotFoundError, IdempotencyMismatchError, SlotGoneError, TooManyAttemptsError] },
    args: { input: t.arg({ type: RequestBookingInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { slug, ...wanted } = input
      const door = await ctx.booking.open(slug, 'ask')
      if (!door) throw new NotFoundError('BookingPage')
      try {
        return await repeated(() => door.transact(info, wanted, (tx) => requestBooking(tx, door.actor, wanted)))
      } catch (error) {
        await door.giveBack()
        throw await toPublicError(ctx, door, wanted, error)
      }
    },
  }),
}))

/** What may be told of a refusal: that the time is gone and which come next, never what is in the way. */
async function toPublicError(ctx: Context, { db, actor }: BookingDoor, wanted: { typeId: string; startsAt: Date }, error: unknown): Promise<unknown> {
  const isTold = [InvalidInputError, NotFoundError, IdempotencyMismatchError, TooManyAttemptsError].some((kind) => error instanceof kind)
  if (isTold || !(error instanceof DomainError)) return error
  return new SlotGoneError(await listNextStarts(db, actor, wanted, ctx.clock.now()))
}
