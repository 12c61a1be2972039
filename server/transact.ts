import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Statement, Tx } from '../modules/kernel/db.ts'
import { IdempotencyMismatchError, invalid } from '../modules/kernel/errors.ts'
import type { DataClass } from '../modules/kernel/permissions.ts'
import type { Clock } from '../modules/kernel/time.ts'
import { violation } from '../modules/kernel/violation.ts'
import { AccessLog } from './audit/access-log.ts'
import { canonicalJson, type Json } from './audit/canonical-json.ts'
import { buildEntries, INSERT_ENTRIES, type Operation } from './audit/entry.ts'
import type { Database, DatabaseTransaction } from './db.ts'
import type { Scope, SessionCheck } from './scoped-query.ts'

export type TransactOptions = {
  readonly database: Database
  readonly scope: Scope
  /** Checked by the first statement, for operations of a signed-in person. */
  readonly check?: SessionCheck | null
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
  await using transaction = await database.begin(scope, options.check ?? null, timeout)
  if (idempotency) {
    const stored = await claimKey<T>(transaction, scope, idempotency)
    if (stored !== null) {
      await transaction.commit(NOTHING)
      return { result: stored.result, isReplay: true }
    }
  }
  const result = await transaction
    .run(() => command(makeTx(transaction, log, options.clock)))
    .catch((error: unknown) => {
      options.onRollback?.(log)
      throw error
    })
  if (idempotency) {
    const { actorId, key, path } = idempotency
    await transaction.query({ name: 'store_idempotent_result', text: STORE_RESULT, values: [scope.organisationId, actorId, key, path, JSON.stringify(result)] })
  }
  const rows = buildEntries({ operation, access: log, outcome: 'ok' })
  await transaction.commit({ name: 'audit_insert', text: INSERT_ENTRIES, values: [JSON.stringify(rows)] })
  return { result, isReplay: false }
}

const NOTHING = { name: 'nothing', text: 'SELECT', values: [] }
const STORE_RESULT = 'UPDATE idempotency_key SET result = $5::jsonb WHERE organisation_id = $1 AND actor_id = $2 AND key = $3 AND path = $4'

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
  transaction: DatabaseTransaction,
  scope: Scope,
  { actorId, key, path, input }: NonNullable<TransactOptions['idempotency']>,
): Promise<{ readonly result: T } | null> {
  const hash = hashOf(input)
  const place = [scope.organisationId, actorId, key, path]
  const claimed = await transaction.query({ name: 'claim_idempotency_key', text: CLAIM_KEY, values: [...place, hash] })
  if (claimed.rowCount === 1) return null
  const { rows } = await transaction.query<{ input_hash: Buffer; result: T }>({ name: 'find_idempotent_result', text: FIND_RESULT, values: place })
  const [stored] = rows
  if (!stored || !hash.equals(stored.input_hash)) throw new IdempotencyMismatchError()
  return { result: stored.result }
}

const CLAIM_KEY = `INSERT INTO idempotency_key AS k (organisation_id, actor_id, key, path, input_hash, result) VALUES ($1, $2, $3, $4, $5, 'null')
  ON CONFLICT (organisation_id, actor_id, key, path) DO UPDATE SET input_hash = excluded.input_hash, result = 'null', created_at = now()
  WHERE k.created_at < now() - interval '24 hours'`
const FIND_RESULT = 'SELECT input_hash, result FROM idempotency_key WHERE organisation_id = $1 AND actor_id = $2 AND key = $3 AND path = $4'

type Unbranded = Omit<Tx, keyof { [K in keyof Tx as K extends symbol ? K : never]: never }>

function makeTx(transaction: DatabaseTransaction, log: AccessLog, clock: Clock): Tx {
  const tx: Unbranded = {
    get prisma() {
      return transaction.prisma
    },
    clock,
    query: async <Row extends object>({ name, text, values }: Statement) => (await transaction.query<Row>({ name, text, values: [...values] })).rows,
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
