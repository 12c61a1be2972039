import { setTimeout as sleep } from 'node:timers/promises'
import { addStock } from '../world-inventory.ts'
import type { Line } from './audit-checks.ts'
import { BOOK, CREATE_CLIENT, Desk, MOVE, POST_INVOICE, RECEIVE, type Reply } from './desk.ts'
import { count, type Fault, type FaultContext, mustBeZero, mustHappen } from './fault.ts'
import type { Lab } from './lab.ts'
import { type LeanApi, LeanPool } from './lean-pool.ts'
import { Random } from './random.ts'
import { checkWholeness } from './wholeness.ts'

const IN_FLIGHT = 6
const SPARES = 2
const CHECK_EVERY = 100
const LONGEST_WAIT_MS = 50
const SIGN_IN_EVERY_MS = 5 * 60_000

type Kind = 'book' | 'receive' | 'move' | 'invoice' | 'client'
const KINDS = ['book', 'receive', 'move', 'invoice', 'client'] as const satisfies readonly [Kind, ...Kind[]]
const TABLE: Readonly<Record<Kind, string>> = { book: 'appointment', receive: 'stock_movement', move: 'stock_movement', invoice: 'invoice', client: 'client' }
const DOCUMENT: Readonly<Record<Kind, string>> = { book: BOOK, receive: RECEIVE, move: MOVE, invoice: POST_INVOICE, client: CREATE_CLIENT }

/** A mutation with its key; `id` or `refusal` once it was acknowledged. */
type Write = {
  readonly kind: Kind
  readonly key: string
  readonly input: object
  answer: { readonly id: string | null; readonly refusal: string | null } | null
}

export const killApi: Fault = {
  name: 'kill-api',
  title: 'kill -9 of the API while mutations are in flight',
  run: async (context) => {
    await using pool = new LeanPool(context.lab, SPARES)
    return await new Killing(context, pool).run()
  },
}

class Killing {
  readonly #context: FaultContext
  readonly #lab: Lab
  readonly #pool: LeanPool
  readonly #random: Random
  readonly #totals = { sent: 0, acknowledged: 0, open: 0, openWithEffect: 0, repeatedDifferently: 0, withoutAnswer: 0, strange: 0 }
  readonly #half = new Map<string, number>()
  readonly #ids: Record<string, Set<string>> = {}
  #desk: Desk | null = null
  #signedInAt = 0

  constructor(context: FaultContext, pool: LeanPool) {
    this.#context = context
    this.#lab = context.lab
    this.#pool = pool
    this.#random = new Random(context.seed)
  }

