import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { DocumentStore } from '../graphql-pipeline.ts'
import type { Exchange, Route } from '../http.ts'
import type { RequestRecord } from '../operation.ts'
import { Histogram, type Series } from './histogram.ts'
import { OperationLabels, routeOf } from './operation-label.ts'
import { StatementLabels } from './statement-label.ts'
import { watchStatements } from './watch-pool.ts'

/** What a request is known to have done so far. */
type Observed = { statements: number; record: RequestRecord | null }

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const STATEMENT_SECONDS = [0.00025, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]
const STATEMENT_COUNTS = [0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100]
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 500]
/** What a sign-in or a renewal may end with; whatever else there will be counts together. */
const SIGN_IN_RESULTS: ReadonlySet<string> = new Set(['WRONG_CREDENTIALS', 'TOO_MANY_ATTEMPTS', 'SESSION_ENDED', 'REFRESH_REUSE'])

/** How a batch of the trail's group commit ended. */
export type FlushedBatch = { readonly operations: number; readonly entries: number; readonly seconds: number; readonly isWritten: boolean }
export type JobOutcome = 'done' | 'failed'

/** What parts of the server report to, each by the one method that it needs. */
export type AuditMetrics = Pick<Metrics, 'batch'>
export type JobMetrics = Pick<Metrics, 'job'>

/**
 * The instruments of one process, in a registry of their own. Labels come from small, known sets: names of registered documents, of statements,
 * pools and queues; never an id, an address or a text that somebody typed.
 */
export class Metrics {
  readonly registry = new Registry()
  readonly #requests = new AsyncLocalStorage<Observed>()
  readonly #statementLabels = new StatementLabels()
  readonly #operationLabels: OperationLabels
  readonly #histograms: { expose(): string }[] = []
  readonly #request
  readonly #operationStatements
  readonly #statement
  readonly #statementFailures
  readonly #connections
  readonly #batchSize
  readonly #flush
  readonly #entries
  readonly #withheld
  readonly #jobs
  readonly #signIns
  readonly #streams
  readonly #pools = new Map<string, pg.Pool>()

