const MOMENTS = 'confirmedAt checkedInAt startedAt completedAt checkedOutAt cancelledAt noShowAt cancelReason'
const VISIT = `rowId startsAt endsAt status reason version ${MOMENTS}
  patient: organisationPatient { rowId name recordNumber speciesCode alerts client: organisationClient { rowId name phone } }
  type: organisationType { rowId name colour } staff: organisationStaff { rowId name } room: clinicRoom { rowId name }`

/** The same content as CHIRON_DOCUMENTS, in the names that PostGraphile generates. */
export const DOCUMENTS = {
  day: `query Day($organisation: UUID!, $clinic: UUID!, $date: Date!) {
    shifts: benchDayShifts(organisation: $organisation, clinic: $clinic, day: $date) { nodes { startMinute endMinute staff: organisationStaff { rowId name position colour } } }
    rooms(condition: { organisationId: $organisation, clinicId: $clinic, archivedAt: null }, orderBy: [POSITION_ASC, NAME_ASC]) { nodes { rowId name kind } }
    visits: benchDayVisits(organisation: $organisation, clinic: $clinic, day: $date) { nodes { ${VISIT} } } }`,
  patient: `query Patient($clinic: UUID!, $id: UUID!) {
    patient(rowId: $id) {
      rowId name recordNumber alerts allergies diedOn sex isNeutered bornOn microchip colour weightKg
      species: speciesBySpeciesCode { code nameEs } breed: breedByBreedCode { code nameEs } homeClinic: organisationHomeClinic { rowId name }
      client: organisationClient { rowId name phone email address }
      appointments: appointmentsByOrganisationIdAndPatientId(condition: { clinicId: $clinic }, orderBy: [STARTS_AT_DESC, PRIMARY_KEY_DESC], first: 20) { nodes {
        rowId startsAt status reason type: organisationType { rowId name } staff: organisationStaff { rowId name } } }
      notes: clinicalNotesByOrganisationIdAndPatientId(condition: { amendsId: null }, orderBy: [WRITTEN_AT_DESC, PRIMARY_KEY_DESC], first: 20) { nodes {
        rowId kind title body status version writtenAt signedAt author: organisationAuthor { rowId name } } }
      invoices: invoicesByOrganisationIdAndPatientId(condition: { clinicId: $clinic }, orderBy: [BUSINESS_DATE_DESC, POSTED_AT_DESC, PRIMARY_KEY_DESC], first: 10) { nodes {
        rowId number kind businessDate currency totalMinor paidMinor creditedMinor
        lines: invoiceLinesByClinicIdAndInvoiceId(orderBy: [POSITION_ASC]) { nodes { rowId description quantity totalMinor } } } }
    } }`,
  search: `query Search($organisation: UUID!, $query: String!, $first: Int!) {
    patients: benchFindPatients(organisation: $organisation, query: $query, maxRows: $first) { nodes {
      rowId recordNumber name speciesCode alerts allergies diedOn species: speciesBySpeciesCode { code nameEs } breed: breedByBreedCode { code nameEs }
      client: organisationClient { rowId name phone } } } }`,
  summary: `query Summary($organisation: UUID!, $clinic: UUID!, $date: Date!, $compare: Date!) {
    summary: benchSummary(organisation: $organisation, clinic: $clinic, day: $date, compareDay: $compare) }`,
  book: `mutation Book($input: BenchBookVisitInput!) { booked: benchBookVisit(input: $input) { result { ${VISIT} } } }`,
  status: `mutation Status($input: BenchStepVisitInput!) { booked: benchStepVisit(input: $input) { result { ${VISIT} } } }`,
  stock: `mutation Stock($input: BenchReceiveInput!) { received: benchReceive(input: $input) { result { rowId kind quantity occurredAt product: organisationProduct { rowId name } } } }`,
}
