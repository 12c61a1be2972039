import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays, localDateOf } from '../../modules/kernel/time.ts'
import { createPatient } from '../../modules/patients/index.ts'
import { withClient } from '../../server/database/connection.ts'
import { type Harness, startHarness } from '../harness.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addClient, addPatient } from '../world-patients.ts'

type Row = { id: string; name: string; code?: string }
type Edge = { node: Row }
type Access = { type: string; ids: string[]; fields: string[] }
type Connection = { edges: Edge[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

let harness: Harness
let org: WorldOrganisation
let foreign: WorldOrganisation
const tokens = new Map<string, string>()
const ids = { lucia: '', max: '', luna: '', sister: '', foreignClient: '', foreignPatient: '' }
let maxNumber = ''

const ERRORS = '... on Error { code message params { name value } } ... on InvalidInput { issues { path rule message } }'
const PATIENT = `query Patient($id: UUID!) { patient(id: $id) { id recordNumber name speciesCode breedCode species { code name } breed { code name } sex isNeutered bornOn diedOn microchip microchipWarning colour
  allergies alerts weightKg archivedAt version client { id name phone } homeClinic { id name } } }`
const CLIENT = 'query Client($id: UUID!) { client(id: $id) { id name phone email address taxId locale countryCode version patients { id name recordNumber } } }'
const CLIENTS =
  'query Clients($query: String, $first: Int, $after: String) { clients(query: $query, first: $first, after: $after) { edges { node { id name patients { id name species { name } } } } pageInfo { hasNextPage endCursor } } }'
const SEARCH =
  'query Search($query: String!, $first: Int = 20) { searchPatients(query: $query, first: $first) { id name recordNumber species { name } breed { name } client { name phone } homeClinic { name } } }'
const SPECIES = 'query Species { species { code name breeds { code name } } }'
const CREATE_CLIENT = `mutation CreateClient($input: CreateClientInput!) { createClient(input: $input) { __typename ... on Client { id name phone email address taxId locale countryCode version } ${ERRORS} } }`
const UPDATE_CLIENT = `mutation UpdateClient($input: UpdateClientInput!) { updateClient(input: $input) { __typename ... on Client { id name phone email address version } ${ERRORS} } }`
const CHART =
  'id recordNumber name speciesCode breedCode sex isNeutered bornOn diedOn microchip microchipWarning colour allergies alerts weightKg version client { id } homeClinic { id }'
const CREATE = `mutation CreatePatient($input: CreatePatientInput!) { createPatient(input: $input) { __typename ... on Patient { ${CHART} } ${ERRORS} } }`
const UPDATE = `mutation UpdatePatient($input: UpdatePatientInput!) { updatePatient(input: $input) { __typename ... on Patient { ${CHART} } ${ERRORS} } }`

const as = async (role: Parameters<WorldOrganisation['email']>[0], clinic = 0, organisation = org) => {
  const email = organisation.email(role, clinic)
  const token = tokens.get(email) ?? (await harness.signIn(email)).token
  tokens.set(email, token)
  return token
}
const actorOf = (organisation: WorldOrganisation, clinic = 0) => {
  const place = organisation.clinics[clinic]
  if (!place) throw new Error('no such clinic')
  return place.actor
}
const paramsOf = (error: { params: { name: string; value: string | null }[] }) => Object.fromEntries(error.params.map(({ name, value }) => [name, value]))
const names = (rows: { name: string }[]) => rows.map(({ name }) => name)
const search = async (query: string, token?: string, first = 20) =>
  (await harness.call(SEARCH, { query, first }, { token: token ?? (await as('receptionist')) })).body.data.searchPatients
const create = async (input: object, token?: string) =>
  (
    await harness.call(
      CREATE,
      { input: { clientId: ids.lucia, name: 'Nube', speciesCode: 'feline', ...input } },
      { token: token ?? (await as('receptionist')) },
    )
  ).body.data.createPatient
const update = async (input: object, token?: string) =>
  (await harness.call(UPDATE, { input }, { token: token ?? (await as('receptionist')) })).body.data.updatePatient

async function lastEntry(operation: string) {
  return withClient(harness.database.adminUrl, async (client) => {
    const { rows } = await client.query(
      `SELECT s.action, s.outcome, s.types, s.record_ids, convert_from(e.body, 'UTF8')::jsonb AS body FROM audit.search s JOIN audit.entry e ON e.id = s.entry_id
       WHERE s.operation = $1 ORDER BY s.at DESC, s.entry_id DESC LIMIT 1`,
      [operation],
    )
    return rows[0]
  })
}

async function statementsOf(run: () => Promise<unknown>): Promise<number> {
  let statements = 0
  harness.app.database.onStatement = () => {
    statements += 1
  }
  await run()
  harness.app.database.onStatement = null
  return statements
}

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa', [{ name: 'Centro' }, { name: 'Norte' }])
  foreign = await buildOrganisation(harness.app, 'beta')
  const { app } = harness
  ids.lucia = await addClient(app, actorOf(org), {
    name: 'Lucía Hernández Peña',
    phone: '+52 (55) 4321-8765',
    email: 'lucia@mail.example',
    address: 'Calle 5 #10\nCDMX',
    taxId: 'HEPL800101AB1',
  })
  const max = await addPatient(app, actorOf(org), {
    clientId: ids.lucia,
    name: 'Máximo',
    breedCode: 'canine-chihuahua',
    sex: 'male',
    isNeutered: true,
    bornOn: '2020-02-29',
    microchip: '985 141 000 123 456',
    allergies: ['penicilina'],
    alerts: ['muerde'],
    weightKg: '3.250',
  })
  ids.max = max.id
  maxNumber = max.recordNumber
  ids.luna = (await addPatient(app, actorOf(org), { clientId: ids.lucia, name: 'Luna', speciesCode: 'feline', microchip: '4a1b2c3d4' })).id
  ids.sister = (await addPatient(app, actorOf(org, 1), { clientId: ids.lucia, name: 'Canela' })).id
  ids.foreignClient = await addClient(app, actorOf(foreign), { name: 'Lucía Extranjera', phone: '55 4321 8765' })
  ids.foreignPatient = (await addPatient(app, actorOf(foreign), { clientId: ids.foreignClient, name: 'Máximo Ajeno', microchip: '985141000123456' })).id
})
afterAll(() => harness[Symbol.asyncDispose]())

