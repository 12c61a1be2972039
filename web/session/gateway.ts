import i18n from 'i18next'
import { Client, fetchExchange } from 'urql'
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

/** Client for what happens outside a session: signing in, renewing, setting up. No cache and no access token. */
export const gateway = new Client({
  url: '/graphql',
  preferGetMethod: false,
  requestPolicy: 'network-only',
  fetchOptions: () => ({ credentials: 'same-origin', headers: commonHeaders() }),
  exchanges: [persisted, fetchExchange],
})
