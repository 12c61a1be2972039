import type { Patient } from '../../prisma/client/client.ts'
import { builder, PAGE_SIZE } from '../../schema/builder.ts'
import type { Context } from '../../schema/context.ts'
import { commonErrors } from '../../schema/errors.ts'
import { readPagesAhead } from '../../schema/owned-page.ts'
import { offsetPage } from '../../schema/paging.ts'
import { findClinicsByIds } from '../access/index.ts'
import type { Locale } from '../kernel/actor.ts'
import { fromDateColumn } from '../kernel/time.ts'
import { createClient, createPatient, SEXES, updateClient, updatePatient } from './commands.ts'
import { microchipWarningOf } from './microchip.ts'
import {
  type Charts,
  findBreedsByCodes,
  findChartsByIds,
  findClientsByIds,
  findPatientsByIds,
  findSpeciesByCodes,
  listBreedsBySpecies,
  listClients,
  listPatientsByClient,
  listSpecies,
  searchPatients,
} from './queries.ts'

function nameIn(locale: Locale, { nameEs, nameEn }: { nameEs: string; nameEn: string }): string {
  return locale === 'en' ? nameEn : nameEs
}

const Breed = builder.prismaObject('Breed', {
  fields: (t) => ({
    code: t.exposeString('code'),
    name: t.string({ description: "In the reader's language.", resolve: (breed, _args, ctx) => nameIn(ctx.actor.locale, breed) }),
  }),
})

const Species = builder.prismaObject('Species', {
  fields: (t) => ({
    code: t.exposeString('code'),
    name: t.string({ description: "In the reader's language.", resolve: (species, _args, ctx) => nameIn(ctx.actor.locale, species) }),
    breeds: t.field({ type: [Breed], resolve: async ({ code }, _args, ctx) => [...(await ctx.many(listBreedsBySpecies, code))] }),
  }),
})

builder.prismaObject('Client', {
  description: "The animal's owner: a person or a business.",
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    name: t.exposeString('name'),
    phone: t.exposeString('phone', { nullable: true }),
    email: t.exposeString('email', { nullable: true }),
    address: t.exposeString('address', { nullable: true }),
    taxId: t.exposeString('taxId', { nullable: true, description: 'RFC in Mexico.' }),
    locale: t.exposeString('locale', { description: 'Language in which the clinic writes to them.' }),
    countryCode: t.exposeString('countryCode', { description: 'ISO 3166-1 alpha-2: decides which privacy regime applies.' }),
    version: t.exposeInt('version'),
    patients: t.field({
      type: ['Patient'],
      description: 'Their animals, without archived charts.',
      resolve: async ({ id }, _args, ctx) => [...(await ctx.many(listPatientsByClient, id))],
    }),
  }),
})

builder.prismaObject('Patient', {
  description: 'An animal and its chart.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    recordNumber: t.exposeString('recordNumber', { description: "The clinic's place in the organisation and its consecutive number." }),
    name: t.exposeString('name'),
    speciesCode: t.exposeString('speciesCode'),
    breedCode: t.exposeString('breedCode', { nullable: true }),
    species: t.field({ type: Species, resolve: ({ speciesCode }, _args, ctx) => ctx.get(findSpeciesByCodes, speciesCode) }),
    breed: t.field({
      type: Breed,
      nullable: true,
      resolve: ({ breedCode }, _args, ctx) => (breedCode === null ? null : ctx.find(findBreedsByCodes, breedCode)),
    }),
    sex: t.exposeString('sex', { description: `One of ${SEXES.join(', ')}.` }),
    isNeutered: t.exposeBoolean('isNeutered'),
    bornOn: t.field({ type: 'LocalDate', nullable: true, resolve: ({ bornOn }) => bornOn && fromDateColumn(bornOn) }),
    diedOn: t.field({ type: 'LocalDate', nullable: true, resolve: ({ diedOn }) => diedOn && fromDateColumn(diedOn) }),
    microchip: t.exposeString('microchip', { nullable: true }),
    microchipWarning: t.string({
      nullable: true,
      description: 'NOT_ISO_11784 for an older chip of 9 or 10 characters, which a standard reader may not find.',
      resolve: ({ microchip }) => microchip && microchipWarningOf(microchip),
    }),
    colour: t.exposeString('colour', { nullable: true }),
    allergies: t.exposeStringList('allergies'),
    alerts: t.exposeStringList('alerts', { description: 'What everybody who handles the animal must know.' }),
    weightKg: t.field({ type: 'Decimal', nullable: true, resolve: ({ weightKg }) => weightKg?.toString() ?? null }),
    archivedAt: t.expose('archivedAt', { type: 'DateTime', nullable: true }),
    version: t.exposeInt('version'),
    client: t.field({ type: 'Client', resolve: ({ clientId }, _args, ctx) => ctx.get(findClientsByIds, clientId) }),
    homeClinic: t.field({
      type: 'Clinic',
      description: 'Where the chart was opened.',
      resolve: ({ homeClinicId }, _args, ctx) => ctx.get(findClinicsByIds, homeClinicId),
    }),
  }),
})

