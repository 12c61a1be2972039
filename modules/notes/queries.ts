import type { ClinicalNote, ClinicalNoteVersion, NoteTemplate, Prisma, StaffProfile } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Selects } from '../kernel/db.ts'
import { jsonRows, jsonRowsIf, statementBy } from '../kernel/records.ts'
import { dayInterval, type LocalDate } from '../kernel/time.ts'
import { staffProfiles } from '../staff/index.ts'
import { clinicalNotes } from './records.ts'

const VERSION_FIELDS = ['authorId', 'body', 'createdAt', 'noteId', 'patientId', 'title', 'version'] as const
const TEMPLATE_FIELDS = ['body', 'kind', 'locale', 'name'] as const
const NEWEST_FIRST = [{ writtenAt: 'desc' as const }, { id: 'desc' as const }]

export type NotePage = { readonly limit: number; readonly offset: number }

export type NoteFilter = {
  /** Words, or beginnings of words, that title or text hold; case and accents do not matter. */
  readonly query?: string | null | undefined
  readonly patientId?: string | null | undefined
  readonly authorId?: string | null | undefined
  readonly status?: string | null | undefined
  readonly kind?: string | null | undefined
  /** First practice day. */
  readonly from?: LocalDate | null | undefined
  /** Last practice day, included. */
  readonly to?: LocalDate | null | undefined
}

/** Notes within reach: the organisation's, or the active clinic's own about its own charts when charts are not shared. */
function reachOf({ organisationId, sharePatients, clinic }: ClinicActor): Prisma.ClinicalNoteWhereInput {
  return sharePatients ? { organisationId } : { organisationId, clinicId: clinic.id, patient: { homeClinicId: clinic.id } }
}

/** Notes by id, newest first, in one statement. */
export async function findNotesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<ClinicalNote[]> {
  return clinicalNotes.take(db, await db.prisma.clinicalNote.findMany({ where: { ...reachOf(actor), id: { in: [...ids] } }, orderBy: NEWEST_FIRST }))
}

/** A page of notes, addenda included, newest first. One statement, with a text query two. */
export async function listNotes(db: Db, actor: ClinicActor, filter: NoteFilter, page: NotePage): Promise<ClinicalNote[]> {
  const { timeZone } = actor.clinic
  const from = filter.from ? dayInterval(filter.from, timeZone).start : null
  const until = filter.to ? dayInterval(filter.to, timeZone).end : null
  const text = filter.query?.trim()
  if (text)
    return searchNotes(db, actor, text, [filter.patientId ?? null, filter.authorId ?? null, filter.status ?? null, filter.kind ?? null, from, until], page)
  const { patientId, authorId, status, kind } = filter
  const where: Prisma.ClinicalNoteWhereInput = {
    ...reachOf(actor),
    ...(patientId ? { patientId } : {}),
    ...(authorId ? { authorId } : {}),
    ...(status ? { status } : {}),
    ...(kind ? { kind } : {}),
    writtenAt: { ...(from ? { gte: from } : {}), ...(until ? { lt: until } : {}) },
  }
  return clinicalNotes.take(db, await db.prisma.clinicalNote.findMany({ where, orderBy: NEWEST_FIRST, take: page.limit, skip: page.offset }))
}

const LONGEST_QUERY = 200

// Under row-level security the text index is skipped (@@ is not leakproof), so a definer function finds the ids.
async function searchNotes(db: Db, actor: ClinicActor, text: string, filters: readonly unknown[], { limit, offset }: NotePage): Promise<ClinicalNote[]> {
  // PostgreSQL cannot hold such texts, so no note holds them.
  if (text.length > LONGEST_QUERY || text.includes('\0') || !text.isWellFormed()) return []
  const found = await db.query<{ id: string }>({
    name: 'search_notes',
    text: 'SELECT id FROM search_notes($1, $2::uuid, $3::uuid, $4, $5, $6::timestamptz, $7::timestamptz, $8::int, $9::int)',
    values: [text, ...filters, limit, offset],
  })
  return findNotesByIds(
    db,
    actor,
    found.map(({ id }) => id),
  )
}

const OF_OWNER = {
  patient: { column: 'patient_id', of: (note: ClinicalNote) => note.patientId },
  appointment: { column: 'appointment_id', of: (note: ClinicalNote) => note.appointmentId },
} as const
export type NoteOwner = keyof typeof OF_OWNER

export type Notes = { readonly notes: ReadonlyMap<string, readonly ClinicalNote[]>; readonly staff: readonly StaffProfile[] }

/**
 * The same page of the notes of many owners, newest first, by owner, with the people who wrote and signed them as far as that is asked
 * for; in one statement. Addenda are left out: they belong under the note that they amend.
 */
