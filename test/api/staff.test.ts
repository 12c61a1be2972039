import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { localDateOf } from '../../modules/kernel/time.ts'
import { setWeeklySchedule } from '../../modules/staff/index.ts'
import { withClient } from '../../server/database/connection.ts'
import { type Harness, startHarness } from '../harness.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addHours, addStaff } from '../world-staff.ts'

type Row = { id: string; name: string; code?: string }
type Edge = { node: Row }
type Access = { type: string; ids: string[]; fields: string[] }
type Connection = { edges: Edge[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }

let harness: Harness
let org: WorldOrganisation
let foreign: WorldOrganisation
let vetId: string
let foreignVetId: string
const tokens = new Map<string, string>()

const STAFF =
  'query Staff($first: Int, $after: String, $all: Boolean!) { staff(first: $first, after: $after, includeInactive: $all) { edges { node { id name isActive primaryClinic { id name } schedules { weekday start end validFrom } } } pageInfo { hasNextPage endCursor } } }'
const MEMBER =
  'query Member($id: UUID!, $past: Boolean = false) { staffMember(id: $id) { id employeeNumber name position hiredOn terminatedOn licenceNumber specialisations colour isBookable isActive version primaryClinic { id } schedules(includePast: $past) { weekday start end validFrom validUntil } } }'
const BOOKABLE = 'query Bookable($date: LocalDate) { bookableStaff(date: $date) { id name } }'
const ERRORS = '... on Error { code message params { name value } } ... on InvalidInput { issues { path rule } }'
const CREATE = `mutation Create($input: CreateStaffProfileInput!) { createStaffProfile(input: $input) { __typename ... on StaffProfile { id name position hiredOn colour isBookable isActive version specialisations } ${ERRORS} } }`
const UPDATE = `mutation Update($input: UpdateStaffProfileInput!) { updateStaffProfile(input: $input) { __typename ... on StaffProfile { id name position terminatedOn licenceNumber colour isActive version specialisations } ${ERRORS} } }`
const SCHEDULE = `mutation Schedule($input: SetWeeklyScheduleInput!) { setWeeklySchedule(input: $input) { __typename ... on StaffProfile { id schedules(includePast: true) { weekday start end validFrom validUntil } } ${ERRORS} } }`

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
const profile = (input: object = {}) => ({
  employeeNumber: newId().slice(-12),
  name: 'Sofía Ramírez',
  position: 'veterinarian',
  hiredOn: '2024-05-01',
  ...input,
})

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

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
  foreign = await buildOrganisation(harness.app, 'beta')
  vetId = await addStaff(harness.app, actorOf(org), {
    name: 'Ana Vet',
    employeeNumber: 'A-1',
    licenceNumber: '1234567',
    specialisations: ['surgery'],
    userId: org.userId('veterinarian'),
  })
  await addHours(harness.app, actorOf(org), vetId)
  foreignVetId = await addStaff(harness.app, actorOf(foreign), { name: 'Zoe Foreign' })
  await addHours(harness.app, actorOf(foreign), foreignVetId)
})
afterAll(() => harness[Symbol.asyncDispose]())

