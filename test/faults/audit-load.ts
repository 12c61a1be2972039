import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '../../modules/patients/index.ts'
import type { App } from '../../server/app.ts'
import { SIGN_IN, TEST_PASSWORD } from '../harness.ts'
import type { Random } from './random.ts'
import type { FaultWorld } from './world.ts'

const FAILED = '... on Error { code message }'
const READ = 'query Chart($id: UUID!) { patient(id: $id) { id name client { id name phone } } }'
const DAY = 'query Day($date: LocalDate!) { daySchedule(date: $date) { appointments { id reason patient { id name } } } }'
// Refused by the schema: what is refused must be in the trail as well.
const REFUSED = '{ nothingOfTheSort }'

/** Mutations whose one effect carries the key in a column, where it can be counted. */
const WRITES = {
  createClient: {
    table: 'client',
    column: 'name',
    document: `mutation Client($input: CreateClientInput!) { createClient(input: $input) { __typename ... on Client { id } ${FAILED} } }`,
    input: (key: string) => ({ name: key, phone: '+52 55 0000 0000' }),
  },
  receiveStock: {
    table: 'stock_movement',
    column: 'reason',
    document: `mutation Receive($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename ... on StockMovement { id } ${FAILED} } }`,
    input: (key: string, { productId }: FaultWorld) => ({ productId, quantity: '1', reason: key }),
  },
  bookAppointment: {
    table: 'appointment',
    column: 'reason',
    document: `mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on Appointment { id } ${FAILED} } }`,
    input: (key: string, { practice: { patientId, typeId, staffId, roomId } }: FaultWorld, random: Random) => ({
      patientId,
      typeId,
      staffId,
      roomId,
      startsAt: new Date(Date.UTC(2027, random.between(0, 11), random.between(1, 28), random.between(15, 22), 20 * random.between(0, 2))).toISOString(),
      reason: key,
    }),
  },
} as const

export type WriteName = keyof typeof WRITES
export const WRITE_NAMES = ['createClient', 'receiveStock', 'bookAppointment'] as const satisfies readonly [WriteName, ...WriteName[]]
/** Where the effect of a mutation is found by its key. */
export const effectOf = (name: WriteName) => ({ table: WRITES[name].table, column: WRITES[name].column })

type Answer = {
  readonly status: number
  readonly requestId: string | null
  readonly data: Readonly<Record<string, { readonly __typename?: string; readonly id?: string } | null>> | null
  readonly codes: readonly string[]
}

/** A mutation that was sent, and what is known of it. `answer` is null until somebody answered; then the id, or the code of the refusal. */
export type Write = {
  readonly name: WriteName
  readonly key: string
  readonly input: object
  answer: { readonly id: string | null; readonly refusal: string | null } | null
}

const TOO_LATE_MS = 10_000

/** Concurrent clients of the API, and one more application process whose transactions take their time. Remembers all that was answered. */
export class AuditLoad {
  /** Ids of requests whose responses left: each must have an entry that is durable. */
  readonly acknowledged: string[] = []
  readonly writes: Write[] = []
  /** Clients created by transactions that stay open for a while, as soon as their commit was confirmed. */
  readonly slow: string[] = []
  withheld = 0
  unanswered = 0
  /** Answers of which nobody is told more than that something went wrong. */
  internal = 0
  readonly #url: string
  readonly #world: FaultWorld
  readonly #random: Random
  #token = ''
  #signingIn: Promise<string> | null = null
  #isOver = false
  #running: Promise<unknown> = Promise.resolve()

  constructor(url: string, world: FaultWorld, random: Random) {
    this.#url = url
    this.#world = world
    this.#random = random
  }

