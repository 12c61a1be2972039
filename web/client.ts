import { authExchange } from '@urql/exchange-auth'
import { retryExchange } from '@urql/exchange-retry'
import type { Operation } from 'urql'
import { Client, fetchExchange } from 'urql'

import { createCache } from './cache.ts'
import { isTransient } from './failure.ts'
import { commonHeaders } from './session/gateway.ts'
import { persisted } from './session/persisted.ts'
import { freshToken, renewSession } from './session/session.ts'

// The token has ended, or the clinic was withdrawn: renewing the session settles both.
const LOST_FOOTING = new Set(['UNAUTHENTICATED', 'CLINIC_OUT_OF_REACH'])

declare module '@urql/core' {
  interface OperationContext {
    /** One per intent of the person: kept when the same request is sent again. */
    idempotencyKey?: string
  }
}

/** The client of one session in one clinic. A new person or clinic gets a new one, so that no cached record crosses over. */
export function createClient(): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: { credentials: 'same-origin' },
    exchanges: [
      createCache(),
      authExchange(async (utilities) => ({
        addAuthToOperation: (operation) => utilities.appendHeaders(operation, headersFor(operation)),
        willAuthError: () => freshToken() === null,
        didAuthError: (error) => error.graphQLErrors.some((one) => LOST_FOOTING.has(String(one.extensions.code))),
        refreshAuth: async () => {
          await renewSession()
        },
      })),
      retryExchange({ initialDelayMs: 500, maxDelayMs: 5_000, randomDelay: true, maxNumberAttempts: 3, retryIf: isTransient }),
      persisted,
      fetchExchange,
    ],
  })
}

function headersFor(operation: Operation): Record<string, string> {
  const token = freshToken()
  const key = operation.context.idempotencyKey
  return {
    ...commonHeaders(),
    ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    ...(key === undefined ? {} : { 'Idempotency-Key': key }),
  }
}
