import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { useCallback, useRef, useState } from 'react'
import type { AnyVariables } from 'urql'
import { useClient } from 'urql'
import type { Failure } from './failure.ts'
import { failureOf } from './failure.ts'

type Outcome<Payload> = { payload: Payload; failure: null } | { payload: null; failure: Failure }

/**
 * A mutation as one intent: when its answer is lost (offline, 503) and the same input is sent again, it carries the same
 * idempotency key, so that it takes effect once.
 */
export function useCommand<Data, Variables extends AnyVariables, Payload>(
  document: TypedDocumentNode<Data, Variables>,
  select: (data: Data) => Payload,
): { run: (variables: Variables) => Promise<Outcome<Payload>>; isRunning: boolean } {
  const client = useClient()
  const [isRunning, setRunning] = useState(false)
  const unanswered = useRef<{ input: string; key: string } | null>(null)
  const selectRef = useRef(select)

  const run = useCallback(
    async (variables: Variables): Promise<Outcome<Payload>> => {
      const input = JSON.stringify(variables)
      const key = unanswered.current?.input === input ? unanswered.current.key : crypto.randomUUID()
      unanswered.current = { input, key }
      setRunning(true)
      const result = await client.mutation(document, variables, { idempotencyKey: key }).toPromise()
      setRunning(false)
      const failure = result.error ? failureOf(result.error) : null
      const isLost = failure?.kind === 'offline' || failure?.kind === 'notRecorded'
      if (!isLost) unanswered.current = null
      if (failure !== null) return { payload: null, failure }
      if (result.data === undefined) return { payload: null, failure: { kind: 'unexpected', requestId: null } }
      return { payload: selectRef.current(result.data), failure: null }
    },
    [client, document],
  )
  return { run, isRunning }
}
