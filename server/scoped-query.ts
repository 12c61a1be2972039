import pg from 'pg'
import { type SessionCheck, SessionOutdatedError } from './session-check.ts'
import { type BatchedStatement, type LeadingStatement, StatementBatch } from './statement-batch.ts'

/** The tenant that row-level security lets a statement see. Built once per operation, from the actor alone. */
export type Scope = { readonly organisationId: string; readonly clinicIds: readonly string[]; readonly sharePatients: boolean }

const UUID = /^[0-9a-f-]{36}$/
export const SET_SCOPE = "select set_config('app.org_id', $1, true), set_config('app.clinic_ids', $2, true), set_config('app.share_patients', $3, true)"

/** The values of the settings that row-level security reads. Throws for what is no UUID. */
export function scopeSettings(scope: Scope): [organisation: string, clinics: string, share: string] {
  const ids = [scope.organisationId, ...scope.clinicIds]
  if (!ids.every((id) => UUID.test(id))) throw new Error('A scope holds UUIDs only.')
  return [scope.organisationId, `{${scope.clinicIds.join(',')}}`, scope.sharePatients ? 'on' : 'off']
}

export type Answered<Row extends object> = { readonly rows: Row[]; readonly rowCount: number | null }

/** Runs one statement on any connection of the pool, inside the scope. Rejects with SessionOutdatedError when the check fails. */
export async function queryInScope<Row extends object>(
  pool: pg.Pool,
  scope: Scope,
  config: pg.QueryConfig,
  check: SessionCheck | null = null,
): Promise<Answered<Row>> {
  await using connection = await ScopedConnection.open(pool, scope, check)
  return await connection.query(config)
}

/**
 * Runs reads that do not wait for each other on one connection, in one round trip. Each succeeds or fails by itself. Rejects when there
 * is no connection.
 */
export async function queryTogether(
  pool: pg.Pool,
  scope: Scope,
  configs: readonly pg.QueryConfig[],
  check: SessionCheck | null = null,
): Promise<PromiseSettledResult<Answered<object>>[]> {
  await using connection = await ScopedConnection.open(pool, scope, check)
  return await connection.queryAll(configs)
}

export function isBroken(error: unknown): error is Error {
  return error instanceof Error && !(error instanceof pg.DatabaseError) && !(error instanceof SessionOutdatedError)
}

/**
 * A connection whose statements run inside a tenant's scope. A prepared set_config leaves ahead of them in the same batch, whose single
 * Sync makes them one implicit transaction, and the settings end with it: a pooled connection can therefore never carry one
 * tenant's scope to the next. A session that is not confirmed yet is checked in between; when it is not what it was, the rows are dropped
 * and the statements fail.
 */
export class ScopedConnection implements AsyncDisposable {
  readonly #client: pg.PoolClient
  readonly #scope: Scope
  readonly #check: SessionCheck | null
  #failure: Error | undefined

  private constructor(client: pg.PoolClient, scope: Scope, check: SessionCheck | null) {
    this.#client = client
    this.#scope = scope
    this.#check = check
  }

  static async open(pool: pg.Pool, scope: Scope, check: SessionCheck | null): Promise<ScopedConnection> {
    return new ScopedConnection(await pool.connect(), scope, check)
  }

  async query(config: pg.QueryConfig): Promise<pg.QueryResult> {
    const [answered] = await this.#send([config])
    if (answered?.status === 'fulfilled') return answered.value
    throw answered?.reason
  }

  /** All in one round trip. What stands behind a statement that fails is sent once more. */
  async queryAll(configs: readonly pg.QueryConfig[]): Promise<PromiseSettledResult<pg.QueryResult>[]> {
    const answered = await this.#send(configs)
    const failed = answered.findIndex((one) => one.status === 'rejected' && one.reason instanceof pg.DatabaseError)
    if (failed === -1 || failed === configs.length - 1) return answered
    return [...answered.slice(0, failed + 1), ...(await this.queryAll(configs.slice(failed + 1)))]
  }

  #send(configs: readonly pg.QueryConfig[]): Promise<PromiseSettledResult<pg.QueryResult>[]> {
    const check = this.#check
    const leading: LeadingStatement[] = [{ name: 'chiron_scope', text: SET_SCOPE, values: scopeSettings(this.#scope) }]
    if (check !== null && check.state !== 'confirmed') leading.push(check.statement())
    const statements: BatchedStatement[] = []
    const answers = configs.map((config) => {
      const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>()
      const settle: BatchedStatement['settle'] = (error, result) => {
        // A broken connection must not return to the pool; an SQL error leaves it usable.
        if (isBroken(error)) this.#failure = error
        if (check?.state === 'outdated') reject(new SessionOutdatedError())
        else if (result) resolve(result)
        else reject(error)
      }
      statements.push({ config, settle })
      return promise
    })
    this.#client.query(new StatementBatch(statements, leading))
    return Promise.allSettled(answers)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#client.release(this.#failure)
    return Promise.resolve()
  }
}
