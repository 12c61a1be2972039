import type { Context } from '../../schema/context.ts'
import type { FoundAlerts, InventoryAlerts } from './alerts.ts'
import { findLotsByIds, findProductsByIds } from './queries.ts'

/** Hands what alerts refer to over to the resolvers of their fields. */
export function primeAlerts(ctx: Context, { alerts, products, lots }: FoundAlerts): InventoryAlerts {
  ctx.prime(findProductsByIds, products)
  ctx.prime(findLotsByIds, lots)
  return alerts
}
