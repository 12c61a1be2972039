import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLE_CODES, type RoleCode } from '../../modules/access/index.ts'
import { AlreadyExistsError } from '../../modules/kernel/errors.ts'
import { addDays, localDateOf } from '../../modules/kernel/time.ts'
import { updateCredential } from '../../modules/staff/credentials.ts'
import { recordCredential } from '../../modules/staff/index.ts'
import { withClient } from '../../server/database/connection.ts'
import { createFieldCipher, FieldDamagedError } from '../../server/field-cipher.ts'
import { rotateFields } from '../../server/jobs/field-rotation.ts'
import { type Harness, startHarness, TEST_MASTER_KEY } from '../harness.ts'
import { actorOf, callers, ERRORS, lastEntry, paramsOf } from '../operations.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addCredential, addStaff } from '../world-staff.ts'

let harness: Harness
let org: WorldOrganisation
let foreign: WorldOrganisation
let as: ReturnType<typeof callers>
const staff: Partial<Record<RoleCode, string>> = {}
let foreignStaffId: string
let today: string

const FIELDS =
  'id type numberEnding authority jurisdiction issuedOn expiresOn status state daysLeft version staff { id } verifications { method outcome note verifiedById }'
const RECORD = `mutation Record($input: RecordCredentialInput!) { recordCredential(input: $input) { __typename ... on StaffCredential { ${FIELDS} } ${ERRORS} } }`
const UPDATE = `mutation Update($input: UpdateCredentialInput!) { updateCredential(input: $input) { __typename ... on StaffCredential { ${FIELDS} } ${ERRORS} } }`
const VERIFY = `mutation Verify($input: VerifyCredentialInput!) { verifyCredential(input: $input) { __typename ... on StaffCredential { ${FIELDS} } ${ERRORS} } }`
const SUSPEND = `mutation Suspend($input: CredentialStandingInput!) { suspendCredential(input: $input) { __typename ... on StaffCredential { ${FIELDS} } ${ERRORS} } }`
const REVOKE = `mutation Revoke($input: CredentialStandingInput!) { revokeCredential(input: $input) { __typename ... on StaffCredential { ${FIELDS} } ${ERRORS} } }`
const REVEAL = `mutation Reveal($input: RevealCredentialNumberInput!) { revealCredentialNumber(input: $input) { __typename ... on CredentialNumber { id number } ${ERRORS} } }`
const ADVERSE = `mutation Adverse($input: RecordAdverseActionInput!) { recordAdverseAction(input: $input) { __typename ... on AdverseAction { id kind staff { id } credential { id } recordedById } ${ERRORS} } }`
const LIST = `query Credentials($staffId: UUID) { credentials(staffId: $staffId, first: 100) { edges { node { ${FIELDS} } } } }`
const ACTIONS =
  'query Actions($staffId: UUID!) { adverseActions(staffId: $staffId) { edges { node { id kind description reportedBy occurredOn credential { id } } } } }'
const EXPIRING =
  'query Expiring($asOf: LocalDate, $days: Int! = 90) { expiringCredentials(asOf: $asOf, withinDays: $days) { bucket daysLeft credential { id staff { id } } } }'

const person = (role: RoleCode) => staff[role] ?? ''
const nodes = (connection: { edges: { node: any }[] }) => connection.edges.map(({ node }) => node)

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
  foreign = await buildOrganisation(harness.app, 'beta')
  as = callers(harness)
  for (const role of ROLE_CODES) staff[role] = await addStaff(harness.app, actorOf(org), { name: `${role} person`, userId: org.userId(role) })
  foreignStaffId = await addStaff(harness.app, actorOf(foreign), { name: 'Zoe' })
  today = localDateOf(harness.app.clock.now(), 'America/Mexico_City')
})
afterAll(() => harness[Symbol.asyncDispose]())

