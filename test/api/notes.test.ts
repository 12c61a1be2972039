import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SystemActor } from '../../modules/kernel/actor.ts'
import { createDefaultTemplates, editNote, signNote } from '../../modules/notes/index.ts'
import { withClient } from '../../server/database/connection.ts'
import { type GraphqlAnswer, type Harness, startHarness } from '../harness.ts'
import { type Access, findDisagreements } from '../trail.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addDefaultTemplates, addNote, addSignedNote, addVisit } from '../world-notes.ts'
import { addPatient } from '../world-patients.ts'
import { addHours, addStaff } from '../world-staff.ts'

const ERRORS = '... on Error { code message params { name value } } ... on InvalidInput { issues { path rule } }'
const NOTE = `id kind title body status isLocked version writtenAt signedAt amendsId author { id name } signedBy { id name } patient { id name } appointment { id }
  template { id name } versions { version title body writtenAt author { id } } addenda { id body status amendsId author { name } }`
const WRITE = `mutation WriteNote($input: WriteNoteInput!) { writeNote(input: $input) { __typename ... on ClinicalNote { ${NOTE} } ${ERRORS} } }`
const EDIT = `mutation EditNote($input: EditNoteInput!) { editNote(input: $input) { __typename ... on ClinicalNote { ${NOTE} } ${ERRORS} } }`
const SIGN = `mutation SignNote($input: SignNoteInput!) { signNote(input: $input) { __typename ... on ClinicalNote { ${NOTE} } ${ERRORS} } }`
const AMEND = `mutation AddAddendum($input: AddAddendumInput!) { addAddendum(input: $input) { __typename ... on ClinicalNote { ${NOTE} } ${ERRORS} } }`
const ONE = `query OneNote($id: UUID!) { note(id: $id) { ${NOTE} } }`
const LIST = `query Notes($query: String, $patientId: UUID, $authorId: UUID, $status: String, $kind: String, $from: LocalDate, $to: LocalDate, $first: Int, $after: String) {
  notes(query: $query, patientId: $patientId, authorId: $authorId, status: $status, kind: $kind, from: $from, to: $to, first: $first, after: $after) {
    edges { node { ${NOTE} } } pageInfo { hasNextPage endCursor } } }`
const TEMPLATES = 'query NoteTemplates { noteTemplates { id kind name body locale } }'
const CHART =
  'query Chart($id: UUID!, $first: Int, $after: String) { patient(id: $id) { id notes(first: $first, after: $after) { edges { node { id amendsId author { name } } } pageInfo { hasNextPage endCursor } } } }'
const FOUND = 'query Found($query: String!, $first: Int) { searchPatients(query: $query, first: $first) { id notes(first: 2) { edges { node { id } } } } }'
const VISIT = 'query Visit($id: UUID!) { appointment(id: $id) { id notes { edges { node { id } } } } }'

type Named = { id: string; patient: { id: string } }
type Template = { id: string; name: string; kind: string; locale: string }
type Role = Parameters<WorldOrganisation['email']>[0]
let harness: Harness
let org: WorldOrganisation
let foreign: WorldOrganisation
const tokens = new Map<string, string>()
const staff = { vet: '', assistant: '', owner: '', sister: '' }
let patientId: string
let otherPatientId: string
let sisterPatientId: string
let visitId: string
let templateIds: string[]

const as = async (role: Role, clinic = 0, organisation = org): Promise<string> => {
  const email = organisation.email(role, clinic)
  const token = tokens.get(email) ?? (await harness.signIn(email)).token
  tokens.set(email, token)
  return token
}
/** The installation, acting for a member of the staff. */
const actingFor = (staffId: string | null, clinic = 0, organisation = org): SystemActor => {
  const place = organisation.clinics[clinic]
  if (!place) throw new Error('no such clinic')
  return { ...place.actor, staffId }
}
const send = async (document: string, input: object, role: Role = 'veterinarian', clinic = 0) => {
  const { body } = await harness.call(document, { input }, { token: await as(role, clinic) })
  const [root = ''] = Object.keys(body.data ?? {})
  return body.data ? body.data[root] : body
}
const write = (input: object = {}, role: Role = 'veterinarian') =>
  send(WRITE, { patientId, kind: 'soap', title: 'Consulta', body: 'Come bien.', ...input }, role)
