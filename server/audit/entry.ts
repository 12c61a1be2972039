import type { AuditRule } from '../../modules/kernel/access-rules.ts'
import type { Actor } from '../../modules/kernel/actor.ts'
import { NIL_ID, newId } from '../../modules/kernel/ids.ts'
import type { AccessLog } from './access-log.ts'
import { canonicalJson } from './canonical-json.ts'

/** Where an operation came from and what it is called; the same for every entry that it writes. */
export type Operation = {
  readonly requestId: string
  readonly actor: Actor
  origin: 'web' | 'graphql' | 'graphiql' | 'cli' | 'demo' | 'job'
  readonly address: string | null
  readonly userAgent: string | null
  name: string
  /** SHA-256 of the document, hex; null when it never parsed or is no GraphQL. */
  documentHash: string | null
  action: AuditRule['action']
}

export type Outcome = 'ok' | 'refused' | 'denied' | 'rejected' | 'failed'

/** One row for audit.entry and one for audit.search, ready for the insert statement. */
export type EntryRow = {
  readonly id: string
  readonly organisation_id: string
  readonly clinic_id: string
  /** Canonical JSON with an empty `at`, which the database's clock fills. */
  readonly body: string
  readonly user_id: string | null
  readonly user_name: string | null
  readonly action: string
  readonly operation: string
  readonly origin: string
  readonly outcome: string
  readonly class: readonly string[]
  readonly types: readonly string[]
  readonly record_ids: readonly string[]
  readonly detail: string | null
  readonly address: string | null
  readonly user_agent: string | null
  readonly session_id: string | null
  readonly request_id: string
  readonly reason: string | null
}

/** The person whom a sign-in or refresh names, while the operation is still nobody's: the entry belongs to their organisation. */
export type Claimed = {
  readonly organisationId: string
  readonly userId: string /** Known once the sign-in has succeeded. */
  readonly userName: string | null
}

export type EntryFacts = {
  readonly operation: Operation
  readonly access: AccessLog
  readonly outcome: Outcome
  /** Codes that explain the outcome: the missing permission, the error's code. */
  readonly detail?: string | null
  readonly claimed?: Claimed | null
  readonly isReplay?: boolean
}

/** Builds both rows. The body holds opaque ids and codes only; names, addresses and reasons go to the search row. */
export function buildEntry(facts: EntryFacts): EntryRow {
  const { operation, access, outcome } = facts
  // A sign-in is nobody's until it has succeeded: a token of another organisation beside it must not take the entry there.
  const actor: Actor = facts.claimed ? { kind: 'anonymous', locale: operation.actor.locale } : operation.actor
  const { reads, changes, types, ids } = access.summary()
  const place =
    actor.kind === 'anonymous'
      ? { organisation: facts.claimed?.organisationId ?? NIL_ID, clinic: NIL_ID }
      : { organisation: actor.organisationId, clinic: actor.clinic.id }
  const user = actor.kind === 'user' ? actor.userId : null
  const body = canonicalJson({
    action: operation.action,
    actor: {
      kind: actor.kind,
      claimed: facts.claimed?.userId,
      name: actor.kind === 'system' ? actor.name : undefined,
      session: actor.kind === 'user' ? actor.sessionId : undefined,
      staff: actor.kind === 'anonymous' ? undefined : (actor.staffId ?? undefined),
      user: user ?? undefined,
    },
    aggregates: access.aggregates.length > 0 ? access.aggregates.map(({ name, params }) => ({ name, params })) : undefined,
    at: '',
    changes: changes.length > 0 ? changes : undefined,
    clinic: place.clinic,
    detail: facts.detail ?? undefined,
    operation: { hash: operation.documentHash ?? undefined, name: operation.name },
    organisation: place.organisation,
    origin: operation.origin,
    outcome,
    reads: reads.length > 0 ? reads : undefined,
    replay: facts.isReplay ? true : undefined,
    request: operation.requestId,
    source: 'api',
    v: 1,
  })
  return {
    id: newId(),
    organisation_id: place.organisation,
    clinic_id: place.clinic,
    body,
    user_id: user ?? facts.claimed?.userId ?? null,
    user_name: actor.kind === 'user' ? actor.userName : actor.kind === 'system' ? actor.name : (facts.claimed?.userName ?? null),
    action: operation.action,
    operation: operation.name,
    origin: operation.origin,
    outcome,
    class: [...access.classes].sort(),
    types,
    record_ids: ids,
    detail: facts.detail ?? null,
    address: operation.address,
    user_agent: operation.userAgent,
    session_id: actor.kind === 'user' ? actor.sessionId : null,
    request_id: operation.requestId,
    reason: access.reason,
  }
}

/**
 * Inserts any number of entries, given as a JSON array in $1, together with their search rows. The instant in the body is
 * the database's clock, so that no application server's clock enters the evidence.
 */
export const INSERT_ENTRIES = `
WITH input AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS entry(id uuid, organisation_id uuid, clinic_id uuid, body text, user_id uuid, user_name text,
    action text, operation text, origin text, outcome text, class text[], types text[], record_ids uuid[], detail text, address text,
    user_agent text, session_id uuid, request_id uuid, reason text)
), logged AS (
  INSERT INTO audit.entry (id, organisation_id, clinic_id, body)
  SELECT id, organisation_id, clinic_id, convert_to(replace(body, '"at":""',
    '"at":"' || to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"'), 'UTF8') FROM input
)
INSERT INTO audit.search (entry_id, organisation_id, clinic_id, user_id, user_name, action, operation, origin, outcome, class, types, record_ids,
  detail, address, user_agent, session_id, request_id, reason)
SELECT id, organisation_id, clinic_id, user_id, user_name, action, operation, origin, outcome, class, types, record_ids, detail, address,
  user_agent, session_id, request_id, reason FROM input`
