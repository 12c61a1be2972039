import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assignRole } from '../../modules/access/index.ts'
import { recordAdverseAction } from '../../modules/staff/index.ts'
import { type Harness, startHarness } from '../harness.ts'
import { actorOf, type Caller, callers, ERRORS } from '../operations.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addShift } from '../world-rosters.ts'
import { addCredential, addHours, addStaff } from '../world-staff.ts'
import { findTimeOffType } from '../world-time-off.ts'

let harness: Harness
let org: WorldOrganisation
let vacation: string
/** The same role, with its right at the first clinic, at the second, and for the organisation. */
let here: Caller
let there: Caller
let everywhere: Caller

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
  vacation = await findTimeOffType(harness.app, actorOf(org))
  const as = callers(harness)
  ;[here, there, everywhere] = [await as(org, 'manager', 0), await as(org, 'manager', 1), await as(org, 'owner')]
})
afterAll(() => harness[Symbol.asyncDispose]())

type Person = { staffId: string; credentialId: string; adverseId: string }

/** Somebody of the second clinic, unless told otherwise, with a credential and what was done about it. */
async function addPerson(profile: object = {}): Promise<Person> {
  const actor = actorOf(org, 1)
  const staffId = await addStaff(harness.app, actor, profile)
  const credentialId = await addCredential(harness.app, actor, { staffId })
  const adverse = { staffId, kind: 'warning', occurredOn: '2025-01-10', description: 'late', reportedBy: 'SEP' } as const
  const { id: adverseId } = await harness.app.asSystem(actor, 'cli', 'world', (tx) => recordAdverseAction(tx, actor, adverse))
  return { staffId, credentialId, adverseId }
}

/** What a caller reaches of a person: by each read and, with what they would change, by each command. */
async function reached(call: Caller, { staffId, credentialId, adverseId }: Person): Promise<Record<string, boolean>> {
  const ids = (connection: { edges: { node: { id: string } }[] }) => connection.edges.map(({ node }) => node.id)
  const { body } = await call(
    `query Reach($staffId: UUID!) {
      every: credentials(first: 100) { edges { node { id } } }
      asked: credentials(staffId: $staffId) { edges { node { id } } }
      expiringCredentials(withinDays: 60) { credential { id } }
      adverseActions(staffId: $staffId) { edges { node { id } } }
      timeOffBalances(staffId: $staffId) { year }
    }`,
    { staffId },
  )
  expect(body.errors).toBeUndefined()
  const change = async (document: string, input: object) => {
    const answer = (await call(document, { input })).body
    expect(answer.errors).toBeUndefined()
    // Whatever else is wrong with the input is told after the person was found.
    return answer.data.done.__typename !== 'NotFound'
  }
  const mutation = (name: string, input: string) => `mutation Do($input: ${input}!) { done: ${name}(input: $input) { __typename ${ERRORS} } }`
  const number = `R-${Math.random().toString().slice(2, 12)}`
  return {
    every: ids(body.data.every).includes(credentialId),
    asked: ids(body.data.asked).includes(credentialId),
    expiring: body.data.expiringCredentials.some(({ credential }: { credential: { id: string } }) => credential.id === credentialId),
    adverse: ids(body.data.adverseActions).includes(adverseId),
    balances: body.data.timeOffBalances.length > 0,
    reveal: await change(mutation('revealCredentialNumber', 'RevealCredentialNumberInput'), { id: credentialId }),
    record: await change(mutation('recordCredential', 'RecordCredentialInput'), { staffId, type: 'other', number, authority: 'SEP' }),
    update: await change(mutation('updateCredential', 'UpdateCredentialInput'), { id: credentialId, version: 99, authority: 'X' }),
    verify: await change(mutation('verifyCredential', 'VerifyCredentialInput'), { id: credentialId, version: 99, method: 'phone', outcome: 'confirmed' }),
    revoke: await change(mutation('revokeCredential', 'CredentialStandingInput'), { id: credentialId, version: 99, reason: 'x', reportedBy: 'x' }),
    act: await change(mutation('recordAdverseAction', 'RecordAdverseActionInput'), {
      staffId,
      kind: 'warning',
      occurredOn: '2025-01-10',
      description: 'x',
      reportedBy: 'x',
    }),
    adjust: await change(mutation('adjustTimeOff', 'AdjustTimeOffInput'), { staffId, typeId: vacation, year: 2030, amount: '1', reason: 'x' }),
    request: await change(mutation('requestTimeOff', 'RequestTimeOffInput'), { staffId, typeId: vacation, firstDay: '2031-03-03', lastDay: '2031-03-03' }),
  }
}
const PROFILE = 'query Profile($id: UUID!) { staffMember(id: $id) { version } }'
const MOVE = `mutation Move($input: UpdateStaffProfileInput!) { updateStaffProfile(input: $input) { __typename ... on StaffProfile { id } ${ERRORS} } }`