describe('reading staff', () => {
  it('answers a profile with its clinic and hours', async () => {
    const { body } = await harness.call(MEMBER, { id: vetId }, { token: await as('receptionist') })
    expect(body.errors).toBeUndefined()
    expect(body.data.staffMember).toMatchObject({
      id: vetId,
      employeeNumber: 'A-1',
      name: 'Ana Vet',
      position: 'veterinarian',
      hiredOn: '2020-01-01',
      terminatedOn: null,
      licenceNumber: '1234567',
      specialisations: ['surgery'],
      colour: '#228be6',
      isBookable: true,
      isActive: true,
      version: 1,
      primaryClinic: { id: org.clinics[0]?.id },
    })
    expect(body.data.staffMember.schedules).toHaveLength(6)
    expect(body.data.staffMember.schedules[0]).toEqual({ weekday: 1, start: '09:00', end: '17:00', validFrom: '2020-01-01', validUntil: null })
  })

  it('keeps identities over the organisation and hours at their clinic', async () => {
    const { body } = await harness.call(MEMBER, { id: vetId }, { token: await as('receptionist', 1) })
    expect(body.data.staffMember).toMatchObject({ name: 'Ana Vet', schedules: [] })
  })

  it('never shows a person of another organisation', async () => {
    const token = await as('owner')
    const member = await harness.call(MEMBER, { id: foreignVetId }, { token })
    expect(member.body).toMatchObject({ data: { staffMember: null } })
    const list = await harness.call(STAFF, { all: true }, { token })
    expect(JSON.stringify(list.body)).not.toContain('Zoe Foreign')
    expect(list.body.data.staff.edges.map((edge: Edge) => edge.node.name)).toContain('Ana Vet')
  })

  it('names what was read in the audit entry', async () => {
    await harness.call(MEMBER, { id: vetId }, { token: await as('receptionist') })
    const entry = await lastEntry('Member')
    expect(entry).toMatchObject({ action: 'read', outcome: 'ok' })
    expect(entry.record_ids).toContain(vetId)
    const reads = entry.body.reads.find((read: Access) => read.type === 'StaffProfile')
    expect(reads.ids).toEqual([vetId])
    expect(reads.fields).toEqual(expect.arrayContaining(['name', 'licenceNumber', 'hiredOn']))
    expect(entry.body.reads.find((read: Access) => read.type === 'WeeklySchedule').ids).toHaveLength(6)
  })

  it('finds people by name, number and department, whatever the accents, and those who left when asked', async () => {
    const actor = actorOf(org)
    const foundId = await addStaff(harness.app, actor, { name: 'Íñigo Núñez', employeeNumber: 'SEEK-7', department: 'Estética' })
    const leftId = await addStaff(harness.app, actor, { name: 'Íñigo Gone', terminatedOn: '2024-01-31' })
    const find = async (query: string, all = false) => {
      const document = `query Find($query: String, $all: Boolean! = false) { staff(first: 100, query: $query, includeInactive: $all) { edges { node { id hasAccount } } } }`
      return (await harness.call(document, { query, all }, { token: await as('receptionist') })).body.data.staff.edges.map((edge: any) => edge.node)
    }
    for (const query of ['inigo nun', 'seek-7', 'ESTETICA']) expect([query, await find(query)]).toEqual([query, [{ id: foundId, hasAccount: false }]])
    expect((await find('iñigo', true)).map(({ id }: any) => id).sort()).toEqual([leftId, foundId].sort())
    expect(await find('ana vet')).toEqual([{ id: vetId, hasAccount: true }])
  })

  it('pages by name without losing or repeating anybody, and leaves inactive people out unless asked', async () => {
    const actor = actorOf(foreign, 1)
    for (let index = 0; index < 55; index += 1) await addStaff(harness.app, actor, { name: `Page ${String(index).padStart(2, '0')}`, isBookable: false })
    const token = await as('owner', 0, foreign)
    const gone = (await harness.call(STAFF, { first: 100, all: false }, { token })).body.data.staff.edges[0].node
    await harness.call(UPDATE, { input: { id: gone.id, version: 1, isActive: false } }, { token })
    const names: string[] = []
    let after: string | null = null
    do {
      const { staff }: { staff: Connection } = (await harness.call(STAFF, { first: 20, after, all: false }, { token })).body.data
      names.push(...staff.edges.map((edge: Edge) => edge.node.name))
      after = staff.pageInfo.hasNextPage ? staff.pageInfo.endCursor : null
    } while (after !== null)
    expect(names).toHaveLength(55)
    expect(names).toEqual([...new Set(names)].sort())
    expect(names).not.toContain(gone.name)
    const all = (await harness.call(STAFF, { first: 100, all: true }, { token })).body.data.staff.edges.map((edge: Edge) => edge.node)
    expect(all).toHaveLength(56)
    expect(all.find((node: Row) => node.id === gone.id)).toMatchObject({ isActive: false })
  })

  it('costs the same statements for 5 and for 50 people', async () => {
    const token = await as('owner', 1, foreign)
    const count = async (first: number) => {
      let statements = 0
      harness.app.database.onStatement = () => {
        statements += 1
      }
      const { body } = await harness.call(STAFF, { first, all: true }, { token })
      harness.app.database.onStatement = null
      expect(body.data.staff.edges).toHaveLength(first)
      return statements
    }
    const five = await count(5)
    expect(await count(50)).toBe(five)
    expect(five).toBeLessThanOrEqual(3)
  })

  it('reads bookable staff in one statement', async () => {
    const token = await as('owner')
    let statements = 0
    harness.app.database.onStatement = () => {
      statements += 1
    }
    const { body } = await harness.call(BOOKABLE, {}, { token })
    harness.app.database.onStatement = null
    expect(body.data.bookableStaff.length).toBeGreaterThan(0)
    expect(statements).toBe(1)
  })
})

