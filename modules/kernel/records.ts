import { Prisma } from '../../prisma/client/client.ts'
import type { Reader, Statement } from './db.ts'

/**
 * How a column travels in JSON: as it is, as a text that becomes a Date (an instant, or a day as midnight UTC), a Decimal, or a bigint.
 */
type Kind = 'plain' | 'instant' | 'day' | 'decimal' | 'bigint'

/** Rows of one table as hand-written SQL reads them: the same objects that Prisma gives, from JSON that PostgreSQL has made. */
export type RecordSet<Row> = {
  /** The select list for rows under this alias, for a subquery that becomes JSON. */
  readonly columns: (alias: string) => string
  /** Takes rows over from JSON and reports them as read; null, for rows that were not asked for, gives none. */
  readonly take: (db: Reader, json: readonly Row[] | null) => Row[]
  /** Runs a query whose select list is `columns`, and takes its rows over. */
  readonly read: (db: Reader, query: Statement) => Promise<Row[]>
}

/**
 * Describes a table once for all statements about it.
 * @param kinds every column of Prisma's model, by its name there; the database's name is the same in snake case
 * @param reported what is told of a record that was read: its type in the trail, its key, and which fields; null for vocabularies
 */
export function defineRecords<Row extends object>(
  kinds: Readonly<Record<keyof Row & string, Kind>>,
  reported: { readonly type: string; readonly key: keyof Row & string; readonly fields: readonly (keyof Row & string)[] } | null,
): RecordSet<Row> {
  const names = Object.keys(kinds)
  const revived = Object.entries<Kind>(kinds).filter(([, kind]) => kind !== 'plain')
  const take = (db: Reader, json: readonly Row[] | null): Row[] => {
    const rows = [...(json ?? [])]
    for (const row of rows) revive(row, revived)
    if (reported)
      db.reads(
        reported.type,
        rows.map((row) => String(row[reported.key])),
        reported.fields,
      )
    return rows
  }
  return {
    columns: (alias) => names.map((name) => `${expression(alias, name, revived)} AS "${name}"`).join(', '),
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

/** The same, or null without running the query unless the condition holds. */
export function jsonRowsIf(wanted: string, query: string): string {
  return `CASE WHEN ${wanted} THEN ${jsonRows(query)} END`
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
