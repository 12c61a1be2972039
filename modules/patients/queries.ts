import type { Breed, Client, Patient, Species } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { searchText } from '../kernel/validate.ts'
import { normaliseMicrochip } from './microchip.ts'

export type PageOf = { readonly limit: number; readonly offset: number }
/** Reference rows carry their code as id, so that they load like records. */
export type SpeciesRow = Species & { readonly id: string }
export type BreedRow = Breed & { readonly id: string }

const CLIENT_FIELDS = ['address', 'countryCode', 'email', 'locale', 'name', 'phone', 'taxId'] as const
const PATIENT_FIELDS = [
  'alerts',
  'allergies',
  'bornOn',
  'breedCode',
  'clientId',
  'colour',
  'diedOn',
  'homeClinicId',
  'isNeutered',
  'microchip',
  'name',
  'recordNumber',
  'sex',
  'speciesCode',
  'weightKg',
] as const

/** Charts within reach: the organisation's, or the active clinic's alone when the organisation does not share them. */
export function reachOf({ organisationId, sharePatients, clinic }: ClinicActor): { organisationId: string; homeClinicId?: string } {
  return sharePatients ? { organisationId } : { organisationId, homeClinicId: clinic.id }
}

/** Patients by id, in one statement; archived ones included, because records still name them. */
export async function findPatientsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Patient[]> {
  return reportedPatients(db, await db.prisma.patient.findMany({ where: { ...reachOf(actor), id: { in: [...ids] } } }))
}

/** Clients by id, in one statement; archived ones included. */
export async function findClientsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Client[]> {
  return reportedClients(db, await db.prisma.client.findMany({ where: { organisationId: actor.organisationId, id: { in: [...ids] } } }))
}

/** The animals of each client within reach, by name, without archived ones. */
export async function listPatientsByClient(db: Db, actor: ClinicActor, clientIds: readonly string[]): Promise<ReadonlyMap<string, Patient[]>> {
  const rows = await db.prisma.patient.findMany({
    where: { ...reachOf(actor), clientId: { in: [...clientIds] }, archivedAt: null },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  })
  return Map.groupBy(reportedPatients(db, rows), ({ clientId }) => clientId)
}

/**
 * Patients that a person at the desk may mean, best first: by name or the owner's name (any part, accents and case
 * ignored), the owner's phone (four digits or more), the microchip or the record number (whole). Two statements.
 */
export async function searchPatients(db: Db, actor: ClinicActor, query: string, limit: number): Promise<Patient[]> {
  const wanted = wantedText(query)
  if (wanted === null) return []
  const found = await db.query<{ id: string }>({ name: 'search_patients', text: 'SELECT id FROM search_patients($1, $2)', values: [wanted, limit] })
  return inOrderOf(
    found,
    await findPatientsByIds(
      db,
      actor,
      found.map(({ id }) => id),
    ),
  )
}

/** A page of clients by name: all of them, or those whose name or phone holds the query. */
export async function listClients(db: Db, actor: ClinicActor, filter: { query?: string | null | undefined }, page: PageOf): Promise<Client[]> {
  const wanted = wantedText(filter.query)
  if (wanted !== null) {
    const found = await db.query<{ id: string }>({
      name: 'search_clients',
      text: 'SELECT id FROM search_clients($1, $2, $3)',
      values: [wanted, page.limit, page.offset],
    })
    return inOrderOf(
      found,
      await findClientsByIds(
        db,
        actor,
        found.map(({ id }) => id),
      ),
    )
  }
  return reportedClients(
    db,
    await db.prisma.client.findMany({
      where: { organisationId: actor.organisationId, archivedAt: null },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      take: page.limit,
      skip: page.offset,
    }),
  )
}

// A chip is read with spaces and dashes in it.
function wantedText(query: string | null | undefined): string | null {
  const typed = searchText(query)
  const chip = typed === null ? '' : normaliseMicrochip(typed)
  return /^\d{15}$/.test(chip) ? chip : typed
}

function inOrderOf<Row extends { readonly id: string }>(order: readonly { id: string }[], rows: readonly Row[]): Row[] {
  const byId = new Map(rows.map((row) => [row.id, row]))
  return order.flatMap(({ id }) => byId.get(id) ?? [])
}

/** Every species, in the order of the vocabulary. Reference data: nothing to report. */
export async function listSpecies(db: Db): Promise<SpeciesRow[]> {
  return withId(await db.prisma.species.findMany({ orderBy: { code: 'asc' } }))
}

export async function findSpeciesByCodes(db: Db, _actor: ClinicActor, codes: readonly string[]): Promise<SpeciesRow[]> {
  return withId(await db.prisma.species.findMany({ where: { code: { in: [...codes] } } }))
}

export async function findBreedsByCodes(db: Db, _actor: ClinicActor, codes: readonly string[]): Promise<BreedRow[]> {
  return withId(await db.prisma.breed.findMany({ where: { code: { in: [...codes] } } }))
}

export async function listBreedsBySpecies(db: Db, _actor: ClinicActor, speciesCodes: readonly string[]): Promise<ReadonlyMap<string, Breed[]>> {
  const rows = await db.prisma.breed.findMany({ where: { speciesCode: { in: [...speciesCodes] } }, orderBy: { code: 'asc' } })
  return Map.groupBy(rows, ({ speciesCode }) => speciesCode)
}

function withId<Row extends { readonly code: string }>(rows: readonly Row[]): (Row & { readonly id: string })[] {
  return rows.map((row) => ({ ...row, id: row.code }))
}

function reportedPatients(db: Db, rows: Patient[]): Patient[] {
  db.reads(
    'Patient',
    rows.map(({ id }) => id),
    PATIENT_FIELDS,
  )
  return rows
}

function reportedClients(db: Db, rows: Client[]): Client[] {
  db.reads(
    'Client',
    rows.map(({ id }) => id),
    CLIENT_FIELDS,
  )
  return rows
}
