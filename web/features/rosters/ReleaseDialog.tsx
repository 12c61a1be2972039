import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import type { Shift } from './roster-week.ts'
import { ReleaseShift } from './trade-documents.ts'
import { useRosterTexts } from './use-roster-texts.ts'

/** Asks before a shift is given back: somebody else may take it at once. */
export function ReleaseDialog({ shift, onClose }: { shift: Shift | null; onClose: () => void }) {
  const { t } = useTranslation('rosters')
  return (
    <Modal opened={shift !== null} onClose={onClose} title={t('release.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {shift !== null && <ReleaseForm key={shift.id} shift={shift} onClose={onClose} />}
    </Modal>
  )
}

function ReleaseForm({ shift, onClose }: { shift: Shift; onClose: () => void }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const textOf = useFailureText()
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(ReleaseShift, (data) => data.releaseShift)

  async function release() {
    const { payload, failure } = await run({ input: { shiftId: shift.id, reason: reason.trim() || null } })
    if (payload?.__typename !== 'RosterShift') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('release.done') })
    onClose()
  }

  return (
    <Stack gap="md">
      <Text size="sm">{t('release.text', { shift: texts.shift(shift) })}</Text>
      <Textarea
        label={t('release.reason')}
        maxLength={300}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={problem}
      />
      <Group gap="xs">
        <Button color="clay" loading={isRunning} onClick={() => void release()}>
          {t('release.submit')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('release.keep')}
        </Button>
      </Group>
    </Stack>
  )
}
