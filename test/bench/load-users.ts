import { setTimeout as sleep } from 'node:timers/promises'
import { TEST_PASSWORD } from '../harness.ts'
import { idOf, practiceDay } from './data/sizes.ts'
import type { LoadRole, LoadUser, LoadWorld } from './load-world.ts'

export type Sample = { readonly operation: string; readonly ms: number }
export type Failure = { readonly operation: string; readonly what: string }
export type LoadOptions = { readonly world: LoadWorld; readonly url: string; readonly hashes: ReadonlyMap<string, string>; readonly seconds: number }

const THINK_MEAN_MS = 4_000
const THINK_MOST_MS = 15_000
/** Tokens live for fifteen minutes. */
const RENEWAL_MS = 10 * 60_000
const RECEIVE_STOCK = `mutation ReceiveStock($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename ... on StockMovement { id kind quantity } ... on Error { code message } } }`

type Step = 'schedule' | 'search' | 'record' | 'history' | 'notes' | 'book' | 'status' | 'note' | 'summary' | 'alerts' | 'receive'

/** What each role does, in parts of a hundred: the day in view most of the time, a change now and then. */
export const MIX: Readonly<Record<LoadRole, Readonly<Partial<Record<Step, number>>>>> = {
  receptionist: { schedule: 30, search: 22, record: 14, history: 6, book: 12, status: 16 },
  veterinarian: { schedule: 20, search: 8, record: 24, history: 12, notes: 22, note: 8, status: 6 },
  manager: { summary: 30, alerts: 30, schedule: 25, search: 15 },
  owner: { summary: 40, receive: 35, alerts: 15, schedule: 10 },
}

/** One person at work: thinks, does one thing, and so on. What they send is what the web client sends. */
export class User {
  readonly samples: Sample[] = []
  readonly failures: Failure[] = []
  readonly #user: LoadUser
  readonly #options: LoadOptions
  #token = ''
  #signedInAt = 0
  #turn = 0

  constructor(user: LoadUser, options: LoadOptions) {
    this.#user = user
    this.#options = options
  }

  async signIn(): Promise<void> {
    const answer = await this.#post('SignIn', { input: { email: this.#user.email, password: TEST_PASSWORD } }, false)
    this.#token = answer?.accessToken ?? ''
    this.#signedInAt = performance.now()
    if (this.#token === '') throw new Error(`${this.#user.email} cannot sign in`)
  }

  /** Until `end`, by performance.now(). */
  async work(end: number): Promise<void> {
    // Not all at once: a desk opens over a few seconds.
    await sleep(Math.random() * THINK_MEAN_MS)
    while (performance.now() < end) {
      if (performance.now() - this.#signedInAt > RENEWAL_MS) await this.signIn()
      await this.#step(chooseStep(this.#user.role))
      await sleep(Math.min(THINK_MOST_MS, -Math.log(1 - Math.random()) * THINK_MEAN_MS))
    }
  }

  async #step(step: Step): Promise<void> {
    this.#turn += 1
    const { patientIds, searches, place } = this.#user
    const patientId = patientIds[this.#turn % patientIds.length] ?? ''
    const today = practiceDay(this.#turn % 3)
    const steps: Readonly<Record<Step, () => Promise<unknown>>> = {
      schedule: () => this.#post('DaySchedule', { date: today }),
      search: () => this.#post('SearchPatients', { query: searches[this.#turn % searches.length] ?? 'ba', first: 20 }),
      record: () => this.#post('PatientRecord', { id: patientId, withContact: this.#user.role === 'receptionist' }),
      history: () => this.#post('PatientAppointments', { id: patientId }),
      notes: () => this.#post('PatientNotes', { id: patientId, after: null }),
      summary: () => this.#post('DailySummary', { date: practiceDay(-1 - (this.#turn % 5)), compareWith: 'SAME_WEEKDAY_LAST_WEEK' }),
      alerts: () => this.#post('InventoryAlerts', { asOf: today }),
      book: () => this.#post('BookAppointment', { input: { patientId, reason: 'Revisión', ...this.#options.world.takeSlot(place) } }),
      note: () =>
        this.#post('WriteNote', {
          input: { patientId, kind: 'progress', title: 'Seguimiento', body: 'Apetito y ánimo normales. Se mantiene el tratamiento.' },
        }),
      status: () => this.#stepVisit(),
      receive: () => this.#post('ReceiveStock', { input: { productId: idOf('product', this.#turn % 100), quantity: '5' } }),
    }
    await steps[step]()
  }

  async #stepVisit(): Promise<void> {
    const visit = this.#user.visits[this.#turn % this.#user.visits.length]
    if (!visit) throw new Error(`${this.#user.email} has no visits`)
    const status = visit.status === 'SCHEDULED' ? 'CONFIRMED' : 'SCHEDULED'
    const answer = await this.#post('SetAppointmentStatus', { input: { id: visit.id, version: visit.version, status } })
    if (answer?.version === undefined) return
    visit.version = answer.version
    visit.status = status
  }

  /** The value of the root field; null, with the failure noted, for everything that is not the whole answer. */
  async #post(operation: string, variables: object, isCounted = true): Promise<Payload | null> {
    const { url, hashes } = this.#options
    const sha256Hash = hashes.get(operation)
    const body = sha256Hash === undefined ? { query: RECEIVE_STOCK, variables } : { variables, extensions: { persistedQuery: { version: 1, sha256Hash } } }
    const headers: Record<string, string> = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), 'x-clinic-id': this.#user.clinicId }
    if (this.#token !== '') headers.authorization = `Bearer ${this.#token}`
    const begun = performance.now()
    try {
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })
      const text = await response.text()
      if (isCounted) this.samples.push({ operation, ms: performance.now() - begun })
      return this.#read(operation, response.status, text)
    } catch (error) {
      this.failures.push({ operation, what: error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error) })
      return null
    }
  }

  #read(operation: string, status: number, text: string): Payload | null {
    const answer: { data?: Record<string, Payload | null>; errors?: unknown } = JSON.parse(text)
    const payload = Object.entries(answer.data ?? {}).find(([name]) => name !== '__typename')?.[1]
    const isRefused = payload !== null && payload !== undefined && 'code' in payload && 'message' in payload
    if (status === 200 && answer.errors === undefined && payload && !isRefused) return payload
    this.failures.push({ operation, what: `${status} ${text.slice(0, 300)}` })
    return null
  }
}

type Payload = { readonly accessToken?: string; readonly version?: number }

function chooseStep(role: LoadRole): Step {
  const mix = Object.entries(MIX[role])
  let luck = Math.random() * mix.reduce((sum, [, parts]) => sum + parts, 0)
  for (const [step, parts] of mix) {
    luck -= parts
    if (luck < 0 && isStep(step)) return step
  }
  return 'schedule'
}

const STEPS: ReadonlySet<string> = new Set(Object.values(MIX).flatMap((mix) => Object.keys(mix)))
const isStep = (text: string): text is Step => STEPS.has(text)
