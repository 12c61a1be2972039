import DataLoader from 'dataloader'
import type { ClinicActor } from '../modules/kernel/actor.ts'
import type { Db } from '../modules/kernel/db.ts'
import type { Batch, GroupBatch, MaybePromise } from '../schema/context.ts'

type Loading<Value> = { readonly known: Map<string, Value>; readonly loader: DataLoader<string, Value> }

/**
 * Records of one operation by id, one statement for all that are wanted in the same tick. What a root field has primed is answered
 * at once, without a promise: forty visits with four references each would otherwise be 160 turns of the event loop's queue.
 */
export class Records {
  readonly #db: Db
  readonly #actor: ClinicActor
  readonly #loadings = new Map<unknown, unknown>()

  constructor(db: Db, actor: ClinicActor) {
    this.#db = db
    this.#actor = actor
  }

  prime<Row extends { readonly id: string }>(batch: Batch<Row>, rows: readonly Row[]): void {
    const { known } = this.#single(batch)
    for (const row of rows) known.set(row.id, row)
  }

  primeMany<Row>(batch: GroupBatch<Row>, groups: ReadonlyMap<string, readonly Row[]>): void {
    const { known } = this.#group(batch)
    for (const [owner, rows] of groups) known.set(owner, rows)
  }

  find<Row extends { readonly id: string }>(batch: Batch<Row>, id: string): MaybePromise<Row | null> {
    const { known, loader } = this.#single(batch)
    return known.get(id) ?? loader.load(id)
  }

  get<Row extends { readonly id: string }>(batch: Batch<Row>, id: string): MaybePromise<Row> {
    const found = this.find(batch, id)
    return found instanceof Promise ? found.then(present) : present(found)
  }

  many<Row>(batch: GroupBatch<Row>, owner: string): MaybePromise<readonly Row[]> {
    const { known, loader } = this.#group(batch)
    return known.get(owner) ?? loader.load(owner)
  }

  /** Forgets everything, primed or loaded. */
  clear(): void {
    this.#loadings.clear()
  }

  #single<Row extends { readonly id: string }>(batch: Batch<Row>): Loading<Row | null> {
    return this.#loading(batch, async (ids) => {
      const rows = new Map((await batch(this.#db, this.#actor, ids)).map((row) => [row.id, row]))
      return ids.map((wanted) => rows.get(wanted) ?? null)
    })
  }

  #group<Row>(batch: GroupBatch<Row>): Loading<readonly Row[]> {
    return this.#loading(batch, async (owners) => {
      const groups = await batch(this.#db, this.#actor, owners)
      return owners.map((owner) => groups.get(owner) ?? [])
    })
  }

  // A map keyed by batch function gives back what was stored under it; its value type cannot say of which rows that is.
  #loading<Value>(batch: unknown, load: (ids: readonly string[]) => Promise<Value[]>): Loading<Value>
  #loading(batch: unknown, load: (ids: readonly string[]) => Promise<unknown[]>): unknown {
    const existing = this.#loadings.get(batch)
    if (existing !== undefined) return existing
    const made = { known: new Map<string, unknown>(), loader: new DataLoader(load) }
    this.#loadings.set(batch, made)
    return made
  }
}

function present<Row>(row: Row | null): Row {
  if (row === null) throw new Error('a referenced record is out of reach')
  return row
}