const values = async (call: Caller, person: Person) => [...new Set(Object.values(await reached(call, person)))]

describe('a right at one clinic', () => {
  it('does not reach what is kept of people of another one, by any way', async () => {
    const person = await addPerson()
    const seen = await reached(here, person)
    expect(seen).toEqual(Object.fromEntries(Object.keys(seen).map((name) => [name, false])))
  })

  it('reaches the people of that clinic, by every way', async () => {
    const person = await addPerson()
    const seen = await reached(there, person)
    expect(seen).toEqual(Object.fromEntries(Object.keys(seen).map((name) => [name, true])))
  })

  it('reaches people of another clinic who have a role there', async () => {
    const userId = org.userId('groomer', 1)
    const person = await addPerson({ userId })
    expect(await values(here, person)).toEqual([false])
    await grant('groomer', userId)
    expect([await values(here, person), await values(there, person)]).toEqual([[true], [true]])
  })

  it('is not widened by whoever holds it: hours, shifts and another primary clinic bring nobody within reach', async () => {
    const person = await addPerson({ userId: org.userId('assistant', 1) })
    await addHours(harness.app, actorOf(org), person.staffId)
    await addShift(harness.app, actorOf(org), { date: '2031-01-06', staffId: person.staffId })
    expect(await values(here, person)).toEqual([false])
    const { version } = (await here(PROFILE, { id: person.staffId })).body.data.staffMember
    const input = { id: person.staffId, version, primaryClinicId: actorOf(org).clinic.id }
    const refused = (await here(MOVE, { input })).body.data.updateStaffProfile
    expect(refused).toMatchObject({ code: 'NOT_PERMITTED' })
    expect(await values(here, person)).toEqual([false])
    expect((await everywhere(MOVE, { input })).body.data.updateStaffProfile).toMatchObject({ id: person.staffId })
    expect(await values(here, person)).toEqual([true])
  })

  it('does not reach people with a role for the whole organisation, or without any clinic', async () => {
    const owner = await addPerson({ userId: org.userId('owner', 1) })
    const nobodys = await addPerson({ primaryClinicId: null })
    expect([await values(here, owner), await values(here, nobodys)]).toEqual([[false], [false]])
  })

  it('reaches one’s own records, wherever one belongs', async () => {
    const own = await addPerson({ userId: org.userId('manager', 0) })
    const seen = await reached(here, own)
    expect([seen.every, seen.asked, seen.adverse, seen.balances]).toEqual([true, true, true, true])
  })
})

describe('a right for the organisation', () => {
  it('reaches everybody, by every way', async () => {
    for (const profile of [{}, { primaryClinicId: null }, { primaryClinicId: actorOf(org).clinic.id }])
      expect(await values(everywhere, await addPerson(profile))).toEqual([true])
  })
})

function grant(roleCode: 'groomer', userId: string) {
  const actor = actorOf(org)
  return harness.app.asSystem(actor, 'cli', 'world', (tx) => assignRole(tx, actor, { userId, roleCode, clinicId: actor.clinic.id }))
}
