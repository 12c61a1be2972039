import { timingSafeEqual } from 'node:crypto'
import type { UserActor } from '../../modules/kernel/actor.ts'
import { NotPermittedError } from '../../modules/kernel/errors.ts'
import { newId } from '../../modules/kernel/ids.ts'
import { type Clock, DAY_MS, MINUTE_MS } from '../../modules/kernel/time.ts'
import type { IssuedSession, SignInAnswer } from '../../schema/context.ts'
import type { Database } from '../db.ts'
import type { RequestRecord } from '../operation.ts'
import { queryInScope, type Scope } from '../scoped-query.ts'
import { UNKNOWN_USER_HASH, verifyPassword } from './passwords.ts'
import type { SignInLimits } from './rate-limits.ts'
import { resolveActor, TOUCH_MS, touchSession } from './resolve-actor.ts'
import {
  hashSecret,
  IDLE_MINUTES,
  newRefreshSecret,
  nextRefreshSecret,
  parseRefreshToken,
  REFRESH_DAYS,
  type RefreshToken,
  ROTATION_GRACE_SECONDS,
  signAccessToken,
} from './tokens.ts'

export type SessionPorts = {
  readonly database: Database
  readonly clock: Clock
  readonly tokenKey: Uint8Array
  readonly limits: SignInLimits
}

export type Issued = { readonly session: IssuedSession /** For the cookie; null keeps the one that is there. */; readonly refreshToken: string | null }
type Account = { user_id: string; organisation_id: string; password_hash: string; is_active: boolean }
type Family = {
  id: string
  user_id: string
  refresh_hash: Buffer
  previous_hash: Buffer | null
  rotated_at: Date
  last_active_at: Date
  expires_at: Date
  revoked_at: Date | null
}

const LONGEST_ADDRESS = 254

/**
 * Checks a password and opens a session. An unknown address, a wrong password and an inactive person get the same answer
 * after the same work.
 */
export async function signIn(
  ports: SessionPorts,
  record: RequestRecord,
  address: string,
  email: string,
  password: string,
): Promise<{ answer: SignInAnswer; refreshToken: string | null }> {
  // What PostgreSQL cannot hold is nobody's address.
  const typed = email.slice(0, LONGEST_ADDRESS).trim().toLowerCase().replaceAll('\0', '').toWellFormed()
  const account = email.length > LONGEST_ADDRESS ? `${typed}…` : typed
  record.operation.action = 'login'
  const wait = await ports.limits.attempt(account, address)
  if (wait !== null) {
    record.outcome = 'denied'
    record.details.add('TOO_MANY_ATTEMPTS')
    return { answer: { kind: 'too-many', retryAfterSeconds: wait }, refreshToken: null }
  }
  const issued = await ports.limits.judged(account, address, async () => {
    const { rows } = await ports.database.pool.query<Account>({ name: 'find_sign_in', text: 'SELECT * FROM find_sign_in($1)', values: [account] })
    const found = rows[0]
    const isRight = await verifyPassword(password, found?.password_hash ?? UNKNOWN_USER_HASH)
    if (found) record.claimed = { organisationId: found.organisation_id, userId: found.user_id, userName: null }
    return found && isRight && found.is_active ? await openSession(ports, found.organisation_id, found.user_id) : null
  })
  if (!issued) {
    record.outcome = 'denied'
    record.details.add('WRONG_CREDENTIALS')
    return { answer: { kind: 'refused' }, refreshToken: null }
  }
  await ports.limits.forgive(account, address)
  if (record.claimed) record.claimed = { ...record.claimed, userName: issued.session.viewer.userName }
  return { answer: { kind: 'session', session: issued.session }, refreshToken: issued.refreshToken }
}

/** A new family of refresh tokens and its first access token; null when the person holds no role anywhere today. */
export async function openSession(ports: SessionPorts, organisationId: string, userId: string): Promise<Issued | null> {
  const now = ports.clock.now()
  const id = newId(now.getTime())
  const secret = newRefreshSecret()
  await run(
    ports,
    organisationId,
    'open_session',
    `INSERT INTO session (id, organisation_id, user_id, refresh_hash, rotated_at, last_active_at, expires_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $5, $6, $5)`,
    [id, organisationId, userId, hashSecret(secret), now, new Date(now.getTime() + REFRESH_DAYS * DAY_MS)],
  )
  const session = await issue(ports, organisationId, id, now)
  if (!session) await revoke(ports, organisationId, id, 'deactivated')
  return session && { session, refreshToken: `${id}.${secret}` }
}

