import pg from 'pg'

/** The tenant that row-level security lets a statement see. Built once per operation, from the actor alone. */
export type Scope = { readonly organisationId: string; readonly clinicIds: readonly string[]; readonly sharePatients: boolean }

const UUID = /^[0-9a-f-]{36}$/
const SET_SCOPE = "select set_config('app.org_id', $1, true), set_config('app.clinic_ids', $2, true), set_config('app.share_patients', $3, true)"
const SET_SCOPE_NAME = 'chiron_scope'

function settings(scope: Scope): [string, string, string] {
  const ids = [scope.organisationId, ...scope.clinicIds]
  if (!ids.every((id) => UUID.test(id))) throw new Error('A scope holds UUIDs only.')
  return [scope.organisationId, `{${scope.clinicIds.join(',')}}`, scope.sharePatients ? 'on' : 'off']
}

/** SQL that opens a transaction inside a scope, in one round trip. The values are checked to be UUIDs. */
export function beginInScope(scope: Scope): string {
  const [organisation, clinics, shared] = settings(scope)
  return `BEGIN; SET LOCAL app.org_id = '${organisation}'; SET LOCAL app.clinic_ids = '${clinics}'; SET LOCAL app.share_patients = '${shared}'`
}

type WireConnection = pg.Connection
type WireQuery = {
  name?: string
  prepare(connection: WireConnection): void
  requiresPreparation(): boolean
  handleDataRow(message: object): void
  handleCommandComplete(message: object, connection: WireConnection): void
}

// The typings of pg leave out the methods that its own client calls on a query; this states them.
const WireQueryBase: new (
  config: pg.QueryConfig,
  values: unknown,
  callback: (error: Error | null, result: pg.QueryResult) => void,
) => WireQuery & pg.Submittable = Object.assign(pg.Query)

/** Connections on which the statement that sets a scope is prepared. */
const primed = new WeakSet<pg.PoolClient>()

/**
 * One statement inside its tenant's scope, in one round trip: a prepared set_config is bound and executed ahead of the
 * statement's own messages with a single Sync, so both run in one implicit transaction and the settings end with it. A
 * pooled connection can therefore never carry one tenant's scope to the next.
 */
class ScopedQuery extends WireQueryBase {
  readonly #scope: Scope
  #isScoped = false

  constructor(scope: Scope, config: pg.QueryConfig, callback: (error: Error | null, result: pg.QueryResult) => void) {
    super(config, undefined, callback)
    this.#scope = scope
  }

  // Without preparation pg would send a simple query, ahead of which nothing can be bound.
  override requiresPreparation(): boolean {
    return true
  }

  override prepare(connection: WireConnection): void {
    connection.bind({ statement: SET_SCOPE_NAME, values: settings(this.#scope) }, true)
    connection.execute({ portal: '' }, true)
    super.prepare(connection)
  }

  override handleDataRow(message: object): void {
    if (this.#isScoped) super.handleDataRow(message)
  }

  override handleCommandComplete(message: object, connection: WireConnection): void {
    if (this.#isScoped) super.handleCommandComplete(message, connection)
    else this.#isScoped = true
  }
}

/** Runs one statement on any connection of the pool, inside the scope. */
export async function queryInScope<Row extends object>(
  pool: pg.Pool,
  scope: Scope,
  config: pg.QueryConfig,
): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    // On its own, once per connection: pg notes a ParseComplete for the statement that is running, whichever was parsed.
    if (!primed.has(client)) await client.query({ name: SET_SCOPE_NAME, text: SET_SCOPE, values: settings(scope) })
    primed.add(client)
    return await new Promise<pg.QueryResult>((resolve, reject) => {
      client.query(new ScopedQuery(scope, config, (error, result) => (error ? reject(error) : resolve(result))))
    })
  } catch (error) {
    // A broken connection must not return to the pool; an SQL error leaves it usable.
    if (error instanceof Error && !(error instanceof pg.DatabaseError)) failure = error
    throw error
  } finally {
    client.release(failure)
  }
}

/** A pool's view through one scope, for Prisma: single statements and BEGIN carry the scope. */
export function scopedPool(pool: pg.Pool, scope: Scope): pg.Pool {
  const begin = beginInScope(scope)
  return Object.create(pool, {
    query: { value: (config: pg.QueryConfig) => queryInScope(pool, scope, config) },
    connect: {
      value: async () => {
        const client = await pool.connect()
        return new Proxy(client, {
          get(target, property) {
            if (property === 'query') return (config: pg.QueryConfig) => target.query(config.text === 'BEGIN' ? { text: begin } : config)
            const value: unknown = Reflect.get(target, property, target)
            return typeof value === 'function' ? value.bind(target) : value
          },
        })
      },
    },
  })
}
