import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../test/harness.ts'
import type { FirstOrganisation } from './cli/setup-command.ts'
import { createFirstOrganisation, findDemoLogins, isDatabaseEmpty } from './data.ts'
import { StartupError } from './startup-error.ts'

const INPUT: FirstOrganisation = {
  organisation: 'Veterinaria del Sur',
  clinic: 'Sur',
  country: 'mx',
  timeZone: null,
  currency: null,
  language: null,
  ownerName: 'Ana Ríos',
  ownerEmail: 'Ana@sur.example',
  ownerPassword: 'plenty of letters here',
}
const VIEWER = '{ viewer { roles clinic { name countryCode timeZone currency locale } } noteTemplates { kind } }'

let harness: Harness
beforeEach(async () => {
  harness = await startHarness()
})
afterEach(() => harness[Symbol.asyncDispose]())

const create = (change: Partial<FirstOrganisation> = {}) => createFirstOrganisation(harness.app, { ...INPUT, ...change })

describe('the first organisation', () => {
  it("starts with its country's preset, the owner and the note templates", async () => {
    expect(await isDatabaseEmpty(harness.app)).toBe(true)
    await create()
    expect(await isDatabaseEmpty(harness.app)).toBe(false)
    expect(await findDemoLogins(harness.app)).toEqual([])
    const { token } = await harness.signIn('ana@sur.example', INPUT.ownerPassword)
    const { viewer, noteTemplates } = (await harness.call(VIEWER, {}, { token })).body.data
    expect(viewer).toEqual({ roles: ['owner'], clinic: { name: 'Sur', countryCode: 'MX', timeZone: 'America/Mexico_City', currency: 'MXN', locale: 'es-MX' } })
    expect(noteTemplates.length).toBeGreaterThan(0)
  })

  it('takes zone, currency and language as they are given, for a country without a preset too', async () => {
    await create({ country: 'PT', timeZone: 'Europe/Lisbon', currency: 'EUR', language: 'en' })
    const { token } = await harness.signIn('ana@sur.example', INPUT.ownerPassword)
    expect((await harness.call(VIEWER, {}, { token })).body.data.viewer.clinic).toEqual({
      name: 'Sur',
      countryCode: 'PT',
      timeZone: 'Europe/Lisbon',
      currency: 'EUR',
      locale: 'en',
    })
  })

  it('is refused in one line when there is one already', async () => {
    await create()
    await expect(create({ ownerEmail: 'other@sur.example' })).rejects.toThrow(
      new StartupError('This database has an organisation already: sign in as its owner, or use an empty database.'),
    )
  })

  it.each<[Partial<FirstOrganisation>, RegExp]>([
    [{ country: 'PT' }, /^There is no preset for the country PT: give --timeZone and --currency too/],
    [{ ownerPassword: 'short' }, /^Cannot set up: password: must have at least 12 characters$/],
    [{ timeZone: 'Mars/Olympus' }, /^Cannot set up: clinics\.0\.timeZone: must be an IANA time zone/],
    [{ language: 'fr' }, /^Cannot set up: locale: /],
    [{ ownerEmail: 'nobody' }, /^Cannot set up: email: /],
  ])('is refused for %j', async (change, message) => {
    const refused = create(change)
    await expect(refused).rejects.toThrow(StartupError)
    await expect(refused).rejects.toThrow(message)
    expect(await isDatabaseEmpty(harness.app)).toBe(true)
  })
})
