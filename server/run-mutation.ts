import type { GraphQLResolveInfo } from 'graphql'
import type { Actor } from '../modules/kernel/actor.ts'
import { DomainError } from '../modules/kernel/errors.ts'
import type { Clock } from '../modules/kernel/time.ts'
import type { ComposedAccess } from '../schema/access.ts'
import type { Json } from '../schema/context.ts'
import { AccessLog } from './audit/access-log.ts'
import type { Database } from './db.ts'
import type { RequestRecord } from './operation.ts'
import { responsePath } from './response-path.ts'
import type { Scope } from './scoped-query.ts'
import type { SessionCheck } from './session-check.ts'
import { transact } from './transact.ts'

/** What the mutations of one operation run with. */
export type MutationPorts = {
  readonly database: Database
  readonly clock: Clock
  readonly access: ComposedAccess
  readonly record: RequestRecord
  /** By which the first statement confirms who calls; null for nobody. */
  readonly check: SessionCheck | null
  readonly idempotencyKey: string | null
}

/** In whose name a mutation runs, and where it is noted what a refusal has shown. */
export type MutationCaller = { readonly actor: Actor; readonly scope: Scope; readonly log: AccessLog }

/** Runs a mutation's command in one transaction with its entry, once for each idempotency key, and notes a refusal, which the success of a repetition takes back. */
export async function runMutation<T extends Json>(
  ports: MutationPorts,
  { actor, scope, log }: MutationCaller,
  info: GraphQLResolveInfo,
  input: unknown,
  command: Parameters<typeof transact<T>>[1],
  answer?: Parameters<typeof transact<T>>[2],
): Promise<T> {
  const { record, database, clock, check } = ports
  const { audit } = ports.access.rowOf(info.parentType.name, info.fieldName)
  const operation = { ...record.operation, actor, action: audit.action, name: `${record.operation.name}/${info.fieldName}` }
  const path = responsePath(info.path)
  const idempotency = idempotencyOf(ports, actor, info, input)
  let seen = new AccessLog()
  const onRollback = (rolledBack: AccessLog) => {
    seen = rolledBack
  }
  try {
    const { result, isReplay } = await transact<T>(
      { database, scope, check, operation, clock, classes: [audit.class], idempotency, onRollback },
      command,
      answer,
    )
    record.carryOut(path)
    if (isReplay) record.isReplay = true
    else record.committed += 1
    return result
  } catch (error) {
    // An expected error is part of the answer, so execution never sees it; the trail does.
    if (error instanceof DomainError) record.refuse(path, { code: error.code, log, seen })
    throw error
  }
}

function idempotencyOf({ idempotencyKey }: MutationPorts, actor: Actor, info: GraphQLResolveInfo, input: unknown) {
  if (idempotencyKey === null || actor.kind === 'anonymous' || actor.kind === 'system') return null
  return {
    // Strangers at one door share their keys, which they draw at random: whoever brings the same key must also bring the same input.
    actorId: actor.kind === 'user' ? actor.userId : actor.clinic.id,
    key: idempotencyKey,
    path: responsePath(info.path), // The same key at another clinic, or for another field, is another request.
    input: toJson({ clinic: actor.clinic.id, field: info.fieldName, input }),
  }
}

function toJson(input: unknown): Json {
  const parsed: Json = JSON.parse(JSON.stringify(input, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)) ?? 'null')
  return parsed
}