describe('a chart', () => {
  it('answers the animal with its owner, clinic and vocabulary', async () => {
    const { body } = await harness.call(PATIENT, { id: ids.max }, { token: await as('veterinarian') })
    expect(body.errors).toBeUndefined()
    expect(body.data.patient).toEqual({
      id: ids.max,
      recordNumber: '1-00001',
      name: 'Máximo',
      speciesCode: 'canine',
      breedCode: 'canine-chihuahua',
      species: { code: 'canine', name: 'Perro' },
      breed: { code: 'canine-chihuahua', name: 'Chihuahua' },
      sex: 'male',
      isNeutered: true,
      bornOn: '2020-02-29',
      diedOn: null,
      microchip: '985141000123456',
      microchipWarning: null,
      colour: null,
      allergies: ['penicilina'],
      alerts: ['muerde'],
      weightKg: '3.25',
      archivedAt: null,
      version: 1,
      client: { id: ids.lucia, name: 'Lucía Hernández Peña', phone: '+52 (55) 4321-8765' },
      homeClinic: { id: org.clinics[0]?.id, name: 'Centro' },
    })
  })

  it('warns of an older chip', async () => {
    const { body } = await harness.call(PATIENT, { id: ids.luna }, { token: await as('veterinarian') })
    expect(body.data.patient).toMatchObject({ microchip: '4A1B2C3D4', microchipWarning: 'NOT_ISO_11784', breed: null })
  })

  it('is read by the sister clinic while the organisation shares charts, and never by another organisation', async () => {
    const sister = await harness.call(PATIENT, { id: ids.max }, { token: await as('veterinarian', 1) })
    expect(sister.body.data.patient.name).toBe('Máximo')
    const stranger = await harness.call(PATIENT, { id: ids.max }, { token: await as('owner', 0, foreign) })
    expect(stranger.body).toMatchObject({ data: { patient: null } })
  })

  it('is named in the audit entry with the fields that were read', async () => {
    await harness.call(PATIENT, { id: ids.max }, { token: await as('veterinarian') })
    const entry = await lastEntry('Patient')
    expect(entry).toMatchObject({ action: 'read', outcome: 'ok', types: ['Client', 'Clinic', 'Patient'] })
    expect(entry.record_ids).toEqual(expect.arrayContaining([ids.max, ids.lucia]))
    expect(entry.body.reads.find((read: Access) => read.type === 'Patient')).toMatchObject({
      ids: [ids.max],
      fields: expect.arrayContaining(['allergies', 'microchip', 'name']),
    })
    expect(JSON.stringify(entry.body)).not.toMatch(/Máximo|Lucía|985141000123456/)
  })

  it('shows species and breeds in the language of the reader', async () => {
    const token = await as('assistant')
    const inSpanish = (await harness.call(SPECIES, {}, { token })).body.data.species
    expect(inSpanish).toHaveLength(16)
    const dogs = inSpanish.find((species: Row) => species.code === 'canine')
    expect(dogs.name).toBe('Perro')
    expect(dogs.breeds).toContainEqual({ code: 'canine-german-shepherd', name: 'Pastor alemán' })
    await harness.call('mutation Locale($locale: String!) { setLocale(input: { locale: $locale }) { __typename } }', { locale: 'en' }, { token })
    const inEnglish = (await harness.call(SPECIES, {}, { token })).body.data.species
    expect(inEnglish.find((species: Row) => species.code === 'canine')).toMatchObject({ name: 'Dog' })
    const { body } = await harness.call(PATIENT, { id: ids.max }, { token })
    expect(body.data.patient.species.name).toBe('Dog')
    expect(await statementsOf(() => harness.call(SPECIES, {}, { token }))).toBe(2)
  })
})

