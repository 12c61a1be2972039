import { createHmac } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { readRefreshCookie, refreshCookie } from './cookies.ts'
import { hashPassword, UNKNOWN_USER_HASH, verifyPassword } from './passwords.ts'
import { SignInLimits } from './rate-limits.ts'
import { resolveRights } from './resolve-actor.ts'
import { hashSecret, newRefreshSecret, nextRefreshSecret, parseRefreshToken, readAccessToken, signAccessToken } from './tokens.ts'

const ID = '01900000-0000-7000-8000-000000000001'

describe('passwords', () => {
  it('are hashed by argon2id at the cost of the OWASP sheet, with a salt of their own', async () => {
    const [one, two] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')])
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(one).not.toBe(two)
    expect([await verifyPassword('correct horse', one ?? ''), await verifyPassword('correct horsf', one ?? '')]).toEqual([true, false])
  })

  it('are the same in every Unicode form', async () => {
    const hash = await hashPassword('contrasen\u0303a larga')
    expect(await verifyPassword('contrase\u00f1a larga', hash)).toBe(true)
  })

  it('of an unknown person cost as much to check', () => {
    expect(UNKNOWN_USER_HASH).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  })

  it.each(['', 'plain', '$argon2i$v=19$m=64,t=1,p=1$c2FsdA$dGFn', '$2b$10$abc'])('"%s" is no hash of ours', async (phc) => {
    expect(await verifyPassword('x', phc)).toBe(false)
  })
})

describe('access tokens', () => {
  const key = new Uint8Array(32).fill(1)
  const now = new Date('2025-12-20T16:00:00Z')
  const claims = { sessionId: ID, organisationId: ID }

  it('live 15 minutes', async () => {
    const { token, expiresAt } = await signAccessToken(key, claims, now)
    expect(expiresAt).toEqual(new Date('2025-12-20T16:15:00Z'))
    expect(await readAccessToken(key, token, new Date('2025-12-20T16:14:59Z'))).toEqual({ claims, expiresAt: expiresAt.getTime() })
    expect(await readAccessToken(key, token, new Date('2025-12-20T16:15:01Z'))).toBeNull()
  })

  it('count only with our key, algorithm, audience, type and UUIDs', async () => {
    const make = (over: { key?: Uint8Array; alg?: string; typ?: string; aud?: string; sub?: string; org?: unknown } = {}) =>
      new SignJWT({ org: over.org ?? ID })
        .setProtectedHeader({ alg: over.alg ?? 'HS256', typ: over.typ ?? 'at+jwt' })
        .setSubject(over.sub ?? ID)
        .setAudience(over.aud ?? 'chiron')
        .setExpirationTime(now.getTime() / 1000 + 60)
        .sign(over.key ?? key)
    expect(await readAccessToken(key, await make(), now)).toEqual({ claims, expiresAt: now.getTime() + 60_000 })
    for (const over of [
      { key: new Uint8Array(32).fill(2) },
      { alg: 'HS512', key: new Uint8Array(64).fill(1) },
      { typ: 'JWT' },
      { aud: 'other' },
      { sub: 'x' },
      { org: 7 },
      { org: "' OR 1=1" },
    ]) {
      expect([over, await readAccessToken(over.key ? key : key, await make(over), now)]).toEqual([over, null])
    }
  })
})

