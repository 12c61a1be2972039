import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withClient } from '../../server/database/connection.ts'
import { type CallOptions, type Harness, startHarness } from '../harness.ts'
import { entriesOf } from '../trail.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addHours, addStaff } from '../world-staff.ts'
import { addTimeOff, findTimeOffType } from '../world-time-off.ts'

const ERRORS = '... on Error { code } ... on InvalidInput { issues { path } }'
const FIELDS = 'id code name isPaid countsAs annualAllowance colour isArchived version'
const TYPES = `query Types($all: Boolean! = false) { timeOffTypes(includeArchived: $all) { ${FIELDS} } }`
const CREATE = `mutation CreateType($input: CreateTimeOffTypeInput!) { createTimeOffType(input: $input) { __typename ... on TimeOffType { ${FIELDS} } ${ERRORS} } }`
const UPDATE = `mutation UpdateType($input: UpdateTimeOffTypeInput!) { updateTimeOffType(input: $input) { __typename ... on TimeOffType { ${FIELDS} } ${ERRORS} } }`
const ASK = `mutation Ask($input: RequestTimeOffInput!) { requestTimeOff(input: $input) { __typename ... on TimeOffRequest { id amount startsAt endsAt } ${ERRORS} } }`
const BALANCES = 'query Balances($staffId: UUID, $year: Int) { timeOffBalances(staffId: $staffId, year: $year) { type { code } allowance remaining } }'
const LIST = 'query Requests { timeOffRequests { edges { node { id reason } } } }'

let harness: Harness
/** Two clinics in Mexico, of which the second one keeps the clock of California; and one in the United States. */
let mexico: WorldOrganisation
let states: WorldOrganisation
const tokens = new Map<string, string>()

beforeAll(async () => {
  harness = await startHarness()
  mexico = await buildOrganisation(harness.app, 'alfa', [{}, { timeZone: 'America/Tijuana' }])
  states = await buildOrganisation(harness.app, 'omega', [{ timeZone: 'America/Chicago', countryCode: 'US', currency: 'USD', locale: 'en' }])
}, 60_000)
afterAll(() => harness[Symbol.asyncDispose]())

type Role = Parameters<WorldOrganisation['email']>[0]
async function call(document: string, variables: object, role: Role = 'owner', organisation = mexico, options: CallOptions = {}) {
  const email = organisation.email(role)
  const token = tokens.get(email) ?? (await harness.signIn(email)).token
  tokens.set(email, token)
  const { body, headers } = await harness.call(document, variables, { token, ...options })
  return { root: body.data && Object.values(body.data)[0], errors: body.errors, requestId: headers.get('x-request-id') } as {
    root: any
    errors: unknown
    requestId: string | null
  }
}
const ask = async (...args: Parameters<typeof call>) => (await call(...args)).root
const actorOf = (organisation: WorldOrganisation, clinic = 0) => {
  const place = organisation.clinics[clinic]
  if (!place) throw new Error('no such clinic')
  return place.actor
}

describe('types of time off', () => {
  it('are there from the start, in the language of the clinic', async () => {
    const spanish = await ask(TYPES, {})
    expect(
      spanish.map(({ code, name, annualAllowance }: { code: string; name: string; annualAllowance: string | null }) => [code, name, annualAllowance]),
    ).toEqual([
      ['personal', 'Asunto personal', '3'],
      ['training', 'Capacitación', '5'],
      ['sick', 'Enfermedad', null],
      ['unpaid', 'Permiso sin goce de sueldo', null],
      ['vacation', 'Vacaciones', '12'],
    ])
    const english = await ask(TYPES, {}, 'groomer', states)
    expect(english.map(({ name }: { name: string }) => name)).toEqual(['Personal', 'Sick leave', 'Training', 'Unpaid leave', 'Vacation'])
  })

  it('are added, changed and archived, and an archived one takes no requests', async () => {
    const made = await ask(CREATE, { input: { code: 'blood-donation', name: 'Donación', countsAs: 'HOURS', annualAllowance: '8', isPaid: true } })
    expect(made).toMatchObject({ code: 'blood-donation', countsAs: 'HOURS', annualAllowance: '8', isArchived: false, version: 1 })
    expect(await ask(CREATE, { input: { code: 'blood-donation', name: 'Again' } })).toMatchObject({ code: 'ALREADY_EXISTS' })
    const changed = await ask(UPDATE, { input: { id: made.id, version: 1, annualAllowance: null, colour: '#E03131' } })
    expect(changed).toMatchObject({ annualAllowance: null, colour: '#e03131', name: 'Donación', version: 2 })
    expect(await ask(UPDATE, { input: { id: made.id, version: 1, name: 'Late' } })).toMatchObject({ code: 'STALE_VERSION' })
    expect(await ask(UPDATE, { input: { id: made.id, version: 2, isArchived: true } }, 'owner', states)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await ask(UPDATE, { input: { id: made.id, version: 2, isArchived: true } })).toMatchObject({ isArchived: true })
    const staffId = await addStaff(harness.app, actorOf(mexico))
    const input = { staffId, typeId: made.id, firstDay: '2027-03-01', lastDay: '2027-03-01' }
    expect(await ask(ASK, { input }, 'manager')).toMatchObject({ code: 'NOT_FOUND' })
    const codes = async (all: boolean) => (await ask(TYPES, { all })).map(({ code }: { code: string }) => code)
    expect([(await codes(false)).includes('blood-donation'), (await codes(true)).includes('blood-donation')]).toEqual([false, true])
  })

  it.each([
    ['days of more than a year', { annualAllowance: '366.01' }, 'annualAllowance'],
    ['hours of more than a year', { annualAllowance: '8784.01', countsAs: 'HOURS' }, 'annualAllowance'],
    ['more than a number can hold', { annualAllowance: '99999' }, 'annualAllowance'],
    ['less than nothing', { annualAllowance: '-1' }, 'annualAllowance'],
    ['a code with blanks', { code: 'day off' }, 'code'],
    ['no name', { name: ' ' }, 'name'],
  ])('are refused with %s', async (_case, input, path) => {
    expect(await ask(CREATE, { input: { code: 'odd', name: 'Odd', ...input } })).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path }] })
  })
})

