import type { AuditRule } from '../../modules/kernel/access-rules.ts'
import type { Actor } from '../../modules/kernel/actor.ts'
import { NIL_ID, newId } from '../../modules/kernel/ids.ts'
import type { Access, AccessLog, Aggregate } from './access-log.ts'
import { canonicalJson } from './canonical-json.ts'

/** Where an operation came from and what it is called; the same for every entry that it writes. */
export type Operation = {
  readonly requestId: string
  readonly actor: Actor
  origin: 'web' | 'graphql' | 'graphiql' | 'cli' | 'demo' | 'job' | 'file'
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
  /** Canonical JSON with an empty `at` and `tx`, which the database fills. */
  readonly body: string
  readonly user_id: string | null
  readonly user_name: string | null
  readonly roles: readonly string[]
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

/**
 * Builds the rows of both tables. Bodies hold opaque ids and codes only; names, addresses and reasons go to the search rows. An
 * operation that touched more records than one body holds is told in parts.
 */
export function buildEntries(facts: EntryFacts): EntryRow[] {
  const parts = pack(facts.access)
  return parts.map((part, index) => buildPart(facts, part, parts.length > 1 ? { number: index + 1, of: parts.length } : undefined))
}

type Part = { readonly reads: Access[]; readonly changes: Access[]; readonly aggregates: Aggregate[] }

/** Bytes of one body that are left to records and aggregates; a body has 65,535 in all. */
const PART_BYTES = 48_000
const IDS_PER_PIECE = 500
const PARAM_LENGTH = 200

/** Distributes what was touched over as many parts as are needed, usually one. */
function pack(access: AccessLog): Part[] {
  const { reads, changes } = access.summary()
  let part: Part = { reads: [], changes: [], aggregates: [] }
  const parts = [part]
  let used = 0
  const put = <T extends Access | Aggregate>(listOf: (part: Part) => T[], piece: T) => {
    const bytes = bytesOf(piece)
    if (used > 0 && used + bytes > PART_BYTES) {
      part = { reads: [], changes: [], aggregates: [] }
      parts.push(part)
      used = 0
    }
    used += bytes
    listOf(part).push(piece)
  }
  for (const piece of changes.flatMap(slice)) put((to) => to.changes, piece)
  for (const piece of reads.flatMap(slice)) put((to) => to.reads, piece)
  for (const { name, params } of access.aggregates) put((to) => to.aggregates, { name, params: shorten(params) })
  return parts
}

// Ids, types and fields are of ASCII without escapes, so that their lengths tell; parameters are somebody's and short.
function bytesOf(piece: Access | Aggregate): number {
  if ('params' in piece) return Buffer.byteLength(JSON.stringify(piece))
  const lengths = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length + 3, 0)
  return 40 + piece.type.length + lengths(piece.fields) + lengths(piece.ids)
}

// Parameters are ids and codes. Whatever else gets here must not make a body that the log refuses.
function shorten(params: Aggregate['params']): Aggregate['params'] {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value.slice(0, PARAM_LENGTH).toWellFormed()]))
}

function slice({ type, fields, ids }: Access): Access[] {
  return Array.from({ length: Math.ceil(ids.length / IDS_PER_PIECE) }, (_, index) => ({
    type,
    fields,
    ids: ids.slice(index * IDS_PER_PIECE, (index + 1) * IDS_PER_PIECE),
  }))
}

// Names come from documents that anybody may write.
const NAME_LENGTH = 200
const DETAIL_LENGTH = 1_000

