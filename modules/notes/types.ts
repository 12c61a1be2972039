import { builder } from '../../schema/builder.ts'
import { commonErrors, ErrorInterface } from '../../schema/errors.ts'
import { ownedPage } from '../../schema/owned-page.ts'
import { offsetPage } from '../../schema/paging.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findAppointmentsByIds } from '../scheduling/index.ts'
import { findStaffByIds } from '../staff/index.ts'
import { addAddendum, editNote, signNote, writeNote } from './commands.ts'
import { NOTE_KINDS } from './default-templates.ts'
import { NoteLockedError } from './errors.ts'
import { findLock } from './lock.ts'
import {
  findNotesByIds,
  findNoteTemplatesByIds,
  listAddendaByNote,
  listNotes,
  listNotesByOwner,
  listNoteTemplates,
  listVersionsByNote,
  type NoteOwner,
} from './queries.ts'

builder.objectType(NoteLockedError, { name: 'NoteLocked', interfaces: [ErrorInterface] })

const KINDS = NOTE_KINDS.join(', ')

const NoteTemplate = builder.prismaObject('NoteTemplate', {
  description: 'A text to begin a note with.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    kind: t.exposeString('kind', { description: `One of ${KINDS}.` }),
    name: t.exposeString('name'),
    body: t.exposeString('body'),
    locale: t.exposeString('locale'),
  }),
})

const ClinicalNoteVersion = builder.prismaObject('ClinicalNoteVersion', {
  description: 'What a note said at one time.',
  fields: (t) => ({
    version: t.exposeInt('version'),
    title: t.exposeString('title'),
    body: t.exposeString('body'),
    author: t.field({ type: 'StaffProfile', resolve: ({ authorId }, _args, ctx) => ctx.get(findStaffByIds, authorId) }),
    writtenAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
})

const ClinicalNote = builder.prismaObject('ClinicalNote', {
  description: 'An internal note about a patient, for clinical staff. Its author edits it until it is signed or 24 hours old; then it takes addenda only.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    kind: t.exposeString('kind', { description: `One of ${KINDS}.` }),
    title: t.exposeString('title'),
    body: t.exposeString('body'),
    status: t.exposeString('status', { description: 'draft or signed.' }),
    isLocked: t.boolean({ description: 'Takes no more edits.', resolve: (note, _args, ctx) => findLock(note, ctx.clock.now()) !== null }),
    version: t.exposeInt('version', { description: 'Grows with each edit; a signature does not change it.' }),
    writtenAt: t.expose('writtenAt', { type: 'DateTime' }),
    signedAt: t.expose('signedAt', { type: 'DateTime', nullable: true }),
    amendsId: t.expose('amendsId', { type: 'UUID', nullable: true, description: 'The note that this one is an addendum to.' }),
    author: t.field({ type: 'StaffProfile', resolve: ({ authorId }, _args, ctx) => ctx.get(findStaffByIds, authorId) }),
    signedBy: t.field({
      type: 'StaffProfile',
      nullable: true,
      resolve: ({ signedById }, _args, ctx) => (signedById === null ? null : ctx.find(findStaffByIds, signedById)),
    }),
    patient: t.field({ type: 'Patient', resolve: ({ patientId }, _args, ctx) => ctx.get(findPatientsByIds, patientId) }),
    appointment: t.field({
      type: 'Appointment',
      nullable: true,
      description: 'The visit that the note is about; null also when that was at another clinic.',
      resolve: ({ appointmentId }, _args, ctx) => (appointmentId === null ? null : ctx.find(findAppointmentsByIds, appointmentId)),
    }),
    template: t.field({
      type: NoteTemplate,
      nullable: true,
      resolve: ({ templateId }, _args, ctx) => (templateId === null ? null : ctx.find(findNoteTemplatesByIds, templateId)),
    }),
    versions: t.field({
      type: [ClinicalNoteVersion],
      description: 'Oldest first; the last is the current text.',
      resolve: async ({ id }, _args, ctx) => [...(await ctx.many(listVersionsByNote, id))],
    }),
  }),
})

builder.prismaObjectField('ClinicalNote', 'addenda', (t) =>
  t.field({ type: [ClinicalNote], description: 'Oldest first.', resolve: async ({ id }, _args, ctx) => [...(await ctx.many(listAddendaByNote, id))] }),
)

