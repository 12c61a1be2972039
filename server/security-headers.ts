/** The client is served from here alone; Mantine writes style attributes. */
const APP_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** GraphiQL is one page with its scripts inline, shown to owners and administrators only. */
export function graphiqlPolicy(nonce: string): string {
  return `default-src 'self'; script-src 'nonce-${nonce}' blob:; worker-src blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'`
}

/** Headers of every answer. HSTS only where browsers come over TLS. */
export function securityHeaders(isSecureOrigin: boolean): Record<string, string> {
  return {
    'Content-Security-Policy': APP_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=()',
    ...(isSecureOrigin ? { 'Strict-Transport-Security': 'max-age=63072000; includeSubDomains' } : {}),
  }
}
