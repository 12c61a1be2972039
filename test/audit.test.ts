import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { getNamedType } from 'graphql'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeSchema, type GuardedSchema } from '../schema/index.ts'
import { canonicalJson } from '../server/audit/canonical-json.ts'
import { LIMITS } from '../server/graphql-pipeline.ts'
import { callOf, drawSelection, objectsIn } from './documents.ts'
import { databaseRuns } from './effort.ts'
import { buildFullOrganisation, type FullOrganisation } from './full-world.ts'
import { type CallOptions, type Harness, SIGN_IN, startHarness } from './harness.ts'
import { entriesOf, findDisagreements, readEntries } from './trail.ts'

let harness: Harness
let guarded: GuardedSchema
let org: FullOrganisation
let admin: pg.Client
let owner: string
let vet: string

beforeAll(async () => {
  harness = await startHarness()
  guarded = await composeSchema()
  org = await buildFullOrganisation(harness, 'alfa')
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  owner = (await harness.signIn(org.email('owner'))).token
  vet = (await harness.signIn(org.email('veterinarian'))).token
})
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const call = async (document: string, variables: object = {}, options: CallOptions = {}) => {
  const { body, headers, status } = await harness.call(document, variables, options)
  return { body, status, requestId: headers.get('x-request-id') }
}
/** The one entry of a request. */
async function entryOf(requestId: string | null) {
  const entries = await entriesOf(admin, requestId)
  expect(entries).toHaveLength(1)
  const [entry] = entries
  if (!entry) throw new Error('no entry')
  return entry
}

const USERS = 'query Users { users(first: 5) { edges { node { id name assignments { id } } } } }'
const ASSIGN =
  'mutation Assign($input: AssignRoleInput!) { assignRole(input: $input) { __typename ... on User { id assignments { id } } ... on Error { code } } }'
const ROLE = 'mutation Rights($input: SetRolePermissionInput!) { setRolePermission(input: $input) { __typename ... on Role { id } ... on Error { code } } }'
const ACTIVE =
  'mutation Active($input: SetUserActiveInput!) { setUserActive(input: $input) { __typename ... on User { id isActive version } ... on Error { code } } }'

