import { type GraphQLField, type GraphQLObjectType, getNamedType, isLeafType, isObjectType } from 'graphql'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeSchema, type GuardedSchema } from '../schema/index.ts'
import { callOf } from './documents.ts'
import { buildFullOrganisation, type FullOrganisation } from './full-world.ts'
import { type Harness, startHarness } from './harness.ts'
import { argumentsFor, recordOf } from './root-fields.ts'

let harness: Harness
let guarded: GuardedSchema
let org: FullOrganisation
let admin: pg.Client
let token: string

beforeAll(async () => {
  harness = await startHarness()
  guarded = await composeSchema()
  org = await buildFullOrganisation(harness, 'alfa')
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  token = (await harness.signIn(org.email('owner'))).token
  await fillColumns()
}, 120_000)
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

/** A value in every column that the world leaves empty, so that one that was not read differs from one that is null. */
async function fillColumns(): Promise<void> {
  await admin.query(`BEGIN; SET LOCAL session_replication_role = replica;
    UPDATE patient SET breed_code = (SELECT code FROM breed WHERE breed.species_code = patient.species_code LIMIT 1), born_on = '2020-01-02', microchip = upper(right(id::text, 10)),
      colour = 'brown', allergies = '{pollen}', alerts = '{bites}', weight_kg = 4.25, is_neutered = true, died_on = '2026-01-01', version = 3;
    UPDATE client SET phone = '+525512345678', email = 'a@b.example', address = 'Calle 1', tax_id = 'XAXX010101000', version = 4;
    UPDATE staff_profile SET department = 'Surgery', manager_id = (SELECT id FROM staff_profile m WHERE m.organisation_id = staff_profile.organisation_id AND m.id <> staff_profile.id LIMIT 1),
      licence_number = 'L1', specialisations = '{teeth}', terminated_on = '2099-01-01', primary_clinic_id = (SELECT id FROM clinic c WHERE c.organisation_id = staff_profile.organisation_id LIMIT 1);
    UPDATE appointment SET overbook_reason = 'urgent', origin = 'walk_in', equipment_ids = ARRAY(SELECT id FROM equipment e WHERE e.clinic_id = appointment.clinic_id LIMIT 1), confirmed_at = starts_at, checked_in_at = starts_at, started_at = starts_at, completed_at = ends_at,
      checked_out_at = ends_at, cancelled_at = ends_at, no_show_at = ends_at, cancel_reason = 'none', version = 5;
    UPDATE room SET archived_at = now(), position = 2; UPDATE appointment_type SET archived_at = now(), positions = '{veterinarian}', room_kinds = '{surgery}', equipment_kinds = '{xray}',
      staff_before_minutes = 1, staff_after_minutes = 2, room_before_minutes = 3, room_after_minutes = 4, equipment_before_minutes = 5, equipment_after_minutes = 6, is_online = true, service_id = (SELECT id FROM service s WHERE s.organisation_id = appointment_type.organisation_id LIMIT 1);
    UPDATE clinical_note SET template_id = (SELECT id FROM note_template t WHERE t.organisation_id = clinical_note.organisation_id LIMIT 1);
    UPDATE invoice SET kind = 'visit', appointment_id = (SELECT id FROM appointment a WHERE a.clinic_id = invoice.clinic_id AND a.series_id IS NULL LIMIT 1),
      patient_id = (SELECT patient_id FROM appointment a WHERE a.clinic_id = invoice.clinic_id AND a.series_id IS NULL LIMIT 1), credited_minor = 1;
    UPDATE appointment SET series_id = (SELECT id FROM appointment_series s WHERE s.clinic_id = appointment.clinic_id LIMIT 1);
    UPDATE stock_level SET critical_level = 1000000, ideal_level = 1000000; UPDATE lot SET expires_on = current_date + 10;
    COMMIT`)
}