describe('bookable staff', () => {
  it('holds who is active, bookable, employed that day and has hours at this clinic that are valid that day', async () => {
    const actor = actorOf(org)
    const [notBookable, left, hired, elsewhere, without, ended] = await Promise.all([
      addStaff(harness.app, actor, { isBookable: false }),
      addStaff(harness.app, actor, { terminatedOn: '2025-06-30' }),
      addStaff(harness.app, actor, { hiredOn: '2025-07-01' }),
      addStaff(harness.app, actor),
      addStaff(harness.app, actor),
      addStaff(harness.app, actor),
    ])
    for (const id of [notBookable, left, hired, ended]) await addHours(harness.app, actor, id)
    await addHours(harness.app, actorOf(org, 1), elsewhere)
    await harness.app.asSystem(actor, 'cli', 'world', (tx) => setWeeklySchedule(tx, actor, { staffId: ended, validFrom: '2025-07-01', days: [] }))
    const token = await as('groomer')
    const on = async (date: string, clinic = token) =>
      ((await harness.call(BOOKABLE, { date }, { token: clinic })).body.data.bookableStaff as { id: string }[]).map(({ id }) => id)
    const before = await on('2025-06-30')
    const after = await on('2025-07-01')
    expect(before).toEqual(expect.arrayContaining([vetId, left, ended]))
    expect(after).toEqual(expect.arrayContaining([vetId, hired]))
    for (const id of [notBookable, elsewhere, without, hired]) expect(before).not.toContain(id)
    for (const id of [notBookable, elsewhere, without, left, ended]) expect(after).not.toContain(id)
    expect(await on('2025-07-01', await as('groomer', 1))).toEqual([elsewhere])
  })
})

