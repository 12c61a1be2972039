import { type AllowRule, allows, can, clinicalCan } from '../kernel/access-rules.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { AuditImages, AuditReader, RowChange, RowChangeWindow } from '../kernel/db.ts'

/** A row change as one person may see it. */
export type RowChangeView = RowChange & {
  /** The reader lacks the right to the record's own type: names of fields are shown, values are not. */
  readonly isHidden: boolean
}

const staffRecord = can('staff:read')
const accessRecord = can('role:administer')
const clinicRecord = can('clinic:read')
const visitRecord = can('appointment:read')
const stockRecord = can('inventory:read')
const invoiceRecord = can('invoice:read')
const note = clinicalCan('medical-record:read')
const messageRecord = can('message:read')
const timeOffRecord = can('time-off:read')
const trailRecord = can('audit-log:view')
const credentialRecord = can('credential:read')

/**
 * Who may read records of a type, as in the access tables of their modules. The trail is no way around them. Null: whether somebody may
 * read one hangs on the record and not on rights, so that the trail shows values to nobody.
 */
const READABLE_BY: Readonly<Record<string, AllowRule | null>> = {
  AdverseAction: credentialRecord,
  Appointment: visitRecord,
  AppointmentSeries: visitRecord,
  AppointmentType: visitRecord,
  AttendanceEntry: can('attendance:read'),
  AuditExport: can('audit-log:export'),
  AuditImage: trailRecord,
  AuditSearch: trailRecord,
  BookingPage: visitRecord,
  BookingRequest: can('client:read'),
  CalendarFeed: can('schedule:manage'),
  Client: can('client:read'),
  ClientPreference: can('client:read'),
  Clinic: clinicRecord,
  ClinicalNote: note,
  ClinicalNoteVersion: note,
  Equipment: visitRecord,
  CredentialVerification: credentialRecord,
  CoverageNeed: staffRecord,
  Invoice: invoiceRecord,
  InvoiceLine: invoiceRecord,
  Lot: stockRecord,
  Message: messageRecord,
  MessageRule: messageRecord,
  MessageSettings: messageRecord,
  MessageTemplate: messageRecord,
  NoteTemplate: note,
  // One person's own, ids and codes alone: others see them in the trail or not at all.
  Notification: trailRecord,
  Organisation: clinicRecord,
  Patient: can('patient:read'),
  Payment: invoiceRecord,
  PaymentAllocation: invoiceRecord,
  Product: stockRecord,
  ProductFamily: stockRecord,
  ResourceBlock: visitRecord,
  ResourceClaim: visitRecord,
  Role: accessRecord,
  RoleAssignment: accessRecord,
  RoleGrant: accessRecord,
  Room: visitRecord,
  Roster: staffRecord,
  RosterShift: staffRecord,
  SeriesSkip: visitRecord,
  Service: can('service:read'),
  SlotHold: visitRecord,
  StaffCredential: credentialRecord,
  // Reasons of others stay with whoever decides.
  ShiftSwap: can('schedule:manage'),
  ShiftTemplate: staffRecord,
  StaffProfile: staffRecord,
  StaffTask: can('staff:manage'),
  StockLevel: stockRecord,
  StockMovement: stockRecord,
  TimeOffGrant: timeOffRecord,
  TimeOffRequest: timeOffRecord,
  TimeOffType: timeOffRecord,
  User: accessRecord,
  WeeklyBreak: staffRecord,
  WaitlistEntry: visitRecord,
  WaitlistOffer: visitRecord,
  WeeklySchedule: staffRecord,
  // The person and their manager.
  WellbeingFlag: null,
  WorkRule: staffRecord,
}

/** Record types whose values somebody may see at all. */
export const READABLE_TYPES: readonly string[] = Object.keys(READABLE_BY)

/** True when the actor could read records of this type through their own module. Types that nobody listed stay hidden. */
export function maySeeValues(actor: ClinicActor, type: string): boolean {
  const rule = READABLE_BY[type]
  return rule !== undefined && rule !== null && allows(rule, actor)
}

/**
 * What the database saw change in the transactions of these entries, by the entry's id, in the order in which it happened; entries
 * that changed nothing are left out. Values of types that the actor may not read are left out, and the change says so. Reports
 * the entries, the images that were shown and the records whose values they hold.
 */
export async function listRowChanges(
  images: AuditImages,
  db: Pick<AuditReader, 'reads'>,
  actor: ClinicActor,
  entryIds: readonly string[],
  window: RowChangeWindow,
): Promise<ReadonlyMap<string, readonly RowChangeView[]>> {
  const found = await images.listRowChanges(entryIds, window)
  const views = new Map([...found].map(([id, changes]) => [id, changes.map((change) => viewOf(actor, change))]))
  report(db, [...views.values()].flat())
  return views
}

function viewOf(actor: ClinicActor, change: RowChange): RowChangeView {
  if (maySeeValues(actor, change.type)) return { ...change, isHidden: false }
  return { ...change, isHidden: true, fields: change.fields.map(({ name }) => ({ name, before: null, after: null })) }
}

function report(db: Pick<AuditReader, 'reads'>, views: readonly RowChangeView[]): void {
  db.reads(
    'AuditEntry',
    views.map(({ entryId }) => entryId),
    ['body'],
  )
  const shown = views.filter(({ state, isHidden }) => state === 'available' && !isHidden)
  db.reads(
    'AuditImage',
    shown.map(({ entryId }) => entryId),
    ['after', 'before'],
  )
  // Who looks at a value through the trail has seen the record, whoever asks for that later.
  for (const { type, recordId, fields } of shown)
    if (recordId !== null)
      db.reads(
        type,
        [recordId],
        fields.map(({ name }) => toField(name)),
      )
}

/** A column as entries name fields. */
function toField(column: string): string {
  return column.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}
