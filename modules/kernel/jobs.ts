import type { Reader, Tx } from './db.ts'

/** What a job is about: ids only, because a queue is not under row-level security. */
export type TenantJob = { readonly organisationId: string; readonly clinicId: string; readonly recordId: string }

// What pg-boss itself writes for a job that takes all settings from its queue.
const SEND = `INSERT INTO pgboss.job (name, data, singleton_key, expire_seconds, deletion_seconds, keep_until, retry_limit, retry_delay, retry_backoff, retry_delay_max,
    policy, dead_letter, heartbeat_seconds)
  SELECT q.name, $2::jsonb, $3, q.expire_seconds, q.deletion_seconds, pgboss.job_now() + q.retention_seconds * interval '1s', q.retry_limit, q.retry_delay,
    q.retry_backoff, q.retry_delay_max, q.policy, q.dead_letter, q.heartbeat_seconds
  FROM pgboss.queue q WHERE q.name = $1`
const RETURNING = 'RETURNING id::text'

/**
 * Sends a job with the transaction: it exists when, and only when, the change commits that asks for it. Throws when there is
 * no such queue.
 */
export async function sendJob(tx: Tx, queue: string, job: TenantJob): Promise<void> {
  const { organisationId, clinicId, recordId } = job
  const data = JSON.stringify({ organisationId, clinicId, recordId })
  const sent = await tx.query<{ id: string }>({ name: 'send_job', text: `${SEND} ${RETURNING}`, values: [queue, data, recordId] })
  if (sent.length !== 1) throw new Error(`There is no queue ${queue}: a migration makes it.`)
}

/**
 * Sends a job of an exclusive queue for work that is there already, unless one about the same record waits or runs.
 * @returns whether it was sent
 */
export async function sendJobOnce(db: Pick<Reader, 'query'>, queue: string, { organisationId, clinicId, recordId }: TenantJob): Promise<boolean> {
  const data = JSON.stringify({ organisationId, clinicId, recordId })
  const sent = await db.query<{ id: string }>({ name: 'send_job_once', text: `${SEND} ON CONFLICT DO NOTHING ${RETURNING}`, values: [queue, data, recordId] })
  return sent.length === 1
}