const read = async (id: string, role: Role = 'veterinarian', clinic = 0) => (await harness.call(ONE, { id }, { token: await as(role, clinic) })).body.data?.note
const list = async (filter: object, role: Role = 'veterinarian', clinic = 0): Promise<Named[]> => {
  const { body } = await harness.call(LIST, { first: 100, ...filter }, { token: await as(role, clinic) })
  expect(body.errors).toBeUndefined()
  return nodesOf(body.data.notes)
}
const nodesOf = (connection: { edges: { node: Named }[] }) => connection.edges.map(({ node }) => node)
const accessTo = (type: string, accesses: readonly Access[]) => accesses.find((access) => access.type === type)
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
const paramsOf = (error: { params: { name: string; value: string | null }[] }) => Object.fromEntries(error.params.map(({ name, value }) => [name, value]))
const hoursAgo = (hours: number) => new Date(harness.app.clock.now().getTime() - hours * 3_600_000).toISOString()
const statementsOf = async (run: () => Promise<unknown>): Promise<number> => {
  let statements = 0
  harness.app.database.onStatement = () => {
    statements += 1
  }
  await run()
  harness.app.database.onStatement = null
  return statements
}
async function lastEntry(operation: string) {
  return withClient(harness.database.adminUrl, async (client) => {
    const { rows } = await client.query(
      `SELECT s.action, s.outcome, s.detail, s.class, convert_from(e.body, 'UTF8')::jsonb AS body FROM audit.search s JOIN audit.entry e ON e.id = s.entry_id
       WHERE s.operation = $1 ORDER BY s.at DESC LIMIT 1`,
      [operation],
    )
    return rows[0]
  })
}
const share = (isShared: boolean) =>
  harness.app.asSystem(actingFor(null), 'cli', 'world', async (tx) => {
    await tx.prisma.organisation.update({ where: { id: org.id }, data: { sharePatients: isShared } })
    tx.changes('Organisation', [org.id], ['sharePatients'])
    return null
  })

beforeAll(async () => {
  harness = await startHarness()
  const { app } = harness
  org = await buildOrganisation(app, 'alfa')
  foreign = await buildOrganisation(app, 'beta', [{}])
  const here = actingFor(null)
  const there = actingFor(null, 1)
  staff.vet = await addStaff(app, here, { userId: org.userId('veterinarian'), name: 'Dra. Ana Ruiz' })
  staff.assistant = await addStaff(app, here, { userId: org.userId('assistant'), name: 'Beto Cano', position: 'assistant' })
  staff.owner = await addStaff(app, here, { userId: org.userId('owner'), name: 'Carla Gil', position: 'owner' })
  staff.sister = await addStaff(app, there, { userId: org.userId('veterinarian', 1), name: 'Dr. Diego Paz' })
  await addHours(app, here, staff.vet)
  patientId = (await addPatient(app, here, { name: 'Luna' })).id
  otherPatientId = (await addPatient(app, here, { name: 'Rocky' })).id
  sisterPatientId = (await addPatient(app, there, { name: 'Nube' })).id
  visitId = await addVisit(app, here, { patientId, staffId: staff.vet, startsAt: '2027-03-01T17:00:00Z' })
  templateIds = await addDefaultTemplates(app, here)
})
afterAll(() => harness[Symbol.asyncDispose]())

