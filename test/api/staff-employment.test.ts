import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoleCode } from '../../modules/access/index.ts'
import { instantAt } from '../../modules/kernel/time.ts'
import { withClient } from '../../server/database/connection.ts'
import { type Harness, startHarness } from '../harness.ts'
import { actorOf, callers, ERRORS, lastEntry, paramsOf } from '../operations.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addAppointment, addPractice, type Practice } from '../world-scheduling.ts'
import { addHours, addStaff } from '../world-staff.ts'

const ZONE = 'America/Mexico_City'
const LAST_DAY = '2027-03-05'
let now = new Date()
let harness: Harness
let org: WorldOrganisation
let practice: Practice
let ownerId: string

const VIEWER = '{ viewer { user { id } staffId roles } }'
const SIGN_IN =
  'mutation SignIn($email: String!) { signIn(input: { email: $email, password: "correct horse battery staple" }) { __typename ... on Error { code } } }'
const REFRESH = 'mutation Refresh { refreshSession { __typename ... on Error { code } } }'
const STAFF = 'query Staff { staff(first: 100) { edges { node { id } } } }'
const PROFILE = 'id version terminatedOn isActive employmentType department manager { id name }'
const UPDATE = `mutation Update($input: UpdateStaffProfileInput!) { updateStaffProfile(input: $input) { __typename ... on StaffProfile { ${PROFILE} } ${ERRORS} } }`
const CREATE = `mutation Create($input: CreateStaffProfileInput!) { createStaffProfile(input: $input) { __typename ... on StaffProfile { ${PROFILE} } ${ERRORS} } }`
const OFFBOARD = `mutation Leave($input: OffboardStaffMemberInput!) { offboardStaffMember(input: $input) { __typename ... on Offboarding {
  staff { id terminatedOn version } endedRoles affectedElsewhere affectedAppointments { id startsAt } affectedSchedules { weekday } tasks { process step dueOn isOverdue doneAt }
} ${ERRORS} } }`
const IMPACT = `query Impact($staffId: UUID!) { offboardingImpact(staffId: $staffId, lastDay: "${LAST_DAY}") {
  staff { terminatedOn } endedRoles affectedElsewhere affectedAppointments { id } affectedSchedules { weekday } tasks { id }
} }`
const ONBOARD = `mutation Begin($input: StartOnboardingInput!) { startOnboarding(input: $input) { __typename ... on Onboarding { staff { id } tasks { id process step title dueOn isOverdue version } } ${ERRORS} } }`
const TICK = `mutation Tick($input: SetStaffTaskDoneInput!) { setStaffTaskDone(input: $input) { __typename ... on StaffTask { id doneAt doneById version } ${ERRORS} } }`
const ADD_TASK = `mutation Add($input: AddStaffTaskInput!) { addStaffTask(input: $input) { __typename ... on StaffTask { id title step process dueOn } ${ERRORS} } }`
const TASKS = `query Tasks($staffId: UUID, $process: String, $done: Boolean! = false) { staffTasks(staffId: $staffId, process: $process, includeDone: $done, first: 100) { edges { node { id step title doneAt } } } }`
const ROLES = 'query Users { users(first: 100) { edges { node { id assignments { id role { code } validFrom validUntil } } } } }'

const at = (date: string, time: string) => {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return instantAt(date, hour * 60 + minute, ZONE).instant
}
const move = (date: string, time: string) => {
  now = at(date, time)
}
/** Signs in anew: time goes further here than a token lasts. */
const as = async (role: RoleCode, clinic = 0) => (await callers(harness)(org, role, clinic)) satisfies unknown
const signIn = async (email: string) => (await harness.call(SIGN_IN, { email })).body.data.signIn.__typename
const refresh = async (cookie: string) => (await harness.call(REFRESH, {}, { cookie })).body.data.refreshSession.__typename
const leave = async (by: RoleCode, input: object, clinic = 0) =>
  (await (await as(by, clinic))(OFFBOARD, { input: { version: 1, lastDay: LAST_DAY, reason: 'Moves away.', ...input } })).body
let names = 0
const hire = (role: RoleCode | null, { clinic = 0, ...profile }: { clinic?: number; managerId?: string; name?: string } = {}) => {
  names += 1
  return addStaff(harness.app, actorOf(org, clinic), {
    name: `Person ${names}`,
    isBookable: false,
    ...(role ? { userId: org.userId(role, clinic) } : {}),
    ...profile,
  })
}

beforeAll(async () => {
  move('2027-03-01', '09:00')
  harness = await startHarness({ clock: { now: () => now } })
  org = await buildOrganisation(harness.app, 'alfa')
  practice = await addPractice(harness.app, actorOf(org))
})
afterAll(() => harness[Symbol.asyncDispose]())

