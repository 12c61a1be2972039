import { GraphQLError } from 'graphql'
import { builder } from '../../schema/builder.ts'
import type { Context, GroupBatch } from '../../schema/context.ts'
import type { FieldChange } from '../kernel/db.ts'
import { listRowChanges, type RowChangeView } from './changes.ts'
import { AuditEntry } from './types.ts'

const ROWS = { default: 100, max: 500 } as const

const AuditFieldChange = builder.objectRef<FieldChange>('AuditFieldChange').implement({
  description: 'One column before and after. Amounts and dates are written as the database writes them, nested values as JSON.',
  fields: (t) => ({
    name: t.exposeString('name'),
    before: t.exposeString('before', { nullable: true, description: 'Null: there was none, or it is not shown.' }),
    after: t.exposeString('after', { nullable: true, description: 'Null: there is none, or it is not shown.' }),
  }),
})

const AuditRowChange = builder.objectRef<RowChangeView>('AuditRowChange').implement({
  description: 'A row that the database itself saw change, whatever the operation said.',
  fields: (t) => ({
    entryId: t.field({ type: 'UUID', description: "The row's own entry in the trail.", resolve: ({ entryId }) => entryId }),
    type: t.exposeString('type', { description: 'Record type; empty when the entry has been altered beyond reading.' }),
    recordId: t.field({ type: 'UUID', nullable: true, resolve: ({ recordId }) => recordId }),
    op: t.exposeString('op', { description: 'insert, update or delete.' }),
    state: t.exposeString('state', {
      description: 'available; pending (readable within seconds); erased (the values are destroyed); damaged (they do not open although they should).',
    }),
    isIntact: t.exposeBoolean('isIntact', {
      nullable: true,
      description: 'Whether the values are those that the log commits to. False means tampering; null that there are none to compare.',
    }),
    isHidden: t.exposeBoolean('isHidden', { description: 'The reader may not read records of this type: fields are named, values withheld.' }),
    fields: t.field({ type: [AuditFieldChange], resolve: ({ fields }) => [...fields] }),
  }),
})

// A loader is known by its batch function: one function per window of an operation gathers a page's entries into one statement.
const batches = new WeakMap<Context, Map<string, GroupBatch<RowChangeView>>>()

function batchOf(ctx: Context, limit: number, after: string | null): GroupBatch<RowChangeView> {
  const known = batches.get(ctx) ?? new Map<string, GroupBatch<RowChangeView>>()
  batches.set(ctx, known)
  const key = `${limit} ${after ?? ''}`
  const batch = known.get(key) ?? ((_db, actor, ids) => listRowChanges(ctx.auditImages, ctx.auditDb, actor, ids, { limit, after }))
  known.set(key, batch)
  return batch
}

builder.objectFields(AuditEntry, (t) => ({
  rowChanges: t.field({
    type: [AuditRowChange],
    description: `Rows that changed in the operation's transaction, in order, ${ROWS.default} unless told, ${ROWS.max} at most; go on with the last entryId as \`after\`.`,
    args: { first: t.arg.int(), after: t.arg({ type: 'UUID' }) },
    resolve: async ({ id }, { first, after }, ctx) => [...(await ctx.many(batchOf(ctx, limitOf(first), after ?? null), id))],
  }),
}))

function limitOf(first: number | null | undefined): number {
  const limit = first ?? ROWS.default
  if (limit < 1 || limit > ROWS.max) throw new GraphQLError(`rowChanges answers 1 to ${ROWS.max} rows at a time.`, { extensions: { code: 'BAD_USER_INPUT' } })
  return limit
}
