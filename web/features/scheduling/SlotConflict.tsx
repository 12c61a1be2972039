import { Alert, Button, Group, Text } from '@mantine/core'
import { IconCalendarX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import type { Refused } from './use-appointment-commands.ts'

type SlotConflictProps = { refused: Refused; date: string; onChoose: (startsAt: string) => void }

/** What stands in the way, and the next free times as buttons. */
export function SlotConflict({ refused, date, onChoose }: SlotConflictProps) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const { conflict, message } = refused
  if (conflict === null) {
    return (
      <Alert role="alert" color="clay" variant="light">
        {message}
      </Alert>
    )
  }
  const interval = { from: format.time(conflict.startsAt), to: format.time(conflict.endsAt) }
  const name = conflict.resourceName ?? t(conflict.resourceKind === 'ROOM' ? 'conflict.aRoom' : 'conflict.aPerson')
  const textOf = (slot: string) => (dateIn(format.timeZone, new Date(slot)) === date ? format.time(slot) : format.dateTime(slot))
  return (
    <Alert role="alert" color="amber" variant="light" icon={<IconCalendarX size={18} />} title={t('conflict.title')}>
      <Text size="sm">{t('conflict.busy', { name, ...interval })}</Text>
      {conflict.nextSlots.length > 0 && (
        <>
          <Text size="sm" mt={6} mb={4}>
            {t('conflict.next')}
          </Text>
          <Group gap={6}>
            {conflict.nextSlots.slice(0, 3).map((slot) => (
              <Button key={slot} size="compact-sm" variant="default" onClick={() => onChoose(slot)}>
                {textOf(slot)}
              </Button>
            ))}
          </Group>
        </>
      )}
    </Alert>
  )
}
