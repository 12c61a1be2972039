import { isDate } from './ui/dates.ts'

type Raw = Record<string, unknown>

/** Readers of search parameters. What does not fit is left out: an address that somebody mistyped still opens the page. */
export function dateParam(raw: Raw, name: string): string | undefined {
  const value = raw[name]
  return isDate(value) ? value : undefined
}

export function textParam(raw: Raw, name: string): string | undefined {
  const value = raw[name]
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function uuidParam(raw: Raw, name: string): string | undefined {
  const value = raw[name]
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value : undefined
}

export function oneOf<const Option extends string>(raw: Raw, name: string, options: readonly Option[]): Option | undefined {
  return options.find((option) => option === raw[name])
}

/** A path inside this application. Anything else (another site, a protocol) would make the sign-in an open redirect. */
export function pathParam(raw: Raw, name: string): string | undefined {
  const value = raw[name]
  return typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined
}