  constructor(documents: DocumentStore) {
    this.#operationLabels = new OperationLabels(documents)
    const registers = [this.registry]
    const histogram = <L extends string = never>(name: string, help: string, bounds: readonly number[], labels: readonly L[] = []) => {
      const made = new Histogram({ name: `chiron_${name}`, help, bounds, labels })
      this.#histograms.push(made)
      return made
    }
    const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) => new Counter({ name: `chiron_${name}`, help, labelNames, registers })
    const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) => new Gauge({ name: `chiron_${name}`, help, labelNames, registers })
    this.#request = histogram('request_seconds', 'Time until an answer is ready, its audit entry durable.', REQUEST_SECONDS, [
      'kind',
      'operation',
      'outcome',
      'status',
    ])
    this.#operationStatements = histogram('operation_statements', 'Statements sent to PostgreSQL per operation.', STATEMENT_COUNTS, ['kind', 'operation'])
    this.#statement = histogram('statement_seconds', 'Time of a statement, as its sender sees it.', STATEMENT_SECONDS, ['statement', 'pool'])
    this.#statementFailures = counter('statement_failures_total', 'Statements that PostgreSQL refused or that were cut off.', ['pool'])
    this.#connections = gauge('pool_connections', 'Connections of a pool, and requests that wait for one.', ['pool', 'state'])
    this.#batchSize = histogram('audit_batch_operations', 'Operations whose entries one group commit made durable.', BATCH_SIZES).series()
    this.#flush = histogram('audit_flush_seconds', 'Time of a group commit.', STATEMENT_SECONDS).series()
    this.#entries = counter('audit_entries_total', 'Entries that group commits made durable; those inside transactions are not counted.')
    this.#withheld = counter('audit_refused_operations_total', 'Operations answered 503 because their entry could not be made durable.')
    this.#jobs = counter('jobs_total', 'Runs of jobs that have ended.', ['queue', 'outcome'])
    this.#signIns = counter('sign_ins_total', 'Sign-ins and renewals of sessions, by how they ended.', ['action', 'result'])
    this.#streams = gauge('streams_open', 'Live streams that are open.')
    this.#streams.set(0)
    this.#withheld.inc(0)
    collectDefaultMetrics({ register: this.registry })
  }

  /** Times every answer of a route. */
  observe(route: Route): Route {
    return (exchange) => {
      const observed: Observed = { statements: 0, record: null }
      const started = performance.now()
      return this.#requests.run(observed, async () => {
        let status = 500
        try {
          const answer = await route(exchange)
          status = answer.status
          return answer
        } finally {
          this.#finish(exchange, observed, status, (performance.now() - started) / 1_000)
        }
      })
    }
  }

  /** Says which operation the running request is. */
  operation(record: RequestRecord): void {
    const observed = this.#requests.getStore()
    if (observed) observed.record = record
  }

  #finish({ url }: Exchange, { record, statements }: Observed, status: number, seconds: number): void {
    if (record === null) {
      this.#request.series('http', routeOf(url.pathname), status < 500 ? 'ok' : 'failed', String(status)).observe(seconds)
      return
    }
    const { kind, operation } = this.#operationLabels.of(record)
    this.#request.series(kind, operation, record.outcome, String(status)).observe(seconds)
    this.#operationStatements.series(kind, operation).observe(statements)
    const { action } = record.operation
    if (action === 'login' || action === 'refresh') this.#signIns.inc({ action, result: signInResult(record) })
  }

  /** Counts a pool's connections and times its statements. Before its first use. */
  watchPool(name: string, pool: pg.Pool): void {
    const byStatement = new Map<string, Series>()
    const seriesOf = (statement: string): Series => {
      const series = this.#statement.series(statement, name)
      byStatement.set(statement, series)
      return series
    }
    watchStatements(pool, this.#statementLabels, {
      sent: () => {
        // The writer of entries works for many requests at once.
        const observed = name === 'audit' ? undefined : this.#requests.getStore()
        if (observed) observed.statements += 1
      },
      ended: (statement, seconds, isFailure) => {
        const series = byStatement.get(statement) ?? seriesOf(statement)
        series.observe(seconds)
        if (isFailure) this.#statementFailures.inc({ pool: name })
      },
    })
    this.#pools.set(name, pool)
  }

  /** Everything, in Prometheus' exposition format. */
  async expose(): Promise<string> {
    for (const [pool, { totalCount, idleCount, waitingCount }] of this.#pools) {
      this.#connections.set({ pool, state: 'busy' }, totalCount - idleCount)
      this.#connections.set({ pool, state: 'idle' }, idleCount)
      this.#connections.set({ pool, state: 'waiting' }, waitingCount)
    }
    return [await this.registry.metrics(), ...this.#histograms.map((histogram) => histogram.expose())].join('')
  }

  /** One group commit of the trail. */
  batch({ operations, entries, seconds, isWritten }: FlushedBatch): void {
    this.#batchSize.observe(operations)
    this.#flush.observe(seconds)
    if (isWritten) this.#entries.inc(entries)
    else this.#withheld.inc(operations)
  }

  /** One run of a job. */
  job(queue: string, outcome: JobOutcome): void {
    this.#jobs.inc({ queue, outcome })
  }

  /** A live stream has opened; call the answer once when it ends. */
  streamOpened(): () => void {
    this.#streams.inc()
    let isOpen = true
    return () => {
      if (isOpen) this.#streams.dec()
      isOpen = false
    }
  }
}

function signInResult({ outcome, details }: RequestRecord): string {
  if (outcome === 'ok') return 'ok'
  return [...details].find((code) => SIGN_IN_RESULTS.has(code)) ?? 'other'
}
