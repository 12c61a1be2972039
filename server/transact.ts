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
import type { Scope } from './scoped-query.ts'
import type { SessionCheck } from './session-check.ts'

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

/** What a command does, and what is read of it afterwards inside its transaction, to answer. */
type Work<T> = { readonly command: (tx: Tx) => Promise<T>; readonly answer: ((tx: Tx, result: T) => Promise<void>) | undefined }

/**
 * Runs a command in one transaction together with its audit entry. Called at the edges only: mutation resolver, job, CLI
 * command, demo loader. READ COMMITTED; serialization failures and deadlocks are retried with a fresh transaction.
 * What the command throws rolls everything back and passes through.
 *
 * The key is claimed ahead of the command's first statement and in the same round trip, so that the command begins without knowing
 * whether it is wanted. It is not when the key is taken: the claim then fails the transaction, in which nothing the command asks for runs
 * any more, and whatever the command says to that is left aside.
 * @param answer reads what the change is answered with; left out for the answer to a repeated key
 */
export async function transact<T extends Json>(
  options: TransactOptions,
  command: (tx: Tx) => Promise<T>,
  answer?: (tx: Tx, result: T) => Promise<void>,
): Promise<Transacted<T>> {
  const key = options.idempotency ? { ...options.idempotency, hash: hashOf(options.idempotency.input) } : null
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptOnce(options, key, { command, answer })
    } catch (error) {
      const replayed = key && error instanceof KeyTakenError ? await findResult<T>(options, key) : null
      if (replayed !== null) return replayed
      if (!(error instanceof KeyTakenError) && !RETRIABLE.has(violation(error)?.code ?? '')) throw error
      if (attempt >= MAX_ATTEMPTS) throw error
      await sleep(5 * 2 ** attempt * Math.random())
    }
  }
}

type Key = NonNullable<TransactOptions['idempotency']> & { readonly hash: Buffer }

async function attemptOnce<T extends Json>(options: TransactOptions, key: Key | null, work: Work<T>): Promise<Transacted<T>> {
  const { database, scope, operation, timeout = 15_000 } = options
  const log = new AccessLog()
  for (const dataClass of options.classes ?? []) log.classes.add(dataClass)
  await using transaction = await database.begin(scope, options.check ?? null, timeout)
  // In this order: the key is claimed by the first statement.
  const claimed = key && claimKey(transaction, scope, key)
  const [claim, done] = await Promise.allSettled([claimed, transaction.run(() => perform(transaction, log, options.clock, work))])
  if (claim.status === 'rejected') throw claim.reason
  if (done.status === 'rejected') {
    options.onRollback?.(log)
    throw done.reason
  }
  const result = done.value
  const rows = buildEntries({ operation, access: log, outcome: 'ok' })
  const entry = { name: 'audit_insert', text: INSERT_ENTRIES, values: [JSON.stringify(rows)] }
  await transaction.commit(key ? [storeResult(scope, key, result), entry] : [entry])
  return { result, isReplay: false }
}

/** Does the work and waits for all that the command requires. What a command's own writes say counts for more than what came after them. */
async function perform<T>(transaction: DatabaseTransaction, log: AccessLog, clock: Clock, { command, answer }: Work<T>): Promise<T> {
  const required: Promise<unknown>[] = []
  // A change that does not come about shows nothing of itself.
  const shown = new AccessLog()
  const [done] = await Promise.allSettled([
    (async () => {
      const result = await command(makeTx(transaction, log, clock, required))
      await answer?.(makeTx(transaction, shown, clock, required), result)
      return result
    })(),
  ])
  const failures: unknown[] = []
  // One after the other, because what is required may require more.
  for (const work of required) await work.catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
  if (done.status === 'rejected') throw done.reason
  log.absorbReads(shown)
  return done.value
}

function hashOf(input: Json): Buffer {
  try {
    return createHash('sha256').update(canonicalJson(input)).digest()
  } catch (error) {
    if (error instanceof TypeError) throw invalid('input', 'unicode', 'must be well-formed Unicode')
    throw error
  }
}

/** Somebody has used the key within its 24 hours: nothing was done. */
class KeyTakenError extends Error {}

/** Takes the key. A second request with the same key waits here until the first one has ended, and then fails: KeyTakenError. */
async function claimKey(transaction: DatabaseTransaction, scope: Scope, { actorId, key, path, hash }: Key): Promise<void> {
  try {
    await transaction.query({ name: 'claim_idempotency_key', text: CLAIM_KEY, values: [scope.organisationId, actorId, key, path, hash] })
  } catch (error) {
    if (violation(error)?.constraint === TAKEN) throw new KeyTakenError('the idempotency key is taken', { cause: error })
    throw error
  }
}

/** What the key was answered before; null when it has been forgotten meanwhile. Throws IdempotencyMismatchError when the input differs. */
async function findResult<T extends Json>({ database, scope, check }: TransactOptions, { actorId, key, path, hash }: Key): Promise<Transacted<T> | null> {
  const reader = database.reader(scope, new AccessLog(), check ?? null)
  const place = [scope.organisationId, actorId, key, path]
  const [stored] = await reader.query<{ input_hash: Buffer; result: T }>({ name: 'find_idempotent_result', text: FIND_RESULT, values: place })
  if (!stored) return null
  if (!hash.equals(stored.input_hash)) throw new IdempotencyMismatchError()
  return { result: stored.result, isReplay: true }
}

function storeResult(scope: Scope, { actorId, key, path }: Key, result: Json) {
  return { name: 'store_idempotent_result', text: STORE_RESULT, values: [scope.organisationId, actorId, key, path, JSON.stringify(result)] }
}

/** No hash is empty, so this constraint refuses a key that is taken, and with it all that the transaction was about to do. */
const TAKEN = 'idempotency_key_hash_length'
const CLAIM_KEY = `INSERT INTO idempotency_key AS k (organisation_id, actor_id, key, path, input_hash, result) VALUES ($1, $2, $3, $4, $5, 'null')
  ON CONFLICT (organisation_id, actor_id, key, path) DO UPDATE SET input_hash = CASE WHEN k.created_at < now() - interval '24 hours' THEN excluded.input_hash ELSE '' END,
  result = 'null', created_at = now()`
const STORE_RESULT = 'UPDATE idempotency_key SET result = $5::jsonb WHERE organisation_id = $1 AND actor_id = $2 AND key = $3 AND path = $4'
const FIND_RESULT = 'SELECT input_hash, result FROM idempotency_key WHERE organisation_id = $1 AND actor_id = $2 AND key = $3 AND path = $4'

type Unbranded = Omit<Tx, keyof { [K in keyof Tx as K extends symbol ? K : never]: never }>

function makeTx(transaction: DatabaseTransaction, log: AccessLog, clock: Clock, required: Promise<unknown>[]): Tx {
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
    requires: (work) => {
      // It is waited for later, whatever the command does until then.
      work.catch(() => {})
      required.push(work)
    },
  }
  return brand(tx)
}

// The one place where a transaction gets its brand.
function brand(tx: Unbranded): Tx
function brand(tx: object): object {
  return tx
}