describe('an entry', () => {
  it('of a read names every record and the fields that were fetched, whatever was selected', async () => {
    const { body, requestId } = await call(USERS, {}, { token: owner })
    const nodes = body.data.users.edges.map(({ node }: { node: { id: string; assignments: { id: string }[] } }) => node)
    const { body: entry } = await entryOf(requestId)
    expect(entry).toMatchObject({
      action: 'read',
      outcome: 'ok',
      origin: 'web',
      operation: { name: 'Users' },
      organisation: org.id,
      clinic: org.clinics[0]?.id,
      actor: { kind: 'user', user: org.userId('owner') },
    })
    const users = entry.reads?.find(({ type }) => type === 'User')
    expect(users?.fields).toEqual(['email', 'isActive', 'locale', 'name'])
    expect(users?.ids).toEqual(expect.arrayContaining(nodes.map(({ id }: { id: string }) => id)))
    expect(entry.reads?.find(({ type }) => type === 'RoleAssignment')?.ids.toSorted()).toEqual(
      nodes.flatMap(({ assignments }: { assignments: { id: string }[] }) => assignments.map(({ id }) => id)).toSorted(),
    )
  })

  it('of a change commits with it, and what was read to answer has an entry beside it', async () => {
    const { body, requestId } = await call(
      ASSIGN,
      { input: { userId: org.userId('groomer'), roleCode: 'assistant', clinicId: org.clinics[0]?.id } },
      { token: owner },
    )
    expect(body.data.assignRole.__typename).toBe('User')
    const [change, read, ...more] = await entriesOf(admin, requestId)
    expect(more).toEqual([])
    expect(change?.body).toMatchObject({ action: 'update', outcome: 'ok', operation: { name: 'Assign/assignRole' }, changes: [{ type: 'RoleAssignment' }] })
    expect(read?.body).toMatchObject({ action: 'read', outcome: 'ok', operation: { name: 'Assign' } })
    expect(change?.body.changes?.[0]?.ids).toHaveLength(1)
    expect(read?.body.reads?.find(({ type }) => type === 'RoleAssignment')?.ids).toContain(change?.body.changes?.[0]?.ids[0])
  })

  it('holds opaque ids and codes only; names and addresses are in the erasable search row', async () => {
    await call(SIGN_IN, { email: org.email('groomer'), password: 'wrong password here' })
    const entries = await readEntries(admin)
    expect(entries.length).toBeGreaterThan(5)
    for (const { text, search } of entries) {
      expect(text).not.toMatch(/@|alfa|127\.0\.0\.1|veterinarian 1|owner 1|wrong password/)
      expect(search).not.toBeNull()
    }
    expect(entries.some(({ search }) => search?.user_name === 'owner 1' && search.address === '127.0.0.1')).toBe(true)
  })

  it('is canonical JSON under its leaf hash', async () => {
    for (const { text, body, leafIsRight } of await readEntries(admin)) {
      expect(text).toBe(canonicalJson(JSON.parse(text)))
      expect(body.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
      expect(leafIsRight).toBe(true)
    }
  })
})

describe('what is refused is recorded', () => {
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

  it('a denied field, with the permission that was missing', async () => {
    const { requestId } = await call('query Peek { roles { code } }', {}, { token: vet })
    expect((await entryOf(requestId)).body).toMatchObject({
      outcome: 'denied',
      detail: 'FORBIDDEN role:administer',
      operation: { name: 'Peek' },
      actor: { user: org.userId('veterinarian') },
    })
  })

  it('a failed sign-in, under the person that it named', async () => {
    const { requestId } = await call(SIGN_IN, { email: org.email('manager'), password: 'wrong password here' })
    const { body } = await entryOf(requestId)
    expect(body).toMatchObject({ action: 'login', outcome: 'denied', organisation: org.id, actor: { kind: 'anonymous', claimed: org.userId('manager') } })
    expect(body.detail).toContain('WRONG_CREDENTIALS')
  })

  it('a failed sign-in of nobody, in the log of the installation', async () => {
    const { requestId } = await call(SIGN_IN, { email: 'nobody@nowhere.example', password: 'wrong password here' })
    expect((await entryOf(requestId)).body).toMatchObject({
      action: 'login',
      outcome: 'denied',
      organisation: '00000000-0000-0000-0000-000000000000',
      actor: { kind: 'anonymous' },
    })
  })

  it.each([
    ['a document that does not parse', '{ viewer', 'GRAPHQL_PARSE_FAILED', 'unparsed'],
    ['a document that is not valid', 'query Wrong { viewer { nothing } }', 'GRAPHQL_VALIDATION_FAILED', 'viewer'],
    ['a document that is too deep', `query Deep ${'{ a '.repeat(LIMITS.depth + 1)}${'}'.repeat(LIMITS.depth + 1)}`, '', 'document'],
  ])('%s', async (_case, document, code, name) => {
    const { requestId, body } = await call(document, {}, { token: owner, free: true })
    expect(body.errors?.length).toBeGreaterThan(0)
    const { body: entry } = await entryOf(requestId)
    expect(entry).toMatchObject({ outcome: 'rejected', origin: 'graphql', operation: { name, hash: hashOf(document) } })
    expect(entry.detail).toContain(code)
    expect(entry.reads).toBeUndefined()
  })

  it('a variable that cannot be read', async () => {
    const { requestId } = await call(SIGN_IN, { email: 7, password: 'x' })
    expect((await entryOf(requestId)).body.outcome).not.toBe('ok')
  })

  it('a hash that no build has made', async () => {
    const response = await fetch(`${harness.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${vet}` },
      body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
    })
    expect((await entryOf(response.headers.get('x-request-id'))).body).toMatchObject({ outcome: 'rejected', operation: { hash: 'a'.repeat(64) } })
  })

  it('a free document of somebody without the right, and of nobody', async () => {
    const signedIn = await call('{ users { edges { node { id } } } }', {}, { token: vet, free: true })
    expect((await entryOf(signedIn.requestId)).body).toMatchObject({ outcome: 'rejected', detail: 'FORBIDDEN' })
    const nobody = await call('{ __schema { types { name } } }', {}, { free: true })
    expect((await entryOf(nobody.requestId)).body).toMatchObject({ outcome: 'rejected', detail: 'UNAUTHENTICATED' })
  })

  it('a clinic out of reach, and a body that is too large', async () => {
    const elsewhere = await call(USERS, {}, { token: vet, clinicId: org.clinics[1]?.id ?? '' })
    expect(elsewhere.status).toBe(403)
    expect((await entryOf(elsewhere.requestId)).body).toMatchObject({ outcome: 'denied', detail: 'CLINIC_OUT_OF_REACH' })
    const large = await fetch(`${harness.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${vet}` },
      body: JSON.stringify({ query: '#'.repeat(1_000_001) }),
    })
    expect(large.status).toBe(413)
    expect((await entryOf(large.headers.get('x-request-id'))).body).toMatchObject({
      outcome: 'rejected',
      detail: 'PAYLOAD_TOO_LARGE',
      actor: { user: org.userId('veterinarian') },
    })
  })

  it('a command that refuses, without a change', async () => {
    const { requestId, body } = await call(ACTIVE, { input: { id: org.userId('owner'), version: 1, isActive: false } }, { token: owner })
    expect(body.data.setUserActive.code).toBe('NOT_PERMITTED')
    const { body: entry } = await entryOf(requestId)
    expect(entry.changes).toBeUndefined()
  })
})

