import { Center, Loader } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Provider } from 'urql'
import { createClient } from '../../client.ts'
import { FailureState } from '../../FailureState.tsx'
import type { ViewerFieldsFragment } from '../../gql/graphql.ts'
import { chooseLanguage, isLanguage } from '../../i18n.ts'
import { FeedProvider, useFeed } from '../../live/use-live-query.ts'
import { startSession, useSession } from '../../session/session.ts'
import { useIdleLock } from '../../session/use-idle-lock.ts'
import { unmaskViewer, ViewerProvider } from '../../session/viewer.ts'
import { Shell } from './Shell.tsx'

/** Everything behind the sign-in. Without a session it leads there and back again. */
export function SignedIn() {
  const session = useSession()
  const { t } = useTranslation()
  if (session.status === 'starting') {
    return (
      <Center h="100dvh">
        <Loader aria-label={t('loading')} type="dots" />
      </Center>
    )
  }
  if (session.status === 'unreachable') {
    return (
      <Center h="100dvh">
        <FailureState failure={session.failure} onRetry={() => void startSession()} />
      </Center>
    )
  }
  if (session.status === 'anonymous') return <ToSignIn isDone={session.notice === 'signedOut'} />
  return <Session viewer={session.viewer} idleMinutes={session.idleMinutes} />
}

/**
 * Once, with the place at that moment: while the sign-in loads, the location is already its own. Who signed out on purpose is
 * done there, and the next person may have no right to it.
 */
function ToSignIn({ isDone }: { isDone: boolean }) {
  const router = useRouter()
  useEffect(() => {
    const { href, pathname } = router.state.location
    if (pathname !== '/sign-in') void router.navigate({ to: '/sign-in', search: { next: href === '/' || isDone ? undefined : href }, replace: true })
  }, [router, isDone])
  return null
}

function Session({ viewer: masked, idleMinutes }: { viewer: ViewerFieldsFragment; idleMinutes: number }) {
  const viewer = useMemo(() => unmaskViewer(masked), [masked])
  const { i18n } = useTranslation()
  const key = `${viewer.user.id} ${viewer.clinic.id}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person, clinic or language must start with an empty cache
  const client = useMemo(() => createClient(), [key, i18n.language])
  useIdleLock(idleMinutes)
  const feed = useFeed(key)
  useEffect(() => {
    if (isLanguage(viewer.user.locale)) void chooseLanguage(viewer.user.locale)
  }, [viewer.user.locale])
  return (
    <Provider value={client} key={key}>
      <ViewerProvider value={viewer}>
        <FeedProvider value={feed}>
          <Shell />
        </FeedProvider>
      </ViewerProvider>
    </Provider>
  )
}