describe('who leads whom', () => {
  it('is on the profile, with the kind of employment and the department', async () => {
    const manager = await hire(null, { name: 'Lead' })
    const call = await as('manager')
    const made = (
      await call(CREATE, {
        input: {
          employeeNumber: 'N-1',
          name: 'New',
          position: 'assistant',
          hiredOn: '2027-01-01',
          employmentType: 'locum',
          department: 'Surgery',
          managerId: manager,
        },
      })
    ).body.data.createStaffProfile
    expect(made).toMatchObject({ employmentType: 'locum', department: 'Surgery', manager: { id: manager, name: 'Lead' } })
    const cleared = (await call(UPDATE, { input: { id: made.id, version: 1, department: null, managerId: null, employmentType: null } })).body.data
      .updateStaffProfile
    expect(cleared).toMatchObject({ employmentType: 'locum', department: null, manager: null })
    const plain = (await call(CREATE, { input: { employeeNumber: 'N-2', name: 'Plain', position: 'assistant', hiredOn: '2027-01-01' } })).body.data
      .createStaffProfile
    expect(plain).toMatchObject({ employmentType: 'full_time', department: null, manager: null })
    expect((await call(UPDATE, { input: { id: made.id, version: 2, employmentType: 'volunteer' } })).body.data.updateStaffProfile.code).toBe('INVALID_INPUT')
    const nobody = await call(UPDATE, { input: { id: made.id, version: 2, managerId: '01900000-0000-7000-8000-00000000dead' } })
    expect(nobody.body.data.updateStaffProfile.code).toBe('NOT_FOUND')
  })

  it('never closes a circle, not even when two changes meet', async () => {
    const [a, b, c] = [await hire(null), await hire(null), await hire(null)]
    const call = await as('manager')
    const lead = async (id: string, managerId: string, version: number) =>
      (await call(UPDATE, { input: { id, version, managerId } })).body.data.updateStaffProfile
    expect((await lead(b, a, 1)).manager.id).toBe(a)
    expect((await lead(c, b, 1)).manager.id).toBe(b)
    const circle = await lead(a, c, 1)
    expect([circle.code, paramsOf(circle)]).toEqual(['MANAGER_CYCLE', { staffId: a, managerId: c }])
    expect((await lead(a, a, 1)).code).toBe('MANAGER_CYCLE')
    const [d, e] = [await hire(null), await hire(null)]
    const both = await Promise.all([lead(d, e, 1), lead(e, d, 1)])
    expect(both.map(({ code }) => code ?? 'ok').sort()).toEqual(['MANAGER_CYCLE', 'ok'])
  })
})

describe('whose a profile is', () => {
  it('is changed by nobody for themselves, and taken from a user only by whoever administers roles everywhere', async () => {
    const other = await buildOrganisation(harness.app, 'beta')
    const vetId = await addStaff(harness.app, actorOf(other), { name: 'Vet', userId: other.userId('veterinarian') })
    const managerId = await addStaff(harness.app, actorOf(other), { name: 'Manager', userId: other.userId('manager') })
    const emptyId = await addStaff(harness.app, actorOf(other), { name: 'Nobody yet' })
    const [manager, owner] = await Promise.all([callers(harness)(other, 'manager'), callers(harness)(other, 'owner')])
    const link = async (by: typeof manager, id: string, userId: string | null, version = 1) =>
      (await by(UPDATE, { input: { id, version, userId } })).body.data.updateStaffProfile
    expect(paramsOf(await link(manager, managerId, null))).toMatchObject({ rule: 'own_account' })
    expect(paramsOf(await link(manager, vetId, null))).toMatchObject({ rule: 'beyond_own_rights' })
    expect(paramsOf(await link(manager, emptyId, other.userId('manager')))).toMatchObject({ rule: 'own_account' })
    expect(await link(manager, emptyId, other.userId('assistant'))).toMatchObject({ __typename: 'StaffProfile' })
    expect(await link(owner, vetId, null)).toMatchObject({ __typename: 'StaffProfile' })
  })
})