describe('an Idempotency-Key', () => {
  const input = () => ({ input: { userId: org.userId('groomer', 1), roleCode: 'manager', clinicId: org.clinics[1]?.id } })
  const assignments = async () =>
    (
      await admin.query("SELECT a.id FROM role_assignment a JOIN role r ON r.id = a.role_id WHERE a.user_id = $1 AND r.code = 'manager'", [
        org.userId('groomer', 1),
      ])
    ).rowCount

  it('used twice is one effect and the same answer, and the second is audited as a replay', async () => {
    const options = { token: owner, idempotencyKey: 'assign-once-1' }
    const first = await call(ASSIGN, input(), options)
    const second = await call(ASSIGN, input(), options)
    expect(second.body).toEqual(first.body)
    expect(await assignments()).toBe(1)
    const { body } = await entryOf(second.requestId)
    expect(body).toMatchObject({ replay: true, outcome: 'ok' })
    expect(body.changes).toBeUndefined()
  })

  it('used many times at once is one effect', async () => {
    const before = (await assignments()) ?? 0
    const answers = await Promise.all(Array.from({ length: 8 }, () => call(ASSIGN, input(), { token: owner, idempotencyKey: 'assign-parallel' })))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body)))).toHaveLength(1)
    expect(answers[0]?.body.data.assignRole.__typename).toBe('User')
    expect(await assignments()).toBe(before + 1)
  })

  it('with another input, at another clinic or for another field is refused', async () => {
    const options = { token: owner, idempotencyKey: 'assign-once-1' }
    const other = { input: { ...input().input, roleCode: 'groomer' } }
    expect((await call(ASSIGN, other, options)).body.data.assignRole).toMatchObject({ __typename: 'IdempotencyMismatch', code: 'IDEMPOTENCY_MISMATCH' })
    expect((await call(ASSIGN, input(), { ...options, clinicId: org.clinics[1]?.id ?? '' })).body.data.assignRole.code).toBe('IDEMPOTENCY_MISMATCH')
    const aliased = 'mutation Other($id: UUID!) { assignRole: endRoleAssignment(input: { id: $id }) { ... on Error { code } } }'
    expect((await call(aliased, { id: org.id }, options)).body.data.assignRole.code).toBe('IDEMPOTENCY_MISMATCH')
  })

  it('belongs to one person', async () => {
    const admin2 = (await harness.signIn(org.email('clinic_admin', 1))).token
    const before = (await assignments()) ?? 0
    await call(ASSIGN, input(), { token: admin2, idempotencyKey: 'assign-once-1' })
    expect(await assignments()).toBe(before + 1)
  })

  it('is free again after a refusal', async () => {
    const options = { token: owner, idempotencyKey: 'assign-after-refusal' }
    const refused = await call(ASSIGN, { input: { ...input().input, userId: org.id } }, options)
    expect(refused.body.data.assignRole.code).toBe('NOT_FOUND')
    expect((await call(ASSIGN, input(), options)).body.data.assignRole.__typename).toBe('User')
  })

  it('that is too short is refused rather than ignored', async () => {
    const { status, body, requestId } = await call(ASSIGN, input(), { token: owner, idempotencyKey: 'short' })
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([400, 'BAD_IDEMPOTENCY_KEY'])
    expect((await entryOf(requestId)).body).toMatchObject({ outcome: 'rejected', detail: 'BAD_IDEMPOTENCY_KEY' })
  })

  it('re-runs authorisation', async () => {
    const person = (await harness.signIn(org.email('super_admin'))).token
    const options = { token: person, idempotencyKey: 'assign-then-lose' }
    expect((await call(ASSIGN, input(), options)).body.data.assignRole.__typename).toBe('User')
    const rights = (effect: string) => call(ROLE, { input: { roleCode: 'super_admin', permission: 'role:administer', effect } }, { token: owner })
    await rights('DENY')
    expect((await call(ASSIGN, input(), options)).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    await rights('ALLOW')
  })
})

