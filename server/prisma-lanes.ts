import { AsyncLocalStorage } from 'node:async_hooks'
import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { PrismaClient } from '../prisma/client/client.ts'

/** What a client's statements run on while it is lent: a transaction, or a connection inside a scope. */
type Owner = { readonly query: (config: pg.QueryConfig) => Promise<unknown> }
type Lane = { readonly client: PrismaClient; owner: Owner | null }

/** Whose work runs. */
const RUNNING = new AsyncLocalStorage<Owner>()
const MAX_NAMED_STATEMENTS = 500

/**
 * Prisma clients, lent to one owner at a time: Prisma merges look-ups of one tick into one statement, so two scopes must not share a
 * client, and a client takes some seven megabytes, so that neither every scope nor every operation can have one of its own. There are as
 * many as were ever needed at once, which is at most one for each connection.
 */
export class PrismaLanes {
  readonly #pool: pg.Pool
  readonly #onStatement: (text: string) => void
  readonly #free: Lane[] = []
  readonly #all: Lane[] = []
  readonly #statements = new Map<string, string>()

  constructor(pool: pg.Pool, onStatement: (text: string) => void) {
    this.#pool = pool
    this.#onStatement = onStatement
  }

  get size(): number {
    return this.#all.length
  }

  lend(owner: Owner): Disposable & { readonly client: PrismaClient } {
    const lane = this.#free.pop() ?? this.#open()
    lane.owner = owner
    return {
      client: lane.client,
      [Symbol.dispose]: () => {
        lane.owner = null
        this.#free.push(lane)
      },
    }
  }

  /** Does the owner's work; what it leaves running reaches no later owner of the same client. */
  run<T>(owner: Owner, work: () => Promise<T>): Promise<T> {
    return RUNNING.run(owner, work)
  }

  /** Prisma's models for reads alone. Each call has a client, and whatever `open` gives it to run on, to itself. */
  reading(open: () => Promise<Owner & AsyncDisposable>): PrismaClient {
    const call = async (model: string, method: string, args: readonly unknown[]): Promise<unknown> => {
      await using owner = await open()
      using lane = this.lend(owner)
      return await this.run(owner, async () => {
        const delegate: object = Reflect.get(lane.client, model)
        return await Reflect.apply(Reflect.get(delegate, method), delegate, args)
      })
    }
    return facade(
      (model) =>
        new Proxy(
          {},
          {
            get:
              (_model, method) =>
              (...args: readonly unknown[]) =>
                call(model, String(method), args),
          },
        ),
    )
  }

  async disconnect(): Promise<void> {
    await Promise.all(this.#all.map(({ client }) => client.$disconnect()))
  }

  #open(): Lane {
    const lane: Lane = { client: this.#connect(() => ownerOf(lane)), owner: null }
    this.#all.push(lane)
    return lane
  }

  #connect(current: () => Owner): PrismaClient {
    const statementNameGenerator = ({ sql }: { sql: string }): string => this.#statementName(sql)
    const client = new PrismaClient({
      adapter: new PrismaPg(laneOf(this.#pool, current), { statementNameGenerator }),
      log: [{ emit: 'event', level: 'query' }],
      // Prisma's longer messages quote arguments, which must not reach the log.
      errorFormat: 'minimal',
    })
    client.$on('query', ({ query }) => this.#onStatement(query))
    return client
  }

  // Named statements save PostgreSQL a third of its CPU; each costs memory on every connection, so their number is bounded.
  // pg takes an empty name for none.
  #statementName(sql: string): string {
    if (/^(BEGIN|COMMIT|ROLLBACK|SET|SAVEPOINT|RELEASE)/.test(sql)) return ''
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    if (this.#statements.size >= MAX_NAMED_STATEMENTS) return ''
    const name = `p${this.#statements.size}`
    this.#statements.set(sql, name)
    return name
  }
}

/** The lane's owner, for its own statements alone. */
function ownerOf({ owner }: Lane): Owner {
  if (owner === null || RUNNING.getStore() !== owner) throw new Error('the transaction has ended')
  return owner
}

// Inside a transaction, a transaction of Prisma's (it makes one for nested writes) is a savepoint.
const NESTED: Readonly<Record<string, string>> = {
  BEGIN: 'SAVEPOINT prisma',
  COMMIT: 'RELEASE SAVEPOINT prisma',
  ROLLBACK: 'ROLLBACK TO SAVEPOINT prisma',
}

/** What Prisma takes for a pool and is whatever `current` answers. Outside a transaction its savepoints are refused by the database. */
function laneOf(pool: pg.Pool, current: () => Owner): pg.Pool {
  const query = (config: pg.QueryConfig) => current().query({ ...config, text: NESTED[config.text] ?? config.text })
  const connection = { query, on: () => {}, off: () => {}, removeListener: () => {}, release: () => {} }
  return Object.create(pool, { query: { value: query }, connect: { value: () => Promise.resolve(connection) } })
}

// Prisma's type says what each model can do; the facade passes on what it is asked.
function facade(modelOf: (name: string) => object): PrismaClient
function facade(modelOf: (name: string) => object): object {
  const get = (_target: object, name: string | symbol): object | undefined => {
    // Whoever awaits it asks for a `then`.
    if (typeof name === 'symbol' || name === 'then') return undefined
    if (name.startsWith('$')) throw new Error(`${name} is no model: SQL goes through query(), and transactions begin in transact()`)
    return modelOf(name)
  }
  return new Proxy({}, { get })
}