  start(clients: number, app: App): void {
    const loops = [...Array.from({ length: clients }, () => this.#client()), ...Array.from({ length: 3 }, () => this.#slowWriter(app))]
    this.#running = Promise.all(loops)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  /** One read; true when it was answered in full. */
  async probe(): Promise<boolean> {
    const answer = await this.send(READ, { id: this.#world.practice.patientId })
    return answer !== null && answer.status === 200 && answer.codes.length === 0
  }

  /** Sends a mutation, with the key that it always had. True when it was answered. */
  async repeat(write: Write): Promise<Answer | null> {
    const answer = await this.send(WRITES[write.name].document, { input: write.input }, write.key)
    const result = answer?.data?.[write.name]
    if (!answer || !result) return null
    write.answer ??= { id: result.id ?? null, refusal: result.id === undefined ? (result.__typename ?? 'unknown') : null }
    return answer
  }

  async #client(): Promise<void> {
    while (!this.#isOver) {
      const kind = this.#random.next()
      const { practice } = this.#world
      if (kind < 0.35) await this.#patiently(() => this.send(READ, { id: practice.patientId }))
      else if (kind < 0.5) await this.#patiently(() => this.send(DAY, { date: `2027-0${this.#random.between(1, 9)}-15` }))
      else if (kind < 0.6) await this.#patiently(() => this.send(REFUSED, {}))
      else await this.#write(this.#random.pick(WRITE_NAMES))
    }
  }

  async #patiently(send: () => Promise<Answer | null>): Promise<void> {
    if ((await send()) === null) await sleep(50)
  }

  /** As a good client does: the same key again until there is an answer. */
  async #write(name: WriteName): Promise<void> {
    const key = `${name}-${this.writes.length}-${this.#random.between(1_000_000, 9_999_999)}`
    const write: Write = { name, key, input: WRITES[name].input(key, this.#world, this.#random), answer: null }
    this.writes.push(write)
    while (!this.#isOver && (await this.repeat(write)) === null) await sleep(50)
  }

  /** Holds its rows open while others commit: what a sequencer that orders by id would pass over. */
  async #slowWriter(app: App): Promise<void> {
    for (let count = 0; !this.#isOver; count += 1) {
      const name = `slow-${count}-${this.#random.between(1_000_000, 9_999_999)}`
      const pauseMs = this.#random.between(100, 400)
      const { actor } = this.#world
      try {
        const { id } = await app.asSystem(actor, 'job', 'slow writer', async (tx) => {
          const created = await createClient(tx, actor, { name, phone: '+52 55 0000 0000' })
          await sleep(pauseMs)
          return created
        })
        this.slow.push(id)
      } catch {
        // Its commit was not confirmed: nothing is claimed for it.
        await sleep(50)
      }
    }
  }

  /** Null when nothing was answered or the answer was withheld (503): nothing is promised then. */
  async send(query: string, variables: object, key?: string): Promise<Answer | null> {
    try {
      // Once for all: more attempts at a time than a person makes are refused.
      if (this.#token === '') this.#token = await (this.#signingIn ??= this.#signIn().finally(() => (this.#signingIn = null)))
      const { status, requestId, body } = await this.#post({ query, variables }, key)
      const codes: string[] = (body.errors ?? []).map(({ extensions }: any) => extensions?.code ?? '')
      if (codes.includes('UNAUTHENTICATED')) this.#token = ''
      if (status === 503 || codes.includes('UNAVAILABLE')) {
        this.withheld += 1
        return null
      }
      this.acknowledged.push(requestId ?? 'no request id')
      if (status >= 500 || codes.includes('INTERNAL')) this.internal += 1
      return { status, requestId, data: body.data ?? null, codes }
    } catch {
      this.unanswered += 1
      return null
    }
  }

  async #signIn(): Promise<string> {
    const { body, status, requestId } = await this.#post({ query: SIGN_IN, variables: { email: this.#world.email, password: TEST_PASSWORD } })
    const session = body.data?.signIn
    if (typeof session?.accessToken !== 'string') throw new Error(`no session (${status})`)
    this.acknowledged.push(requestId ?? 'no request id')
    return session.accessToken
  }

  async #post(body: object, key?: string): Promise<{ status: number; requestId: string | null; body: any }> {
    const response = await fetch(`${this.#url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TOO_LATE_MS),
    })
    return { status: response.status, requestId: response.headers.get('x-request-id'), body: await response.json() }
  }
}
