import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLE_CODES, type RoleCode } from '../../modules/access/index.ts'
import { updateStaffProfile } from '../../modules/staff/index.ts'
import { encryptPending } from '../../server/audit/images/encrypt.ts'
import { KeyRing } from '../../server/audit/images/key-ring.ts'
import { LocalKeyWrapper } from '../../server/audit/images/key-wrapper.ts'
import { type Harness, startHarness, TEST_MASTER_KEY } from '../harness.ts'
import { actorOf, callers, ERRORS, paramsOf } from '../operations.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addStaff } from '../world-staff.ts'

let harness: Harness
let org: WorldOrganisation
let as: ReturnType<typeof callers>
const staff = new Map<RoleCode, string>()
/** The vet's flag and the assistant's: the manager leads the vet, the vet leads the assistant, nobody leads the others. */
let vetFlag: string
let assistantFlag: string

const FIELDS = 'id kind note raisedAt resolvedAt version staff { id } raisedBy { id } resolvedBy { id }'
const RAISE = `mutation Raise($input: RaiseWellbeingFlagInput!) { raiseWellbeingFlag(input: $input) { __typename ... on WellbeingFlag { ${FIELDS} } ${ERRORS} } }`
const RESOLVE = `mutation Resolve($input: ResolveWellbeingFlagInput!) { resolveWellbeingFlag(input: $input) { __typename ... on WellbeingFlag { ${FIELDS} } ${ERRORS} } }`
const LIST = `query Flags($staffId: UUID, $all: Boolean! = false) { wellbeingFlags(staffId: $staffId, includeResolved: $all, first: 100) { edges { node { ${FIELDS} } } } }`
const TRAIL = `query Trail($record: UUID!) { auditEntries(filter: { recordId: $record }) { edges { node { id rowChanges { type op isHidden state fields { name before after } } } } } }`

const person = (role: RoleCode) => staff.get(role) ?? ''
const raise = async (role: RoleCode, about: RoleCode, input: object = {}) =>
  (await (await as(org, role))(RAISE, { input: { staffId: person(about), kind: 'stress', note: `about ${about}`, ...input } })).body
const seenBy = async (role: RoleCode, variables: object = {}): Promise<string[]> => {
  const { body } = await (await as(org, role))(LIST, variables)
  return body.data ? body.data.wellbeingFlags.edges.map(({ node }: { node: { id: string } }) => node.id) : [body.errors?.[0]?.extensions.code]
}
const lead = (id: string, managerId: string | null) =>
  harness.app.asSystem(actorOf(org), 'cli', 'lead', async (tx) => {
    const { version } = await tx.prisma.staffProfile.findFirstOrThrow({ where: { id } })
    return updateStaffProfile(tx, actorOf(org), { id, version, managerId })
  })

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
  as = callers(harness)
  // Everybody has a profile, so that nobody sees nothing for the want of one.
  for (const role of ROLE_CODES) staff.set(role, await addStaff(harness.app, actorOf(org), { name: `${role} person`, userId: org.userId(role) }))
  await lead(person('veterinarian'), person('manager'))
  await lead(person('assistant'), person('veterinarian'))
  vetFlag = (await raise('veterinarian', 'veterinarian', { note: 'Migraine since Monday' })).data.raiseWellbeingFlag.id
  assistantFlag = (await raise('veterinarian', 'assistant')).data.raiseWellbeingFlag.id
})
afterAll(() => harness[Symbol.asyncDispose]())

