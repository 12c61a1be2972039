import { lineAmount, taxAmount } from '../kernel/money.ts'

/** Amounts in minor units; total = subtotal + tax. */
export type Amounts = { readonly subtotalMinor: bigint; readonly taxMinor: bigint; readonly totalMinor: bigint }
export type Priced = {
  /** Decimal text above 0. */
  readonly quantity: string
  /** Ex-tax price of one unit in major units, as decimal text. */
  readonly unitPrice: string
  /** Percent, as decimal text. */
  readonly taxRate: string
}

/**
 * Amounts of one line: the ex-tax amount is rounded once, half away from zero, and the tax once from that rounded amount.
 * Each line carries its own rate, because medicine and food on one ticket are taxed differently.
 * Source: domain rules, money 27 and 28; CFDI 4.0 states base, rate and tax per line.
 */
export function lineAmounts({ quantity, unitPrice, taxRate }: Priced, currency: string): Amounts {
  const subtotalMinor = lineAmount(quantity, unitPrice, currency)
  const taxMinor = taxAmount(subtotalMinor, taxRate)
  return { subtotalMinor, taxMinor, totalMinor: subtotalMinor + taxMinor }
}

/** An invoice is the sum of its lines; nothing is rounded again. */
export function sumAmounts(lines: readonly Amounts[]): Amounts {
  let subtotalMinor = 0n
  let taxMinor = 0n
  for (const line of lines) {
    subtotalMinor += line.subtotalMinor
    taxMinor += line.taxMinor
  }
  return { subtotalMinor, taxMinor, totalMinor: subtotalMinor + taxMinor }
}

export type Settlement = { readonly kind: string; readonly totalMinor: bigint; readonly paidMinor: bigint; readonly creditedMinor: bigint }

/**
 * What is still to be paid, in minor units. Below zero: the client has paid for something that was credited afterwards.
 * A credit note itself is never paid.
 */
export function balanceOf({ kind, totalMinor, paidMinor, creditedMinor }: Settlement): bigint {
  return kind === 'credit_note' ? 0n : totalMinor - paidMinor - creditedMinor
}

export type OpenInvoice = { readonly invoiceId: string; readonly balanceMinor: bigint }
export type Allocation = { readonly invoiceId: string; readonly amountMinor: bigint }

/**
 * Spreads a payment over open invoices in the order given, oldest first, filling each before the next one gets any.
 * Source: domain rules, money 29.
 * @returns the allocations, and what no invoice could take
 */
export function allocatePayment(open: readonly OpenInvoice[], amountMinor: bigint): { allocations: readonly Allocation[]; restMinor: bigint } {
  const allocations: Allocation[] = []
  let restMinor = amountMinor
  for (const { invoiceId, balanceMinor } of open) {
    const share = balanceMinor < restMinor ? balanceMinor : restMinor
    if (share <= 0n) continue
    allocations.push({ invoiceId, amountMinor: share })
    restMinor -= share
  }
  return { allocations, restMinor }
}
