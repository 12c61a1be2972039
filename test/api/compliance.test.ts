import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { indexStep } from '../../server/audit/indexer.ts'
import { withClient } from '../../server/database/connection.ts'
import { type CallOptions, type Harness, SIGN_IN, startHarness } from '../harness.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addNote } from '../world-notes.ts'
import { addPatient } from '../world-patients.ts'
import { addStaff } from '../world-staff.ts'

const ENTRIES = `query AuditEntries($filter: AuditFilter, $first: Int, $after: String, $last: Int, $before: String) {
  auditEntries(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id at action operation origin outcome userId userName classes types recordIds detail address userAgent sessionId requestId reason
      reads { type ids fields } changes { type ids fields } aggregates { name params { name value } } } }
    pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
  }
}`
const PATIENT = 'query OnePatient($id: UUID!) { patient(id: $id) { id name } }'
const ROLES = 'query Roles { roles { code } }'

type Accesses = { type: string; ids: string[]; fields: string[] }[]
type Entry = {
  id: string
  at: string
  detail: string | null
  address: string | null
  userAgent: string | null
  sessionId: string | null
  requestId: string
  reads: Accesses
  changes: Accesses
  aggregates: { name: string; params: { name: string; value: string }[] }[]
}
let harness: Harness
let org: WorldOrganisation
let foreign: WorldOrganisation
let patientId: string
let officer: string
let vet: string
let sisterOfficer: string
let sisterVet: string

const token = async (of: WorldOrganisation, role: Parameters<WorldOrganisation['email']>[0], clinic = 0) => (await harness.signIn(of.email(role, clinic))).token
const clinic = (index: number) => {
  const place = org.clinics[index]
  if (!place) throw new Error('no such clinic')
  return place
}

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
  foreign = await buildOrganisation(harness.app, 'beta', [{}])
  patientId = (await addPatient(harness.app, clinic(0).actor)).id
  ;[officer, vet, sisterOfficer, sisterVet] = await Promise.all([
    token(org, 'compliance_officer'),
    token(org, 'veterinarian'),
    token(org, 'compliance_officer', 1),
    token(org, 'veterinarian', 1),
  ])
})
afterAll(() => harness[Symbol.asyncDispose]())

async function trail(filter: object | null, options: CallOptions & { page?: object } = {}) {
  const { page = { first: 100 }, ...call } = options
  const { body } = await harness.call(ENTRIES, { filter, ...page }, { token: officer, ...call })
  expect(body.errors).toBeUndefined()
  const { edges, pageInfo } = body.data.auditEntries
  const found: { cursor: string; node: Entry }[] = edges
  return { entries: found.map(({ node }) => node), cursors: found.map(({ cursor }) => cursor), pageInfo }
}
const newest = (entries: readonly Entry[]): Entry => {
  const [entry] = entries
  if (!entry) throw new Error('the trail has no such entry')
  return entry
}
const ids = (entries: readonly Entry[]): string[] => entries.map(({ id }) => id)

