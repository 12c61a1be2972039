import type { LocalDate } from '../modules/kernel/time.ts'
import type { RoomKey, ServiceCode, StaffKey, TypeCode } from './clinic-data.ts'

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

export type PlannedSale = { readonly at: number; /** Index into the clinic's clients; null for somebody who walked in. */ readonly client: number | null; readonly lines: readonly PlannedLine[]; readonly payment: Method }

/** What happens to stock before the clinic opens. */
export type PlannedStock =
  | { readonly kind: 'receive'; readonly sku: string; readonly lotNumber: string | null; readonly expiresOn: LocalDate | null; readonly quantity: number }
  | { readonly kind: 'expired'; readonly sku: string; readonly lotNumber: string; readonly quantity: number }
  | { readonly kind: 'transfer'; readonly sku: string; readonly quantity: number; readonly reason: string }

export type DayPlan = { readonly date: LocalDate; readonly stock: readonly PlannedStock[]; readonly visits: readonly PlannedVisit[]; readonly sales: readonly PlannedSale[] }
