import type { Prisma } from '../../prisma/client/client.ts'
import type { Clock } from './time.ts'

/**
 * What reading needs, inside a transaction or outside one. Every query reports what it read: ids of the records and the
 * fields that it fetched, whatever the caller then selects (docs/audit.md).
 */
export type Reader = {
  /** Prisma's models under the operation's row-level security scope. */
  readonly prisma: Prisma.TransactionClient
  /** Hand-written SQL for hot paths. `name` prepares the statement once per connection. */
  readonly query: <Row extends object>(statement: { name: string; text: string; values: readonly unknown[] }) => Promise<Row[]>
  /** Reports records of one type that were read. */
  readonly reads: (type: string, ids: Iterable<string>, fields: readonly string[]) => void
  /** Reports an aggregate (a sum, a count) by name and parameters. */
  readonly aggregates: (name: string, params: Readonly<Record<string, string>>) => void
}

/**
 * The audit trail, read under the auditor's own role: the application's role cannot read it. Reading it is reported like
 * any other read.
 */
export type AuditReader = Pick<Reader, 'query' | 'reads' | 'aggregates'>

declare const transaction: unique symbol

/** An open transaction. Commands demand it, so that handing them the plain client does not compile. */
export type Tx = Reader & {
  readonly [transaction]: true
  readonly clock: Clock
  /** Reports records that this transaction created or changed. */
  readonly changes: (type: string, ids: Iterable<string>, fields: readonly string[]) => void
  /** Keeps a free-text reason for people who search the trail. */
  readonly because: (reason: string) => void
}

/** What an operation holds: reads of its own scope, and nothing that writes. */
export type Db = Reader
