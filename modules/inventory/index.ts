// The door for sibling modules.
export { findAlerts, type InventoryAlerts, type LotAlert, type StockAlert } from './alerts.ts'
export { createProduct, type NewProduct, type ProductChange, setStockLevels, type StockLevelsInput, updateProduct } from './catalogue.ts'
export {
  countStock,
  type LotStatusChange,
  type NewMovement,
  receiveStock,
  type Received,
  recordMovement,
  setLotStatus,
  type StockCount,
  type StockReceipt,
} from './commands.ts'
export { InsufficientStockError } from './errors.ts'
export { findLotsByIds, findProductsByIds, listLotsByInvoiceLine } from './queries.ts'
export { dispense, type Dispensed, pickStock, restock, type StockPick, type StockRequest } from './stock.ts'
