import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, SIGN_IN, startHarness, TEST_PASSWORD } from '../harness.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'

let harness: Harness
let org: WorldOrganisation
beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
})
afterAll(() => harness[Symbol.asyncDispose]())

describe('sign-in', () => {
  it('answers a session with the viewer at the first clinic', async () => {
    const { viewer } = await harness.signIn(org.email('veterinarian'))
    expect(viewer).toMatchObject({ roles: ['veterinarian'], isClinical: true, clinic: { id: org.clinics[0]?.id } })
  })

  it('gives an unknown address and a wrong password the same answer', async () => {
    const wrong = await harness.call(SIGN_IN, { email: org.email('veterinarian'), password: 'not this one at all' })
    const unknown = await harness.call(SIGN_IN, { email: 'nobody@alfa.example', password: 'not this one at all' })
    expect(wrong.body).toEqual(unknown.body)
    expect(wrong.body.data.signIn).toMatchObject({ __typename: 'SignInRefused', code: 'SIGN_IN_REFUSED' })
  })

  it('changes a right for the next operation', async () => {
    const owner = await harness.signIn(org.email('owner'))
    const vet = await harness.signIn(org.email('veterinarian'))
    const roles = '{ roles { code } }'
    const denied = await harness.call(roles, {}, { token: vet.token })
    expect(denied.body.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      permission: 'role:administer',
      roles: ['clinic_admin', 'owner', 'super_admin'],
    })
    const change =
      'mutation Allow($input: SetRolePermissionInput!) { setRolePermission(input: $input) { __typename ... on Role { permissions } ... on Error { code message } } }'
    const allowed = await harness.call(change, { input: { roleCode: 'veterinarian', permission: 'role:administer', effect: 'ALLOW' } }, { token: owner.token })
    expect(allowed.body.data.setRolePermission.permissions).toContain('role:administer')
    expect((await harness.call(roles, {}, { token: vet.token })).body.data.roles).toHaveLength(10)
    await harness.call(change, { input: { roleCode: 'veterinarian', permission: 'role:administer', effect: 'NONE' } }, { token: owner.token })
    expect((await harness.call(roles, {}, { token: vet.token })).body.data).toBeNull()
  })
})

describe('administering roles at one clinic', () => {
  const ERROR = '__typename ... on Error { code params { name value } }'
  const ASSIGN = `mutation Assign($input: AssignRoleInput!) { assignRole(input: $input) { ${ERROR} ... on User { assignments { id role { code } clinic { id } } } } }`
  const END = `mutation End($input: EndRoleAssignmentInput!) { endRoleAssignment(input: $input) { ${ERROR} } }`
  const RIGHT = `mutation Right($input: SetRolePermissionInput!) { setRolePermission(input: $input) { ${ERROR} } }`
  const ACTIVE = `mutation Active($input: SetUserActiveInput!) { setUserActive(input: $input) { ${ERROR} ... on User { version } } }`
  const BEYOND = { code: 'NOT_PERMITTED', params: [{ name: 'rule', value: 'own_clinic_only' }] }

  it('does not reach beyond that clinic: neither roles of other places, nor the roles themselves, nor people of elsewhere', async () => {
    const org = await buildOrganisation(harness.app, 'gamma')
    const { token } = await harness.signIn(org.email('clinic_admin'))
    const ask = async (document: string, input: object) => Object.values((await harness.call(document, { input }, { token })).body.data)[0] as any
    const [here, there] = org.clinics.map(({ id }) => id)
    const userId = org.userId('clinic_admin')
    expect(await ask(ASSIGN, { userId, roleCode: 'owner' })).toMatchObject(BEYOND)
    expect(await ask(ASSIGN, { userId, roleCode: 'manager', clinicId: there })).toMatchObject(BEYOND)
    expect(await ask(RIGHT, { roleCode: 'clinic_admin', permission: 'audit-log:export', effect: 'ALLOW' })).toMatchObject(BEYOND)
    for (const id of [org.userId('super_admin'), org.userId('groomer', 1)]) expect(await ask(ACTIVE, { id, version: 1, isActive: false })).toMatchObject(BEYOND)
    const owner = await harness.signIn(org.email('owner'))
    const given = await harness.call(ASSIGN, { input: { userId: org.userId('groomer', 1), roleCode: 'manager' } }, { token: owner.token })
    for (const { id } of given.body.data.assignRole.assignments) expect(await ask(END, { id })).toMatchObject(BEYOND)

    const own = await ask(ASSIGN, { userId: org.userId('groomer'), roleCode: 'manager', clinicId: here })
    expect(own).toMatchObject({ __typename: 'User' })
    const manager = own.assignments.find(({ role }: any) => role.code === 'manager')
    expect(await ask(END, { id: manager.id })).toEqual({ __typename: 'User' })
    expect(await ask(ACTIVE, { id: org.userId('groomer'), version: 1, isActive: false })).toMatchObject({ __typename: 'User' })
  })
})

