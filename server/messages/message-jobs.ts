import { findDueMessages } from '../../modules/communication/delivery.ts'
import { hasPlannedWork, planMessages } from '../../modules/communication/planner.ts'
import { DRAIN_QUEUE, PLAN_QUEUE, SEND_QUEUE } from '../../modules/communication/queue.ts'
import type { SystemActor } from '../../modules/kernel/actor.ts'
import { sendJobOnce, type TenantJob } from '../../modules/kernel/jobs.ts'
import { AccessLog } from '../audit/access-log.ts'
import { scopeOf } from '../build-context.ts'
import { atEveryClinic, commitJob } from '../jobs/every-clinic.ts'
import { loadJobActor } from '../jobs/job-actor.ts'
import { JobError, type JobHandlers } from '../jobs/runner.ts'
import { drainMessages, type SendPorts, sendMessage } from './send-message.ts'

const MINUTE_SECONDS = 60

/** The jobs around messages: planning what rules ask for, every minute; sending one that was just queued; sending all that have become due. */
export function messageJobs(sending: SendPorts): JobHandlers {
  return {
    [PLAN_QUEUE]: {
      run: ({ signal }) => atEveryClinic(sending.database, PLAN_QUEUE, signal, (actor) => planClinic(sending, actor)),
      everySeconds: MINUTE_SECONDS,
    },
    [SEND_QUEUE]: {
      run: async ({ tenant }) => {
        const { actor, recordId } = await actorOf(sending, tenant, SEND_QUEUE)
        await sendMessage(sending, actor, recordId)
      },
    },
    [DRAIN_QUEUE]: {
      run: async ({ tenant, signal }) => {
        const { actor } = await actorOf(sending, tenant, DRAIN_QUEUE)
        await drainMessages(sending, actor, signal)
      },
    },
  }
}

async function actorOf({ database }: SendPorts, tenant: TenantJob | null, name: string): Promise<{ actor: SystemActor; recordId: string }> {
  const actor = tenant && (await loadJobActor(database, tenant, name))
  if (!actor) throw new JobError('NO_SUCH_CLINIC', 'The job names no clinic.')
  return { actor, recordId: tenant.recordId }
}

/** Plans for one clinic, and has sent what is due. */
export async function planClinic(sending: SendPorts, actor: SystemActor): Promise<void> {
  const { database, clock } = sending
  const reader = database.reader(scopeOf(actor), new AccessLog())
  // Asked first, so that a clinic without news gets no entry every minute.
  if (await hasPlannedWork(reader, actor, clock.now())) await commitJob(sending, actor, (tx) => planMessages(tx, actor))
  const due = await findDueMessages(reader, actor, clock.now(), 1)
  if (due.length > 0) await sendJobOnce(reader, DRAIN_QUEUE, { organisationId: actor.organisationId, clinicId: actor.clinic.id, recordId: actor.clinic.id })
}
