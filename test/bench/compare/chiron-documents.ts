import { hashOf, SIGN_IN_DOCUMENT } from '../cost-documents.ts'
import type { OperationName } from './operations.ts'

const MOMENTS = 'confirmedAt checkedInAt startedAt completedAt checkedOutAt cancelledAt noShowAt cancelReason'
const VISIT = `id startsAt endsAt status reason version ${MOMENTS} patient { id name recordNumber speciesCode alerts client { id name phone } } type { id name colour } staff { id name } room { id name }`
const MONEY = '{ minorUnits currency }'
const FAILED = '... on Error { code message }'

/** What the web client asks on these screens (web/features), a record with all three of its tabs in one document. */
export const CHIRON_DOCUMENTS: Readonly<Record<OperationName, string>> = {
  day: `query DaySchedule($date: LocalDate!) { daySchedule(date: $date) { date day { startsAt endsAt } staff { staff { id name position colour } shifts { startsAt endsAt } }
    rooms { id name kind } appointments { ${VISIT} } } }`,
  patient: `query PatientRecord($id: UUID!) { patient(id: $id) {
    id name recordNumber alerts allergies diedOn sex isNeutered bornOn microchip colour weightKg species { code name } breed { code name } homeClinic { id name }
    client { id name phone email address }
    appointments(first: 20) { edges { node { id startsAt status reason type { id name } staff { id name } } } }
    notes(first: 20) { edges { node { id kind title body status version writtenAt signedAt author { id name } } } }
    invoices(first: 10) { edges { node { id number kind businessDate total ${MONEY} balance ${MONEY} lines { id description quantity total ${MONEY} } } } } } }`,
  search: `query SearchPatients($query: String!, $first: Int!) { searchPatients(query: $query, first: $first) { id recordNumber name speciesCode alerts allergies diedOn species { code name }
    breed { code name } client { id name phone } } }`,
  summary: `query DailySummary($date: LocalDate!, $compareWith: SummaryComparison!) { dailySummary(date: $date, compareWith: $compareWith) {
    date visitCount orderCount revenue ${MONEY} serviceRevenue ${MONEY} productRevenue ${MONEY} tax ${MONEY} total ${MONEY} appointments { total completed noShow cancelled }
    comparison { date changePercent revenue ${MONEY} } services { category count } topProducts { name quantity revenue ${MONEY} }
    revenueByDay { date revenue ${MONEY} serviceRevenue ${MONEY} productRevenue ${MONEY} }
    alerts { outOfStock { product { id name } criticalLevel } low { product { id name } onHand criticalLevel } expiring { lot { id number } product { id name } expiresOn daysLeft } } } }`,
  book: `mutation BookAppointment($input: BookAppointmentInput!) { bookAppointment(input: $input) { ... on Appointment { ${VISIT} } ${FAILED} } }`,
  status: `mutation SetAppointmentStatus($input: SetAppointmentStatusInput!) { setAppointmentStatus(input: $input) { ... on Appointment { ${VISIT} } ${FAILED} } }`,
  stock: `mutation ReceiveStock($input: ReceiveStockInput!) { receiveStock(input: $input) { ... on StockMovement { id kind quantity occurredAt product { id name } } ${FAILED} } }`,
}

/** All of them, by hash. */
export const CHIRON_REGISTERED: ReadonlyMap<string, string> = new Map(
  [...Object.values(CHIRON_DOCUMENTS), SIGN_IN_DOCUMENT].map((document) => [hashOf(document), document]),
)
