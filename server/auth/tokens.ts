import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { isUuid } from '../../modules/kernel/ids.ts'
import { MINUTE_MS } from '../../modules/kernel/time.ts'

export const ACCESS_TOKEN_MINUTES = 15
export const REFRESH_DAYS = 7
/** Two tabs that refresh at once send the same token, as does a page whose answer was lost: who comes second is still believed this long. */
export const ROTATION_GRACE_SECONDS = 10
export const IDLE_MINUTES = 15

export type AccessClaims = { readonly sessionId: string; readonly organisationId: string }

/** A signed access token for a session, and when it ends. It carries no rights: those are looked up for each operation. */
export async function signAccessToken(key: Uint8Array, claims: AccessClaims, now: Date): Promise<{ token: string; expiresAt: Date }> {
  const expiresAt = new Date(now.getTime() + ACCESS_TOKEN_MINUTES * MINUTE_MS)
  const token = await new SignJWT({ org: claims.organisationId })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setSubject(claims.sessionId)
    .setAudience('chiron')
    .setIssuedAt(now)
    .setExpirationTime(expiresAt)
    .sign(key)
  return { token, expiresAt }
}

/** The claims of a token that is ours and has not ended, and when it ends (ms); null for every other text. */
export async function readAccessToken(
  key: Uint8Array,
  token: string,
  now: Date,
): Promise<{ readonly claims: AccessClaims; readonly expiresAt: number } | null> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], audience: 'chiron', typ: 'at+jwt', currentDate: now })
    const { sub, org, exp } = payload
    if (typeof sub !== 'string' || !isUuid(sub) || typeof org !== 'string' || !isUuid(org)) return null
    return { claims: { sessionId: sub, organisationId: org }, expiresAt: (exp ?? 0) * 1_000 }
  } catch {
    return null
  }
}

export type RefreshToken = { readonly sessionId: string; readonly secret: string }

/** A refresh token is `<session id>.<secret>`: the id finds the family, the hash of the secret proves the holder. */
export function newRefreshSecret(): string {
  return randomBytes(32).toString('base64url')
}

const ROTATION_LABEL = 'chiron/refresh-rotation/v1'

/**
 * The secret that a token is exchanged for: the same one each time, so that the exchange can be repeated when its answer was lost. To whoever
 * does not hold the server's key it is as unpredictable as a random one. Who holds that key and one token of a family can work out those
 * that follow, which gives nothing that the key does not give already: it signs access tokens for every session of a known id.
 */
export function nextRefreshSecret(tokenKey: Uint8Array, { sessionId, secret }: RefreshToken): string {
  // A key of its own: nothing that is signed as an access token can be a secret, nor the other way round.
  const key = new Uint8Array(hkdfSync('sha256', tokenKey, '', ROTATION_LABEL, 32))
  return createHmac('sha256', key).update(`${sessionId}.${secret}`).digest('base64url')
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export function parseRefreshToken(text: string | null): RefreshToken | null {
  const [sessionId = '', secret = '', ...rest] = (text ?? '').split('.')
  return isUuid(sessionId) && /^[\w-]{43}$/.test(secret) && rest.length === 0 ? { sessionId, secret } : null
}