describe('what the trail tells', () => {
  it('shows that a veterinarian has read a patient: who, which record, which fields', async () => {
    const { headers } = await harness.call(PATIENT, { id: patientId }, { token: vet })
    const { entries } = await trail({ recordId: patientId, userId: org.userId('veterinarian') })
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({
      action: 'read',
      operation: 'OnePatient',
      origin: 'web',
      outcome: 'ok',
      userId: org.userId('veterinarian'),
      userName: 'veterinarian 1',
      classes: ['personal'],
      types: ['Patient'],
      recordIds: [patientId],
      detail: null,
      reason: null,
      changes: [],
      aggregates: [],
    })
    const entry = newest(entries)
    expect(entry.reads).toEqual([{ type: 'Patient', ids: [patientId], fields: expect.arrayContaining(['name', 'microchip', 'clientId']) }])
    expect(entry.address).toMatch(/127\.0\.0\.1/)
    expect(entry.userAgent).toBe('node')
    expect(entry.sessionId).toMatch(/^[0-9a-f-]{36}$/)
    expect(entry.requestId).toBe(headers.get('x-request-id'))
  })

  it('shows a change with its fields, by a person and by the installation', async () => {
    const owner = await token(org, 'owner')
    const change = 'mutation Allow($input: SetRolePermissionInput!) { setRolePermission(input: $input) { __typename ... on Role { id } } }'
    const { body } = await harness.call(change, { input: { roleCode: 'groomer', permission: 'client:read', effect: 'ALLOW' } }, { token: owner })
    const { entries } = await trail({ recordId: body.data.setRolePermission.id, action: 'update', userId: org.userId('owner') })
    expect(entries[0]).toMatchObject({
      operation: 'Allow/setRolePermission',
      changes: [{ type: 'Role', ids: [body.data.setRolePermission.id], fields: ['grants'] }],
    })
    const made = await trail({ recordId: patientId, query: 'world' })
    expect(made.entries[0]).toMatchObject({ userId: null, userName: 'test world', origin: 'cli', sessionId: null, address: null })
    expect(newest(made.entries).changes).toEqual([{ type: 'Patient', ids: [patientId], fields: expect.arrayContaining(['name']) }])
  })

  it('shows a denied attempt with the permission that was missing', async () => {
    await harness.call(ROLES, {}, { token: vet })
    const { entries } = await trail({ outcome: 'denied', userId: org.userId('veterinarian') })
    expect(entries[0]).toMatchObject({ operation: 'Roles', detail: 'FORBIDDEN role:administer' })
  })

  it('shows a failed sign-in of a member of the organisation at each of its clinics, and nowhere else', async () => {
    await harness.call(SIGN_IN, { email: org.email('groomer'), password: 'not this one at all' })
    const named = { userId: org.userId('groomer') }
    const [here, there] = await Promise.all([trail(named), trail(named, { token: sisterOfficer })])
    expect(here.entries[0]).toMatchObject({ action: 'login', outcome: 'denied', detail: 'WRONG_CREDENTIALS', userName: null })
    expect(ids(there.entries)).toEqual(ids(here.entries))
    expect((await trail(named, { token: await token(foreign, 'compliance_officer') })).entries).toEqual([])
  })

  it('records that it was read: the entries shown, and what was asked for without the words typed', async () => {
    const shown = ids((await trail({ recordId: patientId })).entries).sort()
    expect((await trail({ recordId: patientId, from: '2020-01-01', query: 'Lucía' })).entries).toEqual([])
    const looks = (await trail({ query: 'AuditEntries', userId: org.userId('compliance_officer') })).entries
    const asked = (look: Entry) => Object.fromEntries((look.aggregates[0]?.params ?? []).map(({ name, value }) => [name, value]))
    const search = looks.find((look) => asked(look).query === 'given')
    expect(search).toMatchObject({ action: 'read', classes: ['compliance'], recordIds: [], reads: [], aggregates: [{ name: 'audit_search' }] })
    expect(search && asked(search)).toEqual({ recordId: patientId, from: '2020-01-01', query: 'given' })
    expect(JSON.stringify(search)).not.toContain('Luc')
    const list = looks.find((look) => JSON.stringify(asked(look)) === JSON.stringify({ recordId: patientId }))
    expect(list).toMatchObject({ types: ['AuditEntry'], reads: [{ type: 'AuditEntry', ids: shown, fields: expect.arrayContaining(['address', 'userName']) }] })
  })

  it('keeps of a search what looks like a code, and refuses a text that no entry can hold', async () => {
    await trail({ action: 'sees: Lucía Hernández', role: 'x'.repeat(65), outcome: 'ok', type: 'y'.repeat(64), address: '10.0.0.1', query: 'CodesOnly' })
    const looks = (await trail({ query: 'AuditEntries', userId: org.userId('compliance_officer') })).entries
    const given = looks.map(({ aggregates }) => Object.fromEntries((aggregates[0]?.params ?? []).map(({ name, value }) => [name, value])))
    expect(given).toContainEqual({ action: 'given', role: 'given', outcome: 'ok', type: 'y'.repeat(64), address: 'given', query: 'given' })
    for (const filter of [{ action: 'x'.repeat(70_000) }, { query: 'x'.repeat(201) }]) {
      const { body } = await harness.call(ENTRIES, { filter, first: 1 }, { token: officer })
      expect(body.errors?.map(({ extensions }) => [extensions.code, extensions.params])).toEqual([
        ['INVALID_INPUT', { path: `filter.${Object.keys(filter)[0]}`, rule: 'too_big' }],
      ])
    }
    expect((await trail({ query: 'x'.repeat(200) })).entries).toEqual([])
  })
})