export async function listNotesByOwner(
  db: Db,
  actor: ClinicActor,
  owner: NoteOwner,
  ownerIds: readonly string[],
  page: NotePage,
  selects: Selects,
): Promise<Notes> {
  const [row] = await db.query<{ notes: readonly ClinicalNote[]; staff: readonly StaffProfile[] | null }>({
    ...NOTES_OF[owner](selects),
    values: [actor.organisationId, ownerIds, actor.sharePatients, actor.clinic.id, page.limit, page.offset],
  })
  const notes = clinicalNotes.take(db, row?.notes ?? null)
  return { notes: Map.groupBy(notes, (note) => OF_OWNER[owner].of(note) ?? ''), staff: staffProfiles.take(db, row?.staff ?? null) }
}

const NOTE_COORDINATES = ['ClinicalNote.author', 'ClinicalNote.signedBy', ...clinicalNotes.coordinates, ...staffProfiles.coordinates]
const notesOf = (owner: NoteOwner) =>
  statementBy(
    `notes_of_${owner}`,
    NOTE_COORDINATES,
    (selects) => `WITH note AS MATERIALIZED (
    SELECT page.* FROM unnest($2::uuid[]) AS owner(id) CROSS JOIN LATERAL (
      SELECT n.* FROM clinical_note n WHERE n.organisation_id = $1::uuid AND n.${OF_OWNER[owner].column} = owner.id AND n.amends_id IS NULL
        AND ($3::boolean OR (n.clinic_id = $4::uuid
          AND EXISTS (SELECT FROM patient p WHERE p.organisation_id = $1::uuid AND p.id = n.patient_id AND p.home_clinic_id = $4::uuid)))
      ORDER BY n.written_at DESC, n.id DESC LIMIT $5::int OFFSET $6::int) page
  )
  SELECT ${jsonRows(`SELECT ${clinicalNotes.columns('n', selects)} FROM note n ORDER BY n.written_at DESC, n.id DESC`)} AS notes,
    ${jsonRowsIf(
      selects('ClinicalNote.author') || selects('ClinicalNote.signedBy'),
      `SELECT ${staffProfiles.columns('s', selects)} FROM staff_profile s WHERE s.organisation_id = $1::uuid
        AND (s.id IN (SELECT author_id FROM note) OR s.id IN (SELECT signed_by_id FROM note))`,
    )} AS staff`,
  )
const NOTES_OF = { patient: notesOf('patient'), appointment: notesOf('appointment') } as const

/** Addenda of notes, oldest first, as they are read under the note. */
export async function listAddendaByNote(db: Db, actor: ClinicActor, noteIds: readonly string[]): Promise<ReadonlyMap<string, ClinicalNote[]>> {
  const rows = await db.prisma.clinicalNote.findMany({
    where: { ...reachOf(actor), amendsId: { in: [...noteIds] } },
    orderBy: [{ writtenAt: 'asc' }, { id: 'asc' }],
  })
  return Map.groupBy(clinicalNotes.take(db, rows), ({ amendsId }) => amendsId ?? '')
}

/** Every version of notes, oldest first; the last one is what the note says now. */
export async function listVersionsByNote(db: Db, actor: ClinicActor, noteIds: readonly string[]): Promise<ReadonlyMap<string, ClinicalNoteVersion[]>> {
  const rows = await db.prisma.clinicalNoteVersion.findMany({
    where: { organisationId: actor.organisationId, noteId: { in: [...noteIds] }, note: reachOf(actor) },
    orderBy: [{ noteId: 'asc' }, { version: 'asc' }],
  })
  db.reads(
    'ClinicalNoteVersion',
    rows.map(({ noteId }) => noteId),
    VERSION_FIELDS,
  )
  return Map.groupBy(rows, ({ noteId }) => noteId)
}

const MOST_TEMPLATES = 200

/** Templates in use, those in the reader's language first, then by name. */
export async function listNoteTemplates(db: Db, actor: ClinicActor): Promise<NoteTemplate[]> {
  const rows = await db.prisma.noteTemplate.findMany({
    where: { organisationId: actor.organisationId, archivedAt: null },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: MOST_TEMPLATES,
  })
  const { compare } = new Intl.Collator(actor.locale)
  const rankOf = ({ locale }: NoteTemplate) => (locale === actor.locale ? 0 : 1)
  return reportedTemplates(db, rows).sort((a, b) => rankOf(a) - rankOf(b) || compare(a.name, b.name))
}

/** Templates by id; archived ones included, because notes still name them. */
export async function findNoteTemplatesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<NoteTemplate[]> {
  return reportedTemplates(db, await db.prisma.noteTemplate.findMany({ where: { organisationId: actor.organisationId, id: { in: [...ids] } } }))
}

function reportedTemplates(db: Db, rows: NoteTemplate[]): NoteTemplate[] {
  db.reads(
    'NoteTemplate',
    rows.map(({ id }) => id),
    TEMPLATE_FIELDS,
  )
  return rows
}
