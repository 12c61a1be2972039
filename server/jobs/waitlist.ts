import type { SystemActor } from '../../modules/kernel/actor.ts'
import { EXPIRY_QUEUE, expireWaiting } from '../../modules/scheduling/index.ts'
import { scopeOf } from '../build-context.ts'
import { queryInScope } from '../scoped-query.ts'
import { atEveryClinic, type ClinicJobPorts, commitJob } from './every-clinic.ts'
import type { JobHandlers } from './runner.ts'

/** Every minute, offers that nobody has answered in time go on to the next who waits. */
export function waitlistJobs(ports: ClinicJobPorts): JobHandlers {
  return {
    [EXPIRY_QUEUE]: {
      run: ({ signal }) =>
        atEveryClinic(ports.database, EXPIRY_QUEUE, signal, async (actor) => {
          // Asked first, so that a clinic where nothing is due gets no entry every minute.
          if (await isAnythingDue(ports, actor)) await commitJob(ports, actor, (tx) => expireWaiting(tx, actor))
        }),
      everySeconds: 60,
    },
  }
}

async function isAnythingDue({ database, clock }: ClinicJobPorts, actor: SystemActor): Promise<boolean> {
  const { rows } = await queryInScope(database.pool, scopeOf(actor), {
    name: 'find_due_waitlist',
    text: `SELECT 1 WHERE EXISTS (SELECT FROM waitlist_offer WHERE organisation_id = $1 AND clinic_id = $2 AND status = 'open' AND expires_at <= $3)
      OR EXISTS (SELECT FROM waitlist_entry WHERE organisation_id = $1 AND clinic_id = $2 AND status = 'waiting' AND latest_on < ($3::timestamptz AT TIME ZONE $4)::date)`,
    values: [actor.organisationId, actor.clinic.id, clock.now(), actor.clinic.timeZone],
  })
  return rows.length > 0
}
