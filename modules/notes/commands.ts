import { z } from 'zod'
import type { ClinicalNote } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { line, text, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findAppointmentsByIds } from '../scheduling/index.ts'
import { DEFAULT_TEMPLATES, NOTE_KINDS } from './default-templates.ts'
import { NoteLockedError } from './errors.ts'
import { findLock } from './lock.ts'
import { findNotesByIds, findNoteTemplatesByIds } from './queries.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const title = line(200)
const body = text(50_000)

const writeSchema = z.object({
  patientId: uuid,
  appointmentId: uuid.nullish(),
  templateId: uuid.nullish(),
  kind: z.string().pipe(z.enum(NOTE_KINDS)).nullish(),
  title: title.nullish(),
  body: body.nullish(),
})
export type NewNote = z.input<typeof writeSchema>

/**
 * Begins a draft about a patient. What is left out of kind, title and body comes from the template; without either the
 * input is invalid. Throws NotFoundError for a patient, visit or template out of reach, NotPermittedError for people
 * without a staff profile.
 */
export async function writeNote(tx: Tx, actor: ClinicActor, input: NewNote): Promise<{ id: string }> {
  const { patientId, appointmentId = null, templateId = null, ...typed } = validate(writeSchema, input)
  const [patient] = await findPatientsByIds(tx, actor, [patientId])
  if (!patient) throw new NotFoundError('Patient')
  if (appointmentId) await assertVisitOf(tx, actor, appointmentId, patientId)
  const template = templateId ? (await findNoteTemplatesByIds(tx, actor, [templateId]))[0] : undefined
  if (templateId && !template) throw new NotFoundError('NoteTemplate')
  const content = {
    kind: typed.kind ?? template?.kind ?? missing('kind'),
    title: typed.title ?? template?.name ?? missing('title'),
    body: typed.body ?? template?.body ?? missing('body'),
  }
  return insertNote(tx, actor, { patientId, appointmentId, templateId, amendsId: null, ...content }, false)
}

function missing(field: string): never {
  throw invalid(field, 'required', 'is needed when there is no template')
}

async function assertVisitOf(tx: Tx, actor: ClinicActor, appointmentId: string, patientId: string): Promise<void> {
  const [visit] = await findAppointmentsByIds(tx, actor, [appointmentId])
  if (!visit) throw new NotFoundError('Appointment')
  if (visit.patientId !== patientId) throw invalid('appointmentId', 'other_patient', 'belongs to another patient')
}

const editSchema = z.object({ id: uuid, version: z.int(), title, body })
export type NoteEdit = z.input<typeof editSchema>

/**
 * Replaces title and text of the author's own draft; the version before stays readable. Throws NoteLockedError once the
 * note is signed or 24 h old, NotPermittedError for anybody but the author.
 */
export async function editNote(tx: Tx, actor: ClinicActor, input: NoteEdit): Promise<{ id: string }> {
  const { id, version, ...content } = validate(editSchema, input)
  const note = await getNote(tx, actor, id)
  const lock = findLock(note, tx.clock.now())
  if (lock) throw new NoteLockedError(lock)
  if (note.authorId !== actor.staffId) throw new NotPermittedError('Only its author edits a draft. Write a note of your own, or ask the author.', 'author_only')
  await changeDraft(tx, actor, note, version, { ...content, version: version + 1 })
  await keepVersion(tx, actor, { ...note, ...content, version: version + 1 })
  tx.changes('ClinicalNote', [id], ['title', 'body', 'version'])
  return { id }
}

const signSchema = z.object({ id: uuid, version: z.int() })
export type NoteSignature = z.input<typeof signSchema>

/**
 * Signs a draft, one's own or a colleague's (assistants write, veterinarians sign); it locks for good. The version that
 * the signer has read must be the current one. Throws NoteLockedError for a signed note.
 */
export async function signNote(tx: Tx, actor: ClinicActor, input: NoteSignature): Promise<{ id: string }> {
  const { id, version } = validate(signSchema, input)
  const note = await getNote(tx, actor, id)
  if (note.status === 'signed') throw new NoteLockedError('signed')
  await changeDraft(tx, actor, note, version, signatureOf(tx, actor))
  tx.changes('ClinicalNote', [id], SIGNATURE_FIELDS)
  return { id }
}

const addendumSchema = z.object({ noteId: uuid, body })
export type NewAddendum = z.input<typeof addendumSchema>

/**
 * Adds to a locked note: a note of its own that names the first one, signed at once when its author may sign, else a
 * draft. An addendum to an addendum amends the same first note. Throws WrongStateError while the note is still open.
 */
