import type { Dialect } from './dialects.ts'
import type { OperationName } from './operations.ts'

/** Parsed JSON of any of the contenders. */
type Answer = any

const instant = (text: string | null) => text && new Date(text).getTime()
const listOf = (value: Answer): Answer[] => value?.nodes ?? value?.edges?.map(({ node }: { node: Answer }) => node) ?? value
const idIn = (value: Answer) => value?.rowId ?? value?.id ?? null
const minorIn = (value: Answer) => Number(value?.minorUnits ?? value)

const visitOf = (visit: Answer) => [
  idIn(visit),
  instant(visit.startsAt),
  instant(visit.endsAt),
  visit.status.toLowerCase(),
  visit.reason,
  instant(visit.checkedInAt),
  visit.cancelReason,
  idIn(visit.patient),
  visit.patient.name,
  visit.patient.recordNumber,
  idIn(visit.patient.client),
  visit.patient.client.name,
  visit.patient.client.phone,
  visit.type.name,
  visit.staff.name,
  visit.room?.name ?? null,
]

function recordOf(patient: Answer) {
  const head = [
    idIn(patient),
    patient.name,
    patient.recordNumber,
    patient.bornOn,
    Number(patient.weightKg),
    patient.species.code,
    patient.client.name,
    patient.client.email,
    patient.homeClinic.name,
  ]
  const visits = listOf(patient.appointments).map((visit) => [
    idIn(visit),
    instant(visit.startsAt),
    visit.status.toLowerCase(),
    visit.type.name,
    visit.staff.name,
  ])
  const notes = listOf(patient.notes).map((note) => [idIn(note), note.title, note.body, note.status, note.author.name])
  const invoices = listOf(patient.invoices).map((invoice) => [
    idIn(invoice),
    invoice.number,
    invoice.businessDate,
    minorIn(invoice.total ?? invoice.totalMinor),
    listOf(invoice.lines).map((line) => [idIn(line), line.description, Number(line.quantity), minorIn(line.total ?? line.totalMinor)]),
  ])
  return { head, visits, notes, invoices }
}

const foundOf = (patient: Answer) => [
  idIn(patient),
  patient.name,
  patient.recordNumber,
  patient.species.code,
  patient.breed?.code ?? null,
  idIn(patient.client),
  patient.client.name,
  patient.client.phone,
]

/** The answer's content in nobody's own shape: what must be the same whoever answered. What a change makes anew (ids, instants) is left out. */
export function contentOf(dialect: Dialect, name: OperationName, answer: Answer): unknown {
  const root: Answer = dialect === 'limit' ? answer : Object.values(answer.data)[0]
  switch (name) {
    case 'day': {
      const day = dialect === 'postgraphile' ? answer.data : root
      const staff = listOf(day.staff ?? day.shifts).map((shift) => shift.staff.name)
      return {
        staff: staff.sort(),
        rooms: listOf(day.rooms).map((room) => [idIn(room), room.name]),
        visits: listOf(day.appointments ?? day.visits).map(visitOf),
      }
    }
    case 'patient':
      return recordOf(root)
    case 'search':
      return listOf(root).map(foundOf)
    case 'summary':
      return root
    case 'book':
    case 'status': {
      const [, starts, , status, reason, , , ...rest] = visitOf(root.result ?? root)
      return [typeof starts, status, reason, rest.length]
    }
    case 'stock': {
      const movement = root.result ?? root
      return [movement.kind, Number(movement.quantity), typeof instant(movement.occurredAt), typeof movement.product.name]
    }
  }
}

/** How much was answered, so that a comparison of nothing does not pass. */
export function sizeOf(name: OperationName, content: Answer): number {
  if (name === 'day') return content.visits.length
  if (name === 'patient') return Math.min(content.visits.length, content.notes.length) + content.invoices.length
  return name === 'search' ? content.length : 1
}