/** By which paths records come whose statements leave columns out: `path` down to the record's type, from the root. */
const PATHS: readonly (readonly [type: string, root: string, ...path: string[]])[] = [
  ['Patient', 'patient'],
  ['Patient', 'searchPatients'],
  ['Client', 'patient', 'client'],
  ['Client', 'searchPatients', 'client'],
  ['Appointment', 'appointment'],
  ['Appointment', 'daySchedule', 'appointments'],
  ['Appointment', 'scheduleRange', 'appointments'],
  ['Appointment', 'patient', 'appointments'],
  ['Patient', 'appointment', 'patient'],
  ['Patient', 'daySchedule', 'appointments', 'patient'],
  ['Patient', 'scheduleRange', 'appointments', 'patient'],
  ['Client', 'appointment', 'patient', 'client'],
  ['Client', 'daySchedule', 'appointments', 'patient', 'client'],
  ['AppointmentType', 'appointment', 'type'],
  ['AppointmentType', 'daySchedule', 'appointments', 'type'],
  ['StaffProfile', 'appointment', 'staff'],
  ['StaffProfile', 'daySchedule', 'appointments', 'staff'],
  ['StaffProfile', 'daySchedule', 'staff', 'staff'],
  ['Room', 'appointment', 'room'],
  ['Room', 'daySchedule', 'appointments', 'room'],
  ['Room', 'daySchedule', 'rooms'],
  ['ClinicalNote', 'patient', 'notes'],
  ['ClinicalNote', 'appointment', 'notes'],
  ['StaffProfile', 'patient', 'notes', 'author'],
  ['StaffProfile', 'patient', 'notes', 'signedBy'],
  ['Invoice', 'patient', 'invoices'],
  ['Invoice', 'client', 'invoices'],
  ['Invoice', 'appointment', 'invoices'],
  ['InvoiceLine', 'patient', 'invoices', 'lines'],
  ['InvoiceLine', 'client', 'invoices', 'lines'],
  ['Product', 'invoice', 'lines', 'product'],
  ['Product', 'stockMovements', 'product'],
  ['StockMovement', 'stockMovements'],
  ['Product', 'inventoryAlerts', 'low', 'product'],
  ['Product', 'inventoryAlerts', 'expiring', 'product'],
  ['Product', 'inventoryAlerts', 'expiring', 'lot', 'product'],
  ['Lot', 'inventoryAlerts', 'expiring', 'lot'],
  ['Product', 'dailySummary', 'alerts', 'low', 'product'],
  ['Lot', 'dailySummary', 'alerts', 'expiring', 'lot'],
]

const objectOf = (name: string): GraphQLObjectType => {
  const type = guarded.lean.getType(name)
  if (!isObjectType(type)) throw new Error(`${name} is no object`)
  return type
}
const argumentOf = () => argumentsFor(org.fixtures[0] as never, { first: 5 })

function call(type: GraphQLObjectType, name: string): readonly [text: string, field: GraphQLField<unknown, unknown>] {
  const field = type.getFields()[name]
  const text = field && callOf(`${type.name}.${name}`, field, argumentOf())
  if (!field || !text) throw new Error(`${type.name}.${name} cannot be asked`)
  return [text, field]
}

/** The document that asks a selection of the records at a path, of nothing else. */
function documentFor(root: string, path: readonly string[], selection: string): string {
  const wrap = (type: GraphQLObjectType, [name, ...rest]: readonly string[]): string => {
    if (name === undefined) return selection
    const [text, field] = call(type, name)
    const named = objectOf(getNamedType(field.type).name)
    if (!named.name.endsWith('Connection')) return `{ ${text} ${wrap(named, rest)} }`
    return `{ ${text} { edges { node ${wrap(recordOf(named), rest)} } } }`
  }
  return `query Shown ${wrap(objectOf('Query'), [root, ...path])}`
}

/** One selection per field of a type: itself, or an id or another plain field of what it leads to. */
function selectionsOf(type: GraphQLObjectType): Map<string, string> {
  const shallow = (inner: GraphQLObjectType): string => {
    const fields = Object.values(inner.getFields())
    const edges = inner.name.endsWith('Connection') ? '{ edges { node { id } } }' : null
    const plain = fields.filter((field) => isLeafType(getNamedType(field.type)) && field.args.length === 0).map(({ name }) => name)
    return edges ?? (plain.includes('id') ? '{ id }' : `{ ${plain.join(' ')} }`)
  }
  return new Map(
    Object.values(type.getFields()).flatMap((field): [string, string][] => {
      const text = callOf(`${type.name}.${field.name}`, field, argumentOf())
      const inner = getNamedType(field.type)
      if (text === null) return []
      return [[field.name, isObjectType(inner) ? `${text} ${shallow(inner)}` : text]]
    }),
  )
}

