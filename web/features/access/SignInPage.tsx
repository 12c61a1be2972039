import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'
import { getRouteApi, Navigate } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { Failure } from '../../failure.ts'
import { gateway } from '../../session/gateway.ts'
import type { Notice } from '../../session/session.ts'
import { signIn, useSession } from '../../session/session.ts'
import { SetupState } from '../../session/session-documents.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { PublicFrame } from './PublicFrame.tsx'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  const session = useSession()
  const { next } = route.useSearch()
  const { t } = useTranslation('access')
  const isSetupRequired = useSetupRequired()
  if (session.status === 'signedIn') return <Onward to={next ?? '/'} />
  if (isSetupRequired) return <Navigate to="/setup" replace />
  return (
    <PublicFrame title={t('signIn.title')}>
      {session.status === 'anonymous' && session.notice !== null && <SessionNotice notice={session.notice} />}
      <SignInForm />
    </PublicFrame>
  )
}

/** To where somebody wanted to go. GraphiQL is a page of the server's, which the router does not know. */
function Onward({ to }: { to: string }) {
  const isServerPage = to === '/graphiql'
  useEffect(() => {
    if (isServerPage) window.location.replace(to)
  }, [isServerPage, to])
  return isServerPage ? null : <Navigate to={to} replace />
}

function SessionNotice({ notice }: { notice: Notice }) {
  const { t } = useTranslation('access')
  return (
    <Alert role="status" color="pine" variant="light" mb="md" icon={<IconInfoCircle size={18} />}>
      {t(`notice.${notice}`)}
    </Alert>
  )
}

function SignInForm() {
  const { t } = useTranslation('access')
  const textOf = useFailureText()
  const [failure, setFailure] = useState<Failure | null>(null)
  const [isSending, setSending] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setSending(true)
    setFailure(await signIn({ email: String(form.get('email')).trim(), password: String(form.get('password')) }))
    setSending(false)
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {failure !== null && (
          <Alert role="alert" color="clay" variant="light" icon={<IconAlertTriangle size={18} />}>
            {textOf(failure)}
          </Alert>
        )}
        <TextInput name="email" type="email" label={t('signIn.email')} autoComplete="username" required withAsterisk={false} size="md" autoFocus />
        <PasswordInput
          name="password"
          label={t('signIn.password')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="md"
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
        />
        <Button type="submit" size="md" loading={isSending} mt="xs">
          {t('signIn.submit')}
        </Button>
      </Stack>
    </form>
  )
}

/** An empty installation has nobody who could sign in. */
function useSetupRequired(): boolean {
  const [isRequired, setRequired] = useState(false)
  useEffect(() => {
    let isCurrent = true
    void gateway
      .query(SetupState, {})
      .toPromise()
      .then((result) => {
        if (isCurrent) setRequired(result.data?.setupRequired ?? false)
      })
    return () => {
      isCurrent = false
    }
  }, [])
  return isRequired
}
