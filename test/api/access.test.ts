import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, SIGN_IN, startHarness } from '../harness.ts'
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
  })
})
