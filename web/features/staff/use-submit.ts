import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { useCallback, useRef, useState } from 'react'
import type { AnyVariables } from 'urql'
import type { Failure } from '../../failure.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'

/** What a mutation's answer comes down to. */
export type Settled<Done> = { done: Done } | { failure: Failure }

/** A form's mutation, with the sentence that says why it did not happen. */
export function useSubmit<Data, Variables extends AnyVariables, Done>(
  document: TypedDocumentNode<Data, Variables>,
  settle: (data: Data) => Settled<Done>,
): { submit: (variables: Variables) => Promise<NonNullable<Done> | null>; problem: string | null; isRunning: boolean } {
  const textOf = useFailureText()
  const textRef = useRef(textOf)
  textRef.current = textOf
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(document, settle)
  const submit = useCallback(
    async (variables: Variables): Promise<NonNullable<Done> | null> => {
      const { payload, failure } = await run(variables)
      const settled: Settled<Done> = payload ?? { failure }
      if ('done' in settled) {
        setProblem(null)
        return settled.done ?? null
      }
      setProblem(textRef.current(settled.failure))
      return null
    },
    [run],
  )
  return { submit, problem, isRunning }
}
