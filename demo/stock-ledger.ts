import type { LocalDate } from '../modules/kernel/time.ts'

export type LedgerLot = { readonly sku: string; readonly lotNumber: string | null; readonly expiresOn: LocalDate | null; quantity: number }

/**
 * What a clinic has on its shelves while its days are planned, so that no plan sells what is not there. It follows the
 * product's own rule: first expired first out, expired lots excluded.
 */
export class StockLedger {
  readonly #lots: LedgerLot[] = []

  /** What can be sold or used on a day. */
  usable(sku: string, date: LocalDate): number {
    return this.#usable(sku, date).reduce((sum, { quantity }) => sum + quantity, 0)
  }

  receive(lot: LedgerLot): void {
    const known = this.#lots.find(({ sku, lotNumber }) => sku === lot.sku && lotNumber === lot.lotNumber)
    if (known) known.quantity += lot.quantity
    else this.#lots.push({ ...lot })
  }

  /** Takes a quantity and says true, or takes nothing and says false. */
  take(sku: string, quantity: number, date: LocalDate): boolean {
    if (this.usable(sku, date) < quantity) return false
    let left = quantity
    for (const lot of this.#usable(sku, date)) {
      const taken = Math.min(lot.quantity, left)
      lot.quantity -= taken
      left -= taken
    }
    return true
  }

  /** Lots that have expired with something left; they leave the ledger. */
  writeOff(date: LocalDate): LedgerLot[] {
    const expired = this.#lots.filter((lot) => lot.quantity > 0 && lot.expiresOn !== null && lot.expiresOn < date).map((lot) => ({ ...lot }))
    for (const lot of this.#lots) if (lot.expiresOn !== null && lot.expiresOn < date) lot.quantity = 0
    return expired
  }

  /** Lots with something left that expire from `from` to `to`. */
  expiring(from: LocalDate, to: LocalDate): LedgerLot[] {
    return this.#lots.filter(({ quantity, expiresOn }) => quantity > 0 && expiresOn !== null && expiresOn >= from && expiresOn <= to)
  }

  #usable(sku: string, date: LocalDate): LedgerLot[] {
    return this.#lots
      .filter((lot) => lot.sku === sku && lot.quantity > 0 && (lot.expiresOn === null || lot.expiresOn >= date))
      .sort((a, b) => (a.expiresOn ?? '9999').localeCompare(b.expiresOn ?? '9999'))
  }
}
