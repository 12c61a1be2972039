import type pg from 'pg'
import { isBroken, type Scope, SET_SCOPE, scopeSettings } from './scoped-query.ts'
import { type SessionCheck, SessionOutdatedError } from './session-check.ts'
import { type BatchedStatement, type LeadingStatement, type Settle, StatementBatch } from './statement-batch.ts'

// PostgreSQL 18 arms the limit of time when a transaction begins, with the login's value (bootstrap.ts): set later, it can only be taken away.
const SET_TRANSACTION = `${SET_SCOPE}, set_config('transaction_timeout', $4, true)`
const BEGIN: LeadingStatement = { name: 'chiron_begin', text: 'BEGIN', values: [] }
const COMMIT: pg.QueryConfig = { name: 'chiron_commit', text: 'COMMIT', values: [] }

/**
 * A transaction on a connection of its own. Statements of one tick leave together; BEGIN travels ahead of the first ones and COMMIT
 * behind the last, so that neither costs a round trip. Not for two statements at once that depend on each other: they run in the order in
 * which they are sent, and after one that fails the others do nothing.
 */
export class ScopedTransaction {
  readonly #client: pg.PoolClient
  readonly #scope: Scope
  readonly #check: SessionCheck | null
  readonly #timeoutMs: number
  #waiting: BatchedStatement[] = []
  #hasBegun = false
  #failure: Error | undefined
  #hasEnded = false

  private constructor(client: pg.PoolClient, scope: Scope, check: SessionCheck | null, timeoutMs: number) {
    this.#client = client
    this.#scope = scope
    this.#check = check?.state === 'confirmed' ? null : check
    this.#timeoutMs = timeoutMs
  }

  /** @param timeoutMs what the transaction may take; the limit that holds is the login's (see SET_TRANSACTION), which 0 alone takes away */
  static async open(pool: pg.Pool, scope: Scope, check: SessionCheck | null, timeoutMs: number): Promise<ScopedTransaction> {
    return new ScopedTransaction(await pool.connect(), scope, check, timeoutMs)
  }

  /** One statement of the transaction. */
  async query<Row extends object>(config: pg.QueryConfig): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }> {
    this.#expectOpen()
    // Behind whatever else this tick sends: promises that are settled now may still add to it.
    if (this.#waiting.length === 0) process.nextTick(() => this.#flush())
    return this.#add(config)
  }

  /** Last statements, and COMMIT behind them. Throws when the transaction could not be committed. */
  async commit(last: readonly pg.QueryConfig[]): Promise<void> {
    this.#expectOpen()
    // COMMIT travels behind the last statement whatever that finds, so a session that no statement has confirmed is asked about first.
    if (this.#check?.state === 'open') await this.query({ name: 'nothing', text: 'SELECT', values: [] })
    // Whoever caught the failure of an earlier statement must not commit what nobody may do any more.
    if (this.#check && this.#check.state !== 'confirmed') throw new SessionOutdatedError()
    const sent = [...last, COMMIT].map((config) => this.#add(config))
    this.#flush()
    const ended = (await Promise.all(sent)).at(-1)
    this.#hasBegun = false
    if (ended?.command !== 'COMMIT') throw new Error('the transaction was rolled back instead of committed')
  }

  #add(config: pg.QueryConfig): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      const settle: Settle = (error, result) => {
        // What was not sent any more says nothing of the connection.
        if (isBroken(error) && !this.#hasEnded) this.#failure = error
        if (this.#check?.state === 'outdated') reject(new SessionOutdatedError())
        else if (result) resolve(result)
        else reject(error)
      }
      this.#waiting.push({ config, settle })
    })
  }

  #flush(): void {
    const statements = this.#waiting
    this.#waiting = []
    if (statements.length === 0) return
    this.#client.query(new StatementBatch(statements, this.#hasBegun ? [] : this.#opening()))
    this.#hasBegun = true
  }

  #opening(): LeadingStatement[] {
    const values = [...scopeSettings(this.#scope), String(this.#timeoutMs)]
    const scope = { name: 'chiron_transaction', text: SET_TRANSACTION, values }
    return this.#check === null ? [BEGIN, scope] : [BEGIN, scope, this.#check.statement()]
  }

  // The connection may be in another tenant's hands by now.
  #expectOpen(): void {
    if (this.#hasEnded) throw new Error('the transaction has ended')
    if (this.#check?.state === 'outdated') throw new SessionOutdatedError()
  }

  /** Gives the connection back; what was not committed is rolled back, and what was not sent yet never is. */
  async end(): Promise<void> {
    this.#hasEnded = true
    const unsent = this.#waiting
    this.#waiting = []
    for (const { settle } of unsent) settle(new Error('the transaction has ended'))
    try {
      if (this.#hasBegun && this.#failure === undefined) await this.#client.query('ROLLBACK')
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
    } finally {
      this.#client.release(this.#failure)
    }
  }
}
