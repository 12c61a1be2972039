import { GraphQLError } from 'graphql'
import { DomainError } from '../modules/kernel/errors.ts'
import { violation } from '../modules/kernel/violation.ts'
import { SessionOutdatedError } from './session-check.ts'

// connection_exception, transaction_rollback (after the last retry), insufficient_resources, operator_intervention, and the
// time limits on locks and transactions: the database is away, busy or full, not wrong.
const OPERATIONAL = /^(08|40|53|57|55P03$|25P0[34]$)/

// character_not_in_repertoire, untranslatable_character: a text of the caller's that PostgreSQL cannot hold (NUL) and that no rule of its own refused.
const UNSTORABLE_TEXT = new Set(['22021', '22P05'])

export const AWAY = 'The database does not answer. Try again in a moment.'
/** Said when an operation could not keep up with changes to sessions or rights, however often it started again. */
export const OUTDATED = 'Sessions or rights are changing right now. Try again in a moment.'

/**
 * What the outside sees of an error. Expected ones keep code and parameters; operational ones say that a retry may help;
 * everything else says nothing but that it happened. The pipeline adds the request id and logs the original once.
 */
export function maskError(error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError))
    return new GraphQLError('Something went wrong on our side.', { extensions: { code: 'INTERNAL', http: { status: 500 } }, originalError: asError(error) })
  const { originalError } = error
  if (originalError instanceof DomainError)
    return new GraphQLError(originalError.message, { path: error.path, extensions: { code: originalError.code, params: originalError.params } })
  if (!originalError || originalError instanceof GraphQLError) return error
  if (UNSTORABLE_TEXT.has(violation(originalError)?.code ?? ''))
    return new GraphQLError('A text holds a character that cannot be stored.', { path: error.path, extensions: { code: 'BAD_USER_INPUT' } })
  const busy = originalError instanceof SessionOutdatedError ? OUTDATED : isUnavailable(originalError) ? AWAY : null
  return new GraphQLError(busy ?? 'Something went wrong on our side.', {
    path: error.path,
    originalError,
    extensions: busy !== null ? { code: 'UNAVAILABLE', http: { status: 503 } } : { code: 'INTERNAL' },
  })
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value))
}

/** True when the database could not be reached or had no room: a retry may succeed. */
export function isUnavailable(error: Error): boolean {
  const code = violation(error)?.code
  if (code !== undefined) return OPERATIONAL.test(code)
  return /ECONN|EPIPE|timeout|terminat|Connection|P1001|P1017|P2024|P2028/i.test(`${'code' in error ? error.code : ''} ${error.message}`)
}