describe('refresh tokens', () => {
  it('are a session and a secret of 256 bits, of which only the hash is kept', () => {
    const secret = newRefreshSecret()
    expect(parseRefreshToken(`${ID}.${secret}`)).toEqual({ sessionId: ID, secret })
    expect(hashSecret(secret)).toHaveLength(32)
    expect(newRefreshSecret()).not.toBe(secret)
  })

  it('follow from one another and from the key, so that an exchange can be repeated, and tell nothing of each other', () => {
    const key = new Uint8Array(32).fill(1)
    const token = { sessionId: ID, secret: newRefreshSecret() }
    const next = nextRefreshSecret(key, token)
    expect(nextRefreshSecret(key, token)).toBe(next)
    expect(parseRefreshToken(`${ID}.${next}`)).toEqual({ sessionId: ID, secret: next })
    const others = [
      nextRefreshSecret(new Uint8Array(32).fill(2), token),
      nextRefreshSecret(key, { ...token, sessionId: ID.replace(/1$/, '2') }),
      nextRefreshSecret(key, { ...token, secret: newRefreshSecret() }),
      nextRefreshSecret(key, { ...token, secret: next }),
    ]
    expect(new Set([token.secret, next, ...others])).toHaveLength(6)
    // The key that signs access tokens signs nothing else.
    const signedWithTheSameKey = createHmac('sha256', key).update(`${token.sessionId}.${token.secret}`).digest('base64url')
    expect(next).not.toBe(signedWithTheSameKey)
  })

  it.each([null, '', ID, `${ID}.`, `${ID}.short`, `x.${'A'.repeat(43)}`, `${ID}.${'A'.repeat(43)}.more`, `${ID}.${'A'.repeat(44)}`])('%s is none', (text) => {
    expect(parseRefreshToken(text)).toBeNull()
  })

  it('travel in a cookie for this site alone', () => {
    expect(refreshCookie('t', true)).toBe('__Host-chiron_refresh=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800; Secure')
    expect(refreshCookie(null, false)).toBe('chiron_refresh=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0')
    expect(readRefreshCookie('a=b; chiron_refresh=t.u; c=d', false)).toBe('t.u')
    // Over TLS the plain name is one that a neighbouring host may have planted.
    expect(readRefreshCookie('chiron_refresh=x.y; __Host-chiron_refresh=t.u', true)).toBe('t.u')
    expect(readRefreshCookie('chiron_refresh=x.y', true)).toBeNull()
    expect([undefined, 'chiron_refresh=', 'xchiron_refresh=t'].map((header) => readRefreshCookie(header, false))).toEqual([null, null, null])
  })
})

describe('sign-in limits', () => {
  it('stop the 51st attempt from one address, whatever the accounts', async () => {
    const limits = new SignInLimits()
    for (let account = 0; account < 50; account += 1) expect(await limits.attempt(`a${account}`, 'x')).toBeNull()
    expect(await limits.attempt('a50', 'x')).toBeGreaterThan(0)
    expect(await limits.attempt('a50', 'y')).toBeNull()
  })

  it('do not count an attempt that nobody could judge', async () => {
    const limits = new SignInLimits()
    const away = () => Promise.reject(new Error('the database is away'))
    for (let attempt = 0; attempt < 60; attempt += 1) {
      expect(await limits.attempt('ana', 'x')).toBeNull()
      await expect(limits.judged('ana', 'x', away)).rejects.toThrow('the database is away')
    }
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await limits.attempt('ana', 'x')).toBeNull()
      expect(await limits.judged('ana', 'x', () => Promise.resolve('wrong'))).toBe('wrong')
    }
    expect(await limits.attempt('ana', 'x')).toBeGreaterThan(0)
  })
})

describe('rights', () => {
  const grant = (permission: string, effect = 'allow', condition = 'all') => ({ permission, effect, condition })
  it.each([
    ['a grant', [grant('patient:read')], [['patient:read', 'all']]],
    [
      'all over own, in either order',
      [grant('patient:read', 'allow', 'own'), grant('patient:read'), grant('patient:read', 'allow', 'own')],
      [['patient:read', 'all']],
    ],
    ['own alone', [grant('patient:read', 'allow', 'own')], [['patient:read', 'own']]],
    ['a denial wins, wherever it stands', [grant('patient:read', 'deny'), grant('patient:read'), grant('client:read')], [['client:read', 'all']]],
    ['a right of another version', [grant('patient:fly'), grant('patient:fly', 'deny')], []],
    ['none', [], []],
  ])('%s', (_case, grants, expected) => {
    expect([...resolveRights(grants)]).toEqual(expected)
  })
})