describe('who may read the trail', () => {
  it.each(['receptionist', 'veterinarian', 'assistant', 'groomer', 'manager', 'client'] as const)('refuses it to the role %s', async (role) => {
    const { body } = await harness.call(ENTRIES, {}, { token: await token(org, role) })
    expect(body.data).toBeNull()
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      permission: 'audit-log:view',
      roles: ['clinic_admin', 'compliance_officer', 'owner', 'super_admin'],
    })
  })

  it('refuses it to nobody', async () => {
    const { body } = await harness.call(ENTRIES, {})
    expect(body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  it("hides the other clinic's entries, in both directions, and shows them to an owner who goes there", async () => {
    await harness.call(PATIENT, { id: patientId }, { token: sisterVet })
    const bySister = { userId: org.userId('veterinarian', 1), recordId: patientId }
    expect((await trail(bySister)).entries).toEqual([])
    expect((await trail(bySister, { token: sisterOfficer })).entries).toHaveLength(1)
    expect((await trail({ userId: org.userId('veterinarian'), action: 'read' }, { token: sisterOfficer })).entries).toEqual([])
    const owner = await token(org, 'owner')
    expect((await trail(bySister, { token: owner, clinicId: clinic(1).id })).entries).toHaveLength(1)
    expect((await trail(bySister, { token: owner, clinicId: clinic(0).id })).entries).toEqual([])
  })

  it("never shows a foreign organisation's entries, whatever is asked for", async () => {
    const theirOfficer = await token(foreign, 'compliance_officer')
    await harness.call(PATIENT, { id: patientId }, { token: await token(foreign, 'veterinarian') })
    expect((await trail({ userId: org.userId('veterinarian') }, { token: theirOfficer })).entries).toEqual([])
    const theirs = new Set(ids((await trail(null, { token: theirOfficer })).entries))
    const ours = ids((await trail(null)).entries)
    expect(theirs.size).toBeGreaterThan(0)
    expect(ours.length).toBeGreaterThan(0)
    expect(ours.filter((id) => theirs.has(id))).toEqual([])
    await withClient(harness.database.adminUrl, async (client) => {
      const { rows } = await client.query('SELECT DISTINCT organisation_id FROM audit.search WHERE entry_id = ANY ($1)', [[...theirs]])
      expect(rows).toEqual([{ organisation_id: foreign.id }])
    })
  })

  it('is not within reach of the application role', async () => {
    await expect(withClient(harness.database.appUrl, (client) => client.query('SELECT FROM audit.search'))).rejects.toMatchObject({ code: '42501' })
  })
})

describe('filters', () => {
  it('narrow by action, outcome, type and request, all at once', async () => {
    const { entries } = await trail({ recordId: patientId, userId: org.userId('veterinarian') })
    const read = newest(entries)
    const { requestId } = read
    expect(ids((await trail({ requestId })).entries)).toEqual([read.id])
    expect(ids((await trail({ requestId, action: 'read', outcome: 'ok', type: 'Patient' })).entries)).toEqual([read.id])
    for (const other of [{ action: 'update' }, { outcome: 'denied' }, { type: 'Role' }, { recordId: read.id }, { userId: org.userId('owner') }])
      expect((await trail({ requestId, ...other })).entries).toEqual([])
  })

  it('find a text in operation, detail or name, whatever its case and accents', async () => {
    const found = (query: string) => trail({ query, userId: org.userId('veterinarian') })
    expect(ids((await found('ONEPÁT')).entries)).toHaveLength(1)
    expect(newest((await found('ROLE:admin')).entries).detail).toContain('role:administer')
    expect((await found('veterinarian 1')).entries.length).toBeGreaterThan(1)
    expect((await found('100% _')).entries).toEqual([])
    expect(ids((await found('   ')).entries)).toEqual(ids((await trail({ userId: org.userId('veterinarian') })).entries))
  })

  it('match nothing with a text that cannot be stored, and ignore an empty one', async () => {
    for (const text of ['\0', '\ud800', 'x\0y'])
      for (const name of ['action', 'type', 'address', 'role']) expect([name, (await trail({ [name]: text })).entries]).toEqual([name, []])
    expect((await trail({ action: '', address: '' })).entries).not.toEqual([])
  })

  it("count days in the clinic's zone, both ends included", async () => {
    // 05:59:59.999 and 06:00 UTC are the last instant of 9 March and midnight of the 10th in Mexico City.
    const marks = ['2021-03-10T05:59:59.999Z', '2021-03-10T06:00:00Z', '2021-03-11T05:59:59.999999Z', '2021-03-11T06:00:00Z']
    await plant(clinic(0).id, marks, 'days')
    const on = async (from: string | null, to: string | null) => (await trail({ query: 'days', from, to })).entries.map(({ at }) => at)
    expect(await on('2021-03-10', '2021-03-10')).toEqual(['2021-03-11T05:59:59.999Z', '2021-03-10T06:00:00.000Z'])
    expect(await on('2021-03-11', null)).toEqual(['2021-03-11T06:00:00.000Z'])
    expect(await on(null, '2021-03-09')).toEqual(['2021-03-10T05:59:59.999Z'])
    expect(await on('2021-03-11', '2021-03-09')).toEqual([])
  })
})

/** Entries at given instants, written by the database's owner: the product itself never writes one in the past. */
async function plant(clinicId: string, instants: readonly string[], operation: string) {
  await withClient(harness.database.adminUrl, (client) =>
    client.query(
      `INSERT INTO audit.search (entry_id, organisation_id, clinic_id, at, action, operation, origin, outcome, class, types, record_ids, request_id)
       SELECT uuidv7(), $1, $2, at, 'read', $4, 'job', 'ok', '{}', '{}', '{}', uuidv7() FROM unnest($3::timestamptz[]) AS at`,
      [org.id, clinicId, instants, operation],
    ),
  )
}

describe('who saw this', () => {
  const RECORDS = `query WhoSaw($filter: AuditFilter) { auditEntries(filter: $filter, first: 100) { edges { node { id operation userId roles hasEvidence
    records { type recordId label isChanged fields } } } } }`
  const SUMMARY = `query AccessSummary($id: UUID!, $from: LocalDate, $to: LocalDate) { accessSummary(subjectId: $id, from: $from, to: $to) {
    entryCount isPartial people { userId userName roles readCount changeCount firstAt lastAt } } }`
  const NOTE = 'query OneNote($id: UUID!) { note(id: $id) { id title } }'
  let animalId: string
  let noteId: string
  let owner: string

  const whoSaw = async (filter: object, as = officer) => {
    const { body } = await harness.call(RECORDS, { filter }, { token: as })
    expect(body.errors).toBeUndefined()
    return body.data.auditEntries.edges.map(({ node }: { node: object }) => node)
  }
  const index = () =>
    withClient(harness.database.sequencerUrl, async (client) => {
      while (!(await indexStep(client)).isCaughtUp);
    })

  beforeAll(async () => {
    owner = await token(org, 'owner')
    const staffId = await addStaff(harness.app, clinic(0).actor, { name: 'Dra. Ruiz', userId: org.userId('veterinarian'), employeeNumber: 'V-7' })
    animalId = (await addPatient(harness.app, clinic(0).actor, { name: 'Canela' })).id
    noteId = await addNote(harness.app, { ...clinic(0).actor, staffId }, { patientId: animalId, title: 'Vacuna' })
    await harness.call(PATIENT, { id: animalId }, { token: vet })
    await harness.call(NOTE, { id: noteId }, { token: vet })
    await harness.call(PATIENT, { id: animalId }, { token: owner })
    await harness.call(PATIENT, { id: animalId }, { token: sisterVet })
  })

  it('finds whoever touched an animal or a record about it, before the index has seen it and after', async () => {
    const before = await whoSaw({ subjectId: animalId })
    expect(before.map(({ operation }: { operation: string }) => operation)).toEqual(['OnePatient', 'OneNote', 'OnePatient', 'world', 'world'])
    expect(before.map(({ userId }: { userId: string | null }) => userId).slice(0, 3)).toEqual([
      org.userId('owner'),
      org.userId('veterinarian'),
      org.userId('veterinarian'),
    ])
    await index()
    expect(await whoSaw({ subjectId: animalId })).toEqual(before)
    expect((await whoSaw({ recordId: animalId, userId: org.userId('veterinarian') })).map(({ operation }: { operation: string }) => operation)).toEqual([
      'OnePatient',
    ])
    expect(await whoSaw({ subjectId: foreign.userId('owner') })).toEqual([])
  })

  it('names the records to those who may read them, and the roles under which they were read', async () => {
    const [, note] = await whoSaw({ subjectId: animalId, userId: org.userId('veterinarian') }, owner)
    const named = { type: 'Patient', recordId: animalId, isChanged: false }
    expect(note).toMatchObject({
      roles: ['veterinarian'],
      hasEvidence: true,
      records: [{ ...named, label: 'Canela', fields: expect.arrayContaining(['name', 'microchip']) }],
    })
    const [, hidden] = await whoSaw({ subjectId: animalId, userId: org.userId('veterinarian') })
    expect(hidden).toMatchObject({ records: [{ ...named, label: null }] })
    const [made] = await whoSaw({ recordId: noteId, origin: 'cli' }, owner)
    expect(made).toMatchObject({
      roles: [],
      records: expect.arrayContaining([expect.objectContaining({ type: 'ClinicalNote', recordId: noteId, isChanged: true })]),
    })
  })

  it('reports the names that it shows as read', async () => {
    await whoSaw({ subjectId: animalId }, owner)
    const [look] = (await trail({ query: 'WhoSaw', userId: org.userId('owner') })).entries
    expect(look?.reads).toContainEqual({ type: 'Patient', ids: [animalId], fields: ['name'] })
  })

  it('costs two statements, whatever the number of records and of their types', async () => {
    let statements = 0
    harness.app.database.onStatement = () => {
      statements += 1
    }
    const entries = await whoSaw({ role: 'veterinarian' }, owner)
    const other = await whoSaw({ subjectId: animalId, query: 'OnePatient' }, owner)
    harness.app.database.onStatement = null
    const typesOf = (found: { records: { type: string }[] }[]) => new Set(found.flatMap(({ records }) => records.map(({ type }) => type))).size
    expect([typesOf(entries) > 1, typesOf(other)]).toEqual([true, 1])
    expect(statements).toBe(4)
  })

  it('finds by role, origin, class, address and session', async () => {
    const [read] = (await trail({ recordId: animalId, userId: org.userId('owner'), query: 'OnePatient' })).entries
    if (!read) throw new Error('the trail lacks the read')
    for (const filter of [{ role: 'owner' }, { origin: 'web' }, { class: 'personal' }, { address: read.address }, { sessionId: read.sessionId }])
      expect([filter, ids((await trail({ ...filter, subjectId: animalId })).entries)]).toEqual([filter, expect.arrayContaining([read.id])])
    for (const filter of [{ role: 'groomer' }, { origin: 'job' }, { class: 'financial' }, { address: '192.0.2.1' }, { sessionId: animalId }])
      expect([filter, (await trail({ ...filter, subjectId: animalId })).entries]).toEqual([filter, []])
  })

  it('sums up who read and changed it, person by person, the latest first', async () => {
    const { id } = await addPatient(harness.app, clinic(0).actor, { name: 'Nube' })
    for (const reader of [vet, vet, owner, sisterVet]) await harness.call(PATIENT, { id }, { token: reader })
    const { body } = await harness.call(SUMMARY, { id }, { token: officer })
    const { people, entryCount, isPartial } = body.data.accessSummary
    expect(people).toMatchObject([
      { userId: org.userId('owner'), userName: 'owner 1', roles: ['owner'], readCount: 1, changeCount: 0 },
      { userId: org.userId('veterinarian'), userName: 'veterinarian 1', roles: ['veterinarian'], readCount: 2, changeCount: 0 },
      { userId: null, userName: 'test world', roles: [], readCount: 0, changeCount: 1 },
    ])
    expect({ entryCount, isPartial }).toEqual({ entryCount: 4, isPartial: false })
    expect(people[1].firstAt < people[1].lastAt).toBe(true)
    const none = await harness.call(SUMMARY, { id, from: '2020-01-01', to: '2020-01-02' }, { token: officer })
    expect(none.body.data.accessSummary).toEqual({ people: [], entryCount: 0, isPartial: false })
    const [look] = (await trail({ query: 'AccessSummary' })).entries.slice(-1)
    expect(look?.aggregates).toEqual([{ name: 'audit_access_summary', params: [{ name: 'subjectId', value: id }] }])
    expect(look?.reads).toContainEqual({ type: 'User', ids: [org.userId('owner'), org.userId('veterinarian')].toSorted(), fields: ['name', 'roles'] })
  })

  it('counts the newest 5,000 operations and says that there are more', async () => {
    const subject = newId()
    const add = (count: number) =>
      withClient(harness.database.adminUrl, (client) =>
        client.query(
          `INSERT INTO audit.search (entry_id, organisation_id, clinic_id, user_name, action, operation, origin, outcome, class, types, record_ids, request_id)
           SELECT uuidv7(), $1, $2, 'nightly', 'update', 'sweep', 'job', CASE WHEN n <= 7 THEN 'refused' ELSE 'ok' END, '{}', '{}', ARRAY[$3::uuid], uuidv7() FROM generate_series(1, $4::int) AS n`,
          [org.id, clinic(0).id, subject, count],
        ),
      )
    const sum = async () => (await harness.call(SUMMARY, { id: subject }, { token: officer })).body.data.accessSummary
    await add(5_000)
    expect(await sum()).toMatchObject({ entryCount: 5_000, isPartial: false, people: [{ userName: 'nightly', readCount: 7, changeCount: 4_993 }] })
    await add(1)
    expect(await sum()).toMatchObject({ entryCount: 5_000, isPartial: true })
  })

  it('is for those alone who may view the trail', async () => {
    const { body } = await harness.call(SUMMARY, { id: animalId }, { token: vet })
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'audit-log:view' })
  })

  it('shows an entry whose evidence was altered beyond reading, and says so', async () => {
    const [{ id }] = await whoSaw({ subjectId: animalId, userId: org.userId('owner') })
    const set = (text: string) =>
      withClient(harness.database.adminUrl, (client) =>
        client.query(`BEGIN; SET LOCAL session_replication_role = replica; UPDATE audit.entry SET body = ${text} WHERE id = '${id}'; COMMIT`),
      )
    const kept = await withClient(harness.database.adminUrl, (client) =>
      client.query<{ body: string }>("SELECT encode(body, 'hex') AS body FROM audit.entry WHERE id = $1", [id]),
    )
    await set("'\\xff00'")
    const [altered] = await whoSaw({ subjectId: animalId, userId: org.userId('owner') })
    await set(`decode('${kept.rows[0]?.body}', 'hex')`)
    expect(altered).toMatchObject({ id, hasEvidence: false, records: [] })
  })
})