/** Every record at the path, in order. */
function recordsAt(value: unknown, path: readonly string[]): Record<string, unknown>[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((item) => recordsAt(item, path))
  const object = value as Record<string, unknown>
  if ('edges' in object)
    return recordsAt(
      (object.edges as { node: unknown }[]).map(({ node }) => node),
      path,
    )
  const [name, ...rest] = path
  return name === undefined ? [object] : recordsAt(object[name], rest)
}

async function ask(root: string, path: readonly string[], selection: string): Promise<Record<string, unknown>[]> {
  const document = documentFor(root, path, selection)
  const { body } = await harness.call(document, {}, { token })
  expect([document, body.errors ?? null]).toEqual([document, null])
  return recordsAt(body.data, [root, ...path])
}

describe('a field that is asked alone', () => {
  it.each(PATHS.map((place) => [place.join(' > '), place] as const))('%s: has the value that it has among all others', async (_title, place) => {
    const [typeName, root, ...path] = place
    const selections = selectionsOf(objectOf(typeName))
    expect(selections.size).toBeGreaterThan(4)
    const whole = await ask(root, path, `{ ${[...selections.values()].join(' ')} }`)
    expect(whole.length).toBeGreaterThan(0)
    for (const [name, selection] of selections) {
      const alone = await ask(root, path, `{ ${selection} }`)
      expect(alone).toEqual(whole.map((record) => ({ [name]: record[name] })))
    }
  })

  it('would be told apart from one that was not read: it has a value', async () => {
    const empty: string[] = []
    for (const [typeName, root, ...path] of PATHS.filter(([, name]) => name === 'daySchedule' || name === 'patient')) {
      const selections = selectionsOf(objectOf(typeName))
      const whole = await ask(root, path, `{ ${[...selections.values()].join(' ')} }`)
      for (const name of selections.keys()) if (whole.every((record) => (record[name] ?? null) === null)) empty.push(`${typeName}.${name}`)
    }
    // None of these paths leads to an archived chart, an addendum or a credit note.
    expect([...new Set(empty)].sort()).toEqual(['ClinicalNote.amendsId', 'Invoice.credits', 'InvoiceLine.creditsLineId', 'Patient.archivedAt'])
  })
})

it('what one change has answered with is not taken for the whole record by the next, which is refused', async () => {
  const { ids, date } = org.fixtures[0] as { ids: Record<string, string>; date: string }
  await admin.query(`BEGIN; SET LOCAL session_replication_role = replica; UPDATE appointment_type SET archived_at = NULL, room_kinds = '{}', equipment_kinds = '{}'; UPDATE room SET archived_at = NULL;
    UPDATE patient SET died_on = NULL; UPDATE staff_profile SET terminated_on = NULL; COMMIT`)
  const [room] = (await admin.query<{ name: string }>('SELECT name FROM room WHERE id = $1', [ids.Room])).rows
  const [staff] = (await admin.query<{ name: string }>('SELECT name FROM staff_profile WHERE id = $1', [ids.StaffProfile])).rows
  const BOOK = `mutation Book($input: BookAppointmentInput!) {
    first: bookAppointment(input: $input) { __typename ... on Appointment { id staff { id } room { id } } ... on Error { message } }
    second: bookAppointment(input: $input) { __typename ... on SlotTaken { resourceName } }
  }`
  const input = { patientId: ids.Patient, typeId: ids.AppointmentType, staffId: ids.StaffProfile, roomId: ids.Room, startsAt: `${date}T20:00:00.000Z` }
  const { body } = await harness.call(BOOK, { input }, { token })
  expect(body.data?.first).toMatchObject({ __typename: 'Appointment' })
  expect(body.data?.second).toMatchObject({ __typename: 'SlotTaken', resourceName: expect.toSatisfy((name) => name === room?.name || name === staff?.name) })
})