describe('writing a note', () => {
  it('begins a draft of the caller about the patient and the visit', async () => {
    const note = await write({ appointmentId: visitId, title: ' Consulta de control ', body: 'Come bien.\nPeso estable.' })
    expect(note).toMatchObject({
      __typename: 'ClinicalNote',
      kind: 'soap',
      title: 'Consulta de control',
      body: 'Come bien.\nPeso estable.',
      status: 'draft',
      isLocked: false,
      version: 1,
      signedAt: null,
      signedBy: null,
      amendsId: null,
      template: null,
      addenda: [],
      author: { id: staff.vet, name: 'Dra. Ana Ruiz' },
      patient: { id: patientId, name: 'Luna' },
      appointment: { id: visitId },
      versions: [{ version: 1, title: 'Consulta de control', body: 'Come bien.\nPeso estable.', author: { id: staff.vet } }],
    })
    expect(await read(note.id)).toMatchObject({ id: note.id, version: 1 })
  })

  it('takes from a template what is left out', async () => {
    const { body } = await harness.call(TEMPLATES, {}, { token: await as('veterinarian') })
    const [template] = body.data.noteTemplates
    const bare = { kind: null, title: null, body: null, templateId: template.id }
    expect(await write(bare)).toMatchObject({ kind: template.kind, title: template.name, body: template.body, template: { id: template.id } })
    expect(await write({ ...bare, title: 'Otra', kind: 'phone' })).toMatchObject({ kind: 'phone', title: 'Otra', body: template.body })
  })

  it('is recorded as a change of the note and as a read of what answered', async () => {
    const note = await write()
    const change = await lastEntry('WriteNote/writeNote')
    expect(change).toMatchObject({ action: 'create', outcome: 'ok', class: ['medical'] })
    expect(accessTo('ClinicalNote', change.body.changes)).toMatchObject({
      ids: [note.id],
      fields: expect.arrayContaining(['body', 'patientId', 'title']),
    })
    const answer = await lastEntry('WriteNote')
    expect(accessTo('ClinicalNote', answer.body.reads)).toMatchObject({ ids: [note.id], fields: expect.arrayContaining(['body']) })
    expect(answer.body.reads.map(({ type }: Access) => type)).toEqual(expect.arrayContaining(['ClinicalNoteVersion', 'Patient', 'StaffProfile']))
  })

  it('is one effect for one idempotency key', async () => {
    const input = { patientId, kind: 'progress', title: 'Una vez', body: 'Sí.' }
    const options = { token: await as('veterinarian'), idempotencyKey: 'note-key-0001' }
    const [first, second] = [await harness.call(WRITE, { input }, options), await harness.call(WRITE, { input }, options)]
    expect(second.body.data.writeNote.id).toBe(first.body.data.writeNote.id)
    const other = await harness.call(WRITE, { input: { ...input, body: 'No.' } }, options)
    expect(other.body.data.writeNote.code).toBe('IDEMPOTENCY_MISMATCH')
  })

  it.each([
    ['an empty title', { title: '  ' }, 'title'],
    ['a title of two lines', { title: 'Uno\nDos' }, 'title'],
    ['an empty text', { body: '' }, 'body'],
    ['a text beyond 50,000 characters', { body: 'a'.repeat(50_001) }, 'body'],
    ['a NUL in the text', { body: 'a\u0000b' }, 'body'],
    ['an unknown kind', { kind: 'novel' }, 'kind'],
    ['no title and no template', { title: null }, 'title'],
    ['no text and no template', { body: null }, 'body'],
    ['no kind and no template', { kind: null }, 'kind'],
  ])('refuses %s', async (_what, part, path) => {
    const refused = await write(part)
    expect(refused).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT', issues: [{ path }] })
  })

  it('refuses a visit of another patient', async () => {
    expect(await write({ patientId: otherPatientId, appointmentId: visitId })).toMatchObject({ issues: [{ path: 'appointmentId', rule: 'other_patient' }] })
  })

  it('does not find a patient, visit or template that does not exist or is elsewhere', async () => {
    const unknown = '01890a5d-ac96-774b-bcce-b302099a8057'
    const [foreignTemplate] = await addDefaultTemplates(harness.app, actingFor(null, 0, foreign))
    const foreignPatient = await addPatient(harness.app, actingFor(null, 0, foreign))
    for (const [part, type] of [
      [{ patientId: unknown }, 'Patient'],
      [{ patientId: foreignPatient.id }, 'Patient'],
      [{ appointmentId: unknown }, 'Appointment'],
      [{ templateId: unknown }, 'NoteTemplate'],
      [{ templateId: foreignTemplate }, 'NoteTemplate'],
    ] as const) {
      const refused = await write(part)
      expect(refused).toMatchObject({ __typename: 'NotFound', code: 'NOT_FOUND' })
      expect(paramsOf(refused)).toEqual({ type })
    }
  })

  it('needs a staff profile, because notes name a person', async () => {
    const { body } = await harness.call(WRITE, { input: { patientId, kind: 'soap', title: 'a', body: 'b' } }, { token: await as('assistant', 1) })
    expect(body.data.writeNote).toMatchObject({ __typename: 'NotPermitted' })
    expect(paramsOf(body.data.writeNote)).toEqual({ rule: 'staff_only' })
    expect(await lastEntry('WriteNote')).toMatchObject({ outcome: 'refused', detail: 'NOT_PERMITTED' })
  })
})

