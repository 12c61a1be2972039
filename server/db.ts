import pg from 'pg'
import type { AuditReader, Reader, Statement } from '../modules/kernel/db.ts'
import type { PrismaClient } from '../prisma/client/client.ts'
import type { AccessLog } from './audit/access-log.ts'
import { PrismaLanes } from './prisma-lanes.ts'
import { RoundTrip } from './round-trip.ts'
import { type Scope, ScopedConnection } from './scoped-query.ts'
import { ScopedTransaction } from './scoped-transaction.ts'
import type { SessionCheck } from './session-check.ts'

export type DatabaseOptions = {
  readonly appUrl: string
  readonly auditorUrl: string
  readonly poolSize: number
  /** Instead of CONNECTION_WAIT_MS. */
  readonly waitMs?: number
}

/**
 * Statements are prepared and their shape does not hang on their values, so they are planned once per connection: left to itself,
 * PostgreSQL plans the day's schedule anew each time, which takes longer than running it.
 */
const PLAN_ONCE = '-c plan_cache_mode=force_generic_plan'
/** How long an operation waits for a connection: beyond it the caller gets 503 with Retry-After, within 2 s in all. */
const CONNECTION_WAIT_MS = 1_500

/** Pools and Prisma clients of one process. */
export class Database implements AsyncDisposable {
  readonly pool: pg.Pool
  readonly auditorPool: pg.Pool
  readonly auditPool: pg.Pool
  readonly #lanes: PrismaLanes
  /** How long an operation waits for a connection. */
  readonly waitMs: number
  /** Called with each statement's text, for tests that count and for metrics. */
  onStatement: ((text: string) => void) | null = null

  constructor(options: DatabaseOptions, onIdleError: (error: Error) => void) {
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
      // Each of Prisma's clients listens to the pool that all of them share.
      pool.setMaxListeners(0)
      // The pool listens to idle connections alone. One that breaks while in use fails its statement, and would also end the process.
      pool.on('connect', (client) => client.on('error', () => {}))
      return pool
    }
    this.pool = open(options.appUrl, options.poolSize)
    this.auditPool = open(options.appUrl, 1)
    this.auditorPool = open(options.auditorUrl, 2)
    this.#lanes = new PrismaLanes(this.pool, (text) => this.onStatement?.(text))
  }

  /** What an operation reads with. Everything it fetches is reported to `log`. */
  reader(scope: Scope, log: AccessLog, check: SessionCheck | null = null): Reader {
    return {
      prisma: this.prisma(scope, check),
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
    let lane: ReturnType<PrismaLanes['lend']> | null = null
    let hasEnded = false
    const borrow = () => {
      if (hasEnded) throw new Error('the transaction has ended')
      return this.#lanes.lend(transaction)
    }
    return {
      query: (statement) => {
        this.onStatement?.(statement.text)
        return transaction.query(statement)
      },
      commit: (last) => transaction.commit(last),
      run: (work) => this.#lanes.run(transaction, work),
      get prisma() {
        lane ??= borrow()
        return lane.client
      },
      [Symbol.asyncDispose]: async () => {
        hasEnded = true
        await transaction.end()
        lane?.[Symbol.dispose]()
      },
    }
  }

  /** Clients of Prisma that were needed so far. */
  get prismaClients(): number {
    return this.#lanes.size
  }

  /** Prisma's models for reads in a scope. */
  prisma(scope: Scope, check: SessionCheck | null = null): PrismaClient {
    return this.#lanes.reading(() => ScopedConnection.open(this.pool, scope, check))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lanes.disconnect()
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