let numbers = 0
const fresh = (input: object = {}) => {
  numbers += 1
  return { staffId: person('veterinarian'), type: 'licence', number: `MX-${1_000_000 + numbers}`, authority: 'SEP', issuedOn: '2020-05-01', ...input }
}
const record = async (input: object = {}) => {
  const manager = await as(org, 'manager')
  const { body } = await manager(RECORD, { input: fresh(input) })
  expect([body.errors, body.data?.recordCredential.__typename]).toEqual([undefined, 'StaffCredential'])
  return body.data.recordCredential
}

describe('recording a credential', () => {
  it('answers it with the end of its number and nothing more of it', async () => {
    const made = await record({ number: 'MX-7654321', jurisdiction: 'CDMX', expiresOn: addDays(today, 400) })
    expect(made).toMatchObject({
      type: 'licence',
      numberEnding: '4321',
      authority: 'SEP',
      jurisdiction: 'CDMX',
      issuedOn: '2020-05-01',
      status: 'recorded',
      state: 'RECORDED',
      daysLeft: 400,
      version: 1,
      staff: { id: person('veterinarian') },
      verifications: [],
    })
    expect(JSON.stringify(made)).not.toContain('765')
  })

  it('leaves the number in clear nowhere: not in the row, the trail or the kept answers', async () => {
    const manager = await as(org, 'manager')
    await manager(RECORD, { input: fresh({ number: 'SECRET-9988776' }) }, { idempotencyKey: 'record-secret-1' })
    await withClient(harness.database.adminUrl, async (client) => {
      const { rows: tables } = await client.query<{ name: string }>(
        "SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'audit') AND c.relkind = 'r'",
      )
      for (const { name } of tables) {
        const { rows } = await client.query<{ text: string | null }>(`SELECT string_agg(t::text, ' ') AS text FROM ${name} t`)
        const text = rows[0]?.text ?? ''
        // bytea shows as hexadecimal.
        if (name === 'public.staff_credential') expect(text).toContain('8776')
        const clear = ['9988776', Buffer.from('9988776').toString('hex')].filter((form) => text.includes(form))
        expect([name, clear]).toEqual([name, []])
      }
    })
  })

  it('refuses a number that the organisation knows under the type, however it is written', async () => {
    await record({ number: 'AB-123 456', type: 'dea' })
    const manager = await as(org, 'manager')
    const again = (await manager(RECORD, { input: fresh({ number: 'ab123456', type: 'dea', staffId: person('groomer') }) })).body.data.recordCredential
    expect(again.code).toBe('ALREADY_EXISTS')
    expect(paramsOf(again)).toEqual({ type: 'StaffCredential', field: 'number' })
    const otherType = (await manager(RECORD, { input: fresh({ number: 'AB-123 456', type: 'senasica' }) })).body.data.recordCredential
    expect(otherType.__typename).toBe('StaffCredential')
    const elsewhere = await as(foreign, 'manager')
    const otherOrganisation = (await elsewhere(RECORD, { input: fresh({ number: 'AB-123 456', type: 'dea', staffId: foreignStaffId }) })).body.data
    expect(otherOrganisation.recordCredential.__typename).toBe('StaffCredential')
  })

  it('refuses another type under which the number is known, also by two at once', async () => {
    const manager = await as(org, 'manager')
    const number = 'TYPE-77 1'
    await record({ number, type: 'dea' })
    const made = await record({ number, type: 'senasica' })
    const change = async (id: string, type: string) => (await manager(UPDATE, { input: { id, version: 1, type } })).body.data.updateCredential
    const refused = await change(made.id, 'dea')
    expect([refused.code, paramsOf(refused)]).toEqual(['ALREADY_EXISTS', { type: 'StaffCredential', field: 'number' }])
    const others = [await record({ number, type: 'licence' }), await record({ number, type: 'other' })]
    const answers = await Promise.all(others.map(({ id }) => change(id, 'cpr')))
    expect(answers.map(({ code }) => code ?? 'ok').sort()).toEqual(['ALREADY_EXISTS', 'ok'])
    expect(await change(made.id, 'anaesthesia')).toMatchObject({ type: 'anaesthesia', numberEnding: made.numberEnding })
  })

  it('takes two at the same moment for one', async () => {
    const manager = await as(org, 'manager')
    const input = fresh({ type: 'cpr' })
    const answers = await Promise.all([1, 2, 3, 4].map(() => manager(RECORD, { input })))
    expect(answers.map(({ body }) => body.data.recordCredential.code ?? 'ok').sort()).toEqual(['ALREADY_EXISTS', 'ALREADY_EXISTS', 'ALREADY_EXISTS', 'ok'])
  })

  it.each([
    ['a type that is none', { type: 'diploma' }, 'type'],
    ['a number without characters', { number: '- -' }, 'number'],
    ['no authority', { authority: ' ' }, 'authority'],
    ['an expiry before the issue', { issuedOn: '2025-01-02', expiresOn: '2025-01-01' }, 'expiresOn'],
  ])('refuses %s', async (_case, input, path) => {
    const manager = await as(org, 'manager')
    const { recordCredential: refused } = (await manager(RECORD, { input: fresh(input) })).body.data
    expect([refused.code, refused.issues?.[0]?.path]).toEqual(['INVALID_INPUT', path])
  })

  it('refuses somebody of another organisation', async () => {
    const manager = await as(org, 'manager')
    expect((await manager(RECORD, { input: fresh({ staffId: foreignStaffId }) })).body.data.recordCredential.code).toBe('NOT_FOUND')
  })
})