const notesOf = (owner: NoteOwner) =>
  ownedPage(async (ctx, db, ids, page) => {
    const { notes, staff } = await listNotesByOwner(db, ctx.actor, owner, ids, page, ctx.selects)
    ctx.prime(findStaffByIds, staff)
    return notes
  })

builder.objectField('Patient', 'notes', (t) =>
  t.connection({
    type: ClinicalNote,
    nullable: true,
    description: 'Internal notes, newest first, without addenda; for clinical staff.',
    ...notesOf('patient'),
  }),
)

builder.objectField('Appointment', 'notes', (t) =>
  t.connection({
    type: ClinicalNote,
    nullable: true,
    description: 'Internal notes of the visit, newest first, without addenda; for clinical staff.',
    ...notesOf('appointment'),
  }),
)

builder.queryFields((t) => ({
  notes: t.connection({
    type: ClinicalNote,
    description: 'Notes, addenda included, newest first. All that is given must match.',
    args: {
      query: t.arg.string({ description: 'Words, or beginnings of words, of title and text; case and accents do not matter.' }),
      patientId: t.arg({ type: 'UUID' }),
      authorId: t.arg({ type: 'UUID' }),
      status: t.arg.string({ description: 'draft or signed.' }),
      kind: t.arg.string({ description: `One of ${KINDS}.` }),
      from: t.arg({ type: 'LocalDate', description: 'First practice day on which it was written.' }),
      to: t.arg({ type: 'LocalDate', description: 'Last practice day, included.' }),
    },
    resolve: (_root, args, ctx) => offsetPage(args, (page) => listNotes(ctx.db, ctx.actor, args, page)),
  }),
  note: t.field({
    type: ClinicalNote,
    nullable: true,
    args: { id: t.arg({ type: 'UUID', required: true }) },
    resolve: (_root, { id }, ctx) => ctx.find(findNotesByIds, id),
  }),
  noteTemplates: t.field({
    type: [NoteTemplate],
    description: "Those in the reader's language first.",
    resolve: (_root, _args, ctx) => listNoteTemplates(ctx.db, ctx.actor),
  }),
}))

const WriteNoteInput = builder.inputType('WriteNoteInput', {
  fields: (t) => ({
    patientId: t.field({ type: 'UUID', required: true }),
    appointmentId: t.field({ type: 'UUID' }),
    templateId: t.field({ type: 'UUID', description: 'Gives kind, title and body that are left out.' }),
    kind: t.string({ description: `One of ${KINDS}.` }),
    title: t.string(),
    body: t.string(),
  }),
})
const EditNoteInput = builder.inputType('EditNoteInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    title: t.string({ required: true }),
    body: t.string({ required: true }),
  }),
})
const SignNoteInput = builder.inputType('SignNoteInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }) }),
})
const AddAddendumInput = builder.inputType('AddAddendumInput', {
  fields: (t) => ({ noteId: t.field({ type: 'UUID', required: true }), body: t.string({ required: true }) }),
})

const errors = { types: [...commonErrors, NoteLockedError] }

builder.mutationFields((t) => ({
  writeNote: t.field({
    type: ClinicalNote,
    description: 'Begins a draft.',
    errors,
    args: { input: t.arg({ type: WriteNoteInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => writeNote(tx, ctx.actor, input))
      return ctx.get(findNotesByIds, id)
    },
  }),
  editNote: t.field({
    type: ClinicalNote,
    description: "Replaces title and text of the caller's own draft.",
    errors,
    args: { input: t.arg({ type: EditNoteInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => editNote(tx, ctx.actor, input))
      return ctx.get(findNotesByIds, id)
    },
  }),
  signNote: t.field({
    type: ClinicalNote,
    description: 'Signs a draft and locks it for good.',
    errors,
    args: { input: t.arg({ type: SignNoteInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => signNote(tx, ctx.actor, input))
      return ctx.get(findNotesByIds, id)
    },
  }),
  addAddendum: t.field({
    type: ClinicalNote,
    description: 'Adds to a locked note: signed at once when the caller may sign, else a draft.',
    errors,
    args: { input: t.arg({ type: AddAddendumInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => addAddendum(tx, ctx.actor, input))
      return ctx.get(findNotesByIds, id)
    },
  }),
}))