export async function addAddendum(tx: Tx, actor: ClinicActor, input: NewAddendum): Promise<{ id: string }> {
  const { noteId, body } = validate(addendumSchema, input)
  const note = await getNote(tx, actor, noteId)
  if (!findLock(note, tx.clock.now())) throw new WrongStateError('ClinicalNote', 'draft', 'amended')
  const { patientId, appointmentId, kind, title } = note
  return insertNote(
    tx,
    actor,
    { patientId, appointmentId, templateId: null, amendsId: note.amendsId ?? note.id, kind, title, body },
    holds(actor, 'medical-record:sign'),
  )
}

/** Gives an organisation the templates that it starts with; those that it has already stay as they are. */
export async function createDefaultTemplates(tx: Tx, actor: ClinicActor): Promise<{ ids: string[] }> {
  const now = tx.clock.now()
  const rows = await tx.prisma.noteTemplate.createManyAndReturn({
    data: DEFAULT_TEMPLATES.map((template) => ({ organisationId: actor.organisationId, createdAt: now, updatedAt: now, ...template })),
    skipDuplicates: true,
    select: { id: true },
  })
  const ids = rows.map(({ id }) => id)
  tx.changes('NoteTemplate', ids, ['kind', 'locale', 'name', 'body'])
  return { ids }
}

const SIGNATURE_FIELDS = ['status', 'signedAt', 'signedById'] as const
const CONTENT_FIELDS = ['patientId', 'appointmentId', 'templateId', 'amendsId', 'authorId', 'kind', 'title', 'body', 'status', 'writtenAt'] as const

function signatureOf(tx: Tx, actor: ClinicActor): { status: string; signedAt: Date; signedById: string } {
  return { status: 'signed', signedAt: tx.clock.now(), signedById: staffOf(actor) }
}

/** The staff profile that writes or signs. */
function staffOf(actor: ClinicActor): string {
  if (actor.staffId === null) throw new NotPermittedError('Notes name a member of the staff. Ask an administrator for a staff profile.', 'staff_only')
  return actor.staffId
}

async function getNote(tx: Tx, actor: ClinicActor, id: string): Promise<ClinicalNote> {
  const [note] = await findNotesByIds(tx, actor, [id])
  if (!note) throw new NotFoundError('ClinicalNote')
  return note
}

type NoteContent = Pick<ClinicalNote, 'patientId' | 'appointmentId' | 'templateId' | 'amendsId' | 'kind' | 'title' | 'body'>

async function insertNote(tx: Tx, actor: ClinicActor, content: NoteContent, isSigned: boolean): Promise<{ id: string }> {
  const { organisationId, clinic } = actor
  const now = tx.clock.now()
  const times = { writtenAt: now, createdAt: now, updatedAt: now }
  const note = await tx.prisma.clinicalNote.create({
    data: { organisationId, clinicId: clinic.id, authorId: staffOf(actor), ...times, ...content, ...(isSigned ? signatureOf(tx, actor) : {}) },
  })
  await keepVersion(tx, actor, note)
  tx.changes('ClinicalNote', [note.id], isSigned ? [...CONTENT_FIELDS, ...SIGNATURE_FIELDS] : CONTENT_FIELDS)
  return { id: note.id }
}

// A colleague may sign between our look and our write: then the database's trigger refuses, whatever we saw.
async function changeDraft(tx: Tx, { organisationId }: ClinicActor, note: ClinicalNote, version: number, data: Partial<ClinicalNote>): Promise<void> {
  try {
    const { count } = await tx.prisma.clinicalNote.updateMany({ where: { organisationId, id: note.id, version }, data: { ...data, updatedAt: tx.clock.now() } })
    if (count === 0) throw new StaleVersionError('ClinicalNote', note.version)
  } catch (error) {
    if (violation(error)?.constraint === 'NOTE_LOCKED') throw new NoteLockedError('signed')
    throw error
  }
}

async function keepVersion(tx: Tx, actor: ClinicActor, { id: noteId, patientId, version, title, body }: ClinicalNote): Promise<void> {
  const { organisationId, clinic } = actor
  await tx.prisma.clinicalNoteVersion.create({
    data: { organisationId, clinicId: clinic.id, noteId, patientId, version, authorId: staffOf(actor), title, body, createdAt: tx.clock.now() },
  })
  tx.changes('ClinicalNoteVersion', [noteId], ['patientId', 'version', 'title', 'body', 'authorId'])
}