describe('the life of a credential', () => {
  it('is verified by somebody else, and to be verified anew once it changes', async () => {
    const { id } = await record()
    const manager = await as(org, 'manager')
    const verified = (await manager(VERIFY, { input: { id, version: 1, method: 'registry', outcome: 'confirmed', note: 'Seen online.' } })).body.data
      .verifyCredential
    expect(verified).toMatchObject({ status: 'verified', state: 'VERIFIED', version: 2 })
    expect(verified.verifications).toEqual([{ method: 'registry', outcome: 'confirmed', note: 'Seen online.', verifiedById: org.userId('manager') }])
    const trail = `query Trail($staffId: UUID, $status: String) { credentials(staffId: $staffId, status: $status, first: 100) { edges { node { id status verifications { verifiedBy { id } } } } } }`
    const standing = async (status: string) => nodes((await manager(trail, { staffId: person('veterinarian'), status })).body.data.credentials)
    expect((await standing('verified')).find((one: any) => one.id === id)?.verifications).toEqual([{ verifiedBy: { id: person('manager') } }])
    expect((await standing('recorded')).some((one: any) => one.id === id || one.status !== 'recorded')).toBe(false)
    const renewed = (await manager(UPDATE, { input: { id, version: 2, expiresOn: addDays(today, 30) } })).body.data.updateCredential
    expect(renewed).toMatchObject({ status: 'recorded', state: 'EXPIRING', version: 3, authority: 'SEP' })
    expect(renewed.verifications).toHaveLength(1)
    const stale = (await manager(UPDATE, { input: { id, version: 2, authority: 'X' } })).body.data.updateCredential
    expect([stale.code, paramsOf(stale).current]).toEqual(['STALE_VERSION', '3'])
  })

  it('keeps its trail: a check that refutes takes the verification back, one without outcome changes nothing', async () => {
    const { id } = await record()
    const manager = await as(org, 'manager')
    const check = async (version: number, outcome: string) =>
      (await manager(VERIFY, { input: { id, version, method: 'phone', outcome } })).body.data.verifyCredential
    expect((await check(1, 'confirmed')).status).toBe('verified')
    expect((await check(2, 'inconclusive')).status).toBe('verified')
    const refuted = await check(3, 'refuted')
    expect(refuted.status).toBe('recorded')
    expect(refuted.verifications.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['refuted', 'inconclusive', 'confirmed'])
  })

  it('cannot be verified by the person', async () => {
    const { id } = await record({ staffId: person('manager') })
    const own = await as(org, 'manager')
    const { verifyCredential: refused } = (await own(VERIFY, { input: { id, version: 1, method: 'document', outcome: 'confirmed' } })).body.data
    expect([refused.code, paramsOf(refused).rule]).toEqual(['NOT_PERMITTED', 'own_credential'])
  })

  it('is suspended until it is verified anew, and revoked for good, each with an adverse action', async () => {
    const { id } = await record({ staffId: person('assistant') })
    const manager = await as(org, 'manager')
    const standing = { id, reason: 'Complaint of a client.', reportedBy: 'SENASICA' }
    const suspended = (await manager(SUSPEND, { input: { ...standing, version: 1 } })).body.data.suspendCredential
    expect([suspended.status, suspended.state]).toEqual(['suspended', 'SUSPENDED'])
    expect((await manager(SUSPEND, { input: { ...standing, version: 2 } })).body.data.suspendCredential.code).toBe('WRONG_STATE')
    expect((await manager(UPDATE, { input: { id, version: 2, authority: 'SEP 2' } })).body.data.updateCredential.status).toBe('suspended')
    expect((await manager(VERIFY, { input: { id, version: 3, method: 'registry', outcome: 'confirmed' } })).body.data.verifyCredential.status).toBe('verified')
    expect((await manager(REVOKE, { input: { ...standing, version: 4 } })).body.data.revokeCredential.state).toBe('REVOKED')
    for (const [document, field, input] of [
      [VERIFY, 'verifyCredential', { id, version: 5, method: 'registry', outcome: 'confirmed' }],
      [UPDATE, 'updateCredential', { id, version: 5, authority: 'X' }],
      [SUSPEND, 'suspendCredential', { ...standing, version: 5 }],
      [REVOKE, 'revokeCredential', { ...standing, version: 5 }],
    ] as const)
      expect([field, (await manager(document, { input })).body.data[field].code]).toEqual([field, 'WRONG_STATE'])
    const actions = nodes((await manager(ACTIONS, { staffId: person('assistant') })).body.data.adverseActions)
    expect(actions.map(({ kind, description, reportedBy, occurredOn, credential }) => [kind, description, reportedBy, occurredOn, credential.id])).toEqual([
      ['revocation', 'Complaint of a client.', 'SENASICA', today, id],
      ['suspension', 'Complaint of a client.', 'SENASICA', today, id],
    ])
  })

  it('knows adverse actions of the person, never in the future, never of somebody else’s credential', async () => {
    const { id } = await record()
    const manager = await as(org, 'manager')
    const action = {
      staffId: person('veterinarian'),
      credentialId: id,
      kind: 'warning',
      occurredOn: '2025-01-01',
      description: 'Late records.',
      reportedBy: 'Colegio',
    }
    expect((await manager(ADVERSE, { input: action })).body.data.recordAdverseAction).toMatchObject({
      kind: 'warning',
      credential: { id },
      recordedById: org.userId('manager'),
    })
    expect((await manager(ADVERSE, { input: { ...action, occurredOn: addDays(today, 2) } })).body.data.recordAdverseAction.issues[0].rule).toBe('future')
    expect((await manager(ADVERSE, { input: { ...action, staffId: person('groomer') } })).body.data.recordAdverseAction.code).toBe('NOT_FOUND')
    expect((await manager(ADVERSE, { input: { ...action, staffId: foreignStaffId, credentialId: null } })).body.data.recordAdverseAction.code).toBe('NOT_FOUND')
  })

  it('has a trail that the application cannot rewrite', async () => {
    const refused = await withClient(harness.database.appUrl, async (client) => {
      const codes: string[] = []
      for (const statement of [
        'UPDATE credential_verification SET note = NULL',
        'DELETE FROM credential_verification',
        'UPDATE adverse_action SET kind = kind',
        'DELETE FROM adverse_action',
        'DELETE FROM staff_credential',
      ])
        codes.push(
          await client.query(statement).then(
            () => 'done',
            ({ code }: { code: string }) => code,
          ),
        )
      return codes
    })
    expect(refused).toEqual(Array(5).fill('42501'))
  })
})

