import { fromMicro, toMicro } from '../kernel/money.ts'
import type { LocalDate } from '../kernel/time.ts'

/** A lot as it stands on the shelf. Quantities are decimal texts in the product's unit. */
export type LotOnShelf = {
  readonly id: string
  readonly number: string
  /** Last day of use; null for goods that do not expire. */
  readonly expiresOn: LocalDate | null
  readonly onHand: string
  /** active | quarantined | recalled */
  readonly status: string
}

export type LotPick = { readonly lotId: string; readonly quantity: string }
export type LotChoice = {
  readonly picks: readonly LotPick[]
  /** Usable stock over all lots. */
  readonly available: string
  /** What the usable lots cannot give: '0' when the picks cover the quantity. */
  readonly missing: string
}

/** True for a lot that may be dispensed on a day: active, not empty, and on or before its last day of use. */
export function isUsable(lot: LotOnShelf, on: LocalDate): boolean {
  return lot.status === 'active' && toMicro(lot.onHand) > 0n && (lot.expiresOn === null || lot.expiresOn >= on)
}

/**
 * First expired, first out: takes a quantity from the usable lots that expire earliest, split over as many as it needs.
 * Lots without expiry come last; among equals the lower lot number comes first.
 * Source: domain rules, inventory 34.
 * @param quantity decimal text above 0
 * @param on the practice day on which the goods leave
 */
export function chooseLots(lots: readonly LotOnShelf[], quantity: string, on: LocalDate): LotChoice {
  const usable = lots.filter((lot) => isUsable(lot, on)).sort(byExpiry)
  const picks: LotPick[] = []
  let missing = toMicro(quantity)
  let available = 0n
  for (const lot of usable) {
    const onHand = toMicro(lot.onHand)
    available += onHand
    const taken = onHand < missing ? onHand : missing
    if (taken > 0n) picks.push({ lotId: lot.id, quantity: fromMicro(taken) })
    missing -= taken
  }
  return { picks, available: fromMicro(available), missing: fromMicro(missing) }
}

const NEVER = '9999-12-31'

/** Order in which lots leave the shelf. */
export function byExpiry(a: LotOnShelf, b: LotOnShelf): number {
  return compare(a.expiresOn ?? NEVER, b.expiresOn ?? NEVER) || compare(a.number, b.number) || compare(a.id, b.id)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