describe('editing a draft', () => {
  it('replaces title and text and keeps every version', async () => {
    const { id } = await write({ title: 'Uno', body: 'Primero.' })
    const second = await send(EDIT, { id, version: 1, title: 'Dos', body: 'Segundo.' })
    expect(second).toMatchObject({ id, title: 'Dos', body: 'Segundo.', version: 2, status: 'draft' })
    const third = await send(EDIT, { id, version: 2, title: 'Tres', body: 'Tercero.' })
    expect(third.versions).toMatchObject([
      { version: 1, title: 'Uno', body: 'Primero.' },
      { version: 2, title: 'Dos', body: 'Segundo.' },
      { version: 3, title: 'Tres', body: 'Tercero.' },
    ])
    const entry = await lastEntry('EditNote/editNote')
    expect(entry.action).toBe('update')
    expect(entry.body.changes).toEqual(
      expect.arrayContaining([
        { type: 'ClinicalNote', ids: [id], fields: ['body', 'title', 'version'] },
        expect.objectContaining({ type: 'ClinicalNoteVersion', ids: [id] }),
      ]),
    )
  })

  it('refuses an edit of an older version and says which one is current', async () => {
    const { id } = await write()
    await send(EDIT, { id, version: 1, title: 'a', body: 'b' })
    const stale = await send(EDIT, { id, version: 1, title: 'c', body: 'd' })
    expect(stale).toMatchObject({ __typename: 'StaleVersion' })
    expect(paramsOf(stale)).toEqual({ type: 'ClinicalNote', current: '2' })
    expect(await read(id)).toMatchObject({ title: 'a', version: 2 })
  })

  it('lets one of two simultaneous edits win', async () => {
    const { id } = await write()
    const answers = await Promise.all(['a', 'b'].map((title) => send(EDIT, { id, version: 1, title, body: title })))
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['ClinicalNote', 'StaleVersion'])
    expect((await read(id)).versions).toHaveLength(2)
  })

  it.each(['assistant', 'owner'] as const)("is the author's alone: not even the %s edits another's draft", async (role) => {
    const { id } = await write()
    const refused = await send(EDIT, { id, version: 1, title: 'a', body: 'b' }, role)
    expect(refused).toMatchObject({ __typename: 'NotPermitted' })
    expect(paramsOf(refused)).toEqual({ rule: 'author_only' })
    expect(await read(id)).toMatchObject({ title: 'Consulta', version: 1 })
  })

  it('ends 24 hours after the note was begun', async () => {
    const old = await addNote(harness.app, actingFor(staff.vet), { patientId }, hoursAgo(24))
    const locked = await send(EDIT, { id: old, version: 1, title: 'a', body: 'b' })
    expect(locked).toMatchObject({ __typename: 'NoteLocked', code: 'NOTE_LOCKED' })
    expect(paramsOf(locked)).toEqual({ lock: 'age' })
    expect(await read(old)).toMatchObject({ isLocked: true, status: 'draft' })
    const recent = await addNote(harness.app, actingFor(staff.vet), { patientId }, hoursAgo(23))
    expect(await send(EDIT, { id: recent, version: 1, title: 'a', body: 'b' })).toMatchObject({ __typename: 'ClinicalNote', version: 2 })
  })

  it('does not find a note of a foreign organisation', async () => {
    const theirs = actingFor(null, 0, foreign)
    const author = { ...theirs, staffId: await addStaff(harness.app, theirs) }
    const id = await addNote(harness.app, author, { patientId: (await addPatient(harness.app, theirs)).id })
    expect(await send(EDIT, { id, version: 1, title: 'a', body: 'b' })).toMatchObject({ __typename: 'NotFound' })
    expect(await send(SIGN, { id, version: 1 })).toMatchObject({ __typename: 'NotFound' })
    expect(await send(AMEND, { noteId: id, body: 'b' })).toMatchObject({ __typename: 'NotFound' })
    expect(await read(id)).toBeNull()
  })
})

describe('signing', () => {
  it('locks the note for good, its text and its version', async () => {
    const { id } = await write()
    const signed = await send(SIGN, { id, version: 1 })
    expect(signed).toMatchObject({ status: 'signed', isLocked: true, version: 1, signedBy: { id: staff.vet } })
    expect(Date.parse(signed.signedAt)).toBeGreaterThan(0)
    for (const [document, input] of [
      [EDIT, { id, version: 1, title: 'a', body: 'b' }],
      [SIGN, { id, version: 1 }],
    ] as const) {
      const refused = await send(document, input)
      expect(refused).toMatchObject({ __typename: 'NoteLocked', code: 'NOTE_LOCKED' })
      expect(paramsOf(refused)).toEqual({ lock: 'signed' })
    }
    expect((await lastEntry('SignNote/signNote')).body.changes).toEqual([{ type: 'ClinicalNote', ids: [id], fields: ['signedAt', 'signedById', 'status'] }])
  })

  it("lets a veterinarian sign an assistant's draft, also after it has locked by age", async () => {
    const fresh = await write({}, 'assistant')
    expect(await send(SIGN, { id: fresh.id, version: 1 })).toMatchObject({ author: { id: staff.assistant }, signedBy: { id: staff.vet } })
    const old = await addNote(harness.app, actingFor(staff.assistant), { patientId }, hoursAgo(48))
    expect(await send(SIGN, { id: old, version: 1 })).toMatchObject({ status: 'signed' })
  })

  it('refuses a version that is no longer current: nobody signs what they have not read', async () => {
    const { id } = await write()
    await send(EDIT, { id, version: 1, title: 'a', body: 'b' })
    expect(await send(SIGN, { id, version: 1 })).toMatchObject({ __typename: 'StaleVersion' })
    expect(await read(id)).toMatchObject({ status: 'draft' })
  })

  it('refuses a signer without a staff profile', async () => {
    const { id } = await write()
    await expect(harness.app.asSystem(actingFor(null), 'cli', 'world', (tx) => signNote(tx, actingFor(null), { id, version: 1 }))).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    })
  })

  it('is kept by the database when two people sign at the same instant', async () => {
    const { id } = await write()
    const answers = await Promise.all([send(SIGN, { id, version: 1 }), send(SIGN, { id, version: 1 }, 'owner')])
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['ClinicalNote', 'NoteLocked'])
  })

  it('wins over an edit that has seen the draft and comes second', async () => {
    const { id } = await write()
    const vet = actingFor(staff.vet)
    const edits: Promise<unknown>[] = []
    await harness.app.asSystem(vet, 'cli', 'world', async (tx) => {
      await signNote(tx, vet, { id, version: 1 })
      // Begins before the signature commits, so it sees a draft; its own write then waits for this transaction.
      edits.push(
        harness.app.asSystem(vet, 'cli', 'world', (other) => editNote(other, vet, { id, version: 1, title: 'a', body: 'b' })).catch((error: unknown) => error),
      )
      await untilBlocked()
      return null
    })
    expect(await edits[0]).toMatchObject({ code: 'NOTE_LOCKED', params: { lock: 'signed' } })
    expect(await read(id)).toMatchObject({ title: 'Consulta', status: 'signed', versions: [{ version: 1 }] })
  })
})