describe('searching patients', () => {
  it.each([
    ['the name', 'Máximo'],
    ['the name without accents and in other case', 'MAXIMO'],
    ['a part of the name', 'axim'],
    ['the microchip', '985141000123456'],
    ['the microchip as a label prints it', '985-141-000.123 456'],
    ['the record number', '1-00001'],
  ])('finds by %s', async (_what, query) => {
    expect((await search(query)).map((patient: Row) => patient.id)).toEqual([ids.max])
  })

  it.each([
    ['the name', 'hernandez pena'],
    ['the phone as it is stored', '+52 (55) 4321-8765'],
    ['the phone as digits', '5543218765'],
    ['the last four digits', '8765'],
  ])("finds all animals of an owner by %s of the owner's", async (_what, query) => {
    expect(names(await search(query))).toEqual(['Canela', 'Luna', 'Máximo'])
  })

  it('finds an older chip in any case', async () => {
    expect(names(await search('4a1b2c3d4'))).toEqual(['Luna'])
  })

  it.each([
    ['a blank', '  '],
    ['nothing', ''],
    ['a wildcard', '%'],
    ['another wildcard', '____'],
    ['three digits of a phone', '876'],
    ['a character that PostgreSQL cannot hold', 'Max\u0000imo'],
    ['half a character', '\ud800'],
    ['a text of 300 characters', 'x'.repeat(300)],
    ['a part of a microchip', '98514100012345'],
    ['an injection', "' OR 1=1 --"],
  ])('finds nothing by %s', async (_what, query) => {
    expect(await search(query)).toEqual([])
  })

  it('puts names that begin with the text first', async () => {
    const { app } = harness
    const clientId = await addClient(app, actorOf(org), { name: 'Orden Prueba', phone: null })
    for (const name of ['Zolandro', 'Bolandro', 'Olandro']) await addPatient(app, actorOf(org), { clientId, name })
    expect(names(await search('oland'))).toEqual(['Olandro', 'Bolandro', 'Zolandro'])
  })

  it('never finds a patient of another organisation', async () => {
    expect(names(await search('Ajeno'))).toEqual([])
    expect(names(await search('Ajeno', await as('receptionist', 0, foreign)))).toEqual(['Máximo Ajeno'])
    expect(names(await search('985141000123456', await as('receptionist', 0, foreign)))).toEqual(['Máximo Ajeno'])
  })

  it('leaves archived charts out', async () => {
    const { id } = await addPatient(harness.app, actorOf(org), { clientId: ids.lucia, name: 'Archivaldo' })
    expect(names(await search('Archivaldo'))).toEqual(['Archivaldo'])
    await harness.app.asSystem(actorOf(org), 'cli', 'world', async (tx) => {
      await tx.prisma.patient.update({ where: { id }, data: { archivedAt: tx.clock.now() } })
      tx.changes('Patient', [id], ['archivedAt'])
      return null
    })
    expect(await search('Archivaldo')).toEqual([])
    const owner = await harness.call(CLIENT, { id: ids.lucia }, { token: await as('receptionist') })
    expect(names(owner.body.data.client.patients)).not.toContain('Archivaldo')
    expect((await harness.call(PATIENT, { id }, { token: await as('receptionist') })).body.data.patient.name).toBe('Archivaldo')
  })

  it('answers at most what was asked for, in the same number of statements for 5 and for 50', async () => {
    const actor = actorOf(org)
    const clientId = await addClient(harness.app, actor, { name: 'Criadero Los Pinos' })
    await harness.app.asSystem(actor, 'cli', 'world', async (tx) => {
      for (let index = 0; index < 55; index += 1)
        await createPatient(tx, actor, {
          clientId,
          name: `Pino ${index}`,
          speciesCode: index % 2 ? 'canine' : 'feline',
          breedCode: index % 2 ? 'canine-pug' : null,
        })
      return null
    })
    const token = await as('receptionist')
    const five = await statementsOf(async () => expect(await search('criadero', token, 5)).toHaveLength(5))
    const fifty = await statementsOf(async () => expect(await search('criadero', token, 50)).toHaveLength(50))
    expect(fifty).toBe(five)
    expect(five).toBeLessThanOrEqual(6)
    expect(await search('criadero', token, 100_000)).toHaveLength(55)
    expect(await search('criadero', token, -3)).toHaveLength(1)
  })
})