describe('creating and changing a profile', () => {
  it('creates one with defaults and writes down every field that was given', async () => {
    const { body } = await harness.call(CREATE, { input: profile({ specialisations: ['dentistry'], isBookable: null }) }, { token: await as('manager') })
    expect(body.data.createStaffProfile).toMatchObject({
      __typename: 'StaffProfile',
      name: 'Sofía Ramírez',
      hiredOn: '2024-05-01',
      colour: '#228be6',
      isBookable: false,
      isActive: true,
      version: 1,
      specialisations: ['dentistry'],
    })
    const entry = await lastEntry('Create/createStaffProfile')
    expect(entry).toMatchObject({ action: 'create', outcome: 'ok' })
    expect(entry.body.changes).toEqual([
      { type: 'StaffProfile', ids: [body.data.createStaffProfile.id], fields: ['employeeNumber', 'hiredOn', 'name', 'position', 'specialisations'] },
    ])
  })

  it.each([
    [{ name: '  ' }, 'name'],
    [{ position: 'astronaut' }, 'position'],
    [{ colour: 'blue' }, 'colour'],
    [{ employeeNumber: '' }, 'employeeNumber'],
    [{ terminatedOn: '2024-04-30' }, 'terminatedOn'],
    [{ name: 'two\nlines' }, 'name'],
  ])('refuses %o and names the field', async (input, path) => {
    const { body } = await harness.call(CREATE, { input: profile(input) }, { token: await as('manager') })
    expect(body.data.createStaffProfile).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT' })
    expect(body.data.createStaffProfile.issues[0].path).toBe(path)
  })

  it('refuses an employee number or a user that another profile has', async () => {
    const token = await as('manager')
    const number = await harness.call(CREATE, { input: profile({ employeeNumber: 'A-1' }) }, { token })
    expect(number.body.data.createStaffProfile).toMatchObject({ __typename: 'AlreadyExists' })
    expect(paramsOf(number.body.data.createStaffProfile)).toEqual({ type: 'StaffProfile', field: 'employeeNumber' })
    const user = await harness.call(CREATE, { input: profile({ userId: org.userId('veterinarian') }) }, { token })
    expect(paramsOf(user.body.data.createStaffProfile)).toEqual({ type: 'StaffProfile', field: 'userId' })
  })

  it('lets another organisation use the same employee number', async () => {
    const { body } = await harness.call(CREATE, { input: profile({ employeeNumber: 'A-1' }) }, { token: await as('manager', 0, foreign) })
    expect(body.data.createStaffProfile.__typename).toBe('StaffProfile')
  })

  it('refuses a user and a clinic of another organisation', async () => {
    const token = await as('manager')
    const user = await harness.call(CREATE, { input: profile({ userId: foreign.userId('veterinarian') }) }, { token })
    expect(user.body.data.createStaffProfile).toMatchObject({ __typename: 'NotFound' })
    expect(paramsOf(user.body.data.createStaffProfile)).toEqual({ type: 'User' })
    const clinic = await harness.call(CREATE, { input: profile({ primaryClinicId: foreign.clinics[0]?.id }) }, { token })
    expect(paramsOf(clinic.body.data.createStaffProfile)).toEqual({ type: 'Clinic' })
  })

  it('changes what is given, keeps what is left out and clears what is null', async () => {
    const token = await as('manager')
    const id = await addStaff(harness.app, actorOf(org), { name: 'Before', licenceNumber: '77', specialisations: ['x'] })
    const change = { id, version: 1, name: 'After', licenceNumber: null, terminatedOn: '2030-01-31', hiredOn: '2021-02-03', position: null, colour: '#AABBCC' }
    const { body } = await harness.call(UPDATE, { input: change }, { token })
    expect(body.data.updateStaffProfile).toMatchObject({
      name: 'After',
      licenceNumber: null,
      terminatedOn: '2030-01-31',
      position: 'veterinarian',
      colour: '#aabbcc',
      specialisations: ['x'],
      version: 2,
    })
    const entry = await lastEntry('Update/updateStaffProfile')
    expect(entry.body.changes).toEqual([{ type: 'StaffProfile', ids: [id], fields: ['colour', 'hiredOn', 'licenceNumber', 'name', 'terminatedOn'] }])
    const cleared = await harness.call(UPDATE, { input: { id, version: 2, terminatedOn: null } }, { token })
    expect(cleared.body.data.updateStaffProfile).toMatchObject({ terminatedOn: null, name: 'After', version: 3 })
  })

  it('refuses a change of what somebody else has changed', async () => {
    const token = await as('manager')
    const id = await addStaff(harness.app, actorOf(org))
    expect((await harness.call(UPDATE, { input: { id, version: 1, name: 'First' } }, { token })).body.data.updateStaffProfile.__typename).toBe('StaffProfile')
    const second = await harness.call(UPDATE, { input: { id, version: 1, name: 'Second' } }, { token })
    expect(second.body.data.updateStaffProfile).toMatchObject({ __typename: 'StaleVersion' })
    expect(paramsOf(second.body.data.updateStaffProfile)).toEqual({ type: 'StaffProfile', current: '2' })
  })

  it('refuses an end before the beginning and a number that is taken', async () => {
    const token = await as('manager')
    const id = await addStaff(harness.app, actorOf(org))
    const early = await harness.call(UPDATE, { input: { id, version: 1, terminatedOn: '2019-12-31' } }, { token })
    expect(early.body.data.updateStaffProfile).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'terminatedOn', rule: 'ordered' }] })
    const taken = await harness.call(UPDATE, { input: { id, version: 1, employeeNumber: 'A-1' } }, { token })
    expect(taken.body.data.updateStaffProfile.__typename).toBe('AlreadyExists')
  })

  it('does not reach a person of another organisation', async () => {
    const { body } = await harness.call(UPDATE, { input: { id: foreignVetId, version: 1, name: 'Mine now' } }, { token: await as('owner') })
    expect(body.data.updateStaffProfile).toMatchObject({ __typename: 'NotFound' })
    const theirs = await harness.call(MEMBER, { id: foreignVetId }, { token: await as('owner', 0, foreign) })
    expect(theirs.body.data.staffMember.name).toBe('Zoe Foreign')
  })
})