/** Resolves once a statement of this database waits for another transaction. */
async function untilBlocked(): Promise<void> {
  await withClient(harness.database.adminUrl, async (client) => {
    for (let round = 0; round < 100; round += 1) {
      const { rows } = await client.query("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
      if (rows.length > 0) return
      await sleep(50)
    }
    throw new Error('nothing waits')
  })
}

describe('addenda', () => {
  it('of a veterinarian are signed at once and stand under the note, which stays as it is', async () => {
    const id = await addSignedNote(harness.app, actingFor(staff.assistant), { patientId, appointmentId: visitId, kind: 'progress' })
    const addendum = await send(AMEND, { noteId: id, body: 'El laboratorio confirma.' })
    expect(addendum).toMatchObject({
      amendsId: id,
      status: 'signed',
      kind: 'progress',
      signedBy: { id: staff.vet },
      patient: { id: patientId },
      appointment: { id: visitId },
    })
    expect(await read(id)).toMatchObject({ version: 1, addenda: [{ id: addendum.id, body: 'El laboratorio confirma.', author: { name: 'Dra. Ana Ruiz' } }] })
    expect(await lastEntry('AddAddendum/addAddendum')).toMatchObject({ action: 'create', class: ['medical'] })
  })

  it('of an assistant wait as a draft for a signature', async () => {
    const id = await addSignedNote(harness.app, actingFor(staff.vet), { patientId })
    // Made by an assistant over HTTP: the installation itself may sign everything.
    const addendum = await send(AMEND, { noteId: id, body: 'Comió hoy.' }, 'assistant')
    expect(addendum).toMatchObject({ status: 'draft', signedBy: null, amendsId: id })
    expect(await send(SIGN, { id: addendum.id, version: 1 })).toMatchObject({ status: 'signed', author: { id: staff.assistant }, signedBy: { id: staff.vet } })
  })

  it('to an addendum amend the first note, in the order in which they were written', async () => {
    const id = await addSignedNote(harness.app, actingFor(staff.vet), { patientId })
    const first = await send(AMEND, { noteId: id, body: 'Uno.' })
    const second = await send(AMEND, { noteId: first.id, body: 'Dos.' })
    expect(second.amendsId).toBe(id)
    expect((await read(id)).addenda.map(({ body }: { body: string }) => body)).toEqual(['Uno.', 'Dos.'])
  })

  it('are for locked notes: a draft is edited', async () => {
    const { id } = await write()
    expect(await send(AMEND, { noteId: id, body: 'b' })).toMatchObject({ __typename: 'WrongState' })
    const old = await addNote(harness.app, actingFor(staff.vet), { patientId }, hoursAgo(25))
    expect(await send(AMEND, { noteId: old, body: 'b' })).toMatchObject({ __typename: 'ClinicalNote', amendsId: old })
    expect(await send(AMEND, { noteId: old, body: ' ' })).toMatchObject({ __typename: 'InvalidInput' })
  })
})

describe('searching and filtering', () => {
  const made: Record<string, string> = {}
  beforeAll(async () => {
    const vet = actingFor(staff.vet)
    const assistant = actingFor(staff.assistant)
    const add = harness.app
    made.vaccine = await addSignedNote(
      add,
      vet,
      { patientId, title: 'Vacunación antirrábica', body: 'Lote R2024-15, sin reacción.', kind: 'procedure' },
      '2021-03-10T06:00:00Z',
    )
    made.phone = await addNote(
      add,
      assistant,
      { patientId: otherPatientId, title: 'Llamada', body: "La tutora pregunta por la vacuna; O'Brien & hijos.", kind: 'phone' },
      '2021-03-11T05:59:59.999Z',
    )
    made.skin = await addSignedNote(
      add,
      vet,
      { patientId: otherPatientId, title: 'Piel', body: 'Dermatitis por pulgas. Índice 100%_.', kind: 'soap' },
      '2021-03-11T06:00:00Z',
    )
  })
  const on = (filter: object) => list({ from: '2021-03-01', to: '2021-03-31', ...filter }).then(idsOf)
  const search = (query: string) => on({ query })

  it('finds words of title and text, whatever their case and accents', async () => {
    expect(await search('VACUNACION')).toEqual([made.vaccine])
    expect(await search('reacción antirrabica')).toEqual([made.vaccine])
    expect(await search('dérmatitis')).toEqual([made.skin])
  })

  it('finds beginnings of words, newest first, and wants every word', async () => {
    expect(await search('vacun')).toEqual([made.phone, made.vaccine])
    expect(await search('vacun tutora')).toEqual([made.phone])
    expect(await search('vacun dermatitis')).toEqual([])
    expect(await search('acuna')).toEqual([])
  })

  it.each([
    ['a lot number', 'R2024-15', ['vaccine']],
    ['an apostrophe', "O'Brien", ['phone']],
    ['a typographic apostrophe', 'O’Brien', ['phone']],
    ['operators of the search language', 'tutora & !(vacuna | <->):*', ['phone']],
    ['a backslash', 'tutora\\', ['phone']],
    ['quotes', "'tutora'", ['phone']],
    ['signs alone', '& | ! %', []],
    ['a percent sign that is no wildcard', '%', []],
    ['a NUL', 'tutora\u0000', []],
    ['half a character', 'tutora\ud800', []],
    ['201 characters', 'a'.repeat(201), []],
  ])('takes %s as text', async (_what, query, names) => {
    expect(await search(query)).toEqual(names.map((name) => made[name]))
  })

  it('takes a blank query as none', async () => {
    expect(await search('   ')).toEqual([made.skin, made.phone, made.vaccine])
  })

  it.each([
    ['patient', () => ({ patientId: otherPatientId }), ['skin', 'phone']],
    ['author', () => ({ authorId: staff.assistant }), ['phone']],
    ['status', () => ({ status: 'signed' }), ['skin', 'vaccine']],
    ['kind', () => ({ kind: 'procedure' }), ['vaccine']],
    ['several', () => ({ patientId: otherPatientId, status: 'draft', authorId: staff.assistant, kind: 'phone' }), ['phone']],
    ["days in the clinic's zone, both ends included", () => ({ from: '2021-03-10', to: '2021-03-10' }), ['phone', 'vaccine']],
    ['a day after', () => ({ from: '2021-03-11', to: '2021-03-11' }), ['skin']],
  ])('filters by %s, with a text and without', async (_what, filter, names) => {
    expect(await on(filter())).toEqual(names.map((name) => made[name]))
    const withText = names.filter((name) => name !== 'skin')
    expect(await on({ ...filter(), query: 'vacun' })).toEqual(withText.map((name) => made[name]))
  })

  it('needs its function: under row-level security the text index is out of reach', async () => {
    const planOf = (role: string) =>
      withClient(harness.database.adminUrl, async (client) => {
        await client.query(`SET enable_seqscan = off; SET ROLE ${role}`)
        const text = "EXPLAIN SELECT id FROM clinical_note WHERE to_tsvector('simple', search_key(title || ' ' || body)) @@ to_tsquery('simple', 'vacun:*')"
        return JSON.stringify((await client.query(text)).rows)
      })
    expect(await planOf('chiron_migrator')).toContain('clinical_note_search')
    expect(await planOf('chiron_app')).not.toContain('clinical_note_search')
  })

  it('walks pages without a gap, with a text and without', async () => {
    const vet = actingFor(staff.vet)
    for (let index = 0; index < 12; index += 1)
      await addNote(harness.app, vet, { patientId: otherPatientId, body: `Nota paginada ${index}` }, `2020-01-01T12:00:${String(index % 3).padStart(2, '0')}Z`)
    const range = { from: '2020-01-01', to: '2020-01-01' }
    for (const query of [null, 'paginada']) {
      const all = idsOf(await list({ ...range, query }))
      expect(all).toHaveLength(12)
      const walked: string[] = []
      let after: string | null = null
      for (let page = 0; page < 3; page += 1) {
        const { body }: GraphqlAnswer = await harness.call(LIST, { ...range, query, first: 5, after }, { token: await as('veterinarian') })
        walked.push(...idsOf(nodesOf(body.data.notes)))
        expect(body.data.notes.pageInfo.hasNextPage).toBe(page < 2)
        after = body.data.notes.pageInfo.endCursor
      }
      expect(walked).toEqual(all)
    }
  })

  it('records what a search has shown', async () => {
    await search('dermatitis')
    const entry = await lastEntry('Notes')
    expect(entry).toMatchObject({ action: 'read', outcome: 'ok' })
    expect(entry.class).toContain('medical')
    expect(accessTo('ClinicalNote', entry.body.reads)).toMatchObject({
      ids: [made.skin],
      fields: expect.arrayContaining(['body', 'title']),
    })
  })
})

describe('notes of patients and visits', () => {
  it('are newest first, without addenda, in pages', async () => {
    const { id } = await addPatient(harness.app, actingFor(null), { name: 'Pirata' })
    const notes: string[] = []
    for (let day = 1; day <= 3; day += 1) notes.unshift(await addSignedNote(harness.app, actingFor(staff.vet), { patientId: id }, `2022-01-0${day}T12:00:00Z`))
    await send(AMEND, { noteId: notes[0], body: 'Más.' })
    const token = await as('assistant')
    const first = (await harness.call(CHART, { id, first: 2 }, { token })).body.data.patient.notes
    const second = (await harness.call(CHART, { id, first: 2, after: first.pageInfo.endCursor }, { token })).body.data.patient.notes
    expect(idsOf([...nodesOf(first), ...nodesOf(second)])).toEqual(notes)
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false])
  })

  it('are found from the visit', async () => {
    const { id } = await write({ appointmentId: visitId })
    const { body } = await harness.call(VISIT, { id: visitId }, { token: await as('veterinarian') })
    expect(body.errors).toBeUndefined()
    expect(idsOf(nodesOf(body.data.appointment.notes))).toContain(id)
  })

  it('answer null with a reason to the desk, which still gets the rest', async () => {
    for (const [document, id, root] of [
      [CHART, patientId, 'patient'],
      [VISIT, visitId, 'appointment'],
    ] as const) {
      const { body } = await harness.call(document, { id }, { token: await as('receptionist') })
      expect(body.data[root]).toEqual({ id, notes: null })
      expect(body.errors?.[0]?.extensions).toMatchObject({
        code: 'FORBIDDEN',
        permission: 'medical-record:read',
        roles: expect.arrayContaining(['veterinarian', 'assistant']),
      })
    }
  })
})