describe('charts that the organisation does not share', () => {
  const share = (isShared: boolean) =>
    harness.app.asSystem(actorOf(org), 'cli', 'world', async (tx) => {
      await tx.prisma.organisation.update({ where: { id: org.id }, data: { sharePatients: isShared } })
      tx.changes('Organisation', [org.id], ['sharePatients'])
      return null
    })

  it('stay with their clinic: by id, in search, under the owner and for changes', async () => {
    await share(false)
    try {
      const [here, there] = [await as('veterinarian'), await as('veterinarian', 1)]
      expect((await harness.call(PATIENT, { id: ids.max }, { token: here })).body.data.patient.name).toBe('Máximo')
      expect((await harness.call(PATIENT, { id: ids.max }, { token: there })).body.data.patient).toBeNull()
      expect(names(await search('8765', here))).toEqual(['Luna', 'Máximo'])
      expect(names(await search('8765', there))).toEqual(['Canela'])
      expect(await search(maxNumber, there)).toEqual([])
      const owner = (token: string) => harness.call(CLIENT, { id: ids.lucia }, { token })
      expect(names((await owner(here)).body.data.client.patients)).toEqual(['Luna', 'Máximo'])
      expect(names((await owner(there)).body.data.client.patients)).toEqual(['Canela'])
      expect((await update({ id: ids.max, version: 1, name: 'Robado' }, there)).__typename).toBe('NotFound')
    } finally {
      await share(true)
    }
    expect((await harness.call(PATIENT, { id: ids.max }, { token: await as('veterinarian', 1) })).body.data.patient.name).toBe('Máximo')
  })
})