function buildPart(facts: EntryFacts, { reads, changes, aggregates }: Part, part: { number: number; of: number } | undefined): EntryRow {
  const { operation, access, outcome } = facts
  // A sign-in is nobody's until it has succeeded: a token of another organisation beside it must not take the entry there.
  const actor: Actor = facts.claimed ? { kind: 'anonymous', locale: operation.actor.locale } : operation.actor
  const touched = [...reads, ...changes]
  const place =
    actor.kind === 'anonymous'
      ? { organisation: facts.claimed?.organisationId ?? NIL_ID, clinic: NIL_ID }
      : { organisation: actor.organisationId, clinic: actor.clinic.id }
  const user = actor.kind === 'user' ? actor.userId : null
  const roles = actor.kind === 'user' ? [...actor.roles].sort() : []
  const id = newId()
  const name = operation.name.slice(0, NAME_LENGTH)
  const detail = facts.detail?.slice(0, DETAIL_LENGTH) ?? null
  const body = canonicalJson({
    action: operation.action,
    actor: {
      kind: actor.kind,
      claimed: facts.claimed?.userId,
      name: actor.kind === 'system' ? actor.name : undefined,
      roles: actor.kind === 'user' ? roles : undefined,
      session: actor.kind === 'user' ? actor.sessionId : undefined,
      staff: actor.kind === 'anonymous' ? undefined : (actor.staffId ?? undefined),
      user: user ?? undefined,
    },
    aggregates: aggregates.length > 0 ? aggregates : undefined,
    at: '',
    changes: changes.length > 0 ? changes : undefined,
    clinic: place.clinic,
    detail: detail ?? undefined,
    entry: id,
    operation: { hash: operation.documentHash ?? undefined, name },
    organisation: place.organisation,
    origin: operation.origin,
    outcome,
    part,
    reads: reads.length > 0 ? reads : undefined,
    replay: facts.isReplay ? true : undefined,
    request: operation.requestId,
    source: 'api',
    tx: '',
    v: 2,
  })
  return {
    id,
    organisation_id: place.organisation,
    clinic_id: place.clinic,
    body,
    user_id: user ?? facts.claimed?.userId ?? null,
    user_name: actor.kind === 'user' ? actor.userName : actor.kind === 'system' ? actor.name : (facts.claimed?.userName ?? null),
    roles,
    action: operation.action,
    operation: name,
    origin: operation.origin,
    outcome,
    class: [...access.classes].sort(),
    types: [...new Set(touched.map(({ type }) => type))].sort(),
    record_ids: [...new Set(touched.flatMap(({ ids }) => ids))].sort(),
    detail,
    address: operation.address,
    user_agent: operation.userAgent,
    session_id: actor.kind === 'user' ? actor.sessionId : null,
    request_id: operation.requestId,
    reason: access.reason,
  }
}

/** Columns of audit.search that every version of it has had; `roles` came with the log. */
const SEARCH_COLUMNS = `organisation_id, clinic_id, user_id, user_name, action, operation, origin, outcome, class, types, record_ids, detail, address,
  user_agent, session_id, request_id, reason`

/**
 * Inserts any number of entries, given as a JSON array in $1, together with their search rows. The instant and the transaction in the
 * body are the database's, so that no application server's word for them enters the evidence.
 */
export const INSERT_ENTRIES = insertEntries(`${SEARCH_COLUMNS}, roles`)

/** The same for a database whose migrations have not reached the log yet. */
export const INSERT_EARLY_ENTRIES = insertEntries(SEARCH_COLUMNS)

function insertEntries(searchColumns: string): string {
  return `
WITH input AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS entry(id uuid, organisation_id uuid, clinic_id uuid, body text, user_id uuid, user_name text, roles text[],
    action text, operation text, origin text, outcome text, class text[], types text[], record_ids uuid[], detail text, address text,
    user_agent text, session_id uuid, request_id uuid, reason text)
), logged AS (
  INSERT INTO audit.entry (id, organisation_id, clinic_id, body)
  SELECT id, organisation_id, clinic_id, convert_to(replace(replace(body, '"at":""',
    '"at":"' || to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"'), '"tx":""',
    '"tx":"' || pg_current_xact_id() || '"'), 'UTF8') FROM input
)
INSERT INTO audit.search (entry_id, ${searchColumns}) SELECT id, ${searchColumns} FROM input`
}
