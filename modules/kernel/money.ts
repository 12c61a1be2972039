/** An amount in the smallest unit of its currency (centavos, cents). */
export type Money = { readonly minorUnits: bigint; readonly currency: string }

export function money(minorUnits: bigint, currency: string): Money {
  return { minorUnits, currency }
}

/** Digits after the point in a currency's notation: 2 for MXN, 0 for JPY. Source: CLDR, as in Intl. */
export function minorDigits(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** Sum of amounts of one currency. Throws RangeError when currencies differ. */
export function sum(amounts: readonly Money[], currency: string): Money {
  let total = 0n
  for (const amount of amounts) {
    if (amount.currency !== currency) throw new RangeError(`cannot add ${amount.currency} to ${currency}`)
    total += amount.minorUnits
  }
  return { minorUnits: total, currency }
}

/**
 * The one rounding of the product: half away from zero, to a whole number.
 * `numerator / denominator` with a denominator above 0.
 */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError('denominator must be above 0')
  const sign = numerator < 0n ? -1n : 1n
  const magnitude = numerator < 0n ? -numerator : numerator
  return sign * ((2n * magnitude + denominator) / (2n * denominator))
}

/**
 * quantity × unit price in minor units, rounded once. Both are decimal texts with up to six decimals; the price is in
 * major units (pesos).
 */
export function lineAmount(quantity: string, unitPrice: string, currency: string): bigint {
  const scale = 10n ** BigInt(minorDigits(currency))
  return divideRounded(toMicro(quantity) * toMicro(unitPrice) * scale, MICRO * MICRO)
}

/** Tax on an ex-tax amount in minor units, rounded once. `ratePercent` is a decimal text: '16' is 16 %. */
export function taxAmount(subtotalMinor: bigint, ratePercent: string): bigint {
  return divideRounded(subtotalMinor * toMicro(ratePercent), 100n * MICRO)
}

/** Change in percent from a base to a value, rounded to whole percents; null without a positive base. */
export function percentChange(base: bigint, value: bigint): number | null {
  return base > 0n ? Number(divideRounded((value - base) * 100n, base)) : null
}

const MICRO = 1_000_000n

/** A decimal text as millionths. Throws RangeError on anything but an optional sign, digits and up to six decimals. */
export function toMicro(decimal: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(decimal)
  if (!match) throw new RangeError(`not a decimal number: ${decimal}`)
  const [, sign, whole = '0', fraction = ''] = match
  const value = BigInt(whole) * MICRO + BigInt(fraction.padEnd(6, '0'))
  return sign === '-' ? -value : value
}

/** Millionths as the shortest decimal text: 1500000n is '1.5'. */
export function fromMicro(micro: bigint): string {
  const sign = micro < 0n ? '-' : ''
  const magnitude = micro < 0n ? -micro : micro
  const fraction = (magnitude % MICRO).toString().padStart(6, '0').replace(/0+$/, '')
  return `${sign}${magnitude / MICRO}${fraction && `.${fraction}`}`
}
