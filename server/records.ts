import DataLoader from 'dataloader'
import type { ClinicActor } from '../modules/kernel/actor.ts'
import type { Db } from '../modules/kernel/db.ts'
import type { Batch, GroupBatch, MaybePromise } from '../schema/context.ts'

type Loading<Value> = {
  readonly known: Map<string, Value>
  readonly ahead: Map<string, () => Promise<Value>>
  readonly loader: DataLoader<string, Value>
}

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

  /** Begins to read an owner's rows. They count as read once `many` asks for them: the owner may turn out to be out of reach. */
  ahead<Row>(batch: GroupBatch<Row>, owner: string): void {
    const { ahead } = this.#group(batch)
    if (ahead.has(owner)) return
    const { db, release } = holdReports(this.#db)
    const rows = batch(db, this.#actor, [owner]).then((groups) => groups.get(owner) ?? [])
    // Whoever asks for them hears of a failure.
    rows.catch(() => {})
    ahead.set(owner, async () => {
      const read = await rows
      release()
      return read
    })
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
    const { known, ahead, loader } = this.#group(batch)
    return known.get(owner) ?? ahead.get(owner)?.() ?? loader.load(owner)
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
    const made = { known: new Map<string, unknown>(), ahead: new Map<string, () => Promise<unknown>>(), loader: new DataLoader(load) }
    this.#loadings.set(batch, made)
    return made
  }
}

/** A reader whose reports of what it read wait until they are released. */
function holdReports(db: Db): { readonly db: Db; readonly release: () => void } {
  const held: (() => void)[] = []
  return {
    db: {
      get prisma() {
        return db.prisma
      },
      query: (statement) => db.query(statement),
      reads: (type, ids, fields) => void held.push(() => db.reads(type, ids, fields)),
      aggregates: (name, params) => void held.push(() => db.aggregates(name, params)),
    },
    release: () => {
      for (const report of held.splice(0)) report()
    },
  }
}

function present<Row>(row: Row | null): Row {
  if (row === null) throw new Error('a referenced record is out of reach')
  return row
}
