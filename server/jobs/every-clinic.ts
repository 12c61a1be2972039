import type { AuditRule } from '../../modules/kernel/access-rules.ts'
import type { SystemActor } from '../../modules/kernel/actor.ts'
import type { Tx } from '../../modules/kernel/db.ts'
import { newId } from '../../modules/kernel/ids.ts'
import type { DataClass } from '../../modules/kernel/permissions.ts'
import type { Clock } from '../../modules/kernel/time.ts'
import type { Json } from '../../schema/context.ts'
import { scopeOf } from '../build-context.ts'
import type { Database } from '../db.ts'
import { transact } from '../transact.ts'
import { loadJobActor } from './job-actor.ts'
import { JobError } from './runner.ts'

export type ClinicJobPorts = { readonly database: Database; readonly clock: Clock }

type Tenant = { readonly organisationId: string; readonly clinicId: string }

const CLINICS = 'SELECT organisation_id AS "organisationId", clinic_id AS "clinicId" FROM list_tenants()'
// One clinic stands for its organisation: for what belongs to organisations.
const ORGANISATIONS =
  'SELECT DISTINCT ON (organisation_id) organisation_id AS "organisationId", clinic_id AS "clinicId" FROM list_tenants() ORDER BY organisation_id, clinic_id'

/**
 * Does a job's work at every clinic, one after the other. What one clinic cannot do does not keep the others from it: all failures are thrown
 * together at the end. Stops between two of them when the signal says so, with BROKEN_OFF.
 * @param name how the trail names the job
 */
export function atEveryClinic(database: Database, name: string, signal: AbortSignal, work: (actor: SystemActor) => Promise<void>): Promise<void> {
  return atEach(database, CLINICS, name, signal, work)
}

/** The same once for every organisation. */
export function atEveryOrganisation(database: Database, name: string, signal: AbortSignal, work: (actor: SystemActor) => Promise<void>): Promise<void> {
  return atEach(database, ORGANISATIONS, name, signal, work)
}

async function atEach(database: Database, list: string, name: string, signal: AbortSignal, work: (actor: SystemActor) => Promise<void>): Promise<void> {
  const { rows: tenants } = await database.pool.query<Tenant>(list)
  const failures: unknown[] = []
  for (const tenant of tenants) {
    if (signal.aborted) throw new JobError('BROKEN_OFF', 'The server stops, or the job took too long.')
    try {
      const actor = await loadJobActor(database, tenant, name)
      if (actor) await work(actor)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${name} failed ${failures.length} times`)
}

/** One transaction of a job at a clinic, with its entry. */
export async function commitJob<T extends Json>(
  { database, clock }: ClinicJobPorts,
  actor: SystemActor,
  command: (tx: Tx) => Promise<T>,
  { action = 'update', classes = ['personal'] }: { readonly action?: AuditRule['action']; readonly classes?: readonly DataClass[] } = {},
): Promise<T> {
  const operation = { requestId: newId(), actor, origin: 'job' as const, name: actor.name, address: null, userAgent: null, documentHash: null, action }
  return (await transact<T>({ database, scope: scopeOf(actor), operation, clock, classes }, command)).result
}