describe('first days', () => {
  it('have steps that are ticked off, opened again and added to', async () => {
    const staffId = await hire(null)
    const call = await as('manager')
    const { startOnboarding: begun } = (await call(ONBOARD, { input: { staffId, startsOn: '2027-02-20' } })).body.data
    expect(begun.tasks.map(({ step, dueOn, isOverdue }: any) => [step, dueOn, isOverdue])).toEqual([
      ['contract_signed', '2027-02-20', true],
      ['account_created', '2027-02-20', true],
      ['schedule_set', '2027-02-20', true],
      ['keys_handed_over', '2027-02-21', true],
      ['protocols_read', '2027-02-27', true],
      ['credentials_verified', '2027-03-06', false],
    ])
    expect((await call(ONBOARD, { input: { staffId } })).body.data.startOnboarding.code).toBe('ALREADY_EXISTS')
    const [first] = begun.tasks
    const done = (await call(TICK, { input: { id: first.id, version: 1, isDone: true } })).body.data.setStaffTaskDone
    expect(done).toMatchObject({ doneAt: now.toISOString(), doneById: org.userId('manager'), version: 2 })
    expect((await call(TICK, { input: { id: first.id, version: 1, isDone: false } })).body.data.setStaffTaskDone.code).toBe('STALE_VERSION')
    const added = (await call(ADD_TASK, { input: { staffId, process: 'onboarding', title: 'Lunch', dueOn: '2027-02-22' } })).body.data.addStaffTask
    expect(added).toMatchObject({ title: 'Lunch', step: null })
    const list = async (variables: object) => (await call(TASKS, { staffId, ...variables })).body.data.staffTasks.edges.length
    expect([await list({}), await list({ done: true }), await list({ process: 'offboarding' })]).toEqual([6, 7, 0])
    expect((await call(TICK, { input: { id: first.id, version: 2, isDone: false } })).body.data.setStaffTaskDone).toMatchObject({
      doneAt: null,
      doneById: null,
    })
  })

  it('begin once, when two start them at the same moment', async () => {
    const staffId = await hire(null)
    const call = await as('manager')
    const answers = await Promise.all([1, 2, 3].map(() => call(ONBOARD, { input: { staffId } })))
    expect(answers.map(({ body }) => body.data.startOnboarding.code ?? 'ok').sort()).toEqual(['ALREADY_EXISTS', 'ALREADY_EXISTS', 'ok'])
  })
})

