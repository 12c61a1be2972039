import { createHash } from 'node:crypto'

const FAILED = '... on Error { code message }'

/** Operations whose cost is compared, as the web client sends them: by hash. */
export const OPERATIONS = {
  patient:
    'query PatientChart($id: UUID!) { patient(id: $id) { id recordNumber name sex bornOn microchip allergies alerts weightKg species { code name } client { id name phone email } } }',
  day: 'query DaySchedule($date: LocalDate!) { daySchedule(date: $date) { date staff { staff { id name } shifts { startsAt endsAt } } rooms { id name } appointments { id startsAt endsAt status reason version patient { id name client { id name } } type { id name } staff { id name } room { id name } } } }',
  book: `mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on Appointment { id startsAt endsAt status version patient { id name } type { id name } staff { id name } room { id name } } ${FAILED} } }`,
  receive: `mutation Receive($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename ... on StockMovement { id kind quantity occurredAt } ${FAILED} } }`,
} as const

export const SIGN_IN_DOCUMENT = `mutation SignIn($email: String!, $password: String!) { signIn(input: { email: $email, password: $password }) { __typename ... on Session { accessToken } ${FAILED} } }`

export const hashOf = (document: string) => createHash('sha256').update(document).digest('hex')

/** All of them, by hash. */
export const DOCUMENTS: ReadonlyMap<string, string> = new Map([...Object.values(OPERATIONS), SIGN_IN_DOCUMENT].map((document) => [hashOf(document), document]))
