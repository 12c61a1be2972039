import { type DefaultConnectionArguments, resolveOffsetConnection } from '@pothos/plugin-relay'
import { GraphQLError } from 'graphql'
import { PAGE_SIZE } from './builder.ts'

export type Page = { readonly limit: number; readonly offset: number }

/**
 * A relay connection over a list that knows limit and offset. Pages hold 25 records unless the client asks for fewer or
 * more, and 100 at the most, whatever it asks for.
 */
export async function offsetPage<Row>(args: DefaultConnectionArguments, list: (page: Page) => Promise<Row[]>) {
  for (const cursor of [args.after, args.before]) if (typeof cursor === 'string') assertCursor(cursor)
  return resolveOffsetConnection({ args, defaultSize: PAGE_SIZE.default, maxSize: PAGE_SIZE.max }, list)
}

// The plugin's own error has no code, and would be reported as a fault of the server.
function assertCursor(cursor: string): void {
  if (/^OffsetConnection:\d{1,9}$/.test(Buffer.from(cursor, 'base64').toString())) return
  throw new GraphQLError('The cursor is not one of this list. Start again from the first page.', { extensions: { code: 'BAD_USER_INPUT' } })
}