/**
 * Exchanges a refresh token for the next one. Null: the session has ended.
 *
 * A token that was exchanged before means that two hold the family: it is revoked. Except within 10 seconds of the first exchange, when
 * another tab of the same browser was quicker, or the page was loaded again before the answer came: then the same exchange is repeated and
 * gives the same token, since whoever kept the old one would be taken for a thief later. A thief who copies a token is found out all the same:
 * of two holders one soon comes with a token that the other exchanged more than 10 seconds ago, or with one before the last, which nothing
 * excuses. Only who always comes within 10 seconds of the other would stay with them, and neither is told when that is.
 */
export async function refreshSession(ports: SessionPorts, record: RequestRecord, cookie: string | null): Promise<Issued | null> {
  const token = parseRefreshToken(cookie)
  if (!token) return null
  const { rows } = await ports.database.pool.query<{ user_id: string; organisation_id: string }>({
    name: 'find_session',
    text: 'SELECT * FROM find_session($1)',
    values: [token.sessionId],
  })
  const owner = rows[0]
  if (!owner) return null
  const organisationId = owner.organisation_id
  const family = await readFamily(ports, organisationId, token.sessionId)
  const now = ports.clock.now()
  if (!family || family.revoked_at || family.expires_at <= now) return null
  record.claimed = { organisationId, userId: owner.user_id, userName: null }
  if (now.getTime() - family.last_active_at.getTime() >= IDLE_MINUTES * MINUTE_MS) {
    await revoke(ports, organisationId, family.id, 'idle')
    return null
  }
  const exchanged = await exchange(ports, organisationId, family, token, now)
  if (exchanged === 'reuse') {
    record.outcome = 'denied'
    record.details.add('REFRESH_REUSE')
    await revoke(ports, organisationId, family.id, 'reuse_detected')
    return null
  }
  const session = await renew(ports, record, family, now)
  return session && { session, ...exchanged }
}

async function exchange(
  ports: SessionPorts,
  organisationId: string,
  family: Family,
  token: RefreshToken,
  now: Date,
): Promise<Pick<Issued, 'refreshToken'> | 'reuse'> {
  const hash = hashSecret(token.secret)
  const secret = nextRefreshSecret(ports.tokenKey, token)
  const [nextHash, refreshToken] = [hashSecret(secret), `${family.id}.${secret}`]
  // Of another key, or exchanged once more meanwhile: what is not the family's token must not replace the one that is.
  const ifCurrent = (current: Family | undefined) => ({ refreshToken: current && same(nextHash, current.refresh_hash) ? refreshToken : null })
  if (same(hash, family.refresh_hash)) {
    const [rotated] = await run<Family>(
      ports,
      organisationId,
      'rotate_session',
      `UPDATE session SET refresh_hash = $3, previous_hash = refresh_hash, rotated_at = $4
      WHERE id = $1 AND refresh_hash = $2 RETURNING *`,
      [family.id, hash, nextHash, now],
    )
    // Nobody rotated in between, or another tab did, with the same outcome.
    return ifCurrent(rotated ?? (await readFamily(ports, organisationId, family.id)))
  }
  const isExcused = same(hash, family.previous_hash) && now.getTime() - family.rotated_at.getTime() <= ROTATION_GRACE_SECONDS * 1000
  return isExcused ? ifCurrent(family) : 'reuse'
}

async function readFamily(ports: SessionPorts, organisationId: string, id: string): Promise<Family | undefined> {
  const [family] = await run<Family>(ports, organisationId, 'read_family', 'SELECT * FROM session WHERE id = $1', [id])
  return family
}

