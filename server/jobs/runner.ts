import pg from 'pg'
import { type JobWithMetadata, PgBoss } from 'pg-boss'
import { z } from 'zod'
import type { TenantJob } from '../../modules/kernel/jobs.ts'
import type { Database } from '../db.ts'
import type { Log } from '../log.ts'
import type { JobMetrics } from '../metrics/metrics.ts'

/** One run of a job. */
export type RunningJob = {
  readonly id: string
  /** Null for a job of the installation, which lists its tenants itself. */
  readonly tenant: TenantJob | null
  /** Aborted when the job takes too long, or when the process has waited long enough for it. */
  readonly signal: AbortSignal
  /** For a dead letter: why the job before it failed, as a code. */
  readonly failure: string
}

export type JobHandler = {
  /** Does the work in scopes and transactions of its own. Whatever it throws makes the queue try again. */
  readonly run: (job: RunningJob) => Promise<void>
  /** Seconds after which the job is sent again, without a tenant; by default only operations send it. */
  readonly everySeconds?: number
}

/** By name of the queue, which a migration has made. */
export type JobHandlers = Readonly<Record<string, JobHandler>>

export type JobOptions = {
  readonly pollingSeconds?: number
  /** How often dead workers are looked for. */
  readonly superviseSeconds?: number
  /** How long a stop waits for running jobs before it breaks them off; they are tried again by whoever starts next. */
  readonly drainMs?: number
  readonly metrics?: JobMetrics | null
}

const tenantJob = z.object({ organisationId: z.uuid(), clinicId: z.uuid(), recordId: z.uuid() })

/** A handler breaks a job off with a code that people may read. Everything else is INTERNAL to them. */
export class JobError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'JobError'
    this.code = code
  }
}

/**
 * Takes jobs from their queues until it is disposed, which waits for what is running. A job whose worker dies is found by its
 * missing heartbeat and tried again; an advisory lock on the record keeps a second run away from one that still lives.
 */
export async function startJobs(database: Database, handlers: JobHandlers, log: Log, options: JobOptions = {}): Promise<AsyncDisposable> {
  const { connectionString } = database.pool.options
  if (connectionString === undefined) throw new Error('Jobs need the connection string of the application.')
  const { pollingSeconds = 2, superviseSeconds = 30, drainMs = 5_000, metrics = null } = options
  const boss = new PgBoss({
    connectionString,
    schema: 'pgboss',
    max: 2,
    application_name: 'chiron-jobs',
    // Tables are the migrator's; this login could not change them.
    migrate: false,
    createSchema: false,
    reindex: false,
    schedule: false,
    supervise: true,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
  })
  boss.on('error', (error) => log.error({ err: error }, 'the job queue reports an error'))
  boss.on('warning', (warning) => log.warn({ warning }, 'the job queue warns'))
  const locks = new pg.Pool({ connectionString, max: Object.keys(handlers).length, application_name: 'chiron-job-locks', connectionTimeoutMillis: 5_000 })
  locks.on('error', (error) => log.warn({ err: error }, 'an idle connection of the jobs was lost'))
  locks.on('connect', (client) => client.on('error', () => {}))
  const stopping = new AbortController()
  const timers: NodeJS.Timeout[] = []
  const runner = {
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer)
      const patience = setTimeout(() => stopping.abort(), drainMs)
      // The second wait is for handlers that notice the abort at their next step.
      await boss.stop({ graceful: true, timeout: drainMs + 5_000 })
      clearTimeout(patience)
      await locks.end()
    },
  }
  try {
    await boss.start()
    for (const [queue, handler] of Object.entries(handlers)) {
      await boss.work(queue, { includeMetadata: true, pollingIntervalSeconds: pollingSeconds }, async (jobs: JobWithMetadata[]) => {
        for (const job of jobs) await runJob({ queue, handler, job, locks, log, metrics, stopping: stopping.signal })
      })
      if (handler.everySeconds !== undefined) timers.push(await repeat(boss, queue, handler.everySeconds, log))
    }
  } catch (error) {
    await runner[Symbol.asyncDispose]()
    throw error
  }
  return runner
}

/** Sends a job now and then. Where it waits already, or another process has sent it, the queue's policy drops the second. */
async function repeat(boss: PgBoss, queue: string, seconds: number, log: Log): Promise<NodeJS.Timeout> {
  const send = async () => void (await boss.send(queue, {}))
  await send()
  const timer = setInterval(() => void send().catch((error: unknown) => log.error({ err: error, queue }, 'a job could not be sent')), seconds * 1_000)
  timer.unref()
  return timer
}

type Run = {
  readonly queue: string
  readonly handler: JobHandler
  readonly job: JobWithMetadata
  readonly locks: pg.Pool
  readonly log: Log
  readonly metrics: JobMetrics | null
  readonly stopping: AbortSignal
}

async function runJob({ queue, handler, job, locks, log, metrics, stopping }: Run): Promise<void> {
  const tenant = tenantJob.safeParse(job.data)
  const signal = AbortSignal.any([job.signal, stopping])
  try {
    await withLock(locks, `${queue} ${tenant.success ? tenant.data.recordId : ''}`, () =>
      handler.run({ id: job.id, tenant: tenant.success ? tenant.data : null, signal, failure: failureCode(job.sourceOutput) }),
    )
    metrics?.job(queue, 'done')
    log.info({ queue, job: job.id, attempt: job.retryCount }, 'job done')
  } catch (error) {
    metrics?.job(queue, 'failed')
    log.error({ err: error, queue, job: job.id, attempt: job.retryCount }, 'job failed')
    // What the queue stores of an error may end in front of people: a code and nothing else.
    throw Object.assign(new Error('job failed'), { code: error instanceof JobError ? error.code : 'INTERNAL', stack: undefined })
  }
}

async function withLock(locks: pg.Pool, key: string, work: () => Promise<void>): Promise<void> {
  const client = await locks.connect()
  let failure: Error | undefined
  try {
    const { rows } = await client.query<{ isTaken: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 7281007)) AS "isTaken"', [key])
    if (rows[0]?.isTaken !== true) throw new JobError('STILL_RUNNING', 'Another run of this job has not ended.')
    try {
      await work()
    } finally {
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 7281007))', [key]).catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error('unlock failed')
      })
    }
  } finally {
    // Closing a connection that may still hold the lock gives it back.
    client.release(failure)
  }
}

const failed = z.object({ code: z.string().regex(/^[A-Z_]{1,40}$/) })

/** A worker that dies leaves no code: pg-boss notes that its heartbeat or its time ended. */
function failureCode(output: object | null): string {
  const parsed = failed.safeParse(output)
  return parsed.success ? parsed.data.code : 'WORKER_LOST'
}
