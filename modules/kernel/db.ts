import type { Prisma } from '../../prisma/client/client.ts'
import type { Clock } from './time.ts'

/** Hand-written SQL. `name` prepares it once per connection, so equal names mean equal texts. */
export type Statement = { readonly name: string; readonly text: string; readonly values: readonly unknown[] }

/**
 * What reading needs, inside a transaction or outside one. Every query reports what it read: ids of the records and the
 * fields that it fetched, whatever the caller then selects (docs/audit.md).
 */
export type Reader = {
  /** Prisma's models under the operation's row-level security scope. */
  readonly prisma: Prisma.TransactionClient
  /** Runs hand-written SQL, for hot paths. */
  readonly query: <Row extends object>(statement: Statement) => Promise<Row[]>
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

/** A field of a changed row, before and after; null where the row did not exist, had no value, or the values are not shown. */
export type FieldChange = { readonly name: string; readonly before: string | null; readonly after: string | null }

/** A row that the database itself saw change in an operation's transaction. */
export type RowChange = {
  /** The row's own entry in the trail. */
  readonly entryId: string
  readonly type: string
  /** Null when the entry has been altered beyond reading. */
  readonly recordId: string | null
  readonly op: string
  /**
   * `available`: the values can be read. `pending`: they are about to be encrypted, within seconds. `erased`: their key was
   * destroyed, or they were. `damaged`: they do not open, although their key is there.
   */
  readonly state: 'available' | 'pending' | 'erased' | 'damaged'
  /** Whether the values are those to which the entry in the log is bound; null when there is nothing to compare. */
  readonly isIntact: boolean | null
  readonly fields: readonly FieldChange[]
}

/** Which row changes of each operation, in the order in which they happened. */
export type RowChangeWindow = { readonly limit: number /** Id of the row's entry after which to go on. */; readonly after: string | null }

/** The encrypted before and after images of the trail, in the operation's scope. Does not report by itself what it read. */
export type AuditImages = {
  /**
   * Row changes of the transactions behind operations' entries, by the id of the operation's entry, in one statement. Entries
   * that changed nothing are left out. Throws when the master key is missing.
   */
  readonly listRowChanges: (entryIds: readonly string[], window: RowChangeWindow) => Promise<ReadonlyMap<string, readonly RowChange[]>>
}

declare const transaction: unique symbol

/**
 * An open transaction. Commands demand it, so that handing them the plain client does not compile. A command has no effect but in it:
 * it may be repeated, and it begins before it is known whether its request has been answered already.
 */
export type Tx = Reader & {
  readonly [transaction]: true
  readonly clock: Clock
  /** Reports records that this transaction created or changed. */
  readonly changes: (type: string, ids: Iterable<string>, fields: readonly string[]) => void
  /** Keeps a free-text reason for people who search the trail. */
  readonly because: (reason: string) => void
  /**
   * Hands over writes whose outcome the command's result does not hang on, so that what follows them leaves with them. The transaction
   * waits for them before it commits; when one fails, that is how the command fails.
   */
  readonly requires: (work: Promise<unknown>) => void
}

/**
 * Whether an operation asks for a field (`Patient.client`) anywhere and its caller may see it: what a query loads beside its own
 * records. Too much is only slower; too little is loaded when the field is resolved.
 */
export type Selects = (coordinate: string) => boolean

/** What an operation holds: reads of its own scope, and nothing that writes. */
export type Db = Reader
