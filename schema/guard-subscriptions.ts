import type { GraphQLSchema } from 'graphql'
import { allows } from '../modules/kernel/access-rules.ts'
import { type ComposedAccess, denialError } from './access.ts'
import type { Context } from './context.ts'

/**
 * Guards the source of each subscription by its access row. Shield wraps `resolve` alone, which runs once per event: without this a
 * denied subscription would open its source all the same. Throws when a subscription has no source to guard.
 */
export function guardSubscriptions(schema: GraphQLSchema, access: ComposedAccess): void {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const coordinate = `Subscription.${field.name}`
    const { subscribe } = field
    if (!subscribe) throw new Error(`${coordinate} has no source of events`)
    const row = access.rowOf('Subscription', field.name)
    field.subscribe = (root: unknown, args: Record<string, unknown>, ctx: Context, info) => {
      if (!allows(row.allow, ctx.caller)) throw denialError({ coordinate, row }, ctx.caller)
      return subscribe(root, args, ctx, info)
    }
  }
}
