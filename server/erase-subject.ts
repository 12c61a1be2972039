import { type Erased, eraseSubject } from '../modules/compliance/index.ts'
import { type SystemActor, toLocale } from '../modules/kernel/actor.ts'
import { DomainError, NotFoundError } from '../modules/kernel/errors.ts'
import type { App } from './app.ts'
import { StartupError } from './startup-error.ts'

type Tenant = { readonly organisation_id: string; readonly clinic_id: string }

/**
 * Erases what the trail keeps about somebody, at whichever clinic knows them, with an entry of its own. Throws StartupError, in one
 * line, when nobody does or the reason is missing.
 */
export async function eraseSubjectFromConsole(app: App, input: { subjectId: string; reason: string }): Promise<Erased> {
  const { rows } = await app.database.pool.query<Tenant>('SELECT organisation_id, clinic_id FROM list_tenants() ORDER BY organisation_id, clinic_id')
  for (const tenant of rows) {
    const actor = operatorAt(tenant)
    try {
      return await app.asSystem(actor, 'cli', 'audit.erase', (tx) => eraseSubject(tx, actor, input))
    } catch (error) {
      if (error instanceof NotFoundError) continue
      if (error instanceof DomainError) throw new StartupError(`Cannot erase: ${error.message}`)
      throw error
    }
  }
  throw new StartupError(`No client, patient, user, staff member or request for a booking has the id ${input.subjectId}.`)
}

function operatorAt({ organisation_id, clinic_id }: Tenant): SystemActor {
  const clinic = { id: clinic_id, name: '', timeZone: 'UTC', currency: 'XXX', countryCode: 'ZZ', locale: toLocale('en'), opensMinute: 0, closesMinute: 1440 }
  return { kind: 'system', name: 'operator', organisationId: organisation_id, clinic, sharePatients: true, staffId: null, locale: 'en' }
}
