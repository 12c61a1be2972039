import { lineAmount, taxAmount } from '../modules/kernel/money.ts'
import type { LocalDate } from '../modules/kernel/time.ts'
import { type RoomKey, SERVICES, type ServiceCode, type StaffKey, type TypeCode } from './clinic-data.ts'
import { productOf } from './product-data.ts'

/** What is charged: a service, or a product of the shelf. Whole quantities. */
export type PlannedLine = { readonly service: ServiceCode; readonly quantity: number } | { readonly sku: string; readonly quantity: number }
export type Method = 'cash' | 'card' | 'transfer'

export type PlannedVisit = {
  /** Index into the clinic's patients, in the order in which their charts were opened. */
  readonly patient: number
  readonly staff: StaffKey
  readonly room: RoomKey
  readonly type: TypeCode
  /** Minutes after local midnight. */
  readonly start: number
  readonly end: number
  readonly outcome: 'completed' | 'no_show' | 'cancelled'
  readonly lines: readonly PlannedLine[]
  /** How it is paid at once; null leaves it owed. */
  readonly payment: Method | null
  readonly note: 'signed' | 'draft' | null
}

export type PlannedSale = {
  readonly at: number /** Index into the clinic's clients; null for somebody who walked in. */
  readonly client: number | null
  readonly lines: readonly PlannedLine[]
  readonly payment: Method
}

/** What happens to stock before the clinic opens. */
export type PlannedStock =
  | { readonly kind: 'receive'; readonly sku: string; readonly lotNumber: string | null; readonly expiresOn: LocalDate | null; readonly quantity: number }
  | { readonly kind: 'expired'; readonly sku: string; readonly lotNumber: string; readonly quantity: number }
  | { readonly kind: 'transfer'; readonly sku: string; readonly quantity: number; readonly reason: string }

export type DayPlan = {
  readonly date: LocalDate
  readonly stock: readonly PlannedStock[]
  readonly visits: readonly PlannedVisit[]
  readonly sales: readonly PlannedSale[]
}

/** What lines cost ex-tax, in centavos. */
export function subtotalOf(lines: readonly PlannedLine[]): bigint {
  return lines.reduce((sum, line) => sum + priceOf(line).subtotal, 0n)
}

/** What lines cost with IVA, in centavos. */
export function totalOf(lines: readonly PlannedLine[]): bigint {
  return lines.reduce((sum, line) => sum + priceOf(line).subtotal + priceOf(line).tax, 0n)
}

function priceOf(line: PlannedLine): { subtotal: bigint; tax: bigint } {
  const item = 'sku' in line ? productOf(line.sku) : serviceOf(line.service)
  const subtotal = lineAmount(String(line.quantity), String(item.unitPrice), 'MXN')
  return { subtotal, tax: taxAmount(subtotal, item.taxRate) }
}

function serviceOf(code: ServiceCode): (typeof SERVICES)[number] {
  const found = SERVICES.find((service) => service.code === code)
  if (!found) throw new RangeError(`no service ${code}`)
  return found
}
