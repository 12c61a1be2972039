import type { Batch } from '../../schema/context.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { maySeeValues } from './changes.ts'

export type RecordLabel = { readonly id: string; readonly label: string }

/** Where the name of a record stands: its table, SQL for the label and the field that it is. Other types have none. */
const LABELS: Readonly<Record<string, { readonly table: string; readonly label: string; readonly field: string }>> = {
  Appointment: { table: 'appointment', label: `to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`, field: 'startsAt' },
  AppointmentType: { table: 'appointment_type', label: 'name', field: 'name' },
  Client: { table: 'client', label: 'name', field: 'name' },
  Clinic: { table: 'clinic', label: 'name', field: 'name' },
  ClinicalNote: { table: 'clinical_note', label: 'title', field: 'title' },
  Invoice: { table: 'invoice', label: 'number', field: 'number' },
  Lot: { table: 'lot', label: 'number', field: 'number' },
  NoteTemplate: { table: 'note_template', label: 'name', field: 'name' },
  Patient: { table: 'patient', label: 'name', field: 'name' },
  Product: { table: 'product', label: 'name', field: 'name' },
  ProductFamily: { table: 'product_family', label: 'name', field: 'name' },
  Role: { table: 'role', label: 'name', field: 'name' },
  Room: { table: 'room', label: 'name', field: 'name' },
  Service: { table: 'service', label: 'name', field: 'name' },
  StaffProfile: { table: 'staff_profile', label: 'name', field: 'name' },
  User: { table: 'app_user', label: 'name', field: 'name' },
}

/** Types whose records have a name. */
export const LABELLED_TYPES: readonly string[] = Object.keys(LABELS)

const SOURCES = Object.entries(LABELS)
// One statement for all types, so that a page costs as much whatever it names.
const STATEMENT = SOURCES.map(
  ([type, { table, label }], index) =>
    `SELECT '${type}' AS type, id, ${label} AS label FROM ${table} WHERE organisation_id = $1::uuid AND id = ANY ($${index + 2}::uuid[])`,
).join('\nUNION ALL ')

/** The key under which `findLabels` loads a record's label. */
export function labelKey({ type, id }: { readonly type: string; readonly id: string }): string {
  return `${type} ${id}`
}

/**
 * How people call records (a patient's name, an invoice's number, the instant of a visit), by `labelKey`, in one statement, as far as
 * row-level security lets the reader reach them. Records without a name, and of types that the reader may not read, are left out. Only
 * labels are fetched, and reported as read.
 */
export async function findLabels(db: Db, actor: ClinicActor, keys: readonly string[]): Promise<RecordLabel[]> {
  const wanted = Map.groupBy(keys, (key) => key.slice(0, key.indexOf(' ')))
  const ids = SOURCES.map(([type]) => (maySeeValues(actor, type) ? (wanted.get(type) ?? []).map((key) => key.slice(type.length + 1)) : []))
  const rows = await db.query<RecordLabel & { readonly type: string }>({ name: 'audit_labels', text: STATEMENT, values: [actor.organisationId, ...ids] })
  for (const [type, found] of Map.groupBy(rows, (row) => row.type))
    db.reads(
      type,
      found.map(({ id }) => id),
      [LABELS[type]?.field ?? 'name'],
    )
  return rows.map(({ type, id, label }) => ({ id: labelKey({ type, id }), label }))
}

/** The labels of records of one type, by their own ids. Null when the type has none or the actor may not read it. */
export function findLabelBatch(actor: ClinicActor, type: string): Batch<RecordLabel> | null {
  if (!(type in LABELS) || !maySeeValues(actor, type)) return null
  return async (db, reader, ids) => {
    const labels = await findLabels(
      db,
      reader,
      ids.map((id) => labelKey({ type, id })),
    )
    return labels.map(({ id, label }) => ({ id: id.slice(type.length + 1), label }))
  }
}
