import { Button, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { CredentialFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { RevokeCredential, SuspendCredential } from './credential-documents.ts'
import { Problem } from './Problem.tsx'
import { useSubmit } from './use-submit.ts'

type StandingFormProps = { credential: CredentialFieldsFragment; standing: 'suspend' | 'revoke'; onClose: () => void }

/** Suspends a credential until it is verified anew, or revokes it for good; either is written among the adverse actions. */
export function StandingForm({ credential, standing, onClose }: StandingFormProps) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const [reason, setReason] = useState('')
  const [reportedBy, setReportedBy] = useState('')
  const suspending = useSubmit(SuspendCredential, ({ suspendCredential: made }) =>
    made.__typename === 'StaffCredential' ? { done: made.id } : { failure: refusal(made) },
  )
  const revoking = useSubmit(RevokeCredential, ({ revokeCredential: made }) =>
    made.__typename === 'StaffCredential' ? { done: made.id } : { failure: refusal(made) },
  )
  const { submit, problem, isRunning } = standing === 'suspend' ? suspending : revoking

  async function end() {
    const { id, version } = credential
    if ((await submit({ input: { id, version, reason: reason.trim(), reportedBy: reportedBy.trim() } })) === null) return
    notify({ color: 'pine', message: t(`standing.${standing}.done`) })
    onClose()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void end()
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t(`standing.${standing}.text`, { type: label('credentialType', credential.type), name: credential.staff.name })}</Text>
        <Textarea
          label={t('standing.reason')}
          required
          maxLength={2000}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label={t('adverse.reportedBy')}
          description={t('adverse.reportedByHint')}
          required
          maxLength={120}
          value={reportedBy}
          onChange={(event) => setReportedBy(event.currentTarget.value)}
        />
        <Problem text={problem} />
        <Button type="submit" color="clay" loading={isRunning} disabled={reason.trim() === '' || reportedBy.trim() === ''}>
          {t(`standing.${standing}.submit`)}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('back')}
        </Button>
      </Stack>
    </form>
  )
}
