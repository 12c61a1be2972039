import { AsyncLocalStorage } from 'node:async_hooks'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { AuditReader, Reader, Statement } from '../modules/kernel/db.ts'
import { PrismaClient } from '../prisma/client/client.ts'
import type { AccessLog } from './audit/access-log.ts'
import { RoundTrip } from './round-trip.ts'
import { type Scope, ScopedTransaction, type SessionCheck, scopedPool, transactionPool } from './scoped-query.ts'

export type DatabaseOptions = {
  readonly appUrl: string
  readonly auditorUrl: string
  readonly poolSize: number /** Scopes whose clients are kept. */
  readonly maxScopes?: number
  /** Instead of CONNECTION_WAIT_MS. */
  readonly waitMs?: number
}

const MAX_SCOPES = 200
const RETIREMENT_MS = 120_000
const MAX_NAMED_STATEMENTS = 500
/**
 * Statements are prepared and their shape does not hang on their values, so they are planned once per connection: left to itself,
 * PostgreSQL plans the day's schedule anew each time, which takes longer than running it.
 */
const PLAN_ONCE = '-c plan_cache_mode=force_generic_plan'
/** How long an operation waits for a connection: beyond it the caller gets 503 with Retry-After, within 2 s in all. */
const CONNECTION_WAIT_MS = 1_500

/** Pools and Prisma clients of one process. A client belongs to one scope: Prisma merges look-ups of one tick into one statement. */
export class Database implements AsyncDisposable {
  readonly pool: pg.Pool
  readonly auditorPool: pg.Pool
  readonly auditPool: pg.Pool
  readonly #clients = new Map<string, PrismaClient>()
  /** Prisma clients for transactions: one at a time each, made when a transaction first wants one. */
  readonly #lanes: Lane[] = []
  readonly #allLanes: Lane[] = []
  readonly #maxScopes: number
  /** How long an operation waits for a connection. */
  readonly waitMs: number
  readonly #statements = new Map<string, string>()
  /** Called with each statement's text, for tests that count and for metrics. */
  onStatement: ((text: string) => void) | null = null

  constructor(options: DatabaseOptions, onIdleError: (error: Error) => void) {
    this.#maxScopes = options.maxScopes ?? MAX_SCOPES
    this.waitMs = options.waitMs ?? CONNECTION_WAIT_MS
    const open = (connectionString: string, max: number) => {
      const pool = new pg.Pool({
        connectionString,
        max,
        options: PLAN_ONCE,
        connectionTimeoutMillis: this.waitMs,
        query_timeout: 30_000,
        application_name: 'chiron',
        pipeline: true,
      })
      pool.on('error', onIdleError)
      // Each scope's client listens to the pool that all of them share.
      pool.setMaxListeners(0)
      // The pool listens to idle connections alone. One that breaks while in use fails its statement, and would also end the process.
      pool.on('connect', (client) => client.on('error', () => {}))
      return pool
    }
    this.pool = open(options.appUrl, options.poolSize)
    this.auditPool = open(options.appUrl, 1)
    this.auditorPool = open(options.auditorUrl, 2)
  }

  /** What an operation reads with. Everything it fetches is reported to `log`. */
  reader(scope: Scope, log: AccessLog, check: SessionCheck | null = null): Reader {
    const { prisma } = this
    const open = () => prisma.call(this, scope)
    return {
      // Hand-written reads need none.
      get prisma() {
        return open()
      },
      ...this.#queries(this.pool, scope, log, check),
    }
  }

  /** What reads the audit trail: the same scope, on the auditor's own connections, whose role does not see sessions. */
  auditReader(scope: Scope, log: AccessLog): AuditReader {
    return this.#queries(this.auditorPool, scope, log, null)
  }

