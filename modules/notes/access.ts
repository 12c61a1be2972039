import { type AccessTable, clinicalCan, creates, reads, updates } from '../kernel/access-rules.ts'

// Internal notes are for clinical staff, whatever else a role is granted.
const mayRead = clinicalCan('medical-record:read')
const mayWrite = clinicalCan('medical-record:write')
const note = { allow: mayRead, audit: reads('ClinicalNote', 'medical') }

export const access = {
  'Query.notes': note,
  'Query.note': note,
  'Query.noteTemplates': { allow: mayRead, audit: reads('NoteTemplate', 'operational') },
  'Mutation.writeNote': { allow: mayWrite, audit: creates('ClinicalNote', 'medical') },
  'Mutation.editNote': { allow: mayWrite, audit: updates('ClinicalNote', 'medical') },
  'Mutation.signNote': { allow: clinicalCan('medical-record:sign'), audit: updates('ClinicalNote', 'medical') },
  'Mutation.addAddendum': { allow: mayWrite, audit: creates('ClinicalNote', 'medical') },
  'Patient.notes': note,
  'Appointment.notes': note,
  'ClinicalNote.*': note,
  'ClinicalNoteVersion.*': { allow: mayRead, audit: reads('ClinicalNoteVersion', 'medical') },
  'NoteTemplate.*': { allow: mayRead, audit: reads('NoteTemplate', 'operational') },
} as const satisfies AccessTable
