import { Skeleton, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { CombinedError, UseQueryState } from 'urql'

import { FailureState } from './FailureState.tsx'
import { failureOf } from './failure.ts'

/** A record may hold fields that its reader may not see: they are null, and the rest is shown. */
function isDeniedInPart(error: CombinedError): boolean {
  return !error.networkError && error.graphQLErrors.every((one) => one.extensions.code === 'FORBIDDEN' && (one.path?.length ?? 0) > 1)
}

type QueryViewProps<Data> = {
  result: Pick<UseQueryState<Data>, 'data' | 'error' | 'fetching'>
  onRetry: () => void
  skeletonHeight?: number
  children: (data: Data) => ReactNode
}

/** Loading, failed, forbidden or the content: every screen that reads goes through here, so none forgets a state. */
export function QueryView<Data>({ result, onRetry, skeletonHeight = 240, children }: QueryViewProps<Data>) {
  const { t } = useTranslation()
  if (result.error && !(result.data && isDeniedInPart(result.error))) return <FailureState failure={failureOf(result.error)} onRetry={onRetry} />
  // The cache answers null while a record that the query needs is being read again.
  if (result.data === undefined || result.data === null) {
    return (
      <Stack gap="sm" role="status" aria-label={t('loading')}>
        <Skeleton height={18} width="38%" />
        <Skeleton height={skeletonHeight} />
      </Stack>
    )
  }
  return <>{children(result.data)}</>
}
