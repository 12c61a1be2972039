import { type DefaultConnectionArguments, resolveOffsetConnection } from '@pothos/plugin-relay'
import { PAGE_SIZE } from './builder.ts'

export type Page = { readonly limit: number; readonly offset: number }

/**
 * A relay connection over a list that knows limit and offset. Pages hold 25 records unless the client asks for fewer or
 * more, and 100 at the most, whatever it asks for.
 */
export function offsetPage<Row>(args: DefaultConnectionArguments, list: (page: Page) => Promise<Row[]>) {
  return resolveOffsetConnection({ args, defaultSize: PAGE_SIZE.default, maxSize: PAGE_SIZE.max }, list)
}