async function renew(ports: SessionPorts, record: RequestRecord, family: Family, now: Date): Promise<IssuedSession | null> {
  const session = record.claimed && (await issue(ports, record.claimed.organisationId, family.id, now))
  if (session && record.claimed) record.claimed = { ...record.claimed, userName: session.viewer.userName }
  return session
}

export async function signOut(ports: SessionPorts, actor: UserActor): Promise<void> {
  await revoke(ports, actor.organisationId, actor.sessionId, 'signed_out')
}

export async function signOutEverywhere(ports: SessionPorts, actor: UserActor): Promise<void> {
  await run(
    ports,
    actor.organisationId,
    'revoke_all',
    "UPDATE session SET revoked_at = $2, revoked_reason = 'signed_out_everywhere' WHERE user_id = $1 AND revoked_at IS NULL",
    [actor.userId, ports.clock.now()],
  )
}

/** Throws NotPermittedError unless this is the person's own password; wrong attempts count like those of sign-in. */
export async function confirmPassword(ports: SessionPorts, actor: UserActor, address: string, password: string): Promise<void> {
  const account = `confirm:${actor.userId}`
  const wait = await ports.limits.attempt(account, address)
  if (wait !== null) throw new NotPermittedError(`Too many attempts. Try again in ${wait} s.`, 'too_many_attempts')
  const [user] = await ports.limits.judged(account, address, () =>
    run<{ password_hash: string }>(ports, actor.organisationId, 'own_password', 'SELECT password_hash FROM app_user WHERE id = $1', [actor.userId]),
  )
  if (!user || !(await verifyPassword(password, user.password_hash))) throw new NotPermittedError('The current password is not right.', 'wrong_password')
  await ports.limits.forgive(account, address)
}

/** Who stands behind a refresh cookie, without rotating it: for pages that the browser opens by itself (GraphiQL). */
export async function actorOfCookie(ports: SessionPorts, cookie: string | null): Promise<UserActor | null> {
  const token = parseRefreshToken(cookie)
  if (!token) return null
  const { rows } = await ports.database.pool.query<{ organisation_id: string }>({
    name: 'find_session',
    text: 'SELECT * FROM find_session($1)',
    values: [token.sessionId],
  })
  const organisationId = rows[0]?.organisation_id
  if (organisationId === undefined) return null
  const family = await readFamily(ports, organisationId, token.sessionId)
  if (!family || !same(hashSecret(token.secret), family.refresh_hash)) return null
  return signedIn(await resolveActor(ports.database, { sessionId: family.id, organisationId }, null, ports.clock.now()))
}

/** An access token for a session that is known to be sound. */
export async function issue(ports: SessionPorts, organisationId: string, sessionId: string, now: Date): Promise<IssuedSession | null> {
  const found = await resolveActor(ports.database, { sessionId, organisationId }, null, now)
  if (found?.kind !== 'user') return null
  const viewer = found.actor
  if (now.getTime() - found.lastActiveAt.getTime() >= TOUCH_MS) await touchSession(ports.database, viewer, now)
  const { token, expiresAt } = await signAccessToken(ports.tokenKey, { sessionId, organisationId }, now)
  return { accessToken: token, expiresAt, idleMinutes: IDLE_MINUTES, viewer }
}

async function revoke(ports: SessionPorts, organisationId: string, id: string, reason: string): Promise<void> {
  await run(ports, organisationId, 'revoke_session', 'UPDATE session SET revoked_at = $2, revoked_reason = $3 WHERE id = $1 AND revoked_at IS NULL', [
    id,
    ports.clock.now(),
    reason,
  ])
}

async function run<Row extends object>(ports: SessionPorts, organisationId: string, name: string, text: string, values: unknown[]): Promise<Row[]> {
  const scope: Scope = { organisationId, clinicIds: [], sharePatients: false }
  return (await queryInScope<Row>(ports.database.pool, scope, { name, text, values })).rows
}

// Without a wish for a clinic the answer is the first one, so none can be out of reach.
function signedIn(found: Awaited<ReturnType<typeof resolveActor>>): UserActor | null {
  return found?.kind === 'user' ? found.actor : null
}

function same(hash: Buffer, stored: Buffer | null): boolean {
  return stored !== null && hash.length === stored.length && timingSafeEqual(hash, stored)
}
