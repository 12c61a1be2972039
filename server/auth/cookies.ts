import { REFRESH_DAYS } from './tokens.ts'

// Over TLS browsers take the prefixed name from this host alone, so that no neighbouring host can plant a session of its own.
const nameOf = (isSecure: boolean) => (isSecure ? '__Host-chiron_refresh' : 'chiron_refresh')

/** The refresh token among a request's cookies. */
export function readRefreshCookie(header: string | undefined, isSecure: boolean): string | null {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=')
    if (name === nameOf(isSecure) && value) return value
  }
  return null
}

/** The Set-Cookie value for a refresh token; null removes it. Secure wherever browsers come over TLS. */
export function refreshCookie(token: string | null, isSecure: boolean): string {
  const age = token === null ? 0 : REFRESH_DAYS * 24 * 60 * 60
  return `${nameOf(isSecure)}=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${isSecure ? '; Secure' : ''}`
}
