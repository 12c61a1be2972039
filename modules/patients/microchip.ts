/** What a chip's number tells. `unusable` names the rule that it breaks. */
export type MicrochipCheck =
  | { readonly kind: 'iso'; readonly number: string }
  | { readonly kind: 'older'; readonly number: string }
  | { readonly kind: 'unusable'; readonly rule: 'shape' | 'prefix' | 'range' }

/** Codes for a chip that is kept although a standard reader may not find it. */
export type MicrochipWarning = 'NOT_ISO_11784'

const LARGEST_ID = 274_877_906_943n

/** The number as it is stored and searched: without the blanks, dots and hyphens that labels print, in upper case. */
export function normaliseMicrochip(typed: string): string {
  return typed.replace(/[\s.-]/g, '').toUpperCase()
}

/**
 * Checks a chip's number. ISO chips have 15 digits: three for a country (001 to 899) or a manufacturer (900 and above), and
 * twelve of at most 274,877,906,943, which is what 38 bits hold. Chips of 9 digits or 10 characters are an older type,
 * still found in animals: usable, with a warning.
 *
 * Source: ISO 11784:1996 with its amendments, and ISO 11785:1996.
 */
export function checkMicrochip(typed: string): MicrochipCheck {
  const number = normaliseMicrochip(typed)
  if (/^[0-9A-Z]{9,10}$/.test(number)) return { kind: 'older', number }
  if (!/^[0-9]{15}$/.test(number)) return { kind: 'unusable', rule: 'shape' }
  if (number.startsWith('000')) return { kind: 'unusable', rule: 'prefix' }
  if (BigInt(number.slice(3)) > LARGEST_ID) return { kind: 'unusable', rule: 'range' }
  return { kind: 'iso', number }
}

/** The warning that a stored number deserves; null for an ISO chip. */
export function microchipWarningOf(number: string): MicrochipWarning | null {
  return checkMicrochip(number).kind === 'iso' ? null : 'NOT_ISO_11784'
}