describe('the weekly schedule', () => {
  const days = [
    { weekday: 1, start: '09:00', end: '13:00' },
    { weekday: 1, start: '14:00', end: '18:00' },
    { weekday: 7, start: '00:00', end: '24:00' },
  ]
  const set = async (input: object, token: string) => (await harness.call(SCHEDULE, { input }, { token })).body.data.setWeeklySchedule

  it('replaces what is valid from a day on and keeps what was before', async () => {
    const token = await as('manager')
    const staffId = await addStaff(harness.app, actorOf(org))
    await set({ staffId, validFrom: '2025-01-01', days }, token)
    await set({ staffId, validFrom: '2025-09-01', days: [{ weekday: 2, start: '10:00', end: '12:00' }] }, token)
    const answer = await set({ staffId, validFrom: '2025-06-01', days: [{ weekday: 1, start: '08:00', end: '18:00' }] }, token)
    expect(answer.schedules).toEqual([
      { weekday: 1, start: '09:00', end: '13:00', validFrom: '2025-01-01', validUntil: '2025-06-01' },
      { weekday: 1, start: '14:00', end: '18:00', validFrom: '2025-01-01', validUntil: '2025-06-01' },
      { weekday: 7, start: '00:00', end: '24:00', validFrom: '2025-01-01', validUntil: '2025-06-01' },
      { weekday: 1, start: '08:00', end: '18:00', validFrom: '2025-06-01', validUntil: null },
    ])
    const now = await harness.call(MEMBER, { id: staffId }, { token })
    expect(now.body.data.staffMember.schedules).toHaveLength(1)
    const entry = await lastEntry('Schedule/setWeeklySchedule')
    expect(entry.action).toBe('update')
    expect(entry.body.changes.map((change: Access) => [change.type, change.fields, change.ids.length])).toEqual(
      expect.arrayContaining([
        ['WeeklySchedule', ['validUntil'], 3],
        ['WeeklySchedule', ['deleted'], 1],
        ['WeeklySchedule', ['clinicId', 'endMinute', 'staffId', 'startMinute', 'validFrom', 'weekday'], 1],
      ]),
    )
  })

  it('sets the same day twice to the later plan', async () => {
    const token = await as('manager')
    const staffId = await addStaff(harness.app, actorOf(org))
    await set({ staffId, validFrom: '2025-01-01', days }, token)
    const answer = await set({ staffId, validFrom: '2025-01-01', days: [{ weekday: 3, start: '09:00', end: '10:00' }] }, token)
    expect(answer.schedules).toEqual([{ weekday: 3, start: '09:00', end: '10:00', validFrom: '2025-01-01', validUntil: null }])
    expect((await set({ staffId, validFrom: '2025-01-01', days: [] }, token)).schedules).toEqual([])
  })

  it('refuses hours that overlap each other and names the weekday', async () => {
    const staffId = await addStaff(harness.app, actorOf(org))
    const answer = await set(
      {
        staffId,
        validFrom: '2025-01-01',
        days: [
          { weekday: 4, start: '09:00', end: '13:00' },
          { weekday: 4, start: '12:00', end: '15:00' },
        ],
      },
      await as('manager'),
    )
    expect(answer).toMatchObject({ __typename: 'ScheduleOverlap', code: 'SCHEDULE_OVERLAP' })
    expect(paramsOf(answer)).toEqual({ staffId, weekday: '4' })
  })

  it('refuses hours that overlap the same person at the other clinic, and keeps the old plan', async () => {
    const staffId = await addStaff(harness.app, actorOf(org))
    await addHours(harness.app, actorOf(org, 1), staffId, { weekdays: [1] })
    const token = await as('manager')
    await set({ staffId, validFrom: '2025-01-01', days: [{ weekday: 2, start: '09:00', end: '13:00' }] }, token)
    const answer = await set({ staffId, validFrom: '2025-02-01', days: [{ weekday: 1, start: '16:00', end: '19:00' }] }, token)
    expect(answer.__typename).toBe('ScheduleOverlap')
    expect(paramsOf(answer)).toEqual({ staffId, weekday: null })
    const kept = await harness.call(MEMBER, { id: staffId, past: true }, { token })
    expect(kept.body.data.staffMember.schedules).toEqual([{ weekday: 2, start: '09:00', end: '13:00', validFrom: '2025-01-01', validUntil: null }])
    expect((await set({ staffId, validFrom: '2025-02-01', days: [{ weekday: 1, start: '17:00', end: '19:00' }] }, token)).__typename).toBe('StaffProfile')
  })

  it.each([
    [{ weekday: 0, start: '09:00', end: '13:00' }, 'days.0.weekday'],
    [{ weekday: 8, start: '09:00', end: '13:00' }, 'days.0.weekday'],
    [{ weekday: 1, start: '13:00', end: '13:00' }, 'days.0'],
    [{ weekday: 1, start: '13:00', end: '09:00' }, 'days.0'],
  ])('refuses the hours %o', async (wrong, path) => {
    const answer = await set({ staffId: vetId, validFrom: '2025-01-01', days: [wrong] }, await as('manager'))
    expect(answer).toMatchObject({ __typename: 'InvalidInput', issues: [{ path }] })
  })

  it('does not reach a person of another organisation', async () => {
    expect((await set({ staffId: foreignVetId, validFrom: '2025-01-01', days: [] }, await as('owner'))).__typename).toBe('NotFound')
    const theirs = await harness.call(MEMBER, { id: foreignVetId }, { token: await as('owner', 0, foreign) })
    expect(theirs.body.data.staffMember.schedules).toHaveLength(6)
  })

  it('leaves one of two plans that arrive at once', async () => {
    const token = await as('manager')
    const staffId = await addStaff(harness.app, actorOf(org))
    const plans = [1, 2, 3, 4, 5, 6].map((weekday) => ({ staffId, validFrom: '2025-01-01', days: [{ weekday, start: '09:00', end: '17:00' }] }))
    const answers = await Promise.all(plans.map((plan) => set(plan, token)))
    expect(answers.map(({ __typename }) => __typename)).toEqual(plans.map(() => 'StaffProfile'))
    const kept = await harness.call(MEMBER, { id: staffId, past: true }, { token })
    expect(kept.body.data.staffMember.schedules).toHaveLength(1)
  })

  it('shows hours that have ended only when asked', async () => {
    const staffId = await addStaff(harness.app, actorOf(org))
    const token = await as('manager')
    const today = localDateOf(harness.app.clock.now(), 'America/Mexico_City')
    await set({ staffId, validFrom: '2025-01-01', days }, token)
    await set({ staffId, validFrom: today, days: [] }, token)
    expect((await harness.call(MEMBER, { id: staffId }, { token })).body.data.staffMember.schedules).toEqual([])
    expect((await harness.call(MEMBER, { id: staffId, past: true }, { token })).body.data.staffMember.schedules).toHaveLength(3)
  })
})

