import type { CombinedError } from 'urql'
import type { FragmentType } from './gql/index.ts'
import { graphql, readFragment } from './gql/index.ts'

export const ErrorFields = graphql(`
  fragment ErrorFields on Error {
    code
    message
    params {
      name
      value
    }
    ... on InvalidInput {
      issues {
        path
        rule
        message
      }
    }
  }
`)

export type FieldIssue = { readonly path: string; readonly rule: string; readonly message: string }

/** Why something did not happen, in the words that a screen needs to say what to do next. */
export type Failure =
  | { kind: 'refused'; code: string; message: string; params: Record<string, string>; issues: readonly FieldIssue[] }
  | { kind: 'forbidden'; permission: string | null; roles: readonly string[] }
  | { kind: 'notRecorded' }
  | { kind: 'offline' }
  | { kind: 'signedOut' }
  | { kind: 'unexpected'; requestId: string | null }

/** A typed error of a mutation's result. */
export function refusal(masked: FragmentType<typeof ErrorFields>): Failure {
  const error = readFragment(ErrorFields, masked)
  const params = Object.fromEntries(error.params.map((param) => [param.name, param.value ?? '']))
  const issues = error.__typename === 'InvalidInput' ? error.issues : []
  return { kind: 'refused', code: error.code, message: error.message, params, issues }
}

/** A transport or top-level error. 503 means that the audit entry could not be written, so nothing was shown or changed. */
export function failureOf(error: CombinedError): Failure {
  const status = statusOf(error)
  if (status === 503) return { kind: 'notRecorded' }
  const first = error.graphQLErrors.find((one) => one.extensions.code === 'FORBIDDEN') ?? error.graphQLErrors[0]
  if (first === undefined) return status === null || status >= 500 ? { kind: 'offline' } : { kind: 'unexpected', requestId: null }
  const { code, permission, roles, requestId, params } = first.extensions
  if (code === 'TOO_MANY_ATTEMPTS') return { kind: 'refused', code, message: first.message, params: {}, issues: [] }
  if (code === 'UNAUTHENTICATED') return { kind: 'signedOut' }
  if (code === 'FORBIDDEN') return { kind: 'forbidden', permission: textOrNull(permission), roles: textsOf(roles) }
  const given = paramsOf(params)
  if (typeof code === 'string' && given !== null) return refusedQuery(code, first.message, given)
  return { kind: 'unexpected', requestId: textOrNull(requestId) }
}

/** What a query refuses with, as a mutation's typed error does: only these carry parameters. */
function refusedQuery(code: string, message: string, params: Record<string, string>): Failure {
  const { path, rule } = params
  const isOfField = path !== undefined && path !== '' && rule !== undefined
  return { kind: 'refused', code, message, params, issues: isOfField ? [{ path, rule, message }] : [] }
}

function paramsOf(value: unknown): Record<string, string> | null {
  if (typeof value !== 'object' || value === null) return null
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, one == null ? '' : String(one)]))
}

/** True when repeating the same operation may succeed without anybody's help. */
export function isTransient(error: CombinedError): boolean {
  const status = statusOf(error)
  return status === 503 || (error.networkError !== undefined && (status === null || status >= 502))
}

function statusOf(error: CombinedError): number | null {
  const response: unknown = error.response
  return response instanceof Response ? response.status : null
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}