describe('pages', () => {
  // Many in one microsecond, and neighbours that differ by one: what a millisecond cursor would skip or repeat.
  const instants = [
    ...Array.from({ length: 60 }, () => '2020-05-05T12:00:00.000001Z'),
    '2020-05-05T12:00:00.000002Z',
    '2020-05-05T12:00:00Z',
    '2020-05-05T11:00:00Z',
  ]
  beforeAll(() => plant(clinic(0).id, instants, 'paged'))

  it('walk the trail forwards without a gap or a repetition, and backwards to the same', async () => {
    const all = ids((await trail({ query: 'paged' })).entries)
    expect(all).toHaveLength(63)
    const forwards: string[] = []
    let place: { first: number; after?: string } = { first: 25 }
    for (let page = 0; page < 3; page += 1) {
      const { entries, pageInfo } = await trail({ query: 'paged' }, { page: place })
      forwards.push(...ids(entries))
      expect(pageInfo.hasNextPage).toBe(page < 2)
      place = { first: 25, after: pageInfo.endCursor }
    }
    expect(forwards).toEqual(all)
    const { cursors } = await trail({ query: 'paged' })
    const { entries, pageInfo } = await trail({ query: 'paged' }, { page: { last: 10, before: cursors[40] } })
    expect(ids(entries)).toEqual(all.slice(30, 40))
    expect(pageInfo.hasPreviousPage).toBe(true)
  })

  it('hold 25 entries without being asked and never more than 100', async () => {
    await plant(
      clinic(0).id,
      Array.from({ length: 60 }, (_, index) => new Date(1_600_000_000_000 + index).toISOString()),
      'paged more',
    )
    expect((await trail({ query: 'paged' }, { page: {} })).entries).toHaveLength(25)
    expect((await trail({ query: 'paged' }, { page: { first: 5_000 } })).entries).toHaveLength(100)
  })

  it('refuse a cursor of another list', async () => {
    const { body } = await harness.call(ENTRIES, { after: Buffer.from('OffsetConnection:3').toString('base64') }, { token: officer })
    expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  it('cost one statement, whatever their size', async () => {
    const counts: number[] = []
    for (const first of [5, 50]) {
      let statements = 0
      harness.app.database.onStatement = () => {
        statements += 1
      }
      expect((await trail({ query: 'paged' }, { page: { first } })).entries).toHaveLength(first)
      harness.app.database.onStatement = null
      counts.push(statements)
    }
    expect(counts).toEqual([1, 1])
  })

  it('show an entry whose evidence has been retired without what it touched', async () => {
    const [entry] = (await trail({ query: 'paged' }, { page: { first: 1 } })).entries
    expect(entry).toMatchObject({ reads: [], changes: [], aggregates: [] })
  })
})