/** Hands what charts refer to over to the resolvers of their fields. */
function primed(ctx: Context, { patients, related }: Charts): readonly Patient[] {
  const withId = <Row extends { readonly code: string }>(rows: readonly Row[]) => rows.map((row) => ({ ...row, id: row.code }))
  ctx.prime(findClientsByIds, related.clients)
  ctx.prime(findSpeciesByCodes, withId(related.species))
  ctx.prime(findBreedsByCodes, withId(related.breeds))
  ctx.prime(findClinicsByIds, related.clinics)
  return patients
}

builder.queryFields((t) => ({
  patient: t.field({
    type: 'Patient',
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: async (_root, { id }, ctx, info) => {
      readPagesAhead(ctx, info, id)
      return primed(ctx, await findChartsByIds(ctx.db, ctx.actor, [id], ctx.selects))[0] ?? null
    },
  }),
  searchPatients: t.field({
    type: ['Patient'],
    description: "By name, owner, owner's phone, microchip or record number; best first.",
    args: { query: t.arg.string({ required: true }), first: t.arg.int({ required: true, defaultValue: 20, description: 'At most 100.' }) },
    resolve: async (_root, { query, first }, ctx) => [
      ...primed(ctx, await searchPatients(ctx.db, ctx.actor, query, Math.min(Math.max(first, 1), PAGE_SIZE.max), ctx.selects)),
    ],
  }),
  client: t.field({
    type: 'Client',
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => ctx.find(findClientsByIds, id),
  }),
  clients: t.connection({
    type: 'Client',
    args: { query: t.arg.string({ description: 'Part of the name, accents and case ignored, or at least four digits of the phone.' }) },
    resolve: (_root, { query, ...args }, ctx) => offsetPage(args, (page) => listClients(ctx.db, ctx.actor, { query }, page)),
  }),
  species: t.field({ type: [Species], resolve: (_root, _args, ctx) => listSpecies(ctx.db) }),
}))

const CreateClientInput = builder.inputType('CreateClientInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    phone: t.string(),
    email: t.string(),
    address: t.string(),
    taxId: t.string(),
    locale: t.string(),
    countryCode: t.string(),
  }),
})
const UpdateClientInput = builder.inputType('UpdateClientInput', {
  description: 'Fields that are left out stay as they are; null clears an optional one.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    name: t.string(),
    phone: t.string(),
    email: t.string(),
    address: t.string(),
    taxId: t.string(),
    locale: t.string(),
    countryCode: t.string(),
  }),
})
const CreatePatientInput = builder.inputType('CreatePatientInput', {
  fields: (t) => ({
    clientId: t.field({ type: 'UUID', required: true }),
    name: t.string({ required: true }),
    speciesCode: t.string({ required: true }),
    breedCode: t.string(),
    sex: t.string(),
    isNeutered: t.boolean(),
    bornOn: t.field({ type: 'LocalDate' }),
    diedOn: t.field({ type: 'LocalDate' }),
    microchip: t.string({ description: 'ISO 11784: 15 digits. Older chips of 9 or 10 characters are kept with a warning.' }),
    colour: t.string(),
    allergies: t.stringList(),
    alerts: t.stringList(),
    weightKg: t.field({ type: 'Decimal' }),
  }),
})
const UpdatePatientInput = builder.inputType('UpdatePatientInput', {
  description: 'Fields that are left out stay as they are; null clears an optional one.',
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    clientId: t.field({ type: 'UUID' }),
    name: t.string(),
    speciesCode: t.string(),
    breedCode: t.string(),
    sex: t.string(),
    isNeutered: t.boolean(),
    bornOn: t.field({ type: 'LocalDate' }),
    diedOn: t.field({ type: 'LocalDate' }),
    microchip: t.string(),
    colour: t.string(),
    allergies: t.stringList(),
    alerts: t.stringList(),
    weightKg: t.field({ type: 'Decimal' }),
  }),
})

builder.mutationFields((t) => ({
  createClient: t.field({
    type: 'Client',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateClientInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createClient(tx, ctx.actor, input))
      return ctx.get(findClientsByIds, id)
    },
  }),
  updateClient: t.field({
    type: 'Client',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdateClientInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updateClient(tx, ctx.actor, input))
      return ctx.get(findClientsByIds, id)
    },
  }),
  createPatient: t.field({
    type: 'Patient',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreatePatientInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => createPatient(tx, ctx.actor, input))
      return ctx.get(findPatientsByIds, id)
    },
  }),
  updatePatient: t.field({
    type: 'Patient',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: UpdatePatientInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => updatePatient(tx, ctx.actor, input))
      return ctx.get(findPatientsByIds, id)
    },
  }),
}))
