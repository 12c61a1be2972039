import { z } from 'zod'
import { takeNumber } from '../access/index.ts'
import { type ClinicActor, LOCALES } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, invalid, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { isLocalDate, type LocalDate, localDateOf, toDateColumn } from '../kernel/time.ts'
import { fieldsOf, kept, line, positiveDecimal, text, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { checkMicrochip } from './microchip.ts'
import { reachOf } from './queries.ts'

export const SEXES = ['male', 'female', 'unknown'] as const

const uuid = z.string().refine(isUuid, 'must be a UUID')
const day = z.string().refine(isLocalDate, 'must be a day such as 2025-12-20')

const contact = {
  phone: line(40).nullish(),
  email: z.string().trim().max(200).pipe(z.email()).nullish(),
  address: text(500).nullish(),
  taxId: line(30).nullish(),
  locale: kept(z.string().pipe(z.enum(LOCALES))),
  countryCode: kept(z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code')),
}
const clientSchema = z.object({ name: line(160), ...contact })
export type NewClient = z.input<typeof clientSchema>

/** Records an owner, a person or a business. Language and country are the clinic's unless given. */
export async function createClient(tx: Tx, actor: ClinicActor, input: NewClient): Promise<{ id: string }> {
  const given = validate(clientSchema, input)
  const client = { ...given, locale: given.locale ?? actor.clinic.locale, countryCode: given.countryCode ?? actor.clinic.countryCode }
  const row = await tx.prisma.client.create({ data: { organisationId: actor.organisationId, ...client }, select: { id: true } })
  tx.changes('Client', [row.id], fieldsOf(client))
  return { id: row.id }
}

const clientChangeSchema = z.object({ id: uuid, version: z.int(), name: kept(line(160)), ...contact })
export type ClientChange = z.input<typeof clientChangeSchema>

/** Changes an owner's details. Fields that are left out stay; null clears an optional one. */
export async function updateClient(tx: Tx, actor: ClinicActor, input: ClientChange): Promise<{ id: string }> {
  const { id, version, ...change } = validate(clientChangeSchema, input)
  const { organisationId } = actor
  const changed = await tx.prisma.client.updateMany({ where: { organisationId, id, version }, data: { ...change, version: { increment: 1 } } })
  if (changed.count === 0) {
    const current = await tx.prisma.client.findFirst({ where: { organisationId, id }, select: { version: true } })
    throw current ? new StaleVersionError('Client', current.version) : new NotFoundError('Client')
  }
  tx.changes('Client', [id], fieldsOf(change))
  return { id }
}

const microchip = z
  .string()
  .max(40)
  .transform((typed, context) => {
    const checked = checkMicrochip(typed)
    if (checked.kind !== 'unusable') return checked.number
    context.addIssue({ code: 'custom', message: MICROCHIP_RULES[checked.rule] })
    return z.NEVER
  })
const MICROCHIP_RULES = {
  shape: 'must have 15 digits, or 9 or 10 characters for an older chip',
  prefix: 'must begin with a country (001 to 899) or a manufacturer (900 and above)',
  range: 'must end in a number of at most 274877906943',
} as const

const chart = {
  breedCode: z.string().max(80).nullish(),
  sex: kept(z.string().pipe(z.enum(SEXES))),
  isNeutered: kept(z.boolean()),
  bornOn: day.nullish(),
  diedOn: day.nullish(),
  microchip: microchip.nullish(),
  colour: line(80).nullish(),
  allergies: kept(z.array(line(120)).max(50)),
  alerts: kept(z.array(line(200)).max(50)),
  weightKg: positiveDecimal.refine((value) => /^\d{1,5}(\.\d{1,3}0*)?$/.test(value), 'must be below 100000 kg, with at most 3 decimals').nullish(),
}
const patientSchema = z.object({ clientId: uuid, name: line(120), speciesCode: z.string().max(80), ...chart })
export type NewPatient = z.input<typeof patientSchema>

/**
 * Opens a chart at the active clinic. The record number is the clinic's place among the organisation's clinics and the
 * clinic's next consecutive number: `1-00042`. Throws NotFoundError for an unknown client, AlreadyExistsError for a microchip
 * that another chart of the organisation has, InvalidInputError for a breed of another species or a day in the future.
 */
export async function createPatient(tx: Tx, actor: ClinicActor, input: NewPatient): Promise<{ id: string; recordNumber: string }> {
  const patient = validate(patientSchema, input)
  const { organisationId } = actor
  if (!(await tx.prisma.client.findFirst({ where: { organisationId, id: patient.clientId }, select: { id: true } }))) throw new NotFoundError('Client')
  await assertBreed(tx, patient.speciesCode, patient.breedCode ?? null)
  assertNotInFuture(tx, actor, patient)
  const recordNumber = await takeRecordNumber(tx, actor)
  const { bornOn, diedOn, ...data } = patient
  const row = await explained(() =>
    tx.prisma.patient.create({
      data: { organisationId, homeClinicId: actor.clinic.id, recordNumber, ...data, bornOn: toColumn(bornOn) ?? null, diedOn: toColumn(diedOn) ?? null },
      select: { id: true },
    }),
  )
  tx.changes('Patient', [row.id], ['homeClinicId', 'recordNumber', ...fieldsOf(patient)])
  return { id: row.id, recordNumber }
}

// Numbers are counted per clinic and unique over the organisation. Ids ascend with time and no clinic is ever deleted, so a
// clinic's place stays what it was.
async function takeRecordNumber(tx: Tx, actor: ClinicActor): Promise<string> {
  const place = await tx.prisma.clinic.count({ where: { organisationId: actor.organisationId, id: { lte: actor.clinic.id } } })
  return `${place}-${(await takeNumber(tx, actor, 'patient')).toString().padStart(5, '0')}`
}

const patientChangeSchema = z.object({
  id: uuid,
  version: z.int(),
  clientId: kept(uuid),
  name: kept(line(120)),
  speciesCode: kept(z.string().max(80)),
  ...chart,
})
export type PatientChange = z.input<typeof patientChangeSchema>

/** Changes a chart. Fields that are left out stay; null clears an optional one. Throws what createPatient throws. */
export async function updatePatient(tx: Tx, actor: ClinicActor, input: PatientChange): Promise<{ id: string }> {
  const { id, version, ...change } = validate(patientChangeSchema, input)
  const { organisationId } = actor
  const current = await tx.prisma.patient.findFirst({ where: { ...reachOf(actor), id }, select: { version: true, speciesCode: true, breedCode: true } })
  if (!current) throw new NotFoundError('Patient')
  if (change.clientId && !(await tx.prisma.client.findFirst({ where: { organisationId, id: change.clientId }, select: { id: true } })))
    throw new NotFoundError('Client')
  if (change.speciesCode !== undefined || change.breedCode !== undefined)
    await assertBreed(tx, change.speciesCode ?? current.speciesCode, change.breedCode === undefined ? current.breedCode : change.breedCode)
  assertNotInFuture(tx, actor, change)
  const { bornOn, diedOn, ...data } = change
  const changed = await explained(() =>
    tx.prisma.patient.updateMany({
      where: { ...reachOf(actor), id, version },
      data: { ...data, bornOn: toColumn(bornOn), diedOn: toColumn(diedOn), version: { increment: 1 } },
    }),
  )
  if (changed.count === 0) throw new StaleVersionError('Patient', current.version)
  tx.changes('Patient', [id], fieldsOf(change))
  return { id }
}

async function assertBreed(tx: Tx, speciesCode: string, breedCode: string | null): Promise<void> {
  const species = await tx.prisma.species.findUnique({
    where: { code: speciesCode },
    include: { breeds: { where: { code: breedCode ?? '' }, select: { code: true } } },
  })
  if (!species) throw invalid('speciesCode', 'unknown', 'is not a species of the vocabulary')
  if (breedCode !== null && species.breeds.length === 0) throw invalid('breedCode', 'breed_of_species', 'is not a breed of this species')
}

function assertNotInFuture(tx: Tx, actor: ClinicActor, dates: { bornOn?: LocalDate | null | undefined; diedOn?: LocalDate | null | undefined }): void {
  const today = localDateOf(tx.clock.now(), actor.clinic.timeZone)
  for (const path of ['bornOn', 'diedOn'] as const) {
    const date = dates[path]
    if (date && date > today) throw invalid(path, 'future', 'must not be in the future')
  }
}

function toColumn(date: LocalDate | null | undefined): Date | null | undefined {
  return typeof date === 'string' ? toDateColumn(date) : date
}

/** Runs a write and turns what the database refuses into typed errors. */
async function explained<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const refused = violation(error)
    if (refused?.code === '23505' && refused.constraint?.includes('microchip')) throw new AlreadyExistsError('Patient', 'microchip')
    if (refused?.constraint === 'patient_life_ordered') throw invalid('diedOn', 'ordered', 'must not be before bornOn')
    throw error
  }
}
