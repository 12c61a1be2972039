import type { SystemActor } from '../../modules/kernel/actor.ts'
import { newId } from '../../modules/kernel/ids.ts'
import type { Clock } from '../../modules/kernel/time.ts'
import { EXPIRY_QUEUE, expireWaiting } from '../../modules/scheduling/index.ts'
import { scopeOf } from '../build-context.ts'
import type { Database } from '../db.ts'
import { queryInScope } from '../scoped-query.ts'
import { transact } from '../transact.ts'
import { loadJobActor } from './job-actor.ts'
import { JobError, type JobHandlers } from './runner.ts'

export type WaitlistJobPorts = { readonly database: Database; readonly clock: Clock }

/** Every minute, offers that nobody has answered in time go on to the next who waits. */
export function waitlistJobs(ports: WaitlistJobPorts): JobHandlers {
  return { [EXPIRY_QUEUE]: { run: ({ signal }) => expireEverywhere(ports, signal), everySeconds: 60 } }
}

async function expireEverywhere({ database, clock }: WaitlistJobPorts, signal: AbortSignal): Promise<void> {
  const { rows: tenants } = await database.pool.query<{ organisationId: string; clinicId: string }>(
    'SELECT organisation_id AS "organisationId", clinic_id AS "clinicId" FROM list_tenants()',
  )
  const failures: unknown[] = []
  for (const tenant of tenants) {
    if (signal.aborted) throw new JobError('BROKEN_OFF', 'The server stops, or the job took too long.')
    const actor = await loadJobActor(database, tenant, EXPIRY_QUEUE)
    // Asked first, so that a clinic where nothing is due gets no entry every minute.
    if (!actor || !(await isAnythingDue({ database, clock }, actor))) continue
    const operation = {
      requestId: newId(),
      actor,
      origin: 'job' as const,
      name: actor.name,
      address: null,
      userAgent: null,
      documentHash: null,
      action: 'update' as const,
    }
    await transact({ database, scope: scopeOf(actor), operation, clock, classes: ['personal'] }, (tx) => expireWaiting(tx, actor)).catch((error: unknown) =>
      failures.push(error),
    )
  }
  // What one clinic cannot do must not keep the others from it.
  if (failures.length > 0) throw new AggregateError(failures, `the waitlists of ${failures.length} clinics could not be looked through`)
}

async function isAnythingDue({ database, clock }: WaitlistJobPorts, actor: SystemActor): Promise<boolean> {
  const { rows } = await queryInScope(database.pool, scopeOf(actor), {
    name: 'find_due_waitlist',
    text: `SELECT 1 WHERE EXISTS (SELECT FROM waitlist_offer WHERE organisation_id = $1 AND clinic_id = $2 AND status = 'open' AND expires_at <= $3)
      OR EXISTS (SELECT FROM waitlist_entry WHERE organisation_id = $1 AND clinic_id = $2 AND status = 'waiting' AND latest_on < ($3::timestamptz AT TIME ZONE $4)::date)`,
    values: [actor.organisationId, actor.clinic.id, clock.now(), actor.clinic.timeZone],
  })
  return rows.length > 0
}