describe('everything that a response shows is in its entry', () => {
  it('for generated documents', async () => {
    const query = guarded.lean.getQueryType()
    if (!query) throw new Error('no queries')
    const [place] = org.fixtures
    const kinds: Record<string, string> = { staffMember: 'StaffProfile', note: 'ClinicalNote' }
    const argumentOf = (coordinate: string, { name }: { name: string }) => {
      const field = coordinate.replace('Query.', '')
      const kind = kinds[field] ?? `${field.charAt(0).toUpperCase()}${field.slice(1)}`
      return { first: '3', id: `"${place?.ids[kind]}"`, query: '"Milo"', date: `"${place?.date}"` }[name] ?? null
    }
    const fields = Object.values(query.getFields()).flatMap((field) => {
      const call = callOf(`Query.${field.name}`, field, argumentOf)
      return call === null ? [] : [{ call, type: getNamedType(field.type) }]
    })
    let shown = 0
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (gen) => {
        const draw = (max: number) => gen(fc.nat, { max })
        const chosen = [0, 1].flatMap(() => fields[draw(fields.length - 1)] ?? [])
        const document = `query Drawn { ${chosen.map(({ call: field, type }, index) => `f${index}: ${field} ${drawSelection(guarded.lean, type, 3, argumentOf, draw)}`).join('\n')} }`
        const { body, requestId } = await call(document, {}, { token: owner })
        // Chance may draw more than the limits allow; such a document shows nothing.
        fc.pre(!body.errors?.some(({ message }) => /limit of \d+ exceeded/.test(message)))
        expect(body.errors, document).toBeUndefined()
        const entries = await entriesOf(admin, requestId)
        const recorded = new Set(entries.flatMap(({ body: { reads = [] } }) => reads.flatMap(({ type, ids: read }) => read.map((id) => `${type} ${id}`))))
        for (const { type, id } of objectsIn(body.data)) {
          if (guarded.access.rowOf(type, 'id').audit.action === 'none') continue
          shown += 1
          expect(recorded).toContain(`${type} ${id}`)
        }
      }),
      { numRuns: databaseRuns(150), endOnFailure: true },
    )
    expect(shown).toBeGreaterThan(500)
  })
})

describe('row witnesses and entries', () => {
  it('agree for every change so far', async () => {
    expect(await findDisagreements(admin)).toEqual([])
  })

  it.each([
    ['a row that no operation named', `INSERT INTO client (organisation_id, name) SELECT id, 'Eva' FROM organisation`, 'planted: insert of Client'],
    ['a change that no row shows', '', 'planted: claims changes in a transaction that changed nothing'],
  ])('planted: %s is found', async (_case, statement, problem) => {
    await admin.query('BEGIN')
    await admin.query(statement)
    const changes = statement ? [] : [{ type: 'Client', fields: ['name'], ids: [org.id] }]
    await admin.query("INSERT INTO audit.entry (organisation_id, clinic_id, body) VALUES ($1, $1, convert_to($2, 'UTF8'))", [
      org.id,
      canonicalJson({ changes, operation: { name: 'planted' } }),
    ])
    const found = await findDisagreements(admin)
    await admin.query('ROLLBACK')
    expect(found).toEqual([expect.stringContaining(problem)])
  })
})