describe('what expires', () => {
  it('is listed by urgency, for people who work here, revoked ones left out', async () => {
    const app = harness.app
    const owner = foreign.clinics[1]?.actor
    if (!owner) throw new Error('no clinic')
    const ids: Record<string, string> = {}
    for (const days of [-1, 0, 7, 8, 30, 31, 90, 91])
      ids[days] = await addCredential(app, owner, { staffId: foreignStaffId, expiresOn: addDays('2026-06-01', days) })
    const gone = await addStaff(app, owner, { name: 'Gone', terminatedOn: '2026-05-31' })
    await addCredential(app, owner, { staffId: gone, expiresOn: '2026-06-02' })
    await addCredential(app, owner, { staffId: foreignStaffId, expiresOn: null })
    const manager = await as(foreign, 'manager')
    const revoked = await addCredential(app, owner, { staffId: foreignStaffId, expiresOn: '2026-06-03' })
    await manager(REVOKE, { input: { id: revoked, version: 1, reason: 'Fraud.', reportedBy: 'SEP' } })
    const ask = async (days: number) => (await manager(EXPIRING, { asOf: '2026-06-01', days })).body.data.expiringCredentials
    expect((await ask(90)).map(({ bucket, daysLeft, credential }: any) => [credential.id, daysLeft, bucket])).toEqual([
      [ids[-1], -1, 'EXPIRED'],
      [ids[0], 0, 'WITHIN_7'],
      [ids[7], 7, 'WITHIN_7'],
      [ids[8], 8, 'WITHIN_30'],
      [ids[30], 30, 'WITHIN_30'],
      [ids[31], 31, 'WITHIN_90'],
      [ids[90], 90, 'WITHIN_90'],
    ])
    expect((await ask(91)).at(-1)).toMatchObject({ bucket: 'LATER', daysLeft: 91 })
    expect(await ask(7)).toHaveLength(3)
    expect((await manager(EXPIRING, { days: 367 })).body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })
})

describe('who sees what', () => {
  it('a role with all reach sees everybody, all others themselves alone', async () => {
    const own = await record({ staffId: person('groomer'), expiresOn: addDays(today, 3) })
    const others = await record({ staffId: person('veterinarian'), expiresOn: addDays(today, 3) })
    const everybody = new Set<RoleCode>(['super_admin', 'owner', 'clinic_admin', 'manager', 'compliance_officer'])
    for (const role of ROLE_CODES) {
      const call = await as(org, role)
      const list = (await call(LIST)).body
      if (role === 'client') {
        expect(list.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
        continue
      }
      const people = new Set(nodes(list.data.credentials).map((node) => node.staff.id))
      const asked = nodes((await call(LIST, { staffId: person('veterinarian') })).body.data.credentials).map(({ id }) => id)
      const urgent = (await call(EXPIRING)).body.data.expiringCredentials.map(({ credential }: any) => credential.id)
      const actions = nodes((await call(ACTIONS, { staffId: person('assistant') })).body.data.adverseActions)
      if (everybody.has(role)) {
        expect([role, people.size > 1, asked.includes(others.id), urgent.includes(own.id), actions.length]).toEqual([role, true, true, true, 2])
      } else {
        expect([role, [...people].filter((id) => id !== person(role))]).toEqual([role, []])
        expect([role, asked.includes(others.id)]).toEqual([role, role === 'veterinarian'])
        expect([role, urgent.includes(own.id), urgent.includes(others.id)]).toEqual([role, role === 'groomer', role === 'veterinarian'])
        expect([role, actions.length]).toEqual([role, role === 'assistant' ? 2 : 0])
      }
    }
  })

  it('the number in full is for the person and for whoever manages credentials, and the trail names who asked', async () => {
    const { id } = await record({ staffId: person('veterinarian'), number: 'REVEAL-555' })
    const answers: Record<string, string> = {}
    for (const role of ROLE_CODES) {
      const { body } = await (await as(org, role))(REVEAL, { input: { id } })
      answers[role] = body.data?.revealCredentialNumber.number ?? body.data?.revealCredentialNumber.code ?? body.errors?.[0]?.extensions.code
    }
    expect(answers).toEqual({
      super_admin: 'REVEAL-555',
      owner: 'REVEAL-555',
      clinic_admin: 'REVEAL-555',
      manager: 'REVEAL-555',
      veterinarian: 'REVEAL-555',
      assistant: 'NOT_FOUND',
      receptionist: 'NOT_FOUND',
      groomer: 'NOT_FOUND',
      compliance_officer: 'NOT_PERMITTED',
      client: 'FORBIDDEN',
    })
    const manager = await as(org, 'manager')
    await manager(REVEAL, { input: { id } }, { idempotencyKey: 'reveal-me-once' })
    const entry = await lastEntry(harness, 'Reveal/revealCredentialNumber')
    expect(entry).toMatchObject({ action: 'read', outcome: 'ok' })
    expect(entry?.body.reads).toEqual([{ type: 'StaffCredential', ids: [id], fields: ['number'] }])
    const kept = await withClient(
      harness.database.adminUrl,
      async (client) => (await client.query("SELECT result::text FROM idempotency_key WHERE key = 'reveal-me-once'")).rows[0],
    )
    expect(kept.result).not.toContain('555')
    expect((await (await as(foreign, 'owner'))(REVEAL, { input: { id } })).body.data.revealCredentialNumber.code).toBe('NOT_FOUND')
  })
})

describe('keys', () => {
  it('that are replaced seal anew what older ones sealed, and know its numbers meanwhile', async () => {
    const [older, newer] = [new Uint8Array(Buffer.from(TEST_MASTER_KEY, 'hex')), new Uint8Array(32).fill(9)]
    const both = createFieldCipher([newer, older])
    const actor = actorOf(org)
    const { id } = await record({ number: 'ROTATE-1234567', type: 'radiology' })
    const again = { staffId: person('groomer'), type: 'radiology', number: 'rotate 1234567', authority: 'SEP' }
    await expect(harness.app.asSystem(actor, 'cli', 'rotate', (tx) => recordCredential(tx, actor, both, again))).rejects.toThrow(AlreadyExistsError)
    // A number that stays meets others under its new type, whichever key sealed either.
    const other = await harness.app.asSystem(actor, 'cli', 'rotate', (tx) => recordCredential(tx, actor, both, { ...again, type: 'anaesthesia' }))
    const moved = harness.app.asSystem(actor, 'cli', 'rotate', (tx) => updateCredential(tx, actor, both, { id: other.id, version: 1, type: 'radiology' }))
    await expect(moved).rejects.toThrow(AlreadyExistsError)
    const ports = { database: harness.app.database, clock: harness.app.clock, fields: both }
    const signal = new AbortController().signal
    const statements: string[] = []
    await rotateFields(ports, signal)
    harness.app.database.onStatement = (text) => statements.push(text)
    await rotateFields(ports, signal)
    harness.app.database.onStatement = null
    expect(statements.filter((text) => /UPDATE/.test(text))).toEqual([])
    const rows = await withClient(
      harness.database.adminUrl,
      async (client) => (await client.query<{ id: string; number_sealed: string }>('SELECT id, number_sealed FROM staff_credential')).rows,
    )
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.filter(({ number_sealed }) => !number_sealed.startsWith(`${both.keyName}.`))).toEqual([])
    const sealed = rows.find((row) => row.id === id)?.number_sealed ?? ''
    const place = { organisationId: org.id, table: 'staff_credential', column: 'number', id }
    expect(createFieldCipher([newer]).open(sealed, place)).toBe('ROTATE-1234567')
    expect(() => both.open(sealed, { ...place, id: person('groomer') })).toThrow(FieldDamagedError)
    await expect(harness.app.asSystem(actor, 'cli', 'rotate', (tx) => recordCredential(tx, actor, both, again))).rejects.toThrow(AlreadyExistsError)
  })
})
