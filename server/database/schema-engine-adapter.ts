import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import pg from 'pg'

const CHAR_OID = 18

/**
 * Prisma's adapter, taught the catalogue type "char": the engine reads it while describing a database, adapter-pg refuses
 * it, and no type that adapter-pg knows arrives there as a single character.
 */
export async function connectAdapter(pool: pg.Pool): ReturnType<PrismaPg['connect']> {
  const charColumns = new WeakMap<object, number[]>()
  const query = pool.query
  const value = async (...args: unknown[]) => {
    const result: unknown = await Reflect.apply(query, pool, args)
    if (result instanceof pg.Result) charColumns.set(result.rows, disguiseCharColumns(result))
    return result
  }
  Object.defineProperty(pool, 'query', { value })
  const adapter = await new PrismaPg(pool).connect()
  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = async (parameters) => {
    const result = await queryRaw(parameters)
    for (const index of charColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character
    return result
  }
  return adapter
}

/** Declares "char" columns to be text, so that adapter-pg lets them pass; answers their positions. */
function disguiseCharColumns(result: pg.Result): number[] {
  const positions: number[] = []
  for (const [index, field] of result.fields.entries()) {
    if (field.dataTypeID !== CHAR_OID) continue
    field.dataTypeID = pg.types.builtins.TEXT
    positions.push(index)
  }
  return positions
}
