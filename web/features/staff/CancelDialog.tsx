import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { TimeOffFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { CancelTimeOff } from './time-off-documents.ts'
import { useTimeOffTexts } from './use-time-off-texts.ts'

type CancelDialogProps = { request: TimeOffFieldsFragment | null; onClose: () => void }

/** Asks before days off are given up: they have to be asked for anew. */
export function CancelDialog({ request, onClose }: CancelDialogProps) {
  const { t } = useTranslation('staff')
  return (
    <Modal opened={request !== null} onClose={onClose} title={t('timeOff.cancel.title')} closeButtonProps={{ 'aria-label': t('timeOff.close') }}>
      {request !== null && <CancelForm key={request.id} request={request} onClose={onClose} />}
    </Modal>
  )
}

function CancelForm({ request, onClose }: { request: TimeOffFieldsFragment; onClose: () => void }) {
  const { t } = useTranslation('staff')
  const texts = useTimeOffTexts()
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(CancelTimeOff, (data) => data.cancelTimeOff)

  async function cancel() {
    const { payload, failure } = await run({ input: { id: request.id, version: request.version } })
    if (payload?.__typename !== 'TimeOffRequest') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('timeOff.cancel.done') })
    onClose()
  }

  return (
    <Stack gap="md">
      <Text size="sm">{t('timeOff.cancel.text', { type: request.type.name, days: texts.days(request) })}</Text>
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      <Group gap="xs">
        <Button color="clay" loading={isRunning} onClick={() => void cancel()}>
          {t('timeOff.cancel.submit')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('timeOff.cancel.keep')}
        </Button>
      </Group>
    </Stack>
  )
}
