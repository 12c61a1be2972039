import type { Breed, Client, Patient, Species } from '../../prisma/client/client.ts'
import { clinics } from '../access/index.ts'
import type { ActorClinic, ClinicActor } from '../kernel/actor.ts'
import type { Db, Selects, Statement } from '../kernel/db.ts'
import { jsonRows, jsonRowsIf, statementBy } from '../kernel/records.ts'
import { searchText } from '../kernel/validate.ts'
import { normaliseMicrochip } from './microchip.ts'
import { breeds, clients, patients, species } from './records.ts'

export type PageOf = { readonly limit: number; readonly offset: number }
/** Reference rows carry their code as id, so that they load like records. */
export type SpeciesRow = Species & { readonly id: string }
export type BreedRow = Breed & { readonly id: string }

/** Records to which patients refer, each once; empty where they were not asked for. */
export type PatientReferences = {
  readonly clients: readonly Client[]
  readonly species: readonly Species[]
  readonly breeds: readonly Breed[]
  readonly clinics: readonly ActorClinic[]
}
export type Charts = { readonly patients: readonly Patient[]; readonly related: PatientReferences }
type ChartsRow = { readonly [Name in keyof PatientReferences]: PatientReferences[Name] | null } & { readonly patients: readonly Patient[] }

/** Charts within reach: the organisation's, or the active clinic's alone when the organisation does not share them. */
export function reachOf({ organisationId, sharePatients, clinic }: ClinicActor): { organisationId: string; homeClinicId?: string } {
  return sharePatients ? { organisationId } : { organisationId, homeClinicId: clinic.id }
}

/** Patients by id, in one statement; archived ones included, because records still name them. */
export async function findPatientsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<readonly Patient[]> {
  return patients.read(db, {
    name: 'find_patients_by_ids',
    text: `SELECT ${patients.columns('p')} FROM patient p WHERE p.organisation_id = $1::uuid AND ($2::boolean OR p.home_clinic_id = $3::uuid) AND p.id = ANY ($4::uuid[])`,
    values: [...reachValues(actor), [...ids]],
  })
}

/** Patients by id in that order, with what they refer to as far as it is asked for, in one statement. */
export function findChartsByIds(db: Db, actor: ClinicActor, ids: readonly string[], selects: Selects): Promise<Charts> {
  return readCharts(db, { ...CHARTS_BY_IDS(selects), values: [...reachValues(actor), [...ids]] })
}

function reachValues({ organisationId, sharePatients, clinic }: ClinicActor): [string, boolean, string] {
  return [organisationId, sharePatients, clinic.id]
}

const CHART_COORDINATES = ['Patient.client', 'Patient.species', 'Patient.breed', 'Patient.homeClinic', ...patients.coordinates, ...clients.coordinates]

// The first three placeholders are reachValues.
function chartStatement(name: string, source: string) {
  return statementBy(
    name,
    CHART_COORDINATES,
    (selects) => `WITH chart AS MATERIALIZED (
    SELECT p.*, wanted.place FROM ${source} JOIN patient p ON p.organisation_id = $1::uuid AND p.id = wanted.id AND ($2::boolean OR p.home_clinic_id = $3::uuid)
  )
  SELECT ${jsonRows(`SELECT ${patients.columns('p', selects)} FROM chart p ORDER BY p.place`)} AS patients,
    ${jsonRowsIf(
      selects('Patient.client'),
      `SELECT ${clients.columns('c', selects)} FROM client c WHERE c.organisation_id = $1::uuid AND c.id IN (SELECT client_id FROM chart)`,
    )} AS clients,
    ${jsonRowsIf(selects('Patient.species'), `SELECT ${species.columns('s')} FROM species s WHERE s.code IN (SELECT species_code FROM chart)`)} AS species,
    ${jsonRowsIf(selects('Patient.breed'), `SELECT ${breeds.columns('b')} FROM breed b WHERE b.code IN (SELECT breed_code FROM chart)`)} AS breeds,
    ${jsonRowsIf(
      selects('Patient.homeClinic'),
      `SELECT ${clinics.columns('o')} FROM clinic o WHERE o.organisation_id = $1::uuid AND o.id IN (SELECT home_clinic_id FROM chart)`,
    )} AS clinics`,
  )
}

const CHARTS_BY_IDS = chartStatement('charts_by_ids', 'unnest($4::uuid[]) WITH ORDINALITY AS wanted(id, place)')
const CHARTS_FOUND = chartStatement('search_patients', 'search_patients($4, $5) WITH ORDINALITY AS wanted(id, place)')

async function readCharts(db: Db, statement: Statement): Promise<Charts> {
  const [row] = await db.query<ChartsRow>(statement)
  if (!row) throw new Error('the statement has one row')
  return {
    patients: patients.take(db, row.patients),
    related: {
      clients: clients.take(db, row.clients),
      species: species.take(db, row.species),
      breeds: breeds.take(db, row.breeds),
      clinics: clinics.take(db, row.clinics),
    },
  }
}

/** Clients by id, in one statement; archived ones included. */
export async function findClientsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<readonly Client[]> {
  return clients.read(db, {
    name: 'find_clients_by_ids',
    text: `SELECT ${clients.columns('c')} FROM client c WHERE c.organisation_id = $1::uuid AND c.id = ANY ($2::uuid[])`,
    values: [actor.organisationId, [...ids]],
  })
}

/** The animals of each client within reach, by name, without archived ones. */
export async function listPatientsByClient(db: Db, actor: ClinicActor, clientIds: readonly string[]): Promise<ReadonlyMap<string, Patient[]>> {
  const rows = await db.prisma.patient.findMany({
    where: { ...reachOf(actor), clientId: { in: [...clientIds] }, archivedAt: null },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  })
  return Map.groupBy(patients.take(db, rows), ({ clientId }) => clientId)
}

/**
 * Patients that a person at the desk may mean, best first: by name or the owner's name (any part, accents and case
 * ignored), the owner's phone (four digits or more), the microchip or the record number (whole). One statement.
 */
export async function searchPatients(db: Db, actor: ClinicActor, query: string, limit: number, selects: Selects): Promise<Charts> {
  const wanted = wantedText(query)
  if (wanted === null) return { patients: [], related: { clients: [], species: [], breeds: [], clinics: [] } }
  return readCharts(db, { ...CHARTS_FOUND(selects), values: [...reachValues(actor), wanted, limit] })
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
  return clients.take(
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