describe('opening a chart', () => {
  it('keeps what was given, at the active clinic, and writes down every field', async () => {
    const answer = await create(
      {
        name: ' Nube ',
        breedCode: null,
        sex: 'female',
        bornOn: '2024-01-31',
        colour: 'gris',
        allergies: ['pollo'],
        alerts: ['ciega'],
        weightKg: '4.5',
        microchip: '484000000000007',
      },
      await as('receptionist', 1),
    )
    expect(answer).toMatchObject({
      __typename: 'Patient',
      name: 'Nube',
      speciesCode: 'feline',
      breedCode: null,
      sex: 'female',
      isNeutered: false,
      bornOn: '2024-01-31',
      diedOn: null,
      microchip: '484000000000007',
      microchipWarning: null,
      colour: 'gris',
      allergies: ['pollo'],
      alerts: ['ciega'],
      weightKg: '4.5',
      version: 1,
      client: { id: ids.lucia },
      homeClinic: { id: org.clinics[1]?.id },
    })
    const entry = await lastEntry('CreatePatient/createPatient')
    expect(entry).toMatchObject({ action: 'create', outcome: 'ok' })
    expect(entry.body.changes).toEqual([
      {
        type: 'Patient',
        ids: [answer.id],
        fields: [
          'alerts',
          'allergies',
          'bornOn',
          'breedCode',
          'clientId',
          'colour',
          'homeClinicId',
          'microchip',
          'name',
          'recordNumber',
          'sex',
          'speciesCode',
          'weightKg',
        ],
      },
    ])
  })

  it('keeps an older chip and warns', async () => {
    expect(await create({ microchip: '977.123.4567' })).toMatchObject({ __typename: 'Patient', microchip: '9771234567', microchipWarning: 'NOT_ISO_11784' })
  })

  it('numbers charts consecutively per clinic, without a gap after a refusal, also when they are opened at once', async () => {
    const actor = actorOf(foreign, 1)
    const clientId = await addClient(harness.app, actor, { name: 'Contadora' })
    const token = await as('receptionist', 1, foreign)
    const open = (input: object = {}) => create({ clientId, name: 'Uno', speciesCode: 'canine', ...input }, token)
    expect((await open()).recordNumber).toBe('2-00001')
    expect((await open({ microchip: '985141000123456' })).__typename).toBe('AlreadyExists')
    const opened = await Promise.all(Array.from({ length: 12 }, () => open()))
    expect(opened.map(({ recordNumber }) => recordNumber).sort()).toEqual(
      Array.from({ length: 12 }, (_, index) => `2-000${String(index + 2).padStart(2, '0')}`),
    )
  })

  it.each([
    [{ name: '' }, 'name', 'too_small'],
    [{ speciesCode: 'dragon' }, 'speciesCode', 'unknown'],
    [{ breedCode: 'canine-pug' }, 'breedCode', 'breed_of_species'],
    [{ breedCode: 'none such' }, 'breedCode', 'breed_of_species'],
    [{ sex: 'both' }, 'sex', 'invalid_value'],
    [{ microchip: '12345' }, 'microchip', 'custom'],
    [{ microchip: '000123456789012' }, 'microchip', 'custom'],
    [{ microchip: '985999999999999' }, 'microchip', 'custom'],
    [{ weightKg: '0' }, 'weightKg', 'custom'],
    [{ weightKg: '100000' }, 'weightKg', 'custom'],
    [{ weightKg: '1.2345' }, 'weightKg', 'custom'],
    [{ bornOn: '2024-05-02', diedOn: '2024-05-01' }, 'diedOn', 'ordered'],
    [{ alerts: [''] }, 'alerts.0', 'too_small'],
  ])('refuses %o and names the field', async (input, path, rule) => {
    const answer = await create(input)
    expect(answer).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT' })
    expect(answer.issues[0]).toMatchObject({ path, rule })
  })

  it("refuses a day in the future, by the clinic's calendar", async () => {
    const today = localDateOf(harness.app.clock.now(), 'America/Mexico_City')
    expect((await create({ bornOn: today })).__typename).toBe('Patient')
    expect((await create({ bornOn: addDays(today, 1) })).issues).toMatchObject([{ path: 'bornOn', rule: 'future' }])
    expect((await create({ diedOn: addDays(today, 1) })).issues).toMatchObject([{ path: 'diedOn', rule: 'future' }])
  })

  it('refuses a microchip that another chart of the organisation has', async () => {
    const answer = await create({ microchip: '985141000123456' })
    expect(answer.__typename).toBe('AlreadyExists')
    expect(paramsOf(answer)).toEqual({ type: 'Patient', field: 'microchip' })
  })

  it('refuses a client of another organisation', async () => {
    const answer = await create({ clientId: ids.foreignClient })
    expect(answer.__typename).toBe('NotFound')
    expect(paramsOf(answer)).toEqual({ type: 'Client' })
  })
})

