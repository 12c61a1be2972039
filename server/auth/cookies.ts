import { REFRESH_DAYS } from './tokens.ts'

const NAME = 'chiron_refresh'

/** The refresh token among a request's cookies. */
export function readRefreshCookie(header: string | undefined): string | null {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=')
    if (name === NAME && value) return value
  }
  return null
}

/** The Set-Cookie value for a refresh token; null removes it. Secure wherever browsers come over TLS. */
export function refreshCookie(token: string | null, isSecure: boolean): string {
  const age = token === null ? 0 : REFRESH_DAYS * 24 * 60 * 60
  return `${NAME}=${token ?? ''}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${isSecure ? '; Secure' : ''}`
}
