import pg from 'pg'
import { NIL_ID } from '../modules/kernel/ids.ts'
import { type BatchedStatement, type Settle, StatementBatch } from './statement-batch.ts'

/** The tenant that row-level security lets a statement see. Built once per operation, from the actor alone. */
export type Scope = { readonly organisationId: string; readonly clinicIds: readonly string[]; readonly sharePatients: boolean }

const UUID = /^[0-9a-f-]{36}$/
const SET_SCOPE = "select set_config('app.org_id', $1, true), set_config('app.clinic_ids', $2, true), set_config('app.share_patients', $3, true)"
const SET_SCOPE_NAME = 'chiron_scope'

/** The values of the settings that row-level security reads. Throws for what is no UUID. */
export function scopeSettings(scope: Scope): [organisation: string, clinics: string, share: string] {
  const ids = [scope.organisationId, ...scope.clinicIds]
  if (!ids.every((id) => UUID.test(id))) throw new Error('A scope holds UUIDs only.')
  return [scope.organisationId, `{${scope.clinicIds.join(',')}}`, scope.sharePatients ? 'on' : 'off']
}

/**
 * Who asks, as the operation believed when it began: rights are kept between operations, so the first statement of each one
 * confirms in the database, within the same round trip, that the session still runs and that nobody's rights have changed.
 */
export class SessionCheck {
  readonly sessionId: string
  readonly now: Date
  readonly #version: string
  readonly #idleMs: number
  #state: 'open' | 'confirmed' | 'outdated' = 'open'
  /** Once the database has answered: when the person last did something. */
  lastActiveAt: Date | null = null

  /**
   * @param facts.version of the organisation's rights, from which the caller's were worked out
   * @param facts.idleMs after so long without activity a session has ended
   */
  constructor({ sessionId, version, now, idleMs }: { sessionId: string; version: string; now: Date; idleMs: number }) {
    this.sessionId = sessionId
    this.now = now
    this.#version = version
    this.#idleMs = idleMs
  }

  get state(): 'open' | 'confirmed' | 'outdated' {
    return this.#state
  }

  /** Takes what the database says: the version and the last activity in milliseconds, or nothing for a session that has ended. */
  settle(version: string | null, lastActiveMs: string | null): void {
    if (lastActiveMs !== null) this.lastActiveAt = new Date(Number(lastActiveMs))
    const isIdle = this.lastActiveAt === null || this.now.getTime() - this.lastActiveAt.getTime() >= this.#idleMs
    this.#state = version === this.#version && !isIdle && this.#state !== 'outdated' ? 'confirmed' : 'outdated'
  }
}

/** The session has ended, or somebody's rights have changed: nothing was read, and the operation starts again. */
export class SessionOutdatedError extends Error {
  constructor() {
    super('The session has changed since the operation began.')
    this.name = 'SessionOutdatedError'
  }
}

const CHECK_SESSION = `SELECT v.version, (extract(epoch FROM s.last_active_at) * 1000)::bigint AS last_active_ms FROM session s JOIN access_version v ON v.organisation_id = s.organisation_id
  WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2`
const CHECK_SESSION_NAME = 'chiron_session'

type WireConnection = pg.Connection
type WireQuery = {
  name?: string
  prepare(connection: WireConnection): void
  requiresPreparation(): boolean
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void
  handleCommandComplete(message: object, connection: WireConnection): void
}

// The typings of pg leave out the methods that its own client calls on a query; this states them.
const WireQueryBase: new (
  config: pg.QueryConfig,
  values: unknown,
  callback: (error: Error | null, result: pg.QueryResult) => void,
) => WireQuery & pg.Submittable = Object.assign(pg.Query)

/** Connections on which the statement that sets a scope, or the one that checks a session, is prepared. */
const primed = { scope: new WeakSet<pg.PoolClient>(), session: new WeakSet<pg.PoolClient>() }

