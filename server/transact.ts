import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tx } from '../modules/kernel/db.ts'
import { IdempotencyMismatchError, invalid } from '../modules/kernel/errors.ts'
import type { DataClass } from '../modules/kernel/permissions.ts'
import type { Clock } from '../modules/kernel/time.ts'
import { violation } from '../modules/kernel/violation.ts'
import type { Prisma } from '../prisma/client/client.ts'
import { AccessLog } from './audit/access-log.ts'
import { canonicalJson, type Json } from './audit/canonical-json.ts'
import { buildEntries, INSERT_ENTRIES, type Operation } from './audit/entry.ts'
import type { Database } from './db.ts'
import type { Scope } from './scoped-query.ts'

export type TransactOptions = {
  readonly database: Database
  readonly scope: Scope
  readonly operation: Operation
  readonly clock: Clock
  readonly classes?: readonly DataClass[]
  /** Makes the transaction one effect per key; see decisions.md 16. */
  readonly idempotency?: { readonly actorId: string; readonly key: string; readonly path: string; readonly input: Json } | null
  /** Gets what the command had read when it threw: its own entry goes with the rollback. */
  readonly onRollback?: (log: AccessLog) => void
  /** Milliseconds; a bulk command (demo, import) needs more than a mutation. */
  readonly timeout?: number
}

export type Transacted<T> = { readonly result: T; readonly isReplay: boolean }

const MAX_ATTEMPTS = 6
// serialization_failure, deadlock_detected
const RETRIABLE = new Set(['40001', '40P01'])

/**
 * Runs a command in one transaction together with its audit entry. Called at the edges only: mutation resolver, job, CLI
 * command, demo loader. READ COMMITTED; serialization failures and deadlocks are retried with a fresh transaction.
 * What the command throws rolls everything back and passes through.
 */
export async function transact<T extends Json>(options: TransactOptions, command: (tx: Tx) => Promise<T>): Promise<Transacted<T>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptOnce(options, command)
    } catch (error) {
      const code = violation(error)?.code
      if (code === undefined || !RETRIABLE.has(code) || attempt >= MAX_ATTEMPTS) throw error
      await sleep(5 * 2 ** attempt * Math.random())
    }
  }
}

async function attemptOnce<T extends Json>(options: TransactOptions, command: (tx: Tx) => Promise<T>): Promise<Transacted<T>> {
  const { database, scope, operation, idempotency, timeout = 15_000 } = options
  const log = new AccessLog()
  for (const dataClass of options.classes ?? []) log.classes.add(dataClass)
  return database.prisma(scope).$transaction(
    async (prisma) => {
      if (idempotency) {
        const stored = await claimKey<T>(prisma, scope, idempotency)
        if (stored !== null) return { result: stored.result, isReplay: true }
      }
      const result = await command(makeTx(prisma, log, options.clock)).catch((error: unknown) => {
        options.onRollback?.(log)
        throw error
      })
      if (idempotency) {
        await prisma.$executeRaw`UPDATE idempotency_key SET result = ${JSON.stringify(result)}::jsonb WHERE organisation_id = ${scope.organisationId}::uuid
          AND actor_id = ${idempotency.actorId}::uuid AND key = ${idempotency.key} AND path = ${idempotency.path}`
      }
      const rows = buildEntries({ operation, access: log, outcome: 'ok' })
      await prisma.$executeRawUnsafe(INSERT_ENTRIES, JSON.stringify(rows))
      return { result, isReplay: false }
    },
    { timeout, maxWait: database.waitMs },
  )
}

function hashOf(input: Json): Buffer {
  try {
    return createHash('sha256').update(canonicalJson(input)).digest()
  } catch (error) {
    if (error instanceof TypeError) throw invalid('input', 'unicode', 'must be well-formed Unicode')
    throw error
  }
}

/**
 * Takes the key, or answers what it was answered before. A second request with the same key waits here until the first
 * one has ended. Throws IdempotencyMismatchError when the input differs.
 */
async function claimKey<T>(
  prisma: Prisma.TransactionClient,
  scope: Scope,
  { actorId, key, path, input }: NonNullable<TransactOptions['idempotency']>,
): Promise<{ readonly result: T } | null> {
  const hash = hashOf(input)
  const claimed = await prisma.$executeRaw`INSERT INTO idempotency_key AS k (organisation_id, actor_id, key, path, input_hash, result)
    VALUES (${scope.organisationId}::uuid, ${actorId}::uuid, ${key}, ${path}, ${hash}, 'null')
    ON CONFLICT (organisation_id, actor_id, key, path) DO UPDATE SET input_hash = excluded.input_hash, result = 'null', created_at = now()
    WHERE k.created_at < now() - interval '24 hours'`
  if (claimed === 1) return null
  const [stored] = await prisma.$queryRaw<{ input_hash: Uint8Array; result: T }[]>`SELECT input_hash, result FROM idempotency_key
    WHERE organisation_id = ${scope.organisationId}::uuid AND actor_id = ${actorId}::uuid AND key = ${key} AND path = ${path}`
  if (!stored || !hash.equals(stored.input_hash)) throw new IdempotencyMismatchError()
  return { result: stored.result }
}

type Unbranded = Omit<Tx, keyof { [K in keyof Tx as K extends symbol ? K : never]: never }>

function makeTx(prisma: Prisma.TransactionClient, log: AccessLog, clock: Clock): Tx {
  const tx: Unbranded = {
    prisma,
    clock,
    query: <Row extends object>({ text, values }: { text: string; values: readonly unknown[] }) => prisma.$queryRawUnsafe<Row[]>(text, ...values),
    reads: (type, ids, fields) => log.reads(type, ids, fields),
    changes: (type, ids, fields) => log.changes(type, ids, fields),
    aggregates: (name, params) => void log.aggregates.push({ name, params }),
    because: (reason) => {
      log.reason = reason
    },
  }
  return brand(tx)
}

// The one place where a transaction gets its brand.
function brand(tx: Unbranded): Tx
function brand(tx: object): object {
  return tx
}
