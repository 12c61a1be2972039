import { setTimeout as sleep } from 'node:timers/promises'
import { SIGN_IN, TEST_PASSWORD } from '../harness.ts'

const READ = 'query Chart($id: UUID!) { patient(id: $id) { id name } }'
const WRITE = `mutation Client($input: CreateClientInput!) { createClient(input: $input) { __typename ... on Client { id } ... on Error { code } } }`
const TOO_LATE_MS = 20_000

/** A change that was sent: its key is the name of the client that it makes. `id` is null until somebody answered. */
export type Change = { readonly key: string; id: string | null }

export type LoadOptions = {
  readonly url: string
  readonly email: string
  readonly patientId: string
  readonly clients: number
  /** Sends a change again, with its key, until it is answered: what a good client does when a server dies. */
  readonly isPersistent: boolean
}

/** People who read and change through the proxy. Counts what was answered, and notes what was not. */
export class ProxyLoad {
  readonly changes: Change[] = []
  readonly failures: string[] = []
  reads = 0
  readonly #options: LoadOptions
  readonly #token: string
  readonly #running: Promise<unknown>
  #isOver = false

  private constructor(options: LoadOptions, token: string) {
    this.#options = options
    this.#token = token
    this.#running = Promise.all(Array.from({ length: options.clients }, (_, index) => this.#work(index)))
  }

  static async start(options: LoadOptions): Promise<ProxyLoad> {
    const { body } = await post(options.url, { query: SIGN_IN, variables: { email: options.email, password: TEST_PASSWORD } })
    const token: unknown = body.data?.signIn?.accessToken
    if (typeof token !== 'string') throw new Error(`no session: ${JSON.stringify(body)}`)
    return new ProxyLoad(options, token)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  /** Changes whose answer arrived. */
  get acknowledged(): readonly Change[] {
    return this.changes.filter(({ id }) => id !== null)
  }

  async #work(index: number): Promise<void> {
    for (let round = 0; !this.#isOver; round += 1) {
      if (round % 3 === 0) await this.#change(`load-${index}-${round}-${crypto.randomUUID()}`)
      else await this.#read()
      await sleep(10)
    }
  }

  async #read(): Promise<void> {
    const id = await this.#send({ query: READ, variables: { id: this.#options.patientId } }, null, (data) => data?.patient?.id)
    if (id !== null) this.reads += 1
  }

  async #change(key: string): Promise<void> {
    const change: Change = { key, id: null }
    this.changes.push(change)
    do change.id = await this.send(change)
    while (change.id === null && this.#options.isPersistent && (await sleep(50, true)))
  }

  /** Sends a change, with the key that it always has. Null when it was not answered. */
  send({ key }: Change): Promise<string | null> {
    return this.#send({ query: WRITE, variables: { input: { name: key, phone: '+52 55 0000 0000' } } }, key, (data) => data?.createClient?.id)
  }

  async #send(document: object, key: string | null, idOf: (data: any) => string | undefined): Promise<string | null> {
    try {
      const { status, body } = await post(this.#options.url, document, { token: this.#token, ...(key === null ? {} : { key }) })
      const id = idOf(body.data)
      if (id !== undefined) return id
      this.failures.push(`${status} ${JSON.stringify(body).slice(0, 200)}`)
    } catch (error) {
      this.failures.push(error instanceof Error ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}` : String(error))
    }
    return null
  }
}

export type Posted = { readonly status: number; readonly headers: Headers; readonly body: any }

/** One request as any client sends it. Rejects when nothing, or nothing in JSON, was answered. */
export async function post(url: string, document: object, { token, key, cookie }: { token?: string; key?: string; cookie?: string } = {}): Promise<Posted> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(cookie === undefined ? {} : { cookie }),
    },
    body: JSON.stringify(document),
    signal: AbortSignal.timeout(TOO_LATE_MS),
  })
  const text = await response.text()
  if (!response.headers.get('content-type')?.includes('json')) throw new Error(`${response.status} without JSON: ${text.slice(0, 100)}`)
  return { status: response.status, headers: response.headers, body: JSON.parse(text) }
}