describe('changing a chart', () => {
  it('changes what is given, keeps what is left out and clears what is null', async () => {
    const { id } = await addPatient(harness.app, actorOf(org), {
      clientId: ids.lucia,
      name: 'Antes',
      breedCode: 'canine-pug',
      weightKg: '9',
      alerts: ['a'],
      bornOn: '2020-01-01',
      colour: 'negro',
    })
    const other = await addClient(harness.app, actorOf(org), { name: 'Nueva Dueña' })
    const answer = await update({ id, version: 1, name: 'Después', clientId: other, weightKg: null, bornOn: '2021-05-05', sex: null, isNeutered: true })
    expect(answer).toMatchObject({
      __typename: 'Patient',
      name: 'Después',
      client: { id: other },
      weightKg: null,
      bornOn: '2021-05-05',
      sex: 'unknown',
      isNeutered: true,
      alerts: ['a'],
      colour: 'negro',
      breedCode: 'canine-pug',
      version: 2,
    })
    const entry = await lastEntry('UpdatePatient/updatePatient')
    expect(entry).toMatchObject({ action: 'update', outcome: 'ok' })
    expect(entry.body.changes).toEqual([{ type: 'Patient', ids: [id], fields: ['bornOn', 'clientId', 'isNeutered', 'name', 'weightKg'] }])
    expect(await update({ id, version: 2, bornOn: null, diedOn: '2025-01-01', alerts: [] })).toMatchObject({
      bornOn: null,
      diedOn: '2025-01-01',
      alerts: [],
      version: 3,
    })
  })

  it('holds the breed to the species that the animal then has', async () => {
    const { id } = await addPatient(harness.app, actorOf(org), { clientId: ids.lucia, breedCode: 'canine-pug' })
    expect(await update({ id, version: 1, speciesCode: 'feline' })).toMatchObject({
      __typename: 'InvalidInput',
      issues: [{ path: 'breedCode', rule: 'breed_of_species' }],
    })
    expect(await update({ id, version: 1, speciesCode: 'feline', breedCode: null })).toMatchObject({ speciesCode: 'feline', breedCode: null })
    expect(await update({ id, version: 2, breedCode: 'canine-pug' })).toMatchObject({ __typename: 'InvalidInput' })
  })

  it('refuses a death before the birth that is on record', async () => {
    const { id } = await addPatient(harness.app, actorOf(org), { clientId: ids.lucia, bornOn: '2020-06-01' })
    expect(await update({ id, version: 1, diedOn: '2020-05-31' })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'diedOn', rule: 'ordered' }] })
    expect(await update({ id, version: 1, diedOn: '2020-06-01' })).toMatchObject({ __typename: 'Patient' })
  })

  it('refuses a change of what somebody else has changed', async () => {
    const { id } = await addPatient(harness.app, actorOf(org), { clientId: ids.lucia })
    expect(await update({ id, version: 1, name: 'Primero' })).toMatchObject({ __typename: 'Patient' })
    const second = await update({ id, version: 1, name: 'Segundo' })
    expect(second.__typename).toBe('StaleVersion')
    expect(paramsOf(second)).toEqual({ type: 'Patient', current: '2' })
  })

  it('lets the sister clinic change a shared chart', async () => {
    const { id } = await addPatient(harness.app, actorOf(org), { clientId: ids.lucia })
    expect(await update({ id, version: 1, weightKg: '12.345' }, await as('veterinarian', 1))).toMatchObject({
      weightKg: '12.345',
      homeClinic: { id: org.clinics[0]?.id },
    })
  })

  it('does not reach another organisation: neither its chart nor its client, nor a chip of its own twice', async () => {
    expect((await update({ id: ids.foreignPatient, version: 1, name: 'Mío' })).__typename).toBe('NotFound')
    const { id } = await addPatient(harness.app, actorOf(org), { clientId: ids.lucia })
    expect((await update({ id, version: 1, clientId: ids.foreignClient })).__typename).toBe('NotFound')
    expect((await update({ id, version: 1, microchip: '985141000123456' })).__typename).toBe('AlreadyExists')
    const theirs = await harness.call(PATIENT, { id: ids.foreignPatient }, { token: await as('owner', 0, foreign) })
    expect(theirs.body.data.patient).toMatchObject({ name: 'Máximo Ajeno', version: 1 })
  })
})

