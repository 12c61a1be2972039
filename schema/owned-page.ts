import type { DefaultConnectionArguments } from '@pothos/plugin-relay'
import { type FieldNode, type GraphQLField, type GraphQLResolveInfo, getArgumentValues, getNamedType, isObjectType, Kind, type SelectionSetNode } from 'graphql'
import type { Db } from '../modules/kernel/db.ts'
import type { Context, GroupBatch } from './context.ts'
import { offsetPage, type Page } from './paging.ts'

type ReadAhead = (ctx: Context, ownerId: string, args: DefaultConnectionArguments) => void

declare module 'graphql' {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    /** Begins to read what the field will show, of an owner of whom the id alone is known. */
    readonly readAhead?: ReadAhead
  }
}

/**
 * A connection of records under their owner, to be spread into its field. Owners of one operation that ask for the same page share one
 * statement, and a root field that knows the owner's id can have it read together with the owner.
 */
export function ownedPage<Row>(list: (ctx: Context, db: Db, ownerIds: readonly string[], page: Page) => Promise<ReadonlyMap<string, readonly Row[]>>) {
  // A loader is known by its batch function: one for each page of an operation.
  const batches = new WeakMap<Db, Map<string, GroupBatch<Row>>>()
  const batchOf = (ctx: Context, page: Page): GroupBatch<Row> => {
    const known = batches.get(ctx.db) ?? new Map<string, GroupBatch<Row>>()
    batches.set(ctx.db, known)
    const key = `${page.limit}/${page.offset}`
    const batch: GroupBatch<Row> = known.get(key) ?? ((db, _actor, ids) => list(ctx, db, ids, page))
    known.set(key, batch)
    return batch
  }
  const readAhead: ReadAhead = (ctx, ownerId, args) => {
    const begin = (page: Page): Promise<Row[]> => {
      ctx.ahead(batchOf(ctx, page), ownerId)
      return Promise.resolve([])
    }
    // Arguments that make no page are an error of the field itself.
    offsetPage(args, begin).catch(() => {})
  }
  return {
    extensions: { readAhead },
    resolve: ({ id }: { readonly id: string }, args: DefaultConnectionArguments, ctx: Context) =>
      offsetPage(args, async (page) => [...(await ctx.many(batchOf(ctx, page), id))]),
  }
}

/** Begins to read the pages that the document asks of the object with this id, in the round trip in which it is read itself. */
export function readPagesAhead(ctx: Context, info: GraphQLResolveInfo, ownerId: string): void {
  for (const { coordinate, field, node } of pagesOf(info)) {
    if (!ctx.selects(coordinate)) continue
    field.extensions.readAhead?.(ctx, ownerId, pageArguments(field, node, info))
  }
}

type PageField = { readonly coordinate: string; readonly field: GraphQLField<unknown, unknown>; readonly node: FieldNode }
const known = new WeakMap<FieldNode, readonly PageField[]>()

function pagesOf(info: GraphQLResolveInfo): readonly PageField[] {
  const [first] = info.fieldNodes
  if (first === undefined) return []
  const found = known.get(first) ?? info.fieldNodes.flatMap(({ selectionSet }) => collect(info, selectionSet))
  known.set(first, found)
  return found
}

// What a directive may leave out is not read ahead; it is read when its turn comes.
function collect(info: GraphQLResolveInfo, selectionSet: SelectionSetNode | undefined): PageField[] {
  const type = getNamedType(info.returnType)
  if (!isObjectType(type)) return []
  return (selectionSet?.selections ?? []).flatMap((node): PageField[] => {
    if (node.directives?.length) return []
    if (node.kind === Kind.INLINE_FRAGMENT) return collect(info, node.selectionSet)
    if (node.kind === Kind.FRAGMENT_SPREAD) return collect(info, info.fragments[node.name.value]?.selectionSet)
    const field = type.getFields()[node.name.value]
    return field?.extensions.readAhead ? [{ coordinate: `${type.name}.${field.name}`, field, node }] : []
  })
}

function pageArguments(field: PageField['field'], node: FieldNode, { variableValues }: GraphQLResolveInfo): DefaultConnectionArguments {
  const { first, last, before, after } = getArgumentValues(field, node, variableValues)
  const count = (value: unknown) => (typeof value === 'number' ? value : null)
  const cursor = (value: unknown) => (typeof value === 'string' ? value : null)
  return { first: count(first), last: count(last), before: cursor(before), after: cursor(after) }
}
