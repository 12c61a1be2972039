import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withClient } from '../server/database/connection.ts'
import { EventStream } from './event-stream.ts'
import { TEMPLATE } from './global-setup.ts'
import { SIGN_IN, TEST_PASSWORD } from './harness.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { type Fleet, type Member, startFleet } from './proxy/fleet.ts'
import { configFor } from './proxy/haproxy.ts'
import { post } from './proxy/load.ts'
import { isReady } from './proxy/program.ts'
import { findWrongEffects, killUnderLoad, rollUnderLoad } from './proxy/trials.ts'

let database: ClonedDatabase
let fleet: Fleet

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  fleet = await startFleet(database)
}, 120_000)
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]()
  await database?.drop()
}, 60_000)

const REFRESH = 'mutation { refreshSession { __typename ... on Session { accessToken } } }'
const BOOK = 'mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on Appointment { id status } ... on Error { code } } }'
const CHART = 'query ($id: UUID!) { patient(id: $id) { id appointments { edges { node { id } } } } }'

const cookieOf = (headers: Headers) => (headers.get('set-cookie') ?? '').split(';')[0] ?? ''

async function signIn(url = fleet.url) {
  const { body, headers } = await post(url, { query: SIGN_IN, variables: { email: fleet.world.email, password: TEST_PASSWORD } })
  return { token: body.data.signIn.accessToken as string, cookie: cookieOf(headers) }
}

let day = 0
async function book(url: string, token: string): Promise<string> {
  const { patientId, typeId, staffId, roomId } = fleet.world.practice
  day += 1
  const startsAt = new Date(Date.UTC(2027, 0, 4 + 7 * day, 16)).toISOString()
  const { body } = await post(url, { query: BOOK, variables: { input: { patientId, typeId, staffId, roomId, startsAt } } }, { token, key: crypto.randomUUID() })
  expect(body.data.bookAppointment).toMatchObject({ __typename: 'Appointment' })
  return body.data.bookAppointment.id
}

/** Says that it is about to end while it still answers, and asks to close connections. */
async function expectDrain({ url }: Member): Promise<void> {
  await expect.poll(() => isReady(url), { timeout: 1_500, interval: 20 }).toBe(false)
  const [ready, alive] = await Promise.all([fetch(`${url}/readyz`), fetch(`${url}/healthz`)])
  expect([ready.status, await ready.text(), ready.headers.get('connection'), alive.status, await alive.text()]).toEqual([503, 'draining', 'close', 200, 'ok'])
}

describe('two servers behind HAProxy', () => {
  it('are one to a client that signs in, reads, books, renews its session and signs out, whichever server answers', async () => {
    let { token, cookie } = await signIn()
    for (let round = 0; round < 4; round += 1) {
      const id = await book(fleet.url, token)
      const { patientId } = fleet.world.practice
      for (const url of [fleet.url, ...fleet.servers.map((server) => server.url)]) {
        const { body } = await post(url, { query: CHART, variables: { id: patientId } }, { token })
        expect(body.data.patient.appointments.edges.map(({ node }: any) => node.id)).toContain(id)
      }
      const { body, headers } = await post(fleet.url, { query: REFRESH }, { cookie })
      expect(body.data.refreshSession.__typename).toBe('Session')
      token = body.data.refreshSession.accessToken
      cookie = cookieOf(headers)
      expect(cookie).not.toBe('')
    }
    await post(fleet.url, { query: 'mutation { signOut { __typename } }' }, { token })
    for (const { url } of fleet.servers) expect((await post(url, { query: '{ users(first: 1) { edges { node { id } } } }' }, { token })).status).toBe(401)
  })

  it('believe the proxy about the address of the browser, and no browser', async () => {
    const { token } = await signIn()
    const requestId = await new Promise<string>((resolve, reject) => {
      const request = httpRequest(`${fleet.url}/graphql`, {
        method: 'POST',
        localAddress: '127.0.0.9',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-forwarded-for': '203.0.113.7' },
      })
      request.once('response', (response) => {
        response.resume()
        resolve(String(response.headers['x-request-id']))
      })
      request.once('error', reject)
      request.end(JSON.stringify({ query: '{ species { code } }' }))
    })
    const { rows } = await withClient(database.adminUrl, (client) => client.query('SELECT address FROM audit.search WHERE request_id = $1', [requestId]))
    expect(rows).toEqual([{ address: '127.0.0.9' }])
  })

  it('tell of changes that the other one made, within two seconds', async () => {
    const [a, b] = fleet.servers
    const { token } = await signIn()
    const streams = [await EventStream.open(b.url, { token, types: ['Appointment'] }), await EventStream.open(fleet.url, { token, types: ['Appointment'] })]
    await Promise.all(streams.map((stream) => stream.untilOpen()))
    const id = await book(a.url, token)
    await Promise.all(streams.map((stream) => stream.until(() => stream.heard.includes(`Appointment ${id}`), 2_000)))
    for (const stream of streams) stream.close()
  })

  it('lose nothing that was acknowledged when one is killed, and do nothing twice', async () => {
    const { acknowledged, reads, wrong } = await killUnderLoad({ fleet, urls: database }, 1, () => 500)
    expect(wrong).toEqual([])
    expect([acknowledged > 20, reads > 20]).toEqual([true, true])
  }, 60_000)

  it('are restarted one after the other without a request that fails; streams go over', async () => {
    const { token } = await signIn()
    const stream = await EventStream.open(fleet.url, { token, types: ['Appointment'] })
    await stream.untilOpen()
    const { failures, wrong, acknowledged, reads } = await rollUnderLoad({ fleet, urls: database, rounds: 1, onDrain: expectDrain })
    expect([failures, wrong]).toEqual([[], []])
    expect([acknowledged > 50, reads > 50]).toEqual([true, true])
    await stream.untilOver()
    expect([stream.isComplete, stream.events.at(-1)?.errors?.[0]?.extensions.code]).toEqual([true, 'DRAINING'])
    const again = await EventStream.open(fleet.url, { token, types: ['Appointment'] })
    await again.untilOpen()
    again.close()
  }, 60_000)
})

describe('the trials', () => {
  it('find what they are for: planted, an effect that is missing and one that came twice', async () => {
    const id = await withClient(database.adminUrl, async (client) => {
      const { rows } = await client.query<{ id: string; name: string }>("SELECT id, name FROM client WHERE name LIKE 'load-%' LIMIT 1")
      return rows[0] ?? { id: '', name: '' }
    })
    expect(await findWrongEffects(database, [{ key: id.name, id: id.id }])).toEqual([])
    expect((await findWrongEffects(database, [{ key: id.name, id: crypto.randomUUID() }])).length).toBe(1)
    expect((await findWrongEffects(database, [{ key: 'load-never', id: crypto.randomUUID() }])).length).toBe(1)
  })

  it('run on the example as it is documented', async () => {
    const text = await configFor(1, [2, 3])
    expect(text).toContain('bind 127.0.0.1:1\n')
    expect(text.match(/^ {4}server .*$/gm)).toEqual(['    server s0 127.0.0.1:2', '    server s1 127.0.0.1:3'])
    expect(text).toContain('disable-l7-retry')
  })
})