describe('clients', () => {
  it('answers an owner with their animals', async () => {
    const { body } = await harness.call(CLIENT, { id: ids.lucia }, { token: await as('receptionist') })
    expect(body.data.client).toMatchObject({
      id: ids.lucia,
      name: 'Lucía Hernández Peña',
      email: 'lucia@mail.example',
      address: 'Calle 5 #10\nCDMX',
      taxId: 'HEPL800101AB1',
      locale: 'es-MX',
      countryCode: 'MX',
    })
    expect(names(body.data.client.patients)).toEqual(expect.arrayContaining(['Canela', 'Luna', 'Máximo']))
    const entry = await lastEntry('Client')
    expect(entry.body.reads.find((read: Access) => read.type === 'Client')).toMatchObject({
      ids: [ids.lucia],
      fields: expect.arrayContaining(['address', 'phone', 'taxId']),
    })
    expect(entry.body.reads.find((read: Access) => read.type === 'Patient').ids).toContain(ids.max)
    expect((await harness.call(CLIENT, { id: ids.foreignClient }, { token: await as('owner') })).body.data.client).toBeNull()
  })

  it('creates one with the language and the country of the clinic unless given', async () => {
    const token = await as('veterinarian')
    const { body } = await harness.call(CREATE_CLIENT, { input: { name: ' Rescate  A.C. ', email: ' Info@Rescate.example ', locale: null } }, { token })
    expect(body.data.createClient).toMatchObject({
      __typename: 'Client',
      name: 'Rescate  A.C.',
      email: 'Info@Rescate.example',
      phone: null,
      locale: 'es-MX',
      countryCode: 'MX',
      version: 1,
    })
    const entry = await lastEntry('CreateClient/createClient')
    expect(entry).toMatchObject({ action: 'create' })
    expect(entry.body.changes).toEqual([{ type: 'Client', ids: [body.data.createClient.id], fields: ['countryCode', 'email', 'locale', 'name'] }])
    const abroad = await harness.call(CREATE_CLIENT, { input: { name: 'Ms Smith', locale: 'en', countryCode: 'US' } }, { token })
    expect(abroad.body.data.createClient).toMatchObject({ locale: 'en', countryCode: 'US' })
  })

  it.each([
    [{ name: '' }, 'name'],
    [{ email: 'not an address' }, 'email'],
    [{ countryCode: 'mexico' }, 'countryCode'],
    [{ locale: 'fr' }, 'locale'],
    [{ phone: 'x'.repeat(41) }, 'phone'],
    [{ address: 'bad\u0007bell' }, 'address'],
  ])('refuses %o and names the field', async (input, path) => {
    const { body } = await harness.call(CREATE_CLIENT, { input: { name: 'Alguien', ...input } }, { token: await as('receptionist') })
    expect(body.data.createClient).toMatchObject({ __typename: 'InvalidInput' })
    expect(body.data.createClient.issues[0].path).toBe(path)
  })

  it('changes what is given, keeps what is left out and refuses a stale or foreign change', async () => {
    const token = await as('receptionist')
    const id = await addClient(harness.app, actorOf(org), { name: 'Antes', phone: '111', email: 'a@b.example' })
    const change = async (input: object) => (await harness.call(UPDATE_CLIENT, { input }, { token })).body.data.updateClient
    expect(await change({ id, version: 1, name: 'Después', phone: null })).toMatchObject({
      __typename: 'Client',
      name: 'Después',
      phone: null,
      email: 'a@b.example',
      version: 2,
    })
    expect((await lastEntry('UpdateClient/updateClient')).body.changes).toEqual([{ type: 'Client', ids: [id], fields: ['name', 'phone'] }])
    const stale = await change({ id, version: 1, name: 'Otra vez' })
    expect(stale.__typename).toBe('StaleVersion')
    expect(paramsOf(stale)).toEqual({ type: 'Client', current: '2' })
    expect((await change({ id: ids.foreignClient, version: 1, name: 'Mía' })).__typename).toBe('NotFound')
    expect((await change({ id, version: 2, email: 'nope' })).__typename).toBe('InvalidInput')
  })

  it('pages by name, or by what name or phone hold, in the same number of statements for 5 and for 50', async () => {
    const actor = actorOf(foreign)
    for (let index = 0; index < 55; index += 1) {
      const clientId = await addClient(harness.app, actor, { name: `Página ${String(index).padStart(2, '0')}`, phone: `99 8877 ${1000 + index}` })
      await addPatient(harness.app, actor, { clientId, name: `Animal ${index}` })
    }
    const token = await as('receptionist', 0, foreign)
    const read = async (variables: object) => (await harness.call(CLIENTS, variables, { token })).body.data.clients
    for (const query of [null, 'PAGINA', '998877']) {
      const found: string[] = []
      let after: string | null = null
      do {
        const page: Connection = await read({ query, first: 20, after })
        found.push(...page.edges.map((edge: Edge) => edge.node.name))
        after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
      } while (after !== null)
      const wanted = found.filter((name) => name.startsWith('Página'))
      expect(wanted).toEqual(Array.from({ length: 55 }, (_, index) => `Página ${String(index).padStart(2, '0')}`))
      if (query !== null) expect(found).toEqual(wanted)
      const five = await statementsOf(async () => expect((await read({ query, first: 5 })).edges).toHaveLength(5))
      const fifty = await statementsOf(async () => expect((await read({ query, first: 50 })).edges).toHaveLength(50))
      expect(fifty).toBe(five)
      expect(five).toBeLessThanOrEqual(4)
    }
    expect((await read({ query: '998877 1007' })).edges.map((edge: Edge) => edge.node.name)).toEqual(['Página 07'])
    expect((await read({ query: 'Hernández' })).edges).toEqual([])
    expect((await read({ query: '%' })).edges).toEqual([])
  })
})