describe('who may reach notes', () => {
  const denied = async (document: string, variables: object, role: Role) => {
    const { body } = await harness.call(document, variables, { token: await as(role) })
    expect(body.data ?? null).toBeNull()
    return body.errors?.[0]?.extensions
  }

  it.each(['receptionist', 'groomer', 'manager', 'clinic_admin', 'compliance_officer', 'client'] as const)('not the role %s', async (role) => {
    const { id } = await write()
    for (const [document, variables] of [
      [LIST, {}],
      [TEMPLATES, {}],
      [WRITE, { input: { patientId, kind: 'soap', title: 'a', body: 'b' } }],
      [EDIT, { input: { id, version: 1, title: 'a', body: 'b' } }],
      [SIGN, { input: { id, version: 1 } }],
      [AMEND, { input: { noteId: id, body: 'b' } }],
    ] as const)
      expect(await denied(document, variables, role)).toMatchObject({ code: 'FORBIDDEN' })
    const { body } = await harness.call(ONE, { id }, { token: await as(role) })
    expect(body).toMatchObject({ data: { note: null }, errors: [{ extensions: { code: 'FORBIDDEN', permission: 'medical-record:read' } }] })
    expect(JSON.stringify(body)).not.toContain('Come bien')
  })

  it('not a super admin, who holds the right without being clinical', async () => {
    expect(await denied(LIST, {}, 'super_admin')).toMatchObject({ code: 'FORBIDDEN', clinicalOnly: true })
  })

  it('an assistant reads and writes, but does not sign', async () => {
    const note = await write({}, 'assistant')
    expect(note.__typename).toBe('ClinicalNote')
    expect(await denied(SIGN, { input: { id: note.id, version: 1 } }, 'assistant')).toMatchObject({ code: 'FORBIDDEN', permission: 'medical-record:sign' })
    expect(await read(note.id)).toMatchObject({ status: 'draft' })
  })

  it('nobody without signing in', async () => {
    const { body } = await harness.call(LIST, {})
    expect(body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  it('never a foreign organisation: by id, in lists, by text, from the chart', async () => {
    const { id } = await write({ title: 'Palabrasecreta' })
    const token = await as('veterinarian', 0, foreign)
    expect((await harness.call(ONE, { id }, { token })).body.data.note).toBeNull()
    for (const filter of [{}, { query: 'palabrasecreta' }, { patientId }, { authorId: staff.vet }]) {
      const { body } = await harness.call(LIST, { first: 100, ...filter }, { token })
      expect(nodesOf(body.data.notes).filter((node) => node.patient.id === patientId)).toEqual([])
    }
    expect((await harness.call(CHART, { id: patientId }, { token })).body.data.patient).toBeNull()
  })
})

describe('two clinics', () => {
  it('share the chart by default: the sister clinic reads, amends and continues it under its own name', async () => {
    const id = await addSignedNote(harness.app, actingFor(staff.vet), { patientId, appointmentId: visitId, title: 'Compartida' })
    // The visit itself stays with the clinic where it happened.
    expect(await read(id, 'veterinarian', 1)).toMatchObject({ title: 'Compartida', patient: { id: patientId }, appointment: null })
    const addendum = await send(AMEND, { noteId: id, body: 'Visto en la sucursal.' }, 'veterinarian', 1)
    expect(addendum).toMatchObject({ status: 'signed', author: { id: staff.sister } })
    expect(idsOf(await list({ query: 'compartida' }, 'veterinarian', 1))).toContain(id)
  })

  it('hide notes from each other when the organisation does not share charts', async () => {
    const ours = await addSignedNote(harness.app, actingFor(staff.vet), { patientId, title: 'Reservada' })
    // The sister clinic wrote about our patient while charts were shared: with the chart, its note goes out of its reach.
    const theirsAboutOurs = await addSignedNote(harness.app, actingFor(staff.sister, 1), { patientId, title: 'Reservada' })
    const theirs = await addSignedNote(harness.app, actingFor(staff.sister, 1), { patientId: sisterPatientId, title: 'Reservada' })
    await share(false)
    try {
      for (const query of [null, 'reservada']) {
        const here = idsOf(await list({ query }))
        const there = idsOf(await list({ query }, 'veterinarian', 1))
        expect(here).toContain(ours)
        expect(here).not.toContain(theirs)
        expect(here).not.toContain(theirsAboutOurs)
        expect(there).toEqual([theirs])
      }
      expect(await read(theirs)).toBeNull()
      expect(await read(ours, 'veterinarian', 1)).toBeNull()
      const { body } = await harness.call(CHART, { id: patientId, first: 100 }, { token: await as('veterinarian') })
      expect(body.errors).toBeUndefined()
      expect(idsOf(nodesOf(body.data.patient.notes))).not.toContain(theirsAboutOurs)
      expect(await send(SIGN, { id: theirs, version: 1 })).toMatchObject({ __typename: 'NotFound' })
    } finally {
      await share(true)
    }
  })
})

describe('templates', () => {
  it('come in both languages, those of the reader first', async () => {
    const templatesOf = async (locale: string) => {
      await harness.call('mutation L($locale: String!) { setLocale(input: { locale: $locale }) { __typename } }', { locale }, { token: await as('assistant') })
      return (await harness.call(TEMPLATES, {}, { token: await as('assistant') })).body.data.noteTemplates
    }
    const spanish = await templatesOf('es-MX')
    expect(spanish.map(({ name }: Template) => name)).toEqual([
      'Consulta general',
      'Llamada telefónica',
      'Nota de evolución',
      'Nota SOAP',
      'General consultation',
      'Phone call',
      'Progress note',
      'SOAP note',
    ])
    expect(new Set(spanish.map(({ kind }: Template) => kind))).toEqual(new Set(['soap', 'progress', 'consultation', 'phone']))
    const english = await templatesOf('en')
    expect(english.slice(0, 4).every(({ locale }: Template) => locale === 'en')).toBe(true)
    expect(idsOf(english).sort()).toEqual([...templateIds].sort())
  })

  it('are there for the first owner of a fresh installation', async () => {
    await using fresh = await startHarness()
    const input = {
      organisationName: 'Nueva',
      clinicName: 'Centro',
      countryCode: 'MX',
      timeZone: 'America/Mexico_City',
      currency: 'MXN',
      locale: 'es-MX',
      ownerName: 'Eva Luz',
      ownerEmail: 'eva@nueva.example',
      password: 'correct horse battery staple',
    }
    const setUp = 'mutation SetUp($input: SetUpInput!) { setUpInstallation(input: $input) { ... on Session { accessToken } ... on Error { message } } }'
    const { accessToken } = (await fresh.call(setUp, { input })).body.data.setUpInstallation
    expect((await fresh.call(TEMPLATES, {}, { token: accessToken })).body.data.noteTemplates).toHaveLength(8)
  })

  it('are created once: a second call adds nothing and changes nothing', async () => {
    const actor = actingFor(null)
    expect(await harness.app.asSystem(actor, 'cli', 'world', (tx) => createDefaultTemplates(tx, actor))).toEqual({ ids: [] })
  })
})

describe('the number of statements', () => {
  it('of the list does not depend on the page, with a text and without', async () => {
    const vet = actingFor(staff.vet)
    for (let index = 0; index < 50; index += 1)
      await addSignedNote(harness.app, vet, { patientId: otherPatientId, appointmentId: null, body: `Muchas ${index}` }, '2019-06-01T12:00:00Z')
    // The first operation after somebody was hired starts again with what rights hold now.
    await list({})
    const counts = async (filter: object) => {
      const costs: number[] = []
      for (const first of [5, 50]) {
        costs.push(await statementsOf(async () => expect(await list({ from: '2019-06-01', to: '2019-06-01', first, ...filter })).toHaveLength(first)))
      }
      return costs
    }
    // Notes, authors and signers, patients, versions, addenda.
    expect(await counts({})).toEqual([5, 5])
    expect(await counts({ query: 'muchas' })).toEqual([6, 6])
  })

  it('of patients with their notes does not depend on how many patients there are', async () => {
    const actor = actingFor(null)
    const { clientId } = await addPatient(harness.app, actor, { name: 'Camada 0' })
    for (let index = 1; index < 8; index += 1) {
      const { id } = await addPatient(harness.app, actor, { name: `Camada ${index}`, clientId })
      await addNote(harness.app, actingFor(staff.vet), { patientId: id })
    }
    const token = await as('veterinarian')
    const costs: number[] = []
    for (const first of [2, 8]) {
      costs.push(
        await statementsOf(async () => {
          const { body } = await harness.call(FOUND, { query: 'camada', first }, { token })
          expect(body.data.searchPatients).toHaveLength(first)
        }),
      )
    }
    // Patients, and their notes.
    expect(costs).toEqual([2, 2])
  })
})

it('what operations said they changed agrees with what the row triggers saw', async () => {
  await withClient(harness.database.adminUrl, async (client) => {
    expect(await findDisagreements(client)).toEqual([])
  })
})
