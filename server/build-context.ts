import type { GraphQLResolveInfo } from 'graphql'
import type { Logger } from 'pino'
import type { Actor, UserActor } from '../modules/kernel/actor.ts'
import { DomainError } from '../modules/kernel/errors.ts'
import type { FieldCipher } from '../modules/kernel/field-cipher.ts'
import { NIL_ID } from '../modules/kernel/ids.ts'
import type { Clock } from '../modules/kernel/time.ts'
import type { ComposedAccess } from '../schema/access.ts'
import { unauthenticated } from '../schema/access.ts'
import type { AuthPort, CalendarPort, Context, Json, LivePort } from '../schema/context.ts'
import { AccessLog } from './audit/access-log.ts'
import type { KeyRing } from './audit/images/key-ring.ts'
import { createAuditImages } from './audit/images/reader.ts'
import type { Database } from './db.ts'
import type { RequestRecord } from './operation.ts'
import { Records } from './records.ts'
import { responsePath } from './response-path.ts'
import type { Scope } from './scoped-query.ts'
import type { SessionCheck } from './session-check.ts'
import { transact } from './transact.ts'

export type ContextPorts = {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  readonly access: ComposedAccess
  readonly record: RequestRecord
  /** By which the first statement confirms who calls; null for nobody. */
  readonly check: SessionCheck | null
  readonly idempotencyKey: string | null
  readonly auth: AuthPort
  readonly live: LivePort
  readonly calendar: CalendarPort
  readonly imageKeys: KeyRing
  readonly fields: FieldCipher
}

/** The scope in which row-level security runs for an actor. Nobody's scope matches no row. */
export function scopeOf(actor: Actor): Scope {
  if (actor.kind === 'anonymous') return { organisationId: NIL_ID, clinicIds: [], sharePatients: false }
  return { organisationId: actor.organisationId, clinicIds: [actor.clinic.id], sharePatients: actor.sharePatients }
}

// Yoga copies the context, so a getter that throws would fail for nobody's operations; this fails only where it is used.
const NOBODY: UserActor = new Proxy(Object.create(null), {
  get() {
    throw unauthenticated()
  },
})

/** Everything that resolvers of one operation get. */
export function buildContext(ports: ContextPorts): Context {
  const { database, record } = ports
  const caller = record.actor
  const scope = scopeOf(caller)
  const db = database.reader(scope, record.access, ports.check)
  const auditDb = database.auditReader(scope, record.access)
  const actor = caller.kind === 'user' ? caller : NOBODY
  const records = new Records(db, actor)
  return {
    caller,
    actor,
    db,
    auditDb,
    auditImages: createAuditImages(auditDb, ports.imageKeys),
    get prisma() {
      return database.prisma(scope, ports.check)
    },
    clock: ports.clock,
    fields: ports.fields,
    log: ports.log,
    selects: (coordinate) => record.selected.has(coordinate),
    prime: (batch, rows) => records.prime(batch, rows),
    primeMany: (batch, groups) => records.primeMany(batch, groups),
    find: (batch, id) => records.find(batch, id),
    get: (batch, id) => records.get(batch, id),
    many: (batch, id) => records.many(batch, id),
    ahead: (batch, id) => records.ahead(batch, id),
    transact: async (info, input, command) => {
      const result = await runMutation(ports, scope, info, input, command)
      // The next field of the same document must not read what this change has made old.
      records.clear()
      return result
    },
    change: async (info, input, command, read) => {
      const answers: Awaited<ReturnType<typeof read>>[] = []
      const run: typeof command = (tx) => {
        // An attempt before this one may have come as far as its answer.
        answers.length = 0
        return command(tx)
      }
      const result = await runMutation(ports, scope, info, input, run, async (tx, done) => {
        answers[0] = await read(tx, done)
      })
      records.clear()
      const [answer = await read(db, result)] = answers
      return answer
    },
    auth: ports.auth,
    live: ports.live,
    calendar: ports.calendar,
  }
}

async function runMutation<T extends Json>(
  ports: ContextPorts,
  scope: Scope,
  info: GraphQLResolveInfo,
  input: unknown,
  command: Parameters<typeof transact<T>>[1],
  answer?: Parameters<typeof transact<T>>[2],
): Promise<T> {
  const { record, database, clock, idempotencyKey } = ports
  const caller = record.actor
  const { audit } = ports.access.rowOf(info.parentType.name, info.fieldName)
  const operation = { ...record.operation, action: audit.action, name: `${record.operation.name}/${info.fieldName}` }
  const idempotency =
    idempotencyKey !== null && caller.kind === 'user'
      ? {
          actorId: caller.userId,
          key: idempotencyKey,
          path: responsePath(info.path), // The same key at another clinic, or for another field, is another request.
          input: toJson({ clinic: caller.clinic.id, field: info.fieldName, input }),
        }
      : null
  let seen = new AccessLog()
  const onRollback = (log: AccessLog) => {
    seen = log
  }
  try {
    const { result, isReplay } = await transact<T>(
      { database, scope, check: ports.check, operation, clock, classes: [audit.class], idempotency, onRollback },
      command,
      answer,
    )
    if (isReplay) record.isReplay = true
    else record.committed += 1
    return result
  } catch (error) {
    // An expected error is part of the answer, so execution never sees it; the trail does.
    if (error instanceof DomainError) {
      record.outcome = 'refused'
      record.details.add(error.code)
      // The refusal may say what stands in the way (stock, an open balance), which is a read like any other.
      record.access.absorbReads(seen)
    }
    throw error
  }
}

function toJson(input: unknown): Json {
  const parsed: Json = JSON.parse(JSON.stringify(input, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)) ?? 'null')
  return parsed
}
