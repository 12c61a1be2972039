import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { editNote } from '../../modules/notes/commands.ts'
import { updateClient } from '../../modules/patients/commands.ts'
import { type ImageWorld, startImageWorld } from '../image-world.ts'
import { entriesOf } from '../trail.ts'
import { addNote } from '../world-notes.ts'
import { addClient, addPatient } from '../world-patients.ts'

let world: ImageWorld
beforeAll(async () => {
  world = await startImageWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

describe('the row changes of an entry', () => {
  const CHANGES = `query Changes($record: UUID!, $first: Int, $after: UUID) {
    auditEntries(filter: { recordId: $record, action: "update" }) { edges { node { id rowChanges(first: $first, after: $after) {
      entryId type recordId op state isIntact isHidden fields { name before after } } } } } }`
  const ask = async (email: string, record: string, variables: object = {}) => {
    const { token } = await world.harness.signIn(email)
    return world.harness.call(CHANGES, { record, ...variables }, { token, clinicId: world.actor.clinic.id })
  }
  const draftAbout = async () => {
    const patient = await addPatient(world.harness.app, world.actor)
    const noteId = await addNote(world.harness.app, world.actor, { patientId: patient.id, body: 'Fractura' })
    await world.harness.app.asSystem(world.actor, 'cli', 'edit', (tx) =>
      editNote(tx, world.actor, { id: noteId, version: 1, title: 'Consulta', body: 'Luxación' }),
    )
    await world.encryptAll()
    return noteId
  }
  /** Of the newest operation. */
  const newestIn = (body: any) => body.data.auditEntries.edges[0].node.rowChanges
  const changesIn = (body: any) => body.data.auditEntries.edges.flatMap(({ node }: any) => node.rowChanges)

  it('shows an owner the values, and records that they were seen', async () => {
    const noteId = await draftAbout()
    const { body, headers } = await ask(world.org.email('owner'), noteId)
    expect(body.errors).toBeUndefined()
    const [note, version] = newestIn(body)
    expect(note).toMatchObject({ type: 'ClinicalNote', recordId: noteId, op: 'update', state: 'available', isIntact: true, isHidden: false })
    expect(note.fields).toContainEqual({ name: 'body', before: 'Fractura', after: 'Luxación' })
    const [entry] = await entriesOf(world.admin, headers.get('x-request-id'))
    const reported = (type: string, field: string) =>
      entry?.body.reads?.filter((read) => read.type === type && read.fields.includes(field)).flatMap(({ ids }) => ids)
    expect(reported('AuditImage', 'before')).toEqual(expect.arrayContaining([note.entryId, version.entryId]))
    expect(reported('AuditEntry', 'body')).toEqual(expect.arrayContaining([note.entryId, version.entryId]))
    expect(reported('ClinicalNote', 'body')).toContain(noteId)
    expect(reported('ClinicalNoteVersion', 'patientId')).toContain(noteId)
  })

  it.each(['compliance_officer', 'clinic_admin'] as const)('shows a %s, who may not read notes, which fields changed and no value', async (role) => {
    const noteId = await draftAbout()
    const { body, headers } = await ask(world.org.email(role), noteId)
    const changes = newestIn(body)
    expect(changes.map(({ type, state, isHidden, isIntact }: any) => ({ type, state, isHidden, isIntact }))).toEqual([
      { type: 'ClinicalNote', state: 'available', isHidden: true, isIntact: true },
      { type: 'ClinicalNoteVersion', state: 'available', isHidden: true, isIntact: true },
    ])
    expect(changes[0].fields).toContainEqual({ name: 'body', before: null, after: null })
    expect(JSON.stringify(body)).not.toMatch(/Fractura|Luxaci/)
    const [entry] = await entriesOf(world.admin, headers.get('x-request-id'))
    expect(entry?.body.reads?.map(({ type }) => type)).not.toContain('AuditImage')
  })

  it('lets nobody else in', async () => {
    const { body } = await ask(world.org.email('receptionist'), newId())
    expect(body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  it('takes one statement for a page of entries, and bounds what it answers', async () => {
    const id = await addClient(world.harness.app, world.actor)
    for (let version = 1; version <= 5; version += 1)
      await world.harness.app.asSystem(world.actor, 'cli', 'move', (tx) => updateClient(tx, world.actor, { id, version, phone: `55 0000 000${version}` }))
    await world.encryptAll()
    let statements = 0
    world.harness.app.database.onStatement = (text) => {
      if (text.includes('audit.image')) statements += 1
    }
    const { body } = await ask(world.org.email('owner'), id, { first: 1 })
    world.harness.app.database.onStatement = null
    expect(statements).toBe(1)
    expect(changesIn(body).length).toBeGreaterThanOrEqual(5)
    const [change] = changesIn(body)
    const { body: rest } = await ask(world.org.email('owner'), id, { first: 1, after: change.entryId })
    expect(changesIn(rest).map(({ entryId }: any) => entryId)).not.toContain(change.entryId)
    for (const first of [0, 501]) expect((await ask(world.org.email('owner'), id, { first })).body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })
})