// On its own, once per connection: pg notes a ParseComplete for the statement that is running, whichever was parsed. The one that checks
// comes with the first check alone, because the auditor's role does not see sessions.
async function prime(client: pg.PoolClient, isChecking: boolean): Promise<void> {
  const preparing: Promise<unknown>[] = []
  if (!primed.scope.has(client)) preparing.push(client.query({ name: SET_SCOPE_NAME, text: SET_SCOPE, values: ['', '{}', 'off'] }))
  if (isChecking && !primed.session.has(client)) preparing.push(client.query({ name: CHECK_SESSION_NAME, text: CHECK_SESSION, values: [NIL_ID, new Date(0)] }))
  if (preparing.length === 0) return
  await Promise.all(preparing)
  primed.scope.add(client)
  if (isChecking) primed.session.add(client)
}

/**
 * One statement inside its tenant's scope, in one round trip: a prepared set_config is bound and executed ahead of the
 * statement's own messages with a single Sync, so both run in one implicit transaction and the settings end with it. A
 * pooled connection can therefore never carry one tenant's scope to the next. A session that is not confirmed yet is
 * checked between the two; when it is not what it was, the statement's rows are dropped and it fails.
 */
class ScopedQuery extends WireQueryBase {
  readonly #scope: Scope
  readonly #check: SessionCheck | null
  /** Statements ahead of its own that have not answered yet. */
  #ahead: number

  constructor(scope: Scope, check: SessionCheck | null, config: pg.QueryConfig, callback: (error: Error | null, result: pg.QueryResult) => void) {
    super(config, undefined, callback)
    this.#scope = scope
    this.#check = check?.state === 'confirmed' ? null : check
    this.#ahead = this.#check === null ? 1 : 2
  }

  // Without preparation pg would send a simple query, ahead of which nothing can be bound.
  override requiresPreparation(): boolean {
    return true
  }

