import { SIGN_IN, TEST_PASSWORD } from '../harness.ts'

/** What came back for a request, and after how long. */
export type Reply = {
  readonly status: number
  readonly body: any
  readonly ms: number
  readonly retryAfter: string | null
  /** Codes of its top-level errors. */
  readonly codes: readonly string[]
  /** The one root field's value. */
  readonly value: any
}

const TOO_LATE_MS = 45_000

/** A signed-in client that speaks plain HTTP. */
export class Desk {
  readonly url: string
  readonly token: string

  private constructor(url: string, token: string) {
    this.url = url
    this.token = token
  }

  static async signIn(url: string, email: string): Promise<Desk> {
    const { status, value } = await post(url, JSON.stringify({ query: SIGN_IN, variables: { email, password: TEST_PASSWORD } }), {})
    if (typeof value?.accessToken !== 'string') throw new Error(`no session for ${email} (${status})`)
    return new Desk(url, value.accessToken)
  }

  /** The same session, at another process that has the same secret. */
  at(url: string): Desk {
    return new Desk(url, this.token)
  }

  /** Throws when nobody answers. */
  send(query: string, variables: object = {}, key?: string): Promise<Reply> {
    return this.sendRaw(JSON.stringify({ query, variables }), key === undefined ? {} : { 'idempotency-key': key })
  }

  sendRaw(body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return post(this.url, body, { authorization: `Bearer ${this.token}`, ...headers })
  }
}

async function post(url: string, body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>>): Promise<Reply> {
  const begun = performance.now()
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: AbortSignal.timeout(TOO_LATE_MS),
  })
  const text = await response.text()
  // What HTTP itself refuses has no body, or one for people.
  const answer: any = /^\s*\{/.test(text) ? JSON.parse(text) : {}
  const codes = (answer.errors ?? []).map(({ extensions }: any) => String(extensions?.code ?? ''))
  const [value] = Object.values(answer.data ?? {})
  return { status: response.status, body: answer, ms: performance.now() - begun, retryAfter: response.headers.get('retry-after'), codes, value }
}

export const FAILED = '... on Error { code message }'
export const BOOK = `mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on Appointment { id } ${FAILED} } }`
export const RECEIVE = `mutation Receive($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename ... on StockMovement { id lot { id } } ${FAILED} } }`
export const MOVE = `mutation Move($input: RecordMovementInput!) { recordMovement(input: $input) { __typename ... on StockMovement { id } ${FAILED} } }`
export const POST_INVOICE = `mutation Invoice($input: PostInvoiceInput!) { postInvoice(input: $input) { __typename ... on Invoice { id number } ${FAILED} } }`
export const CREATE_CLIENT = `mutation Client($input: CreateClientInput!) { createClient(input: $input) { __typename ... on Client { id } ${FAILED} } }`
export const CHART = 'query Chart($id: UUID!) { patient(id: $id) { id name client { id name phone } } }'
