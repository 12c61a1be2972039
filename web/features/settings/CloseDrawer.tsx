import { Alert, Button, Drawer, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { ClosedTimeFields } from './ClosedTimeFields.tsx'
import { AddClosure } from './closing-documents.ts'
import { Impact } from './Impact.tsx'
import { type Interval, useClosedTime } from './use-closed-time.ts'

/** Closes the clinic for a time, after a look at the visits in it. */
export function CloseDrawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation('settings')
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('closure.add')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && <CloseForm onClose={onClose} />}
    </Drawer>
  )
}

function CloseForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings')
  const textOf = useFailureText()
  const { time, change, interval } = useClosedTime()
  const [title, setTitle] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(AddClosure, (data) => data.addClosure)

  async function close(closed: Interval) {
    const { payload, failure } = await run({ input: { ...closed, title: title.trim() } })
    if (payload?.__typename !== 'ClinicClosure') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('closure.added') })
    onClose()
  }

  return (
    <Stack gap="md">
      <TextInput label={t('closure.reason')} required maxLength={120} value={title} onChange={(event) => setTitle(event.currentTarget.value)} data-autofocus />
      <ClosedTimeFields time={time} onChange={change} />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      {interval === null ? (
        <Alert color="amber" variant="light">
          {t('closed.notInOrder')}
        </Alert>
      ) : (
        <Impact interval={interval}>
          <Button size="md" loading={isRunning} disabled={title.trim() === ''} onClick={() => void close(interval)}>
            {t('closure.submit')}
          </Button>
        </Impact>
      )}
    </Stack>
  )
}