describe('rights', () => {
  const MANAGERS = ['super_admin', 'owner', 'clinic_admin', 'manager']
  const READERS = [...MANAGERS, 'veterinarian', 'assistant', 'receptionist', 'groomer', 'compliance_officer']
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
  const isAllowed = async (document: string, variables: object, role: (typeof ROLES)[number]) => {
    const { body } = await harness.call(document, variables, { token: await as(role) })
    const codes = (body.errors ?? []).map((error) => error.extensions.code)
    if (codes.length > 0) expect(codes).toContain('FORBIDDEN')
    return codes.length === 0
  }

  it.each(ROLES)('opens to a %s what the role may do, and nothing else', async (role) => {
    const may = {
      read: await isAllowed(MEMBER, { id: vetId }, role),
      list: await isAllowed(STAFF, { all: false, first: 1 }, role),
      book: await isAllowed(BOOKABLE, {}, role),
      create: await isAllowed(CREATE, { input: profile() }, role),
      update: await isAllowed(UPDATE, { input: { id: vetId, version: 99 } }, role),
      schedule: await isAllowed(SCHEDULE, { input: { staffId: vetId, validFrom: '2031-01-01', days: [{ weekday: 9, start: '09:00', end: '10:00' }] } }, role),
    }
    const reads = READERS.includes(role)
    const manages = MANAGERS.includes(role)
    expect(may).toEqual({ read: reads, list: reads, book: reads && role !== 'compliance_officer', create: manages, update: manages, schedule: manages })
  })

  it('is closed to nobody in particular', async () => {
    const { body } = await harness.call(MEMBER, { id: vetId })
    expect(body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect(body.data?.staffMember ?? null).toBeNull()
  })

  it('records a denial', async () => {
    await harness.call(CREATE, { input: profile() }, { token: await as('receptionist') })
    const entry = await lastEntry('Create')
    expect(entry).toMatchObject({ outcome: 'denied', types: [] })
  })
})
