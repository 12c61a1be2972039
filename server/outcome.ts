import { type ExecutionResult, GraphQLError } from 'graphql'
import { DomainError } from '../modules/kernel/errors.ts'
import type { Context } from '../schema/context.ts'
import type { RequestRecord } from './operation.ts'
import { SessionOutdatedError } from './session-check.ts'

/** Codes behind which the original error is hidden: the caller gets the request id, the log the error. */
const MASKED = new Set(['INTERNAL', 'UNAVAILABLE'])

/** Tells the trail what the caller is told of errors, gives each its code, and the log those that are hidden. After masking. */
export function noteErrors(record: RequestRecord, context: Pick<Context, 'log'>, result: ExecutionResult): void {
  const { requestId } = record.operation
  for (const error of result.errors ?? []) {
    const code = codeOf(error)
    record.details.add(code)
    error.extensions.code ??= code
    if (!MASKED.has(code)) continue
    error.extensions.requestId = requestId
    // Nothing has failed: the operation starts again with what holds now.
    if (error.originalError instanceof SessionOutdatedError) continue
    context.log.error({ requestId, err: error.originalError }, 'an operation failed')
  }
}

/** How the operation ended. Before masking. */
export function noteOutcome(record: RequestRecord, result: ExecutionResult): void {
  record.noteRefusals()
  const codes = (result.errors ?? []).map(codeOf)
  const isDenied = codes.some((code) => code === 'FORBIDDEN' || code === 'UNAUTHENTICATED')
  const isFailure = (result.errors ?? []).some(({ originalError }) => originalError && !isExpected(originalError))
  if (isDenied) record.outcome = 'denied'
  else if (isFailure) record.outcome = 'failed'
  // Sign-in and commands have said already that they refused.
  else if (record.outcome === 'rejected') record.outcome = codes.length > 0 ? 'refused' : 'ok'
}

function isExpected(error: Error): boolean {
  return error instanceof DomainError || error instanceof GraphQLError || error instanceof SessionOutdatedError
}

/** The same, and says of each denial which roles would carry what was missing. */
export async function settle(record: RequestRecord, result: ExecutionResult, context: Context): Promise<void> {
  noteOutcome(record, result)
  const roles = new Map<string, Promise<string[]>>()
  for (const { extensions } of result.errors ?? []) {
    const { code, permission } = extensions
    if (code !== 'FORBIDDEN' || typeof permission !== 'string') continue
    record.details.add(permission)
    // A denied field of a list is one error per row: look each permission up once.
    const carriers = roles.get(permission) ?? rolesThatCarry(permission, context)
    roles.set(permission, carriers)
    extensions.roles = await carriers
  }
}

async function rolesThatCarry(permission: string, context: Context): Promise<string[]> {
  const rows = await context.db.query<{ code: string }>({
    name: 'roles_that_carry',
    text: "SELECT DISTINCT r.code FROM role_grant g JOIN role r ON r.organisation_id = g.organisation_id AND r.id = g.role_id WHERE g.permission = $1 AND g.effect = 'allow' ORDER BY 1",
    values: [permission],
  })
  return rows.map(({ code }) => code)
}

function codeOf(error: GraphQLError): string {
  const { code } = error.extensions
  if (typeof code === 'string') return code
  if (error.originalError instanceof DomainError) return error.originalError.code
  // A value that is not of its type: graphql wraps its own error.
  if (error.originalError instanceof GraphQLError) return 'BAD_USER_INPUT'
  return error.originalError ? 'INTERNAL' : 'GRAPHQL_VALIDATION_FAILED'
}
