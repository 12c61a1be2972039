import pg from 'pg'

/** Takes why a statement failed, or else its answer. */
export type Settle = (error: Error | null, result?: pg.QueryResult) => void
export type BatchedStatement = { readonly config: pg.QueryConfig; readonly settle: Settle }
/** A statement ahead of the others, for what it does or for one row: its columns are not described, and `take` gets their texts, or null. */
export type LeadingStatement = {
  readonly name: string
  readonly text: string
  readonly values: readonly string[]
  readonly take?: (row: readonly (string | null)[] | null) => void
}

type WireConnection = pg.Connection
/** A statement as pg itself prepares it and reads its rows. */
type Part = {
  readonly name?: string
  readonly text?: string
  prepare(connection: WireConnection): void
  handleRowDescription(message: object): void
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void
  handleCommandComplete(message: object, connection: WireConnection): void
  handleError(error: Error, connection: WireConnection): void
  handleReadyForQuery(connection: WireConnection): void
}

// The typings of pg leave out the methods that its own client calls on a query; these state them.
type WireQuery = Part & { name?: string; text?: string; callback?: (error: Error | null) => void; submit(connection: WireConnection): Error | null }
const WireQueryBase: new (config: pg.QueryConfig, values: unknown, callback: Settle) => WireQuery = Object.assign(pg.Query)

/**
 * Statements that leave as one write and end with one Sync, inside an open transaction or, without one, as an implicit transaction of
 * their own: PostgreSQL answers all of them at once, where one Sync each would wake both sides for every statement. After one that fails
 * it skips the others, which are then rejected as they would be in any transaction that has failed.
 */
export class StatementBatch extends WireQueryBase {
  readonly #parts: readonly Part[]
  readonly #leading: number
  #answered = 0
  #connection: WireConnection | null = null
  #isBroken = false

  constructor(statements: readonly BatchedStatement[], leading: readonly LeadingStatement[] = []) {
    super({ text: '' }, undefined, (error) => this.#settle(error))
    const parts = statements.map(({ config, settle }) => {
      const answer: Settle = (error, result) => {
        // pg tells so of values that cannot be sent, while it prepares.
        if (this.#connection === null) this.#isBroken = true
        settle(error, result)
      }
      return new WireQueryBase(config, undefined, answer)
    })
    this.#parts = [...leading.map((statement) => new Lead(statement)), ...parts]
    this.#leading = leading.length
    this.#announce()
  }

  /** Names of its statements, in their order. */
  get statements(): readonly string[] {
    return this.#parts.map(({ name, text }) => name ?? text ?? '')
  }

  override submit(connection: WireConnection): Error | null {
    const chunks: Uint8Array[] = []
    const gathering = gather(connection, chunks)
    for (const part of this.#parts) {
      if (isOtherText(connection, part)) return this.#refuse(connection, `'${part.name}' was used for a different statement`)
      part.prepare(gathering)
      if (this.#isBroken) return this.#refuse(connection, 'another statement of the same tick could not be sent')
    }
    this.#connection = connection
    pg.Connection.prototype.sync.call(gathering)
    connection.stream.write(Buffer.concat(chunks))
    return null
  }

  // Nothing has left yet.
  #refuse(connection: WireConnection, why: string): Error {
    forget(connection, this.#parts)
    this.#connection = connection
    return new Error(why)
  }

  // pg notes a parsed statement under the name of the query that is running.
  #announce(): void {
    const part = this.#parts[this.#answered]
    this.name = part?.name ?? ''
    this.text = part?.text ?? ''
  }

  override handleRowDescription(message: object): void {
    this.#parts[this.#answered]?.handleRowDescription(message)
  }

  override handleDataRow(message: { readonly fields: readonly (string | null)[] }): void {
    this.#parts[this.#answered]?.handleDataRow(message)
  }

  override handleCommandComplete(message: object, connection: WireConnection): void {
    this.#parts[this.#answered]?.handleCommandComplete(message, connection)
    this.#answered += 1
    this.#announce()
  }

  handleEmptyQuery(): void {
    this.#answered += 1
    this.#announce()
  }

  override handleError(error: Error, connection: WireConnection): void {
    // What stands behind the statement that failed was skipped, so that its text was not parsed either.
    forget(connection, this.#parts.slice(this.#answered))
    this.#connection ??= connection
    this.callback?.(error)
  }

  override handleReadyForQuery(): void {
    this.callback?.(null)
  }

  #settle(error: Error | null): void {
    const connection = this.#connection
    if (connection === null) return
    // Who asked hears of what failed ahead of it.
    const failed = Math.max(this.#answered, this.#leading)
    for (const [index, part] of this.#parts.entries()) {
      if (index < this.#answered) part.handleReadyForQuery(connection)
      else if (error !== null) part.handleError(index === failed || isOver(error) ? error : aborted(), connection)
    }
  }
}

class Lead implements Part {
  readonly name: string
  readonly text: string
  readonly #values: readonly string[]
  readonly #take: NonNullable<LeadingStatement['take']>
  #row: readonly (string | null)[] | null = null

  constructor({ name, text, values, take = () => {} }: LeadingStatement) {
    this.name = name
    this.text = text
    this.#values = values
    this.#take = take
  }

  prepare(connection: WireConnection): void {
    const submitted = namesOf(connection, 'submittedNamedStatements')
    if (namesOf(connection, 'parsedStatements')[this.name] === undefined && submitted[this.name] === undefined) {
      connection.parse({ name: this.name, text: this.text, types: [] }, true)
      submitted[this.name] = this.text
    }
    connection.bind({ statement: this.name, values: [...this.#values] }, true)
    connection.execute({ portal: '' }, true)
  }

  handleRowDescription(): void {}

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#row = fields
  }

  handleCommandComplete(): void {
    this.#take(this.#row)
  }

  // Whatever it fails with, the statements behind it fail too.
  handleError(): void {}

  handleReadyForQuery(): void {}
}

type Names = Record<string, string | undefined>

// Never a connection itself: V8 gives up what it knows of an object that others inherit from.
const GATHERING: object = Object.create(pg.Connection.prototype, { sync: { value: () => {} } })

/** A connection that keeps what pg would write for each statement, without the Sync behind each. */
function gather(connection: WireConnection, chunks: Uint8Array[]): WireConnection {
  return Object.assign(Object.create(GATHERING), {
    stream: { writable: true, write: (chunk: Uint8Array) => chunks.push(chunk) },
    parsedStatements: namesOf(connection, 'parsedStatements'),
    submittedNamedStatements: namesOf(connection, 'submittedNamedStatements'),
  })
}

function namesOf(connection: WireConnection, key: 'parsedStatements' | 'submittedNamedStatements'): Names {
  const names: Names = Reflect.get(connection, key)
  return names
}

function isOtherText(connection: WireConnection, { name, text }: Part): boolean {
  if (!name) return false
  const known = namesOf(connection, 'parsedStatements')[name] ?? namesOf(connection, 'submittedNamedStatements')[name]
  return known !== undefined && known !== text
}

function forget(connection: WireConnection, parts: readonly Part[]): void {
  const submitted = namesOf(connection, 'submittedNamedStatements')
  for (const { name } of parts) if (name) delete submitted[name]
}

/** Whether the connection ends with the error, so that it holds for all statements that were under way. */
function isOver(error: Error): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|57P)/.test(error.code ?? '')
}

/** What PostgreSQL says of every statement of a transaction that has failed. */
function aborted(): pg.DatabaseError {
  const error = new pg.DatabaseError('current transaction is aborted, commands ignored until end of transaction block', 0, 'error')
  error.code = '25P02'
  return error
}
