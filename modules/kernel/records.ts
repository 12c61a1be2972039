import { Prisma } from '../../prisma/client/client.ts'
import type { Reader, Selects, Statement } from './db.ts'

/**
 * How a column travels in JSON: as it is, as a text that becomes a Date (an instant, or a day as midnight UTC), a Decimal, or a bigint.
 */
type Kind = 'plain' | 'instant' | 'day' | 'decimal' | 'bigint'

/** Rows of one table as hand-written SQL reads them: the same objects that Prisma gives, from JSON that PostgreSQL has made. */
export type RecordSet<Row> = {
  /** What the trail names when one is read; none for a vocabulary. */
  readonly fields: readonly string[]
  /** Fields of the schema for which columns are read that are otherwise left out. */
  readonly coordinates: readonly string[]
  /**
   * The select list for rows under this alias, for a subquery that becomes JSON: all columns, or with `selects` those alone that the
   * operation's fields need.
   */
  readonly columns: (alias: string, selects?: Selects) => string
  /** Takes rows over from JSON and reports them as read; null, for rows that were not asked for, gives none. */
  readonly take: (db: Reader, json: readonly Row[] | null) => Row[]
  /** Runs a query whose select list is `columns`, and takes its rows over. */
  readonly read: (db: Reader, query: Statement) => Promise<Row[]>
}

/** Which columns the fields of a type in the schema need. A column that is not named here is read for the field of its own name. */
export type Shown<Row> = {
  readonly type: string
  /** Read in any case: keys, and what resolvers of several fields rest on. */
  readonly always: readonly (keyof Row & string)[]
  /** Columns that fields of other names need. */
  readonly also?: { readonly [Field in keyof Row & string]?: readonly string[] }
}

/**
 * Describes a table once for all statements about it.
 * @param kinds every column of Prisma's model, by its name there; the database's name is the same in snake case
 * @param reported what is told of a record that was read: its type in the trail, its key, and which fields; null for vocabularies
 * @param shown lets a statement leave out what the operation does not show; what the trail says of the read stays the same
 */
export function defineRecords<Row extends object>(
  kinds: Readonly<Record<keyof Row & string, Kind>>,
  reported: { readonly type: string; readonly key: keyof Row & string; readonly fields: readonly (keyof Row & string)[] } | null,
  shown: Shown<Row> | null = null,
): RecordSet<Row> {
  const names = Object.keys(kinds)
  const fields: readonly string[] = Object.freeze([...(reported?.fields ?? [])])
  const needed = shown === null ? new Map<string, readonly string[]>() : coordinatesOf(names, shown)
  const revived = Object.entries<Kind>(kinds).filter(([, kind]) => kind !== 'plain')
  const take = (db: Reader, json: readonly Row[] | null): Row[] => {
    const rows = [...(json ?? [])]
    for (const row of rows) revive(row, revived)
    if (reported)
      db.reads(
        reported.type,
        rows.map((row) => String(row[reported.key])),
        fields,
      )
    return rows
  }
  return {
    fields,
    coordinates: [...needed.values()].flat(),
    columns: (alias, selects) =>
      names
        .filter((name) => selects === undefined || (needed.get(name)?.some(selects) ?? true))
        .map((name) => `${expression(alias, name, revived)} AS "${name}"`)
        .join(', '),
    take,
    read: async (db, { name, text, values }) => {
      const [answer] = await db.query<{ rows: readonly Row[] }>({ name, text: `SELECT ${jsonRows(text)} AS rows`, values })
      return take(db, answer?.rows ?? null)
    },
  }
}

/** SQL of a JSON array of what a query answers, in its order. */
export function jsonRows(query: string): string {
  return `(SELECT coalesce(json_agg(row), '[]') FROM (${query}) AS row)`
}

/** The same when it is wanted, else nothing that would be run. */
export function jsonRowsIf(isWanted: boolean, query: string): string {
  return isWanted ? jsonRows(query) : 'NULL::json'
}

const MOST_TEXTS = 64

/**
 * A statement in as many texts as there are sets of fields that operations ask for: each reads what it shows and is prepared under a name
 * of its own. Free documents could make any number of them, so that after 64 the whole is read.
 * @param coordinates all that the text depends on
 */
export function statementBy(name: string, coordinates: readonly string[], build: (selects: Selects) => string) {
  const texts = new Map<string, Pick<Statement, 'name' | 'text'>>()
  return (selects: Selects): Pick<Statement, 'name' | 'text'> => {
    const asked = coordinates.filter(selects)
    const key = asked.join()
    const known = texts.get(key)
    if (known) return known
    if (texts.size >= MOST_TEXTS) return { name, text: build(() => true) }
    const made = { name: `${name}/${texts.size + 1}`, text: build(selects) }
    texts.set(key, made)
    return made
  }
}

function coordinatesOf<Row>(names: readonly string[], { type, always, also }: Shown<Row>): ReadonlyMap<string, readonly string[]> {
  const fixed = new Set<string>(always)
  const others = new Map<string, readonly string[]>(Object.entries(also ?? {}))
  return new Map(names.filter((name) => !fixed.has(name)).map((name) => [name, [name, ...(others.get(name) ?? [])].map((field) => `${type}.${field}`)]))
}

/** The database's name of a field. */
export function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function expression(alias: string, name: string, revived: readonly [string, Kind][]): string {
  const column = `${alias}.${columnOf(name)}`
  const kind = revived.find(([known]) => known === name)?.[1]
  // A number of JSON would lose digits on its way.
  return kind === 'decimal' || kind === 'bigint' ? `${column}::text` : column
}

function revive(row: object, revived: readonly [string, Kind][]): void {
  for (const [name, kind] of revived) {
    const text: unknown = Reflect.get(row, name)
    if (typeof text !== 'string') continue
    Reflect.set(row, name, kind === 'decimal' ? new Prisma.Decimal(text) : kind === 'bigint' ? BigInt(text) : new Date(text))
  }
}
