import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from './harness.ts'
import { buildOrganisation } from './world.ts'

let harness: Harness
let token: string

beforeAll(async () => {
  harness = await startHarness()
  const organisation = await buildOrganisation(harness.app, 'alfa', [{}])
  token = (await harness.signIn(organisation.email('owner'))).token
})
afterAll(() => harness[Symbol.asyncDispose]())

// The suite wants its audits before any test has run; the address is known only later.
// The suite sends free documents, introspection and bare GETs: it is a signed-in owner whose browser sent the CSRF header.
const audits = serverAudits({
  url: () => `${harness.url}/graphql`,
  fetchFn: (url: string, init: RequestInit = {}) =>
    fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}`, 'x-graphql-yoga-csrf': '1' } }),
})

describe("graphql-http's audit suite on /graphql", () => {
  it('has audits', () => {
    expect(audits.length).toBeGreaterThan(50)
  })

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (_id, _name, audit) => {
    const result = await audit.fn()
    expect([result.status, 'reason' in result ? result.reason : '']).toEqual(['ok', ''])
  })
})
