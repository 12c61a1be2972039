import { createHook } from 'node:async_hooks'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Clock } from '../../modules/kernel/time.ts'
import { createApp } from '../../server/app.ts'
import { type Harness, SIGN_IN, startHarness, TEST_PASSWORD } from '../harness.ts'
import { entriesOf } from '../trail.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'

let argon2Runs = 0
const argon2Watch = createHook({
  init: (_id, type) => {
    if (type === 'ARGON2REQUEST') argon2Runs += 1
  },
})

let now = Date.parse('2025-12-20T16:00:00Z')
const clock: Clock = { now: () => new Date(now) }
const pass = (seconds: number) => {
  now += seconds * 1000
}

let harness: Harness
let org: WorldOrganisation
let admin: pg.Client

beforeAll(async () => {
  argon2Watch.enable()
  harness = await startHarness({ clock, config: { trustProxy: 1 } })
  org = await buildOrganisation(harness.app, 'alfa')
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
})
afterAll(async () => {
  argon2Watch.disable()
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const VIEWER = '{ viewer { user { id } } }'
const REFRESH = 'mutation Refresh { refreshSession { __typename ... on Session { accessToken expiresAt } ... on Error { code } } }'
const isSignedIn = async (token: string) => (await harness.call(VIEWER, {}, { token })).body.data.viewer !== null
const refresh = async (cookie: string) => {
  const { body, headers } = await harness.call(REFRESH, {}, { cookie })
  return { answer: body.data.refreshSession, cookie: headers.get('set-cookie')?.split(';')[0] ?? null, requestId: headers.get('x-request-id') }
}
const attempt = async (email: string, password: string, address = '203.0.113.1') => {
  const { body, headers } = await harness.call(SIGN_IN, { email, password }, { headers: { 'x-forwarded-for': address } })
  return { answer: body.data.signIn, requestId: headers.get('x-request-id') }
}

describe('a session', () => {
  it('has an access token of 15 minutes in the body and a refresh token of 7 days in a cookie that scripts cannot read', async () => {
    const { body, headers } = await harness.call(SIGN_IN, { email: org.email('veterinarian'), password: TEST_PASSWORD })
    expect(body.data.signIn.expiresAt).toBe(new Date(now + 15 * 60_000).toISOString())
    expect(headers.get('set-cookie')).toMatch(/^chiron_refresh=[0-9a-f-]{36}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/)
    expect(JSON.stringify(body)).not.toContain(/=([^;]+)/.exec(headers.get('set-cookie') ?? '')?.[1])
  })

  it('keeps no token in the database, only hashes', async () => {
    const { cookie } = await harness.signIn(org.email('veterinarian'))
    const secret = cookie.split('.')[1] ?? ''
    const { rows } = await admin.query<{ text: string }>('SELECT string_agg(s::text, $1) AS text FROM session s', [' '])
    expect(rows[0]?.text).not.toContain(secret)
    expect(rows[0]?.text).not.toContain(Buffer.from(secret, 'base64url').toString('hex'))
  })

  it('takes an address in any case and with blanks around it', async () => {
    expect((await attempt(` ${org.email('veterinarian').toUpperCase()} `, TEST_PASSWORD)).answer.__typename).toBe('Session')
  })

  it('ends with its access token after 15 minutes, unless it is refreshed in time', async () => {
    const { token, cookie } = await harness.signIn(org.email('veterinarian'))
    pass(14 * 60)
    expect(await isSignedIn(token)).toBe(true)
    const next = await refresh(cookie)
    pass(61)
    expect(await isSignedIn(token)).toBe(false)
    expect(await isSignedIn(next.answer.accessToken)).toBe(true)
  })

  it('ends after 15 minutes without an operation, also for the refresh token', async () => {
    const { cookie } = await harness.signIn(org.email('veterinarian'))
    pass(15 * 60 - 1)
    const kept = await refresh(cookie)
    expect(kept.answer.__typename).toBe('Session')
    pass(15 * 60)
    expect((await refresh(kept.cookie ?? '')).answer).toMatchObject({ __typename: 'SessionEnded', code: 'SESSION_ENDED' })
    expect((await refresh(kept.cookie ?? '')).answer.__typename).toBe('SessionEnded')
  })

  it('ends after 7 days however busy it is', async () => {
    let { cookie } = await harness.signIn(org.email('veterinarian'))
    for (let minutes = 0; minutes < 7 * 24 * 60; minutes += 14) {
      await admin.query("UPDATE session SET last_active_at = $1 WHERE id = split_part($2, '.', 1)::uuid", [clock.now(), cookie.split('=')[1]])
      pass(14 * 60)
      if (minutes % (24 * 60) < 14) cookie = (await refresh(cookie)).cookie ?? cookie
    }
    await admin.query('UPDATE session SET last_active_at = $1', [clock.now()])
    expect((await refresh(cookie)).answer.__typename).toBe('SessionEnded')
  })
})

describe('refreshing', () => {
  it('rotates the token', async () => {
    const { cookie } = await harness.signIn(org.email('assistant'))
    const second = await refresh(cookie)
    const third = await refresh(second.cookie ?? '')
    expect(new Set([cookie, second.cookie, third.cookie])).toHaveLength(3)
    expect(third.answer.__typename).toBe('Session')
  })

  it('again within 10 seconds, because its answer was lost or another tab was quicker, gives the same cookie', async () => {
    const { cookie } = await harness.signIn(org.email('assistant'))
    const lost = await refresh(cookie)
    pass(10)
    const again = await refresh(cookie)
    expect([again.answer.__typename, again.cookie]).toEqual(['Session', lost.cookie])
    pass(60)
    const next = await refresh(again.cookie ?? '')
    expect(next.answer.__typename).toBe('Session')
    expect(next.cookie).not.toBe(again.cookie)
  })

  it('again does not make the 10 seconds longer', async () => {
    const { cookie } = await harness.signIn(org.email('assistant'))
    const first = await refresh(cookie)
    pass(9)
    expect((await refresh(cookie)).answer.__typename).toBe('Session')
    pass(2)
    expect((await refresh(cookie)).answer.__typename).toBe('SessionEnded')
    expect((await refresh(first.cookie ?? '')).answer.__typename).toBe('SessionEnded')
  })

  it('in many tabs at once leaves each with the same token, and nobody is signed out', async () => {
    const { cookie } = await harness.signIn(org.email('assistant'))
    const tabs = await Promise.all(Array.from({ length: 6 }, () => refresh(cookie)))
    expect(tabs.map(({ answer }) => answer.__typename)).toEqual(Array(6).fill('Session'))
    const [kept, ...others] = [...new Set(tabs.map((tab) => tab.cookie))]
    expect([kept, others]).toEqual([expect.stringMatching(/^chiron_refresh=[0-9a-f-]{36}\.[\w-]{43}$/), []])
    pass(60)
    expect((await refresh(kept ?? '')).answer.__typename).toBe('Session')
  })

  it('again gives no cookie when the next one cannot be worked out any more: the key is another', async () => {
    const { cookie } = await harness.signIn(org.email('assistant'))
    const first = await refresh(cookie)
    const secrets = { tokenKey: new Uint8Array(32).fill(8) }
    await using other = await createApp({ ...harness.config, secrets }, { clock, log: harness.app.log })
    const { url } = await other.listen()
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ query: 'mutation { refreshSession { __typename } }' }),
    })
    expect([await response.json(), response.headers.get('set-cookie')]).toEqual([{ data: { refreshSession: { __typename: 'Session' } } }, null])
    expect((await refresh(first.cookie ?? '')).answer.__typename).toBe('Session')
  })

  it('with a token that was exchanged before ends the whole family and is recorded', async () => {
    const { token, cookie } = await harness.signIn(org.email('assistant'))
    const next = await refresh(cookie)
    pass(11)
    const stolen = await refresh(cookie)
    expect([stolen.answer.__typename, stolen.cookie]).toEqual(['SessionEnded', 'chiron_refresh='])
    expect((await refresh(next.cookie ?? '')).answer.__typename).toBe('SessionEnded')
    expect(await isSignedIn(token)).toBe(false)
    expect(await isSignedIn(next.answer.accessToken)).toBe(false)
    const [entry] = await entriesOf(admin, stolen.requestId)
    expect(entry?.body).toMatchObject({ outcome: 'denied', actor: { claimed: org.userId('assistant') } })
    expect(entry?.body.detail).toContain('REFRESH_REUSE')
    const { rows } = await admin.query<{ reason: string }>("SELECT revoked_reason AS reason FROM session WHERE id = split_part($1, '.', 1)::uuid", [
      cookie.split('=')[1],
    ])
    expect(rows).toEqual([{ reason: 'reuse_detected' }])
  })

  it('with an older token than the last ends the family even within the 10 seconds', async () => {
    const { cookie } = await harness.signIn(org.email('assistant'))
    const second = await refresh(cookie)
    const third = await refresh(second.cookie ?? '')
    expect((await refresh(cookie)).answer.__typename).toBe('SessionEnded')
    expect((await refresh(third.cookie ?? '')).answer.__typename).toBe('SessionEnded')
  })

  it.each([
    '',
    'chiron_refresh=',
    'chiron_refresh=nonsense',
    `chiron_refresh=01900000-0000-7000-8000-000000000000.${'A'.repeat(43)}`,
    `other=1; chiron_refresh=x.y.z`,
  ])('with the cookie "%s" answers that the session has ended', async (cookie) => {
    expect((await refresh(cookie)).answer.code).toBe('SESSION_ENDED')
  })
})

