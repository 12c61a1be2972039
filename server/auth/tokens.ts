import { createHash, randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { isUuid } from '../../modules/kernel/ids.ts'

export const ACCESS_TOKEN_MINUTES = 15
export const REFRESH_DAYS = 7
/** Two tabs that refresh at once send the same token: the one that comes second is still believed this long. */
export const ROTATION_GRACE_SECONDS = 10
export const IDLE_MINUTES = 15

export type AccessClaims = { readonly sessionId: string; readonly organisationId: string }

/** A signed access token for a session, and when it ends. It carries no rights: those are looked up for each operation. */
export async function signAccessToken(key: Uint8Array, claims: AccessClaims, now: Date): Promise<{ token: string; expiresAt: Date }> {
  const expiresAt = new Date(now.getTime() + ACCESS_TOKEN_MINUTES * 60_000)
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

/** A refresh token is `<session id>.<secret>`: the id finds the family, the hash of the secret proves the holder. */
export function newRefreshSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export function parseRefreshToken(text: string | null): { sessionId: string; secret: string } | null {
  const [sessionId = '', secret = '', ...rest] = (text ?? '').split('.')
  return isUuid(sessionId) && /^[\w-]{43}$/.test(secret) && rest.length === 0 ? { sessionId, secret } : null
}