describe('a wellbeing flag', () => {
  it('is seen by the person and their manager, and by nobody else, whatever rights they hold', async () => {
    const expected: Record<RoleCode, string[]> = {
      super_admin: [],
      owner: [],
      clinic_admin: [],
      manager: [vetFlag],
      veterinarian: [assistantFlag, vetFlag],
      assistant: [assistantFlag],
      receptionist: [],
      groomer: [],
      compliance_officer: [],
      client: ['FORBIDDEN'],
    }
    for (const role of ROLE_CODES) {
      expect([role, await seenBy(role)]).toEqual([role, expected[role]])
      // Asking for the person by name opens nothing either.
      const asked = await seenBy(role, { staffId: person('veterinarian'), all: true })
      expect([role, asked]).toEqual([role, expected[role].filter((id) => id !== assistantFlag)])
    }
  })

  it('is raised by the person or their manager alone', async () => {
    const answers: Record<string, string> = {}
    for (const role of ROLE_CODES) {
      const body = await raise(role, 'groomer')
      const refused = body.data?.raiseWellbeingFlag
      answers[role] = refused?.code ? `${refused.code} ${paramsOf(refused).rule}` : (refused?.__typename ?? body.errors?.[0]?.extensions.code)
    }
    const denied = 'NOT_PERMITTED person_or_manager'
    expect(answers).toEqual({
      super_admin: denied,
      owner: denied,
      clinic_admin: denied,
      manager: denied,
      veterinarian: denied,
      assistant: denied,
      receptionist: denied,
      groomer: 'WellbeingFlag',
      compliance_officer: denied,
      client: 'FORBIDDEN',
    })
    expect((await raise('manager', 'veterinarian')).data.raiseWellbeingFlag).toMatchObject({
      raisedBy: { id: person('manager') },
      staff: { id: person('veterinarian') },
    })
    // The manager's manager is not the person's.
    expect((await raise('manager', 'assistant')).data.raiseWellbeingFlag.code).toBe('NOT_PERMITTED')
  })

  it.each([
    ['a kind that is none', { kind: 'mood' }],
    ['a note that is too long', { note: 'x'.repeat(2001) }],
  ])('refuses %s', async (_case, input) => {
    expect((await raise('veterinarian', 'veterinarian', input)).data.raiseWellbeingFlag.code).toBe('INVALID_INPUT')
  })

  it('is resolved by either of the two, once, and then shown on request alone', async () => {
    const { id } = (await raise('receptionist', 'receptionist')).data.raiseWellbeingFlag
    const resolve = async (role: RoleCode, version = 1) => (await (await as(org, role))(RESOLVE, { input: { id, version } })).body.data?.resolveWellbeingFlag
    for (const role of ['super_admin', 'owner', 'clinic_admin', 'manager', 'veterinarian', 'groomer', 'compliance_officer'] as const)
      expect([role, (await resolve(role)).code]).toEqual([role, 'NOT_FOUND'])
    expect((await resolve('receptionist', 7)).code).toBe('STALE_VERSION')
    expect(await resolve('receptionist')).toMatchObject({ id, version: 2, resolvedBy: { id: person('receptionist') } })
    expect((await resolve('receptionist', 2)).code).toBe('WRONG_STATE')
    expect(await seenBy('receptionist')).toEqual([])
    expect(await seenBy('receptionist', { all: true })).toEqual([id])
  })

  it('follows the person to a new manager', async () => {
    const { id } = (await raise('groomer', 'groomer')).data.raiseWellbeingFlag
    await lead(person('groomer'), person('manager'))
    expect(await seenBy('manager', { staffId: person('groomer') })).toContain(id)
    await lead(person('groomer'), person('owner'))
    expect(await seenBy('manager', { staffId: person('groomer') })).toEqual([])
    expect(await seenBy('owner', { staffId: person('groomer') })).toContain(id)
    await lead(person('groomer'), null)
    expect(await seenBy('owner')).toEqual([])
  })

  it('keeps its values from everybody who reads the trail', async () => {
    const sequencer = new pg.Client(harness.database.sequencerUrl)
    await sequencer.connect()
    try {
      const keys = new KeyRing(new LocalKeyWrapper([Buffer.from(TEST_MASTER_KEY, 'hex')]))
      while ((await encryptPending(sequencer, keys)) > 0);
    } finally {
      await sequencer.end()
    }
    for (const role of ['owner', 'super_admin', 'compliance_officer'] as const) {
      const { body } = await (await as(org, role))(TRAIL, { record: vetFlag })
      expect(body.errors).toBeUndefined()
      const changes = body.data.auditEntries.edges.flatMap(({ node }: any) => node.rowChanges).filter(({ type }: any) => type === 'WellbeingFlag')
      expect([role, changes.length > 0]).toEqual([role, true])
      for (const change of changes) {
        expect([role, change.isHidden, change.state]).toEqual([role, true, 'available'])
        expect(change.fields.every(({ before, after }: any) => before === null && after === null)).toBe(true)
      }
      expect(JSON.stringify(body)).not.toContain('Migraine')
    }
  })
})