describe('rights', () => {
  const ROLES = [
    'super_admin',
    'owner',
    'clinic_admin',
    'manager',
    'veterinarian',
    'assistant',
    'receptionist',
    'groomer',
    'compliance_officer',
    'client',
  ] as const
  const without = (...roles: string[]) => ROLES.filter((role) => !roles.includes(role))
  const MAY: Record<string, readonly string[]> = {
    patient: without('compliance_officer', 'client'),
    client: without('compliance_officer', 'client', 'groomer'),
    createClient: without('compliance_officer', 'client', 'groomer', 'assistant'),
    createPatient: without('compliance_officer', 'client', 'groomer', 'manager'),
  }
  const isAllowed = async (document: string, variables: object, role: (typeof ROLES)[number]) => {
    const { body } = await harness.call(document, variables, { token: await as(role) })
    const codes = (body.errors ?? []).map((error) => error.extensions.code)
    if (codes.length > 0) expect(codes).toContain('FORBIDDEN')
    return codes.length === 0
  }

  it.each(ROLES)('opens to a %s what the role may do, and nothing else', async (role) => {
    const may = {
      patient: await isAllowed(PATIENT, { id: ids.max }, role),
      search: await isAllowed(SEARCH, { query: 'Máximo' }, role),
      client: await isAllowed(CLIENT, { id: ids.lucia }, role),
      clients: await isAllowed(CLIENTS, {}, role),
      createClient: await isAllowed(CREATE_CLIENT, { input: { name: '' } }, role),
      updateClient: await isAllowed(UPDATE_CLIENT, { input: { id: ids.lucia, version: 99 } }, role),
      createPatient: await isAllowed(CREATE, { input: { clientId: ids.lucia, name: '', speciesCode: 'canine' } }, role),
      updatePatient: await isAllowed(UPDATE, { input: { id: ids.max, version: 99 } }, role),
    }
    const [patient, client, writesClient, writesPatient] = ['patient', 'client', 'createClient', 'createPatient'].map((right) => MAY[right]?.includes(role))
    expect(may).toEqual({
      patient,
      search: patient,
      client,
      clients: client,
      createClient: writesClient,
      updateClient: writesClient,
      createPatient: writesPatient,
      updatePatient: writesPatient,
    })
  })

  it('tells a groomer whom to call about the animal, and nothing else about its owner', async () => {
    const document = 'query Pickup($id: UUID!) { patient(id: $id) { name client { name phone email address taxId } } }'
    const { body } = await harness.call(document, { id: ids.max }, { token: await as('groomer') })
    expect(body.data.patient).toEqual({
      name: 'Máximo',
      client: { name: 'Lucía Hernández Peña', phone: '+52 (55) 4321-8765', email: null, address: null, taxId: null },
    })
    expect(body.errors?.map((error) => [error.path?.join('.'), error.extensions.code, error.extensions.permission])).toEqual([
      ['patient.client.email', 'FORBIDDEN', 'client:read'],
      ['patient.client.address', 'FORBIDDEN', 'client:read'],
      ['patient.client.taxId', 'FORBIDDEN', 'client:read'],
    ])
  })

  it('is closed to nobody in particular, vocabularies included', async () => {
    for (const [document, variables] of [
      [PATIENT, { id: ids.max }],
      [SPECIES, {}],
    ] as const) {
      const { body } = await harness.call(document, variables)
      expect(body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    }
  })

  it('records a denial without what was hidden', async () => {
    await harness.call(PATIENT, { id: ids.max }, { token: await as('compliance_officer') })
    expect(await lastEntry('Patient')).toMatchObject({ outcome: 'denied', types: [], record_ids: [] })
  })
})