describe('time off', () => {
  it('counts in hours where its type does', async () => {
    const { id: typeId } = await ask(CREATE, { input: { code: 'hours', name: 'Horas', countsAs: 'HOURS' } })
    const staffId = await addStaff(harness.app, actorOf(mexico))
    await addHours(harness.app, actorOf(mexico), staffId, { weekdays: [1], start: '09:00', end: '14:30' })
    // At the sister clinic as well, in the afternoon.
    await addHours(harness.app, actorOf(mexico, 1), staffId, { weekdays: [1], start: '16:00', end: '19:00' })
    expect(await ask(ASK, { input: { staffId, typeId, firstDay: '2027-03-01', lastDay: '2027-03-07' } })).toMatchObject({ amount: '8.5' })
    expect(await ask(ASK, { input: { staffId, typeId, firstDay: '2027-03-08', lastDay: '2027-03-08', start: '13:00', end: '17:00' } })).toMatchObject({
      amount: '2.5',
    })
  })

  it('on the day of a change of the clock is as long as that day', async () => {
    const there = { clinicId: mexico.clinics[1]?.id ?? '' }
    const [staffId, typeId] = [await addStaff(harness.app, actorOf(mexico, 1)), await findTimeOffType(harness.app, actorOf(mexico))]
    const off = (day: string, part: object = {}) => ask(ASK, { input: { staffId, typeId, firstDay: day, lastDay: day, ...part } }, 'owner', mexico, there)
    expect(await off('2027-03-14')).toMatchObject({ startsAt: '2027-03-14T08:00:00.000Z', endsAt: '2027-03-15T07:00:00.000Z' })
    expect(await off('2027-11-07')).toMatchObject({ startsAt: '2027-11-07T07:00:00.000Z', endsAt: '2027-11-08T08:00:00.000Z' })
    expect(await off('2027-03-14', { start: '02:30', end: '03:00' })).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: 'start' }] })
    expect(await off('2027-03-14', { start: '01:30', end: '03:30' })).toMatchObject({
      startsAt: '2027-03-14T09:30:00.000Z',
      endsAt: '2027-03-14T10:30:00.000Z',
    })
  })

  it('of a clinic in the United States is what the clinic gives', async () => {
    const staffId = await addStaff(harness.app, actorOf(states), { hiredOn: '2010-01-01' })
    const balances = await ask(BALANCES, { staffId, year: 2027 }, 'owner', states)
    expect(balances).toContainEqual({ type: { code: 'vacation' }, allowance: '12', remaining: '12' })
  })

  it('that was read is in the trail, whoever’s it is, and its reason is not', async () => {
    const staffId = await addStaff(harness.app, actorOf(mexico))
    const id = await addTimeOff(harness.app, actorOf(mexico), { staffId, firstDay: '2027-05-03', lastDay: '2027-05-03', reason: 'A secret illness' })
    const { requestId } = await call(LIST, {}, 'manager')
    const entries = await withClient(harness.database.adminUrl, (client) => entriesOf(client, requestId))
    expect(entries.flatMap(({ body }) => body.reads ?? []).find(({ type }) => type === 'TimeOffRequest')).toMatchObject({ ids: expect.arrayContaining([id]) })
    expect(entries.map(({ text }) => text).join()).not.toContain('secret')
  })
})
