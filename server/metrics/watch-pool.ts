import type pg from 'pg'
import type { StatementLabels } from './statement-label.ts'

export type StatementWatcher = {
  /** A statement is on its way; still in the sender's own context. */
  readonly sent: () => void
  /** It has ended, well or not. */
  readonly ended: (label: string, seconds: number, isFailure: boolean) => void
}

/**
 * Times every statement of a pool, whoever sends it: our own SQL, the ORM, transactions. Once per connection, before its first use, so
 * that nothing that sends statements needs to know.
 */
export function watchStatements(pool: pg.Pool, labels: StatementLabels, watcher: StatementWatcher): void {
  pool.on('connect', (client) => {
    const send = client.query
    const query = (...args: unknown[]): unknown => {
      const [first] = args
      watcher.sent()
      const started = performance.now()
      const done = (error: unknown) => watcher.ended(labelOf(labels, first), (performance.now() - started) / 1_000, error !== null && error !== undefined)
      // A query object has its callback inside; everything else brings it as the last argument, or wants a promise.
      if (isQueryObject(first)) {
        const { callback } = first
        first.callback = (error, result) => {
          done(error)
          callback(error, result)
        }
        return Reflect.apply(send, client, args)
      }
      const last = args.at(-1)
      if (typeof last === 'function')
        args[args.length - 1] = (...results: unknown[]) => {
          done(results[0])
          Reflect.apply(last, undefined, results)
        }
      const answer: unknown = Reflect.apply(send, client, args)
      if (typeof last !== 'function' && answer instanceof Promise) answer.then(() => done(null), done)
      return answer
    }
    Object.defineProperty(client, 'query', { value: query, configurable: true, writable: true })
  })
}

type QueryObject = { submit: unknown; callback: (error: unknown, result: unknown) => void }

function isQueryObject(value: unknown): value is QueryObject {
  return typeof value === 'object' && value !== null && 'submit' in value && 'callback' in value && typeof value.callback === 'function'
}

function labelOf(labels: StatementLabels, query: unknown): string {
  if (typeof query === 'string') return labels.of(undefined, query)
  if (typeof query !== 'object' || query === null) return labels.of(undefined, '')
  const name = 'name' in query && typeof query.name === 'string' ? query.name : undefined
  return labels.of(name, 'text' in query && typeof query.text === 'string' ? query.text : '')
}
