import type pg from 'pg'
import { type Answered, queryTogether, type Scope } from './scoped-query.ts'
import type { SessionCheck } from './session-check.ts'

type Waiting = { readonly config: pg.QueryConfig; readonly settle: (result: PromiseSettledResult<Answered<object>>) => void }

/** Gathers the statements that one operation asks in the same tick, as sibling fields do, so that they share a round trip. */
export class RoundTrip {
  readonly #pool: pg.Pool
  readonly #scope: Scope
  readonly #check: SessionCheck | null
  #waiting: Waiting[] = []

  constructor(pool: pg.Pool, scope: Scope, check: SessionCheck | null) {
    this.#pool = pool
    this.#scope = scope
    this.#check = check
  }

  query<Row extends object>(config: pg.QueryConfig): Promise<Answered<Row>>
  query(config: pg.QueryConfig): Promise<Answered<object>> {
    const { promise, resolve, reject } = Promise.withResolvers<Answered<object>>()
    const settle = (result: PromiseSettledResult<Answered<object>>) => (result.status === 'fulfilled' ? resolve(result.value) : reject(result.reason))
    // Loaders dispatch one after the other in the same phase; this comes behind the last of them.
    if (this.#waiting.length === 0) process.nextTick(() => void this.#send())
    this.#waiting.push({ config, settle })
    return promise
  }

  async #send(): Promise<void> {
    const sent = this.#waiting
    this.#waiting = []
    try {
      const results = await queryTogether(
        this.#pool,
        this.#scope,
        sent.map(({ config }) => config),
        this.#check,
      )
      for (const [index, result] of results.entries()) sent[index]?.settle(result)
    } catch (reason) {
      for (const { settle } of sent) settle({ status: 'rejected', reason })
    }
  }
}