  #queries(pool: pg.Pool, scope: Scope, log: AccessLog, check: SessionCheck | null): AuditReader {
    const round = new RoundTrip(pool, scope, check)
    return {
      query: async <Row extends object>({ name, text, values }: Statement) => {
        this.onStatement?.(text)
        return (await round.query<Row>({ name, text, values: [...values] })).rows
      },
      reads: (type, ids, fields) => log.reads(type, ids, fields),
      aggregates: (name, params) => void log.aggregates.push({ name, params }),
    }
  }

  /** Opens a transaction on a connection of its own; disposing it rolls back what was not committed. */
  async begin(scope: Scope, check: SessionCheck | null, timeoutMs: number): Promise<DatabaseTransaction> {
    const transaction = await ScopedTransaction.open(this.pool, scope, check, timeoutMs)
    let lane: Lane | null = null
    let hasEnded = false
    const borrow = (): Lane => {
      if (hasEnded) refuse()
      const free = this.#lanes.pop() ?? this.#openLane()
      free.transaction = transaction
      return free
    }
    return {
      query: (statement) => {
        this.onStatement?.(statement.text)
        return transaction.query(statement)
      },
      commit: (last) => transaction.commit(last),
      run: (work) => RUNNING.run(transaction, work),
      get prisma() {
        lane ??= borrow()
        return lane.client
      },
      [Symbol.asyncDispose]: async () => {
        hasEnded = true
        await transaction.end()
        if (lane === null) return
        lane.transaction = null
        this.#lanes.push(lane)
      },
    }
  }

  #openLane(): Lane {
    const lane: Lane = { client: this.#connectPrisma(transactionPool(this.pool, () => ownerOf(lane))), transaction: null }
    this.#allLanes.push(lane)
    return lane
  }

  /** The Prisma client of a scope; the least recently used one makes room. */
  prisma(scope: Scope): PrismaClient {
    const key = `${scope.organisationId}|${scope.clinicIds.join(',')}|${scope.sharePatients}`
    const client = this.#clients.get(key) ?? this.#connectPrisma(scopedPool(this.pool, scope))
    this.#clients.delete(key)
    this.#clients.set(key, client)
    const [oldest] = this.#clients.keys()
    if (this.#clients.size > this.#maxScopes && oldest !== undefined) {
      const retired = this.#clients.get(oldest)
      this.#clients.delete(oldest)
      // Its operations may still be under way, none of them for longer than this.
      setTimeout(() => void retired?.$disconnect(), RETIREMENT_MS).unref()
    }
    return client
  }

  #connectPrisma(pool: pg.Pool): PrismaClient {
    const statementNameGenerator = ({ sql }: { sql: string }): string => this.#statementName(sql)
    const client = new PrismaClient({
      adapter: new PrismaPg(pool, { statementNameGenerator }),
      log: [{ emit: 'event', level: 'query' }],
      // Prisma's longer messages quote arguments, which must not reach the log.
      errorFormat: 'minimal',
    })
    client.$on('query', ({ query }) => this.onStatement?.(query))
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

  async [Symbol.asyncDispose](): Promise<void> {
    const clients = [...this.#clients.values(), ...this.#allLanes.map(({ client }) => client)]
    await Promise.all(clients.map((client) => client.$disconnect()))
    await Promise.all([this.pool.end(), this.auditPool.end(), this.auditorPool.end()])
  }
}

/** An open transaction as transact() sees it. */
export type DatabaseTransaction = AsyncDisposable & {
  readonly query: <Row extends object>(statement: pg.QueryConfig) => Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>
  /** Last statements, and the commit in the same round trip. */
  readonly commit: (last: readonly pg.QueryConfig[]) => Promise<void>
  /** Does the transaction's work; what it leaves running reaches no later transaction. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>
  /** Prisma's models on this transaction's connection, for what `run` does. */
  readonly prisma: PrismaClient
}

type Lane = { readonly client: PrismaClient; transaction: ScopedTransaction | null }

/** The transaction for which statements run; a lane's client is used by one after the other. */
const RUNNING = new AsyncLocalStorage<ScopedTransaction>()

/** The lane's transaction, for its own statements alone: what a failed command left running must not write into the next one's. */
function ownerOf({ transaction }: Lane): ScopedTransaction {
  return transaction !== null && RUNNING.getStore() === transaction ? transaction : refuse()
}

function refuse(): never {
  throw new Error('the transaction has ended')
}
