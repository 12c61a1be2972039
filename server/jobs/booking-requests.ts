import type { SystemActor } from '../../modules/kernel/actor.ts'
import { expireBookingRequests, REQUEST_EXPIRY_QUEUE } from '../../modules/scheduling/requests.ts'
import { scopeOf } from '../build-context.ts'
import { queryInScope } from '../scoped-query.ts'
import { atEveryClinic, type ClinicJobPorts, commitJob } from './every-clinic.ts'
import type { JobHandlers } from './runner.ts'

/** Every minute, requests for a visit that nobody has decided in time let their slot go. */
export function bookingRequestJobs(ports: ClinicJobPorts): JobHandlers {
  return {
    [REQUEST_EXPIRY_QUEUE]: {
      run: ({ signal }) =>
        atEveryClinic(ports.database, REQUEST_EXPIRY_QUEUE, signal, async (actor) => {
          // Asked first, so that a clinic where nothing is due gets no entry every minute.
          if (await isAnythingDue(ports, actor)) await commitJob(ports, actor, (tx) => expireBookingRequests(tx, actor))
        }),
      everySeconds: 60,
    },
  }
}

async function isAnythingDue({ database, clock }: ClinicJobPorts, actor: SystemActor): Promise<boolean> {
  const { rows } = await queryInScope(database.pool, scopeOf(actor), {
    name: 'find_due_booking_requests',
    text: "SELECT 1 FROM booking_request WHERE organisation_id = $1 AND clinic_id = $2 AND status = 'requested' AND expires_at <= $3 LIMIT 1",
    values: [actor.organisationId, actor.clinic.id, clock.now()],
  })
  return rows.length > 0
}
