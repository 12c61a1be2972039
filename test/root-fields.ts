import { type GraphQLArgument, type GraphQLObjectType, type GraphQLSchema, getNamedType, isLeafType, isNonNullType, isObjectType } from 'graphql'
import { addDays } from '../modules/kernel/time.ts'
import { type ArgumentOf, selectAll } from './documents.ts'
import type { Fixtures } from './full-world.ts'

/** Which fixture a root field's id names. A new field that takes an id must be added here, or the access matrix fails. */
export const ID_OF: Readonly<Record<string, string>> = {
  'Query.accessSummary.subjectId': 'Patient',
  'Query.appointment': 'Appointment',
  'Query.appointmentSeries': 'AppointmentSeries',
  'Query.activeSeries.patientId': 'Patient',
  'Query.auditExport': 'AuditExport',
  'Query.auditProof.entryIds': 'AuditEntry',
  'AuditEntry.rowChanges.after': 'AuditEntry',
  'Query.client': 'Client',
  'Query.closingImpact.equipmentId': 'Equipment',
  'Query.closingImpact.roomId': 'Room',
  'Query.invoice': 'Invoice',
  'Query.note': 'ClinicalNote',
  'Query.patient': 'Patient',
  'Query.product': 'Product',
  'Query.scheduleRange.staffId': 'StaffProfile',
  'Query.scheduleRange.roomId': 'Room',
  'Query.staffMember': 'StaffProfile',
  'Query.credentials.staffId': 'StaffProfile',
  'Query.adverseActions.staffId': 'StaffProfile',
  'Query.attendance.staffId': 'StaffProfile',
  'Query.wellbeingFlags.staffId': 'StaffProfile',
  'Query.staffTasks.staffId': 'StaffProfile',
  'Query.offboardingImpact.staffId': 'StaffProfile',
  'Query.invoices.clientId': 'Client',
  'Query.messages.appointmentId': 'Appointment',
  'Query.messages.clientId': 'Client',
  'Query.notes.patientId': 'Patient',
  'Query.notes.authorId': 'StaffProfile',
  'Query.waitlistEntry': 'WaitlistEntry',
  'Query.bookingRequest': 'BookingRequest',
  'Query.publicSlots.typeId': 'OnlineType',
  'Query.stockMovements.productId': 'Product',
  'Query.timeOffBalances.staffId': 'StaffProfile',
  'Query.timeOffImpact.requestId': 'TimeOffRequest',
  'Query.timeOffRequests.staffId': 'StaffProfile',
}

/** A text to look at. */
const PREVIEW: Readonly<Record<string, string>> = {
  code: '"appointment_reminder"',
  channel: 'MAIL',
  locale: '"en"',
  subject: '"Soon"',
  body: '"Hi {{clientName}}"',
}

export type ArgumentOptions = {
  /** Gives the optional ids too, so that a list is narrowed to the fixtures. */
  readonly isNarrow?: boolean
  /** Page size of every connection. */
  readonly first?: number
  /** Receives the arguments that take an id and that `ID_OF` does not know. */
  readonly missing?: Set<string>
}

/** The arguments with which root fields find the fixtures. */
export function argumentsFor({ ids, date, checkpoint }: Fixtures, { isNarrow = false, first = 2, missing }: ArgumentOptions = {}): ArgumentOf {
  return (coordinate: string, { name, type }: GraphQLArgument): string | null => {
    const inner = getNamedType(type).name
    if (name === 'first') return String(first)
    if (inner === 'UUID') {
      const kind = ID_OF[name === 'id' ? coordinate : `${coordinate}.${name}`]
      if (kind === undefined) missing?.add(`${coordinate}(${name})`)
      return isNonNullType(type) || isNarrow ? `"${ids[kind ?? ''] ?? ids.Patient}"` : null
    }
    if (coordinate === 'Query.messagePreview') return PREVIEW[name] ?? null
    if (name === 'slug') return `"${ids.BookingPage}"`
    if (coordinate === 'Query.publicSlots') return `"${name === 'from' ? date : addDays(date, 6)}"`
    if (name === 'checkpoint') return JSON.stringify(checkpoint)
    if (coordinate === 'Query.openSlots') return `{ typeId: "${ids.AppointmentType}", from: "${date}", until: "${addDays(date, 6)}", limit: ${first} }`
    if (coordinate === 'Query.explainSlot') return `{ typeId: "${ids.AppointmentType}", startsAt: "${date}T04:00:00Z" }`
    if (coordinate === 'Query.previewSeries')
      return `{ patientId: "${ids.Patient}", typeId: "${ids.AppointmentType}", staffId: "${ids.StaffProfile}", rule: "FREQ=WEEKLY;COUNT=2", startsOn: "${date}", startTime: "12:00" }`
    if (/^Query\.schedule(Range|Counts)$/.test(coordinate)) return `"${name === 'from' ? date : addDays(date, 6)}"`
    if (coordinate === 'Query.daySchedule' || coordinate === 'Query.bookableStaff') return `"${date}"`
    if (/^Query\.(closures|maintenanceWindows|absences)$/.test(coordinate)) return name === 'until' ? '"2199-01-01"' : `"${date}"`
    if (coordinate === 'Query.closingImpact') return `"${date}T${name === 'endsAt' ? '23' : '00'}:00:00Z"`
    if (coordinate === 'Query.offboardingImpact') return `"${date}"`
    if (coordinate === 'Query.publicHolidays' || coordinate === 'Query.holidayImpact') return date.slice(0, 4)
    if (['Query.daySchedule', 'Query.bookableStaff', 'Query.rosterWeek'].includes(coordinate)) return `"${date}"`
    return name === 'query' && coordinate === 'Query.searchPatients' ? '"Milo"' : null
  }
}

/** What a connection holds, or the type itself. */
export function recordOf(type: GraphQLObjectType): GraphQLObjectType {
  const edge = getNamedType(type.getFields().edges?.type)
  const node = isObjectType(edge) ? getNamedType(edge.getFields().node?.type) : null
  return isObjectType(node) ? node : type
}

/** Two steps, one edge of the graph at a time and ids and names alone, so that no document is too large. By the edge's name. */
export function selectEdges(schema: GraphQLSchema, type: GraphQLObjectType, argumentOf: ArgumentOf): Map<string, string> {
  const record = recordOf(type)
  const fieldAt = (owner: string, name: string) => {
    const found = schema.getType(owner)
    return isObjectType(found) ? found.getFields()[name] : undefined
  }
  const edges = Object.values(record.getFields()).filter((field) => !isLeafType(getNamedType(field.type)))
  return new Map(
    edges.map((edge) => [
      edge.name,
      selectAll(schema, type, 2, argumentOf, (coordinate) => {
        const [owner = '', name = ''] = coordinate.split('.')
        const field = fieldAt(owner, name)
        if (owner === record.name) return name === edge.name || name === 'id'
        return name !== 'pageInfo' && field !== undefined && (!isLeafType(getNamedType(field.type)) || /^(id|name|title|number)$/.test(name))
      }),
    ]),
  )
}
