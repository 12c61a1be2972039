import { type AccessTable, can, creates, reads, updates } from '../kernel/access-rules.ts'

export const access = {
  'Query.product': { allow: can('inventory:read'), audit: reads('Product', 'operational') },
  'Query.products': { allow: can('inventory:read'), audit: reads('Product', 'operational') },
  'Query.stockMovements': { allow: can('inventory:read'), audit: reads('StockMovement', 'operational') },
  'Query.inventoryAlerts': { allow: can('inventory:read'), audit: reads('StockLevel', 'operational') },
  'Mutation.createProduct': { allow: can('inventory:manage'), audit: creates('Product', 'operational') },
  'Mutation.updateProduct': { allow: can('inventory:manage'), audit: updates('Product', 'operational') },
  'Mutation.setStockLevels': { allow: can('inventory:manage'), audit: updates('StockLevel', 'operational') },
  'Mutation.receiveStock': { allow: can('inventory:adjust'), audit: creates('StockMovement', 'operational') },
  'Mutation.recordMovement': { allow: can('inventory:adjust'), audit: creates('StockMovement', 'operational') },
  'Mutation.countStock': { allow: can('inventory:adjust'), audit: creates('StockMovement', 'operational') },
  'Mutation.setLotStatus': { allow: can('inventory:adjust'), audit: updates('Lot', 'operational') },
  'Product.*': { allow: can('inventory:read'), audit: reads('Product', 'operational') },
  'ProductFamily.*': { allow: can('inventory:read'), audit: reads('ProductFamily', 'operational') },
  'StockLevel.*': { allow: can('inventory:read'), audit: reads('StockLevel', 'operational') },
  'Lot.*': { allow: can('inventory:read'), audit: reads('Lot', 'operational') },
  'StockMovement.*': { allow: can('inventory:read'), audit: reads('StockMovement', 'operational') },
  'InventoryAlerts.*': { allow: can('inventory:read'), audit: reads('StockLevel', 'operational') },
  'StockAlert.*': { allow: can('inventory:read'), audit: reads('StockLevel', 'operational') },
  'LotAlert.*': { allow: can('inventory:read'), audit: reads('Lot', 'operational') },
} as const satisfies AccessTable
