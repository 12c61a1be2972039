import { Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { Problem } from './Problem.tsx'
import { RemoveShift } from './roster-documents.ts'
import type { Shift } from './roster-week.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type RemoveFormProps = { shift: Shift; isPublished: boolean; onBack: () => void; onClose: () => void }

/** Asks before a shift goes: a draft's is gone, a published one is cancelled for all to see. */
export function RemoveForm({ shift, isPublished, onBack, onClose }: RemoveFormProps) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(RemoveShift, (data) => data.removeShift)

  async function remove() {
    const { payload, failure } = await run({ input: { id: shift.id, version: shift.version } })
    if (payload?.__typename !== 'RosterWeek') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t(isPublished ? 'remove.cancelled' : 'remove.done') })
    onClose()
  }

  return (
    <Stack gap="md">
      <Text size="sm">
        {shift.staff?.name ?? t('open.name')}, {texts.shift(shift)}
      </Text>
      <Text size="sm">{t(isPublished ? 'remove.textPublished' : 'remove.text')}</Text>
      <Problem text={problem} />
      <Group gap="xs">
        <Button color="clay" loading={isRunning} onClick={() => void remove()}>
          {t('remove.submit')}
        </Button>
        <Button variant="default" onClick={onBack}>
          {t('back')}
        </Button>
      </Group>
    </Stack>
  )
}
