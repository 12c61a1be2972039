import { DEMO_PASSWORD, demoEmail, OUTSIDERS, STAFF } from '../demo/clinic-data.ts'
import { findDemoState } from '../demo/load-demo.ts'
import { toLocale } from '../modules/kernel/actor.ts'
import { DomainError } from '../modules/kernel/errors.ts'
import { newId } from '../modules/kernel/ids.ts'
import type { CountryPreset } from '../prisma/client/client.ts'
import type { App } from './app.ts'
import { isEmptyInstallation, setUpInstallation } from './auth/set-up.ts'
import type { FirstOrganisation } from './cli/setup-command.ts'
import type { DemoLogin } from './start.ts'
import { StartupError } from './startup-error.ts'

export { loadDemo } from '../demo/load-demo.ts'

/** True while there is no organisation, or nothing but a demo whose load was interrupted: loadDemo begins it or goes on. */
export async function isDatabaseEmpty(app: App): Promise<boolean> {
  return (await isEmptyInstallation(app.database)) || (await findDemoState(app)) === 'partial'
}

/**
 * One login per role of the demo's staff and of the installation; empty when this database does not hold the demo. Throws
 * StartupError when it holds a part of it, which nobody should take for the whole.
 */
export async function findDemoLogins(app: App): Promise<readonly DemoLogin[]> {
  const state = await findDemoState(app)
  if (state === 'none') return []
  if (state === 'partial')
    throw new StartupError('This database holds a demo whose load was interrupted: start once without CHIRON_DEMO=0 to finish it, or use an empty database.')
  return [...STAFF, ...OUTSIDERS].map(({ role }) => ({ role, email: demoEmail(role), password: DEMO_PASSWORD }))
}

/**
 * Creates the organisation, its first clinic and the owner's account. Zone, currency and language default to the country's
 * preset. Throws StartupError, in one line, when one exists already or a value is refused.
 */
export async function createFirstOrganisation(app: App, input: FirstOrganisation): Promise<void> {
  const countryCode = input.country.trim().toUpperCase()
  const { rows } = await app.database.pool.query<Pick<CountryPreset, 'currency' | 'locale'> & { time_zone: string }>(
    'SELECT time_zone, currency, locale FROM country_preset WHERE code = $1',
    [countryCode],
  )
  const [preset] = rows
  const timeZone = input.timeZone ?? preset?.time_zone
  const currency = input.currency ?? preset?.currency
  const locale = input.language ?? preset?.locale ?? toLocale(null)
  if (timeZone === undefined || currency === undefined)
    throw new StartupError(
      `There is no preset for the country ${countryCode}: give --timeZone and --currency too, as in --timeZone Europe/Lisbon --currency EUR.`,
    )
  const { organisation: organisationName, clinic: clinicName, ownerName, ownerEmail, ownerPassword: password } = input
  const setUp = { organisationName, clinicName, countryCode, timeZone, currency, locale, ownerName, ownerEmail, password }
  // Set-up replaces the actor: until then nobody acts.
  const actor = { kind: 'anonymous', locale: toLocale(locale) } as const
  const operation = { requestId: newId(), actor, origin: 'cli', name: 'setup', address: null, userAgent: null, documentHash: null, action: 'create' } as const
  try {
    await setUpInstallation({ database: app.database, clock: app.clock }, { operation }, setUp)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    if (error.code === 'WRONG_STATE') throw new StartupError('This database has an organisation already: sign in as its owner, or use an empty database.')
    throw new StartupError(`Cannot set up: ${error.message}`)
  }
}
