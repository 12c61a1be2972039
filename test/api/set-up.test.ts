import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Harness, startHarness, TEST_PASSWORD } from '../harness.ts'
import { entriesOf, findDisagreements } from '../trail.ts'

let harness: Harness
let admin: pg.Client
beforeEach(async () => {
  harness = await startHarness()
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
})
afterEach(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const INPUT = {
  organisationName: 'Clínica Veterinaria',
  clinicName: 'Centro',
  countryCode: 'MX',
  timeZone: 'America/Mexico_City',
  currency: 'MXN',
  locale: 'es-MX',
  ownerName: 'Ana Ruiz',
  ownerEmail: 'Ana@Clinica.example',
  password: TEST_PASSWORD,
}
const SET_UP = `mutation SetUp($input: SetUpInput!) { setUpInstallation(input: $input) {
  __typename ... on Session { accessToken viewer { user { name } clinic { name timeZone currency } roles } } ... on InvalidInput { code issues { path rule } } ... on Error { code } } }`
const setUp = async (input: object = {}) => {
  const { body, headers } = await harness.call(SET_UP, { input: { ...INPUT, ...input } })
  return { answer: body.data.setUpInstallation, requestId: headers.get('x-request-id') }
}
const isRequired = async () => (await harness.call('{ setupRequired }')).body.data.setupRequired

describe('the first run', () => {
  it('creates organisation, clinic and owner, signs the owner in, and is recorded', async () => {
    expect(await isRequired()).toBe(true)
    const { answer, requestId } = await setUp()
    expect(answer).toMatchObject({
      __typename: 'Session',
      viewer: { user: { name: 'Ana Ruiz' }, clinic: { name: 'Centro', timeZone: 'America/Mexico_City', currency: 'MXN' }, roles: ['owner'] },
    })
    expect(await isRequired()).toBe(false)
    const [change] = await entriesOf(admin, requestId)
    expect(change?.body).toMatchObject({ action: 'create', outcome: 'ok', actor: { kind: 'system', name: 'set-up' } })
    expect(change?.body.changes?.map(({ type }) => type)).toEqual(expect.arrayContaining(['Clinic', 'Organisation', 'Role', 'RoleAssignment', 'User']))
    expect(await findDisagreements(admin)).toEqual([])
    expect((await harness.signIn('ana@clinica.example')).viewer.roles).toEqual(['owner'])
  })

  it('happens once, also when two people try at the same time', async () => {
    const answers = await Promise.all([setUp(), setUp({ ownerEmail: 'eva@clinica.example' })])
    expect(answers.map(({ answer }) => answer.__typename).toSorted()).toEqual(['Session', 'WrongState'])
    expect((await setUp({ ownerEmail: 'luz@clinica.example' })).answer).toMatchObject({ __typename: 'WrongState', code: 'WRONG_STATE' })
    expect((await admin.query('SELECT FROM organisation')).rowCount).toBe(1)
  })

  it.each([
    [{ password: 'too short' }, 'password', 'too_small'],
    [{ password: 'a'.repeat(201) }, 'password', 'too_big'],
    [{ password: 'abababababab' }, 'password', 'weak'],
    [{ password: 'my name is ana ruiz!' }, 'password', 'weak'],
    [{ timeZone: 'Mexico' }, 'clinics.0.timeZone', 'custom'],
    [{ currency: 'pesos' }, 'clinics.0.currency', 'invalid_format'],
    [{ locale: 'fr' }, 'locale', 'invalid_value'],
    [{ clinicName: ' ' }, 'clinics.0.name', 'too_small'],
    [{ ownerEmail: 'nobody' }, 'email', 'invalid_format'],
  ])('refuses %o and creates nothing', async (input, path, rule) => {
    expect((await setUp(input)).answer).toMatchObject({ __typename: 'InvalidInput', issues: [{ path, rule }] })
    expect(await isRequired()).toBe(true)
    expect((await admin.query('SELECT FROM organisation')).rowCount).toBe(0)
  })
})