  async run() {
    const kills = this.#context.kills ?? (this.#context.isQuick ? 5 : 1_000)
    const { actor, productId } = this.#lab.world
    await addStock(this.#lab.app, actor, { productId, quantity: '1000000' })
    const before = await this.#countTables()
    for (let kill = 0; kill < kills; kill += 1) {
      const api = await this.#pool.take()
      const writes = Array.from({ length: IN_FLIGHT }, (_, index) => this.#newWrite(kill, index))
      await this.#killWithin((await this.#survivor()).at(api.url), api, writes)
      await this.#repeat(await this.#survivor(), writes)
      if ((kill + 1) % CHECK_EVERY === 0) {
        await this.#check()
        this.#context.say(
          `    ${kill + 1} kills: ${this.#totals.acknowledged} acknowledged, ${this.#totals.open} left open, ${this.#totals.openWithEffect} of them done`,
        )
      }
    }
    await this.#check()
    return { times: kills, lines: [...this.#lines(), mustBeZero('changes that nobody asked for, or that are lost', await this.#difference(before))] }
  }

  /** Up to 50 ms after none, some or all but one of the answers have come: early and late moments of a mutation are met alike. */
  async #killWithin(desk: Desk, api: LeanApi, writes: readonly Write[]): Promise<void> {
    const [wanted, waitMs] = [this.#random.between(0, writes.length - 1), this.#random.between(0, LONGEST_WAIT_MS)]
    const enough = Promise.withResolvers<void>()
    let answered = 0
    if (wanted === 0) enough.resolve()
    const sending = writes.map(async (write) => {
      await this.#send(desk, write)
      answered += 1
      if (answered >= wanted) enough.resolve()
    })
    await enough.promise
    await sleep(waitMs)
    await api.kill()
    await Promise.all(sending)
  }

  #lines(): Line[] {
    const { sent, acknowledged, open, openWithEffect, repeatedDifferently, withoutAnswer, strange } = this.#totals
    return [
      count('mutations sent', sent),
      ...mustHappen('acknowledged', acknowledged),
      ...mustHappen('left without an answer', open),
      count('of these done all the same', openWithEffect),
      count('processes that ended before their turn and were replaced', this.#pool.failures),
      mustBeZero('repeated keys with another answer', repeatedDifferently),
      mustBeZero('repeated keys without an answer', withoutAnswer),
      mustBeZero('answers that were neither result nor typed refusal', strange),
      ...[...this.#half].map(([label, value]) => mustBeZero(label, value)),
    ]
  }

  #newWrite(kill: number, index: number): Write {
    const kind = this.#random.pick(KINDS)
    const key = `kill-api-${this.#context.seed}-${kill}-${index}`
    this.#totals.sent += 1
    return { kind, key, input: this.#inputOf(kind, key), answer: null }
  }

  #inputOf(kind: Kind, key: string): object {
    const { practice, productId } = this.#lab.world
    const { patientId, typeId, staffId, roomId } = practice
    const random = this.#random
    if (kind === 'client') return { name: key, phone: '+52 55 0000 0000' }
    if (kind === 'receive') return { productId, quantity: '3', reason: key }
    if (kind === 'move') return { productId, kind: 'use', quantity: '-1', reason: key }
    if (kind === 'invoice') return { lines: [{ productId, quantity: '2' }] }
    const at = Date.UTC(random.between(2030, 2060), random.between(0, 11), random.between(1, 28), random.between(15, 21), 20 * random.between(0, 2))
    return { patientId, typeId, staffId, roomId, startsAt: new Date(at).toISOString(), reason: key }
  }

  async #send(desk: Desk, write: Write): Promise<void> {
    const reply = await desk.send(DOCUMENT[write.kind], { input: write.input }, write.key).catch(() => null)
    if (reply === null) {
      this.#totals.open += 1
      return
    }
    this.#totals.acknowledged += 1
    write.answer = this.#read(reply)
  }

  #read({ value, status, codes }: Reply): Write['answer'] {
    if (value === undefined || value === null || codes.length > 0 || status !== 200) {
      this.#totals.strange += 1
      return null
    }
    return { id: value.id ?? null, refusal: value.id ? null : String(value.code) }
  }

  /** The same keys again: the answer is what the killed process said, or what it would have said. */
  async #repeat(desk: Desk, writes: readonly Write[]): Promise<void> {
    const isDone = await this.#findDone(writes)
    await Promise.all(
      writes.map(async (write) => {
        const reply = await desk.send(DOCUMENT[write.kind], { input: write.input }, write.key).catch(() => null)
        const answer = reply && this.#read(reply)
        if (!answer) {
          this.#totals.withoutAnswer += 1
          return
        }
        if (write.answer === null && isDone.has(write.key)) this.#totals.openWithEffect += 1
        // A refusal is not kept: what stood in the way may be gone.
        if (write.answer?.id && write.answer.id !== answer.id) this.#totals.repeatedDifferently += 1
        if (answer.id) (this.#ids[TABLE[write.kind]] ??= new Set()).add(answer.id)
      }),
    )
  }

  async #findDone(writes: readonly Write[]): Promise<ReadonlySet<string>> {
    const open = writes.filter(({ answer }) => answer === null).map(({ key }) => key)
    const rows = await this.#lab.readRows<{ key: string }>('SELECT key FROM idempotency_key WHERE key = ANY($1)', [open])
    return new Set(rows.map(({ key }) => key))
  }

  async #check(): Promise<void> {
    for (const { label, count: found } of await checkWholeness(this.#lab)) this.#half.set(label, Math.max(found, this.#half.get(label) ?? 0))
  }

  async #countTables(): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {}
    for (const table of new Set(Object.values(TABLE))) {
      // A sale moves stock too, under the invoice's key.
      const where = table === 'stock_movement' ? 'WHERE invoice_line_id IS NULL' : ''
      counts[table] = await this.#lab.countRows(`SELECT count(*) AS n FROM ${table} ${where}`)
    }
    return counts
  }

  /** Every key has one answer by now: as many rows must have come as there are ids among the answers. */
  async #difference(before: Readonly<Record<string, number>>): Promise<number> {
    const after = await this.#countTables()
    return Object.keys(after).reduce((sum, table) => sum + Math.abs((after[table] ?? 0) - (before[table] ?? 0) - (this.#ids[table]?.size ?? 0)), 0)
  }

  /** The other process of the same installation, which lives on: what the killed one was asked is asked again of it. */
  async #survivor(): Promise<Desk> {
    if (this.#desk === null || Date.now() - this.#signedInAt > SIGN_IN_EVERY_MS) {
      this.#desk = await Desk.signIn(await this.#lab.appUrl(), this.#lab.world.email)
      this.#signedInAt = Date.now()
    }
    return this.#desk
  }
}