describe('owners', () => {
  it('who remove each other at the same moment leave one', async () => {
    const org = await buildOrganisation(harness.app, 'delta')
    const owners = [0, 1].map((index) => org.userId('owner', index))
    const tokens = await Promise.all([0, 1].map(async (index) => (await harness.signIn(org.email('owner', index))).token))
    const DEACTIVATE = 'mutation Out($id: UUID!) { setUserActive(input: { id: $id, version: 1, isActive: false }) { __typename } }'
    const answers = await Promise.all(tokens.map((token, index) => harness.call(DEACTIVATE, { id: owners[1 - index] }, { token })))
    expect(answers.map(({ body }) => body.data?.setUserActive?.__typename).filter((type) => type === 'User')).toHaveLength(1)
  })
})

const ERROR = '... on Error { code message params { name value } }'
const ASSIGN = `mutation Assign($input: AssignRoleInput!) { assignRole(input: $input) { __typename ... on User { id assignments { id role { code } clinic { id } validFrom validUntil } } ${ERROR} } }`
const END = `mutation End($input: EndRoleAssignmentInput!) { endRoleAssignment(input: $input) { __typename ... on User { id assignments { id validUntil } } ${ERROR} } }`
const SET_ACTIVE = `mutation SetActive($input: SetUserActiveInput!) { setUserActive(input: $input) { __typename ... on User { id isActive version } ${ERROR} } }`
const SET_PERMISSION = `mutation SetPermission($input: SetRolePermissionInput!) { setRolePermission(input: $input) { __typename ... on Role { permissions denied } ${ERROR} } }`
const CREATE_USER = `mutation CreateUser($input: CreateUserInput!) { createUser(input: $input) { __typename ... on User { id name email locale isActive } ${ERROR} } }`
const CHANGE_PASSWORD = `mutation ChangePassword($input: ChangePasswordInput!) { changePassword(input: $input) { __typename ... on ViewerUser { id } ${ERROR} } }`
const USERS =
  'query Users($first: Int) { users(first: $first) { edges { node { id name email isActive version assignments { role { code permissions } clinic { name } } } } } }'

const rule = (result: any) => result.params?.find(({ name }: { name: string }) => name === 'rule')?.value

