import { type ActorClinic, type SystemActor, toLocale } from '../../modules/kernel/actor.ts'
import type { TenantJob } from '../../modules/kernel/jobs.ts'
import type { Database } from '../db.ts'
import { queryInScope, type Scope } from '../scoped-query.ts'

type ClinicRow = {
  name: string
  timeZone: string
  currency: string
  countryCode: string
  locale: string
  opensMinute: number
  closesMinute: number
  sharePatients: boolean
}

const CLINIC = `SELECT c.name, c.time_zone AS "timeZone", c.currency, c.country_code AS "countryCode", c.locale, c.opens_minute AS "opensMinute",
  c.closes_minute AS "closesMinute", o.share_patients AS "sharePatients"
FROM clinic c JOIN organisation o ON o.id = c.organisation_id WHERE c.organisation_id = $1 AND c.id = $2`

type Place = Pick<TenantJob, 'organisationId' | 'clinicId'>

/** What an actor knows of a clinic, for operations without a session. Null when there is no such clinic. */
export async function loadJobClinic(database: Database, { organisationId, clinicId }: Place): Promise<{ clinic: ActorClinic; sharePatients: boolean } | null> {
  const scope: Scope = { organisationId, clinicIds: [clinicId], sharePatients: false }
  const { rows } = await queryInScope<ClinicRow>(database.pool, scope, { name: 'job_clinic', text: CLINIC, values: [organisationId, clinicId] })
  const [row] = rows
  if (!row) return null
  const { sharePatients, ...clinic } = row
  return { clinic: { ...clinic, id: clinicId, locale: toLocale(clinic.locale) }, sharePatients }
}

/** The installation at the clinic of a job, as the trail will name it. Null when there is no such clinic. */
export async function loadJobActor(database: Database, place: Place, name: string): Promise<SystemActor | null> {
  const found = await loadJobClinic(database, place)
  return found && { kind: 'system', name, organisationId: place.organisationId, ...found, staffId: null, locale: found.clinic.locale }
}