describe('the end of employment', () => {
  it('lists the visits, hours and steps that it leaves, and ends the roles', async () => {
    const actor = actorOf(org)
    const staffId = practice.staffId
    const book = (startsAt: Date) =>
      addAppointment(harness.app, actor, { patientId: practice.patientId, typeId: practice.typeId, staffId, startsAt, reason: 'checkup' })
    await book(at(LAST_DAY, '16:00'))
    const after = [await book(at('2027-03-06', '09:00')), await book(at('2027-03-08', '10:00'))]
    const sister = actorOf(org, 1)
    await addHours(harness.app, sister, staffId, { weekdays: [7] })
    const there = await addPractice(harness.app, sister)
    await addAppointment(harness.app, sister, {
      patientId: there.patientId,
      typeId: there.typeId,
      staffId,
      startsAt: at('2027-03-07', '10:00'),
      reason: 'checkup',
    })
    const impact = (await (await as('owner'))(IMPACT, { staffId })).body.data.offboardingImpact
    expect(impact).toMatchObject({ staff: { terminatedOn: null }, endedRoles: 0, affectedElsewhere: 1, tasks: [] })
    expect([impact.affectedAppointments.map(({ id }: any) => id), impact.affectedSchedules.length]).toEqual([after, 6])
    const body = await leave('owner', { staffId })
    expect(body.errors).toBeUndefined()
    const left = body.data.offboardStaffMember
    expect(left).toMatchObject({ staff: { id: staffId, terminatedOn: LAST_DAY, version: 2 }, endedRoles: 0, affectedElsewhere: 1 })
    expect(left.affectedAppointments.map(({ id }: any) => id)).toEqual(after)
    expect(left.affectedSchedules).toHaveLength(6)
    expect(left.tasks.map(({ step, dueOn, process }: any) => [process, step, dueOn])).toEqual([
      ['offboarding', 'visits_reassigned', '2027-03-02'],
      ['offboarding', 'records_signed', LAST_DAY],
      ['offboarding', 'keys_returned', LAST_DAY],
      ['offboarding', 'equipment_returned', LAST_DAY],
      ['offboarding', 'final_pay', '2027-03-20'],
    ])
    const entry = await lastEntry(harness, 'Leave/offboardStaffMember')
    expect(entry).toMatchObject({ action: 'update', outcome: 'ok', reason: 'Moves away.' })
    expect((await leave('owner', { staffId, version: 2 })).data.offboardStaffMember.code).toBe('WRONG_STATE')
  })

  it('lets the last day pass, and from midnight at the clinic on sign-in, refresh and a running session find nobody', async () => {
    const email = org.email('veterinarian')
    const staffId = await hire('veterinarian')
    expect((await (await as('manager'))(IMPACT, { staffId })).body.data.offboardingImpact.endedRoles).toBe(1)
    expect((await leave('manager', { staffId })).data.offboardStaffMember).toMatchObject({ endedRoles: 1 })
    move(LAST_DAY, '23:57')
    const session = await harness.signIn(email)
    const ask = async () => (await harness.call(STAFF, {}, { token: session.token })).body
    expect((await ask()).errors).toBeUndefined()
    // One who is signed in as well but asks nothing before midnight.
    const quiet = await harness.signIn(email)
    move('2027-03-06', '00:01')
    expect((await ask()).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect((await harness.call(VIEWER, {}, { token: quiet.token })).body.data?.viewer ?? null).toBeNull()
    expect(await refresh(session.cookie)).toBe('SessionEnded')
    expect(await refresh(quiet.cookie)).toBe('SessionEnded')
    expect(await signIn(email)).toBe('SignInRefused')
    move('2027-03-01', '09:00')
  })

  it('by the profile’s date alone ends access too, whatever roles say, and returns with it', async () => {
    const email = org.email('assistant')
    const staffId = await hire('assistant')
    const session = await harness.signIn(email)
    const owner = await as('owner')
    const set = async (version: number, terminatedOn: string | null) =>
      (await owner(UPDATE, { input: { id: staffId, version, terminatedOn } })).body.data.updateStaffProfile.__typename
    expect(await set(1, '2027-02-28')).toBe('StaffProfile')
    expect((await harness.call(STAFF, {}, { token: session.token })).body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect(await signIn(email)).toBe('SignInRefused')
    expect(await set(2, '2027-03-01')).toBe('StaffProfile')
    expect((await harness.call(STAFF, {}, { token: session.token })).body.errors).toBeUndefined()
    expect(await set(3, null)).toBe('StaffProfile')
    expect(await signIn(email)).toBe('Session')
  })

  it('at once, when the profile becomes inactive, revokes every session, and being active again does not bring them back', async () => {
    const email = org.email('receptionist')
    const staffId = await hire('receptionist')
    const session = await harness.signIn(email)
    const call = await as('manager')
    const set = async (version: number, isActive: boolean) =>
      (await call(UPDATE, { input: { id: staffId, version, isActive } })).body.data.updateStaffProfile.__typename
    expect(await set(1, false)).toBe('StaffProfile')
    expect((await harness.call(STAFF, {}, { token: session.token })).body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect(await refresh(session.cookie)).toBe('SessionEnded')
    expect(await signIn(email)).toBe('SignInRefused')
    expect(await set(2, true)).toBe('StaffProfile')
    expect((await harness.call(STAFF, {}, { token: session.token })).body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect(await signIn(email)).toBe('Session')
  })

  it('revokes sessions by the database itself, whoever writes the row, and sign-in finds nobody there', async () => {
    const email = org.email('groomer')
    const staffId = await hire('groomer')
    await harness.signIn(email)
    const found = await withClient(harness.database.adminUrl, async (client) => {
      const look = async () => {
        const { rows } = await client.query(
          `SELECT (SELECT is_active FROM find_sign_in($1)) AS "isActive", array(SELECT DISTINCT coalesce(revoked_reason, 'open') FROM session WHERE user_id = $2) AS sessions`,
          [email, org.userId('groomer')],
        )
        return rows[0]
      }
      await client.query('BEGIN')
      const before = await look()
      await client.query('UPDATE staff_profile SET is_active = false WHERE id = $1', [staffId])
      const after = await look()
      await client.query('ROLLBACK')
      return [before, after]
    })
    expect(found).toEqual([
      { isActive: true, sessions: ['open'] },
      { isActive: false, sessions: ['employment_ended'] },
    ])
    expect(await signIn(email)).toBe('Session')
  })

  it('leaves roles that ended before, and never lets later ones begin', async () => {
    const owner = await as('owner')
    const userId = org.userId('groomer', 1)
    const assign = (roleCode: string, validFrom: string) =>
      owner('mutation Assign($input: AssignRoleInput!) { assignRole(input: $input) { __typename } }', {
        input: { userId, roleCode, clinicId: org.clinics[1]?.id, validFrom },
      })
    await assign('assistant', '2027-05-01')
    const staffId = await hire('groomer', { clinic: 1 })
    expect((await leave('owner', { staffId })).data.offboardStaffMember.endedRoles).toBe(2)
    const user = (await owner(ROLES)).body.data.users.edges.map(({ node }: any) => node).find(({ id }: any) => id === userId)
    const until = Object.fromEntries(user.assignments.map(({ role, validUntil }: any) => [role.code, validUntil]))
    expect(until).toEqual({ groomer: '2027-03-06', assistant: expect.toSatisfy((day: string) => day < '2027-03-01') })
    // Hired again: the old roles do not come back by themselves.
    const rehired = await owner(UPDATE, { input: { id: staffId, version: 2, terminatedOn: null } })
    expect(rehired.body.data.updateStaffProfile.terminatedOn).toBeNull()
    move('2027-06-01', '09:00')
    expect(await signIn(org.email('groomer', 1))).toBe('SignInRefused')
    move('2027-03-01', '09:00')
  })

  it('is not for those over whom the caller may not decide', async () => {
    const ruleOf = async (by: RoleCode, input: object, clinic = 0) => {
      const { offboardStaffMember: refused } = (await leave(by, input, clinic)).data
      return refused.code === 'NOT_PERMITTED' ? paramsOf(refused).rule : refused.__typename
    }
    ownerId = await hire('owner')
    const managerId = await hire('manager')
    const adminId = await hire('clinic_admin')
    const sisterId = await hire('veterinarian', { clinic: 1 })
    expect(await ruleOf('manager', { staffId: managerId })).toBe('own_account')
    expect(await ruleOf('manager', { staffId: adminId })).toBe('beyond_own_rights')
    expect(await ruleOf('manager', { staffId: ownerId })).toBe('own_clinic_only')
    expect(await ruleOf('manager', { staffId: sisterId })).toBe('own_clinic_only')
    expect(await ruleOf('clinic_admin', { staffId: ownerId })).toBe('own_clinic_only')
    // The same by the profile itself, and by giving it somebody else's account.
    const manager = await as('manager')
    const set = async (id: string, change: object) => {
      const { updateStaffProfile: refused } = (await manager(UPDATE, { input: { id, version: 1, ...change } })).body.data
      return refused.code === 'NOT_PERMITTED' ? paramsOf(refused).rule : refused.__typename
    }
    expect(await set(adminId, { isActive: false })).toBe('beyond_own_rights')
    expect(await set(ownerId, { terminatedOn: '2027-03-01' })).toBe('own_clinic_only')
    const gone = await hire(null)
    expect(await set(gone, { isActive: false, userId: org.userId('super_admin') })).toBe('own_clinic_only')
    const trap = {
      employeeNumber: 'T-1',
      name: 'Trap',
      position: 'assistant',
      hiredOn: '2020-01-01',
      terminatedOn: '2020-02-01',
      userId: org.userId('super_admin'),
    }
    expect((await manager(CREATE, { input: trap })).body.data.createStaffProfile.code).toBe('NOT_PERMITTED')
    expect(await signIn(org.email('super_admin'))).toBe('Session')
    expect(await signIn(org.email('owner'))).toBe('Session')
    expect(await set(adminId, { name: 'Another name' })).toBe('StaffProfile')
  })

  it('is never the last owner’s', async () => {
    const second = await hire('owner', { clinic: 1 })
    expect((await leave('super_admin', { staffId: second })).data.offboardStaffMember.__typename).toBe('Offboarding')
    const { offboardStaffMember: refused } = (await leave('super_admin', { staffId: ownerId })).data
    expect([refused.code, paramsOf(refused).rule]).toEqual(['NOT_PERMITTED', 'last_owner'])
  })

  it.each([
    ['a day before the first', { lastDay: '2019-12-31' }, 'INVALID_INPUT'],
    ['no reason', { reason: ' ' }, 'INVALID_INPUT'],
    ['an older version', { version: 7 }, 'STALE_VERSION'],
    ['nobody', { staffId: '01900000-0000-7000-8000-00000000dead' }, 'NOT_FOUND'],
  ])('refuses %s', async (_case, input, code) => {
    const staffId = await hire(null)
    expect((await leave('owner', { staffId, ...input })).data.offboardStaffMember.code).toBe(code)
  })

  it('is for roles that manage staff', async () => {
    const staffId = await hire(null)
    for (const role of ['veterinarian', 'assistant', 'receptionist', 'compliance_officer', 'client'] as const)
      for (const [document, input] of [
        [OFFBOARD, { staffId, version: 1, lastDay: LAST_DAY, reason: 'x' }],
        [ONBOARD, { staffId }],
        [ADD_TASK, { staffId, process: 'onboarding', title: 'x', dueOn: LAST_DAY }],
        [TICK, { id: staffId, version: 1, isDone: true }],
      ] as const) {
        const { body } = await (await as(role, 1))(document, { input })
        expect([role, document, body.errors?.[0]?.extensions.code]).toEqual([role, document, 'FORBIDDEN'])
      }
  })
})