describe('people', () => {
  it('are created without a role, get one, and sign in with it', async () => {
    const owner = await harness.signIn(org.email('owner'))
    const input = { name: 'Lucía Prado', email: 'Lucia.Prado@alfa.example', locale: 'en', password: 'una frase larga y propia' }
    const created = (await harness.call(CREATE_USER, { input }, { token: owner.token })).body.data.createUser
    expect(created).toMatchObject({ __typename: 'User', email: 'lucia.prado@alfa.example', locale: 'en', isActive: true })
    const before = await harness.call(SIGN_IN, { email: input.email, password: input.password })
    expect(before.body.data.signIn.code).toBe('SIGN_IN_REFUSED')
    const assigned = (
      await harness.call(ASSIGN, { input: { userId: created.id, roleCode: 'receptionist', clinicId: org.clinics[1]?.id } }, { token: owner.token })
    ).body.data.assignRole
    expect(assigned.assignments).toMatchObject([{ role: { code: 'receptionist' }, clinic: { id: org.clinics[1]?.id }, validUntil: null }])
    const { viewer } = await harness.signIn(input.email, input.password)
    expect(viewer).toMatchObject({ roles: ['receptionist'], clinic: { id: org.clinics[1]?.id } })
  })

  it.each([
    ['a taken address', { email: 'owner.1@alfa.example' }, 'ALREADY_EXISTS'],
    ['no address', { email: 'nobody' }, 'INVALID_INPUT'],
    ['a short password', { password: 'short' }, 'INVALID_INPUT'],
    ['a password of one character', { password: 'aaaaaaaaaaaaaaaa' }, 'INVALID_INPUT'],
    ['a password with the name in it', { password: 'martina-2026-clinic', name: 'Martina' }, 'INVALID_INPUT'],
    ['an empty name', { name: ' ' }, 'INVALID_INPUT'],
  ])('are not created with %s', async (_case, change, code) => {
    const owner = await harness.signIn(org.email('owner'))
    const input = { name: 'Ana', email: 'ana@alfa.example', locale: 'es-MX', password: 'una frase larga y propia', ...change }
    expect((await harness.call(CREATE_USER, { input }, { token: owner.token })).body.data.createUser.code).toBe(code)
  })

  it('change their own password, which ends their other sessions', async () => {
    const email = org.email('groomer')
    const other = await harness.signIn(email)
    const own = await harness.signIn(email)
    const wrong = await harness.call(CHANGE_PASSWORD, { input: { currentPassword: 'not it', newPassword: 'a phrase of my own, long' } }, { token: own.token })
    expect(rule(wrong.body.data.changePassword)).toBe('wrong_password')
    const changed = await harness.call(
      CHANGE_PASSWORD,
      { input: { currentPassword: TEST_PASSWORD, newPassword: 'a phrase of my own, long' } },
      { token: own.token },
    )
    expect(changed.body.data.changePassword.__typename).toBe('ViewerUser')
    const viewer = '{ viewer { user { id } } }'
    expect((await harness.call(viewer, {}, { token: other.token })).body.data.viewer).toBeNull()
    expect((await harness.call(viewer, {}, { token: own.token })).body.data.viewer).not.toBeNull()
    expect((await harness.signIn(email, 'a phrase of my own, long')).viewer.roles).toEqual(['groomer'])
  })

  it('are listed with their roles in as many statements for five as for fifty', async () => {
    const owner = await harness.signIn(org.email('owner'))
    const count = async (first: number) => {
      let statements = 0
      harness.app.database.onStatement = () => (statements += 1)
      const { body } = await harness.call(USERS, { first }, { token: owner.token })
      harness.app.database.onStatement = null
      return { statements, found: body.data.users.edges.length }
    }
    const five = await count(5)
    const fifty = await count(50)
    expect(five.found).toBe(5)
    expect(fifty.found).toBeGreaterThan(15)
    expect(fifty.statements).toBe(five.statements)
  })
})

