// The door for sibling modules.
export { addAddendum, createDefaultTemplates, editNote, signNote, writeNote } from './commands.ts'
export { NoteLockedError } from './errors.ts'
export { findNotesByIds, findNoteTemplatesByIds, listNoteTemplates } from './queries.ts'