  override prepare(connection: WireConnection): void {
    connection.bind({ statement: SET_SCOPE_NAME, values: scopeSettings(this.#scope) }, true)
    connection.execute({ portal: '' }, true)
    if (this.#check !== null) {
      connection.bind({ statement: CHECK_SESSION_NAME, values: [this.#check.sessionId, this.#check.now.toISOString()] }, true)
      connection.execute({ portal: '' }, true)
    }
    super.prepare(connection)
  }

  override handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    if (this.#ahead === 0) super.handleDataRow(message)
    else if (this.#ahead === 1) this.#check?.settle(message.fields[0] ?? null, message.fields[1] ?? null)
  }

  override handleCommandComplete(message: object, connection: WireConnection): void {
    if (this.#ahead === 0) {
      super.handleCommandComplete(message, connection)
      return
    }
    this.#ahead -= 1
    // No row: the session has ended.
    if (this.#ahead === 0 && this.#check?.state === 'open') this.#check.settle(null, null)
  }
}

function send(client: pg.PoolClient, scope: Scope, check: SessionCheck | null, isChecking: boolean, config: pg.QueryConfig): Promise<pg.QueryResult> {
  return new Promise((resolve, reject) => {
    client.query(
      new ScopedQuery(scope, isChecking ? check : null, config, (error, result) => {
        if (check?.state === 'outdated') reject(new SessionOutdatedError())
        else if (error) reject(error)
        else resolve(result)
      }),
    )
  })
}

/** Runs one statement on any connection of the pool, inside the scope. Rejects with SessionOutdatedError when the check fails. */
export async function queryInScope<Row extends object>(
  pool: pg.Pool,
  scope: Scope,
  config: pg.QueryConfig,
  check: SessionCheck | null = null,
): Promise<Answered<Row>> {
  const [answered] = await queryTogether<Row>(pool, scope, [config], check)
  if (answered?.status === 'fulfilled') return answered.value
  throw answered?.reason
}

export type Answered<Row extends object> = { readonly rows: Row[]; readonly rowCount: number | null }

/**
 * Runs statements that do not wait for each other on one connection, in one round trip. Each is a transaction of its own and succeeds
 * or fails by itself. Rejects when there is no connection.
 */
export async function queryTogether<Row extends object>(
  pool: pg.Pool,
  scope: Scope,
  configs: readonly pg.QueryConfig[],
  check: SessionCheck | null = null,
): Promise<PromiseSettledResult<Answered<Row>>[]> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await prime(client, check !== null)
    const sent = together(client, () => configs.map((config, index) => send(client, scope, check, index === 0, config)))
    const answered = await Promise.allSettled(sent)
    // A broken connection must not return to the pool; an SQL error leaves it usable.
    for (const one of answered) if (one.status === 'rejected' && isBroken(one.reason)) failure = one.reason
    return answered
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    client.release(failure)
  }
}

/** Lets what is sent inside leave as one write of one buffer: a vector of fifty small ones costs more than the statements. */
function together<T>(client: pg.PoolClient, work: () => T): T {
  const { stream } = connectionOf(client)
  const chunks: Uint8Array[] = []
  const { write } = stream
  stream.write = (chunk: Uint8Array) => {
    chunks.push(chunk)
    return true
  }
  try {
    return work()
  } finally {
    stream.write = write
    stream.write(Buffer.concat(chunks))
  }
}

// pg's typings leave out the connection of a client.
function connectionOf(client: pg.PoolClient): pg.Connection {
  const connection: unknown = Reflect.get(client, 'connection')
  if (!(connection instanceof pg.Connection)) throw new Error('pg keeps its connection elsewhere')
  return connection
}

function isBroken(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof pg.DatabaseError) && !(error instanceof SessionOutdatedError)
}

// PostgreSQL 18 arms the limit of time when a transaction begins, with the login's value (bootstrap.ts): set later, it can only be taken away.
const SET_TRANSACTION = `${SET_SCOPE}, set_config('transaction_timeout', $4, true)`
const BEGIN: BatchedStatement = { config: { text: 'BEGIN' }, settle: () => {} }

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

  /** @param timeoutMs after which the database ends the transaction by itself */
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
    const sent = [...last, { text: 'COMMIT' }].map((config) => this.#add(config))
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
    this.#client.query(new StatementBatch(this.#hasBegun ? statements : [...this.#opening(), ...statements]))
    this.#hasBegun = true
  }

  #opening(): BatchedStatement[] {
    const check = this.#check
    const values = [...scopeSettings(this.#scope), String(this.#timeoutMs)]
    const scope = { config: { name: 'chiron_transaction', text: SET_TRANSACTION, values }, settle: () => {} }
    if (check === null) return [BEGIN, scope]
    const asked: pg.QueryConfig = { name: CHECK_SESSION_NAME, text: CHECK_SESSION, values: [check.sessionId, check.now.toISOString()] }
    const settle: Settle = (_error, result) => {
      // No row: the session has ended.
      if (result) check.settle(result.rows[0]?.version ?? null, result.rows[0]?.last_active_ms ?? null)
    }
    return [BEGIN, scope, { config: asked, settle }]
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

/** A pool's view through one scope, for Prisma's reads. Its own transactions are refused: they begin in transact() alone. */
export function scopedPool(pool: pg.Pool, scope: Scope): pg.Pool {
  return Object.create(pool, {
    query: { value: (config: pg.QueryConfig) => queryInScope(pool, scope, config) },
    connect: { value: () => Promise.reject(new Error('transactions begin in transact()')) },
  })
}

// Inside a transaction, a transaction of Prisma's (it makes one for nested writes) is a savepoint.
const NESTED: Readonly<Record<string, string>> = {
  BEGIN: 'SAVEPOINT prisma',
  COMMIT: 'RELEASE SAVEPOINT prisma',
  ROLLBACK: 'ROLLBACK TO SAVEPOINT prisma',
}

/** What Prisma takes for a pool and is one open transaction, whichever `current` answers. */
export function transactionPool(pool: pg.Pool, current: () => ScopedTransaction): pg.Pool {
  const query = (config: pg.QueryConfig) => current().query({ ...config, text: NESTED[config.text] ?? config.text })
  const connection = { query, on: () => {}, off: () => {}, removeListener: () => {}, release: () => {} }
  return Object.create(pool, { query: { value: query }, connect: { value: () => Promise.resolve(connection) } })
}