describe('roles', () => {
  const attempt = async (role: Parameters<WorldOrganisation['email']>[0], document: string, input: object, clinic = 0) => {
    const { token } = await harness.signIn(org.email(role, clinic))
    return Object.values((await harness.call(document, { input }, { token })).body.data)[0] as any
  }

  it('are not taken by an administrator who lacks their rights', async () => {
    const userId = org.userId('clinic_admin')
    const clinicId = org.clinics[0]?.id
    expect(rule(await attempt('clinic_admin', ASSIGN, { userId, roleCode: 'veterinarian', clinicId }))).toBe('beyond_own_rights')
    expect(rule(await attempt('clinic_admin', ASSIGN, { userId: org.userId('groomer'), roleCode: 'owner', clinicId }))).toBe('beyond_own_rights')
    expect((await attempt('clinic_admin', ASSIGN, { userId: org.userId('groomer'), roleCode: 'veterinarian', clinicId })).__typename).toBe('User')
  })

  it('are given by a clinic’s administrator at that clinic alone', async () => {
    const userId = org.userId('receptionist')
    expect(rule(await attempt('clinic_admin', ASSIGN, { userId, roleCode: 'assistant' }))).toBe('own_clinic_only')
    expect(rule(await attempt('clinic_admin', ASSIGN, { userId, roleCode: 'assistant', clinicId: org.clinics[1]?.id }))).toBe('own_clinic_only')
    expect(rule(await attempt('clinic_admin', SET_PERMISSION, { roleCode: 'groomer', permission: 'report:view', effect: 'ALLOW' }))).toBe('own_clinic_only')
  })

  it('do not gain a right that their carrier lacks, and the owner keeps the right to administer', async () => {
    expect(rule(await attempt('super_admin', SET_PERMISSION, { roleCode: 'super_admin', permission: 'medical-record:sign', effect: 'ALLOW' }))).toBe(
      'beyond_own_rights',
    )
    expect(rule(await attempt('owner', SET_PERMISSION, { roleCode: 'owner', permission: 'role:administer', effect: 'DENY' }))).toBe('owner_keeps_roles')
  })

  it('name what is unknown', async () => {
    const userId = org.userId('groomer')
    expect((await attempt('owner', SET_PERMISSION, { roleCode: 'groomer', permission: 'moon:visit', effect: 'ALLOW' })).code).toBe('INVALID_INPUT')
    expect((await attempt('owner', SET_PERMISSION, { roleCode: 'wizard', permission: 'report:view', effect: 'ALLOW' })).code).toBe('NOT_FOUND')
    expect((await attempt('owner', ASSIGN, { userId, roleCode: 'wizard' })).code).toBe('NOT_FOUND')
    expect((await attempt('owner', ASSIGN, { userId: org.id, roleCode: 'groomer' })).code).toBe('NOT_FOUND')
    expect((await attempt('owner', ASSIGN, { userId, roleCode: 'groomer', clinicId: org.id })).code).toBe('NOT_FOUND')
    expect((await attempt('owner', ASSIGN, { userId, roleCode: 'groomer', validFrom: '2026-05-02', validUntil: '2026-05-01' })).code).toBe('INVALID_INPUT')
    expect((await attempt('owner', END, { id: org.id })).code).toBe('NOT_FOUND')
  })

  it('count between their dates and end today when told so', async () => {
    const userId = org.userId('assistant', 1)
    const given = await attempt('owner', ASSIGN, { userId, roleCode: 'manager', clinicId: org.clinics[1]?.id, validFrom: '2020-01-01' })
    const { id } = given.assignments.find(({ role }: any) => role.code === 'manager')
    expect((await harness.signIn(org.email('assistant', 1))).viewer.roles).toEqual(['assistant', 'manager'])
    expect((await attempt('owner', END, { id })).__typename).toBe('User')
    expect((await harness.signIn(org.email('assistant', 1))).viewer.roles).toEqual(['assistant'])
  })

  it('that begin today and end today never counted', async () => {
    const given = await attempt('owner', ASSIGN, { userId: org.userId('groomer', 1), roleCode: 'manager', clinicId: org.clinics[1]?.id })
    const { id } = given.assignments.find(({ role }: any) => role.code === 'manager')
    expect((await attempt('owner', END, { id })).__typename).toBe('User')
    expect((await harness.signIn(org.email('groomer', 1))).viewer.roles).toEqual(['groomer'])
  })

  it('leave the last owner in place', async () => {
    const { body } = await harness.call(USERS, { first: 100 }, { token: (await harness.signIn(org.email('owner'))).token })
    const second = body.data.users.edges.map(({ node }: any) => node).find(({ email }: any) => email === org.email('owner', 1))
    expect((await attempt('owner', SET_ACTIVE, { id: second.id, version: second.version + 7, isActive: false })).code).toBe('STALE_VERSION')
    expect(await attempt('owner', SET_ACTIVE, { id: second.id, version: second.version, isActive: false })).toMatchObject({ isActive: false })
    const first = body.data.users.edges.map(({ node }: any) => node).find(({ email }: any) => email === org.email('owner'))
    expect(rule(await attempt('owner', SET_ACTIVE, { id: first.id, version: first.version, isActive: false }))).toBe('own_account')
    expect(rule(await attempt('super_admin', SET_ACTIVE, { id: first.id, version: first.version, isActive: false }))).toBe('last_owner')
    expect((await attempt('owner', SET_ACTIVE, { id: org.id, version: 1, isActive: false })).code).toBe('NOT_FOUND')
    expect(await attempt('owner', SET_ACTIVE, { id: second.id, version: second.version + 1, isActive: true })).toMatchObject({ isActive: true })
  })
})

describe('a person', () => {
  it('chooses their own language, which the next operation answers in', async () => {
    const vet = await harness.signIn(org.email('veterinarian', 1))
    const changed = await harness.call(
      'mutation Locale($input: SetLocaleInput!) { setLocale(input: $input) { ... on ViewerUser { locale } } }',
      { input: { locale: 'en' } },
      { token: vet.token },
    )
    expect(changed.body.data.setLocale.locale).toBe('en')
    expect((await harness.call('{ viewer { user { locale } } }', {}, { token: vet.token })).body.data.viewer.user.locale).toBe('en')
  })
})
