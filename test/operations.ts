import type { RoleCode } from '../modules/access/index.ts'
import { withClient } from '../server/database/connection.ts'
import type { GraphqlAnswer, Harness } from './harness.ts'
import type { Access } from './trail.ts'
import type { WorldOrganisation } from './world.ts'

/** What every mutation's selection asks of an error. */
export const ERRORS = '... on Error { code message params { name value } } ... on InvalidInput { issues { path rule message } }'

export type Entry = {
  action: string
  outcome: string
  types: string[]
  record_ids: string[]
  detail: string | null
  reason: string | null
  body: { reads?: Access[]; changes?: Access[]; aggregates?: { name: string; params: Record<string, string> }[] }
}

/** The newest entry of an operation in the trail. */
export function lastEntry(harness: Harness, operation: string): Promise<Entry | undefined> {
  return withClient(harness.database.adminUrl, async (client) => {
    const { rows } = await client.query<Entry>(
      `SELECT s.action, s.outcome, s.types, s.record_ids, s.detail, s.reason, convert_from(e.body, 'UTF8')::jsonb AS body
       FROM audit.search s JOIN audit.entry e ON e.id = s.entry_id WHERE s.operation = $1 ORDER BY s.at DESC, s.entry_id DESC LIMIT 1`,
      [operation],
    )
    return rows[0]
  })
}

/** Statements that the application sent to PostgreSQL while something ran. */
export async function statementsOf(harness: Harness, run: () => Promise<unknown>): Promise<number> {
  let statements = 0
  harness.app.database.onStatement = () => {
    statements += 1
  }
  try {
    await run()
  } finally {
    harness.app.database.onStatement = null
  }
  return statements
}

export type Caller = (document: string, variables?: object, options?: { idempotencyKey?: string; clinicId?: string }) => Promise<GraphqlAnswer>

/** Calls as the holder of a role, signing in once per person. */
export function callers(harness: Harness): (org: WorldOrganisation, role: RoleCode, clinic?: number) => Promise<Caller> {
  const tokens = new Map<string, Promise<string>>()
  return async (org, role, clinic = 0) => {
    const email = org.email(role, clinic)
    const token = tokens.get(email) ?? harness.signIn(email).then((session) => session.token)
    tokens.set(email, token)
    const held = await token
    return (document, variables = {}, options = {}) => harness.call(document, variables, { token: held, ...options })
  }
}

/** An error's parameters by name. */
export function paramsOf(error: { params: { name: string; value: string | null }[] }): Record<string, string | null> {
  return Object.fromEntries(error.params.map(({ name, value }) => [name, value]))
}

/** The system actor of one of an organisation's clinics. */
export function actorOf(org: WorldOrganisation, clinic = 0) {
  const place = org.clinics[clinic]
  if (!place) throw new Error(`no clinic ${clinic}`)
  return place.actor
}
