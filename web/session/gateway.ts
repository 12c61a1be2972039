import i18n from 'i18next'
import { Client, fetchExchange, makeOperation, mapExchange } from 'urql'
import { readClinicChoice } from './clinic-choice.ts'
import { persisted } from './persisted.ts'

/** Headers that every request carries. The custom ones also make a cross-site form unable to forge it. */
export function commonHeaders(): Record<string, string> {
  const clinicId = readClinicChoice()
  return {
    'Accept-Language': i18n.language,
    'X-GraphQL-Yoga-CSRF': '1',
    ...(clinicId === null ? {} : { 'X-Clinic-Id': clinicId }),
  }
}

/** A request that is sent again carries the same key as the first time. */
const keyed = mapExchange({
  onOperation(operation) {
    const { idempotencyKey, ...context } = operation.context
    if (idempotencyKey === undefined) return operation
    const headers = { ...commonHeaders(), 'Idempotency-Key': idempotencyKey }
    return makeOperation(operation.kind, operation, { ...context, fetchOptions: { credentials: 'same-origin', headers } })
  },
})

/** Client for what happens outside a session: signing in, renewing, setting up, asking for a visit. No cache and no access token. */
export const gateway = new Client({
  url: '/graphql',
  preferGetMethod: false,
  requestPolicy: 'network-only',
  fetchOptions: () => ({ credentials: 'same-origin', headers: commonHeaders() }),
  exchanges: [keyed, persisted, fetchExchange],
})
