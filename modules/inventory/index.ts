// The door for sibling modules.
export { ALERT_COORDINATES, ALERT_TABLES, type AlertsRow, alertColumns, alertValues, type FoundAlerts, type InventoryAlerts, takeAlerts } from './alerts.ts'
export { createProduct, type NewProduct, type ProductChange, type StockLevelsInput, setStockLevels, updateProduct } from './catalogue.ts'
export {
  countStock,
  type LotStatusChange,
  type NewMovement,
  type Received,
  receiveStock,
  recordMovement,
  type StockCount,
  type StockReceipt,
  setLotStatus,
} from './commands.ts'
export { InsufficientStockError } from './errors.ts'
export { primeAlerts } from './prime.ts'
export { findLotsByIds, findProductsByIds, listLotsByInvoiceLine } from './queries.ts'
export { type Dispensed, dispense, pickStock, restock, type StockPick, type StockRequest } from './stock.ts'