describe('signing out', () => {
  const out = (field: string) => `mutation Out { ${field} { everywhere } }`

  it('ends this session alone', async () => {
    const [here, there] = [await harness.signIn(org.email('receptionist')), await harness.signIn(org.email('receptionist'))]
    const { headers } = await harness.call(out('signOut'), {}, { token: here.token })
    expect(headers.get('set-cookie')).toMatch(/^chiron_refresh=; .*Max-Age=0/)
    expect([await isSignedIn(here.token), await isSignedIn(there.token)]).toEqual([false, true])
    expect((await refresh(here.cookie)).answer.__typename).toBe('SessionEnded')
  })

  it('everywhere ends every session of the person and of nobody else', async () => {
    const [here, there, other] = [
      await harness.signIn(org.email('receptionist')),
      await harness.signIn(org.email('receptionist')),
      await harness.signIn(org.email('manager')),
    ]
    await harness.call(out('signOutEverywhere'), {}, { token: here.token })
    expect([await isSignedIn(here.token), await isSignedIn(there.token), await isSignedIn(other.token)]).toEqual([false, false, true])
    expect((await refresh(there.cookie)).answer.__typename).toBe('SessionEnded')
  })

  it('is for those who are signed in', async () => {
    expect((await harness.call(out('signOut'))).body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })
})

describe('what changes about a person', () => {
  const ACTIVE = 'mutation Active($input: SetUserActiveInput!) { setUserActive(input: $input) { __typename ... on User { version } ... on Error { code } } }'

  it('counts from the next operation on: activity', async () => {
    const { token, cookie } = await harness.signIn(org.email('groomer'))
    const owner = await harness.signIn(org.email('owner'))
    const change = (isActive: boolean, version: number) =>
      harness.call(ACTIVE, { input: { id: org.userId('groomer'), version, isActive } }, { token: owner.token })
    const off = await change(false, 1)
    expect(await isSignedIn(token)).toBe(false)
    expect((await refresh(cookie)).answer.__typename).toBe('SessionEnded')
    expect((await attempt(org.email('groomer'), TEST_PASSWORD)).answer).toMatchObject({ __typename: 'SignInRefused' })
    await change(true, off.body.data.setUserActive.version)
    // The old session stays closed.
    expect(await isSignedIn(token)).toBe(false)
    expect((await attempt(org.email('groomer'), TEST_PASSWORD)).answer.__typename).toBe('Session')
  })

  it('counts from the next operation on: roles, and their last day', async () => {
    const { token, viewer } = await harness.signIn(org.email('groomer', 1))
    expect(viewer.roles).toEqual(['groomer'])
    const owner = await harness.signIn(org.email('owner'))
    const assign = 'mutation Assign($input: AssignRoleInput!) { assignRole(input: $input) { ... on User { assignments { id role { code } } } } }'
    const end = 'mutation End($input: EndRoleAssignmentInput!) { endRoleAssignment(input: $input) { __typename } }'
    const { body } = await harness.call(
      assign,
      { input: { userId: org.userId('groomer', 1), roleCode: 'manager', clinicId: org.clinics[1]?.id } },
      { token: owner.token },
    )
    const roles = async () => (await harness.call('{ viewer { roles } }', {}, { token })).body.data.viewer?.roles ?? null
    expect(await roles()).toEqual(['groomer', 'manager'])
    for (const { id, role } of body.data.assignRole.assignments) {
      await harness.call(end, { input: { id } }, { token: owner.token })
      expect(await roles()).toEqual(role.code === 'manager' ? ['groomer'] : null)
    }
  })

  it('at a clinic where no role is held is out of reach', async () => {
    const { token } = await harness.signIn(org.email('receptionist'))
    const { status, body } = await harness.call(VIEWER, {}, { token, clinicId: org.clinics[1]?.id ?? '' })
    expect([status, body.errors?.[0]?.extensions.code]).toEqual([403, 'CLINIC_OUT_OF_REACH'])
    // Nor does a text that is no id fall back to another clinic than the one that was meant.
    const shouted = await harness.call(VIEWER, {}, { token, clinicId: (org.clinics[0]?.id ?? '').toUpperCase() })
    expect([shouted.status, shouted.body.errors?.[0]?.extensions.code]).toEqual([403, 'CLINIC_OUT_OF_REACH'])
    const [entry] = await entriesOf(admin, shouted.headers.get('x-request-id'))
    expect(entry).toMatchObject({ body: { organisation: org.id, outcome: 'denied', actor: { claimed: org.userId('receptionist') } } })
    const owner = await harness.signIn(org.email('owner'))
    expect(
      (await harness.call('{ viewer { clinic { id } } }', {}, { token: owner.token, clinicId: org.clinics[1]?.id ?? '' })).body.data.viewer.clinic.id,
    ).toBe(org.clinics[1]?.id)
  })
})

describe('guessing', () => {
  it('costs the same work for an unknown address, a wrong password and a right one', async () => {
    const runs = async (email: string, password: string) => {
      const before = argon2Runs
      const { answer } = await attempt(email, password, '203.0.113.50')
      return [answer.__typename, argon2Runs - before]
    }
    expect(await runs(org.email('manager'), TEST_PASSWORD)).toEqual(['Session', 1])
    expect(await runs(org.email('manager'), 'not the right one')).toEqual(['SignInRefused', 1])
    expect(await runs('nobody@alfa.example', 'not the right one')).toEqual(['SignInRefused', 1])
  })

  it('is stopped after 5 attempts at one account from one address, right password or not', async () => {
    const email = org.email('manager', 1)
    for (let round = 0; round < 5; round += 1) expect((await attempt(email, 'not the right one')).answer.__typename).toBe('SignInRefused')
    const before = argon2Runs
    const { answer, requestId } = await attempt(email, TEST_PASSWORD)
    expect(answer).toMatchObject({
      __typename: 'TooManyAttempts',
      code: 'TOO_MANY_ATTEMPTS',
      params: [{ name: 'retryAfterSeconds', value: expect.stringMatching(/^\d+$/) }],
    })
    expect(argon2Runs).toBe(before)
    expect((await entriesOf(admin, requestId))[0]?.body).toMatchObject({ action: 'login', outcome: 'denied', detail: 'TOO_MANY_ATTEMPTS' })
    expect((await attempt(email, TEST_PASSWORD, '203.0.113.2')).answer.__typename).toBe('Session')
  })

  it('of one account from many addresses is stopped after 20', async () => {
    const email = org.email('assistant', 1)
    const answers = []
    for (let round = 0; round < 21; round += 1) answers.push((await attempt(email, 'not the right one', `203.0.114.${round}`)).answer.__typename)
    expect(answers).toEqual([...Array(20).fill('SignInRefused'), 'TooManyAttempts'])
  })

  it('is forgiven by a right password', async () => {
    const email = org.email('receptionist', 1)
    for (let round = 0; round < 3; round += 1) {
      for (let wrong = 0; wrong < 3; wrong += 1) await attempt(email, 'not the right one', '203.0.115.1')
      expect((await attempt(email, TEST_PASSWORD, '203.0.115.1')).answer.__typename).toBe('Session')
    }
  })

  it('from one address locks nobody else out of the account', async () => {
    const email = org.email('compliance_officer', 1)
    for (let round = 0; round < 25; round += 1) await attempt(email, 'not the right one', '203.0.116.1')
    expect((await attempt(email, TEST_PASSWORD, '203.0.116.2')).answer.__typename).toBe('Session')
  })

  it('happens once per request, so that no attempt hides behind another', async () => {
    const many = `mutation { a: signIn(input: { email: "${org.email('veterinarian')}", password: "a guess at it" }) { __typename }
      b: signIn(input: { email: "${org.email('groomer', 1)}", password: "${TEST_PASSWORD}" }) { __typename } }`
    const { body, headers } = await harness.call(many, {}, { free: true, headers: { 'x-forwarded-for': '203.0.117.1' } })
    expect(body.errors?.[0]?.extensions.code).toBe('BAD_REQUEST')
    expect(headers.get('set-cookie')).toBeNull()
    const [entry] = await entriesOf(admin, headers.get('x-request-id'))
    expect(entry?.body).toMatchObject({ outcome: 'denied', actor: { claimed: org.userId('veterinarian') } })
    const mixed = await harness.call(`mutation { setLocale(input: { locale: "en" }) { __typename } refreshSession { __typename } }`, {}, {})
    expect(mixed.body).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
    expect(mixed.body.data ?? null).toBeNull()
  })

  it('is told to the organisation of the account, whoever else the caller is', async () => {
    const foreign = await buildOrganisation(harness.app, 'omega')
    const { token } = await harness.signIn(foreign.email('groomer'))
    const { headers } = await harness.call(
      SIGN_IN,
      { email: org.email('veterinarian', 1), password: 'not the right one' },
      { token, headers: { 'x-forwarded-for': '203.0.118.1' } },
    )
    const [entry] = await entriesOf(admin, headers.get('x-request-id'))
    expect(entry).toMatchObject({ body: { organisation: org.id, outcome: 'denied', actor: { kind: 'anonymous', claimed: org.userId('veterinarian', 1) } } })
  })

  it('of an address that PostgreSQL cannot hold is refused like any other', async () => {
    for (const email of ['nobody\0@alfa.example', '\ud800@alfa.example', `${'x'.repeat(100_000)}@alfa.example`])
      expect((await attempt(email, 'not the right one', '203.0.119.1')).answer.__typename).toBe('SignInRefused')
  })

  it('records a session that could not be renewed as a refusal', async () => {
    const { headers } = await harness.call(REFRESH, {}, { headers: { 'x-forwarded-for': '203.0.120.1' } })
    expect((await entriesOf(admin, headers.get('x-request-id')))[0]?.body).toMatchObject({ action: 'refresh', outcome: 'refused', detail: 'SESSION_ENDED' })
  })
})
