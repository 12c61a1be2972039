import { Alert, Badge, Button, Group, Text } from '@mantine/core'
import { IconCalendarX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import type { ResourceKind, SlotTakenFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import type { Refused } from './use-appointment-commands.ts'
import { WaitlistLink } from './WaitlistLink.tsx'
import type { WaitlistWish } from './waitlist-search.ts'

/** `onChoose` null: the next free times are told, not offered. */
type SlotConflictProps = { refused: Refused; date: string; onChoose: ((startsAt: string) => void) | null; wish?: WaitlistWish }

const NAMELESS = {
  STAFF: 'conflict.aPerson',
  ROOM: 'conflict.aRoom',
  EQUIPMENT: 'conflict.aMachine',
  CLINIC: 'conflict.theClinic',
} as const satisfies Record<ResourceKind, string>
const REASONS = {
  VISIT: 'conflict.busy',
  HOLD: 'conflict.held',
  TIME_OFF: 'conflict.off',
  MAINTENANCE: 'conflict.maintenance',
  CLOSURE: 'conflict.closed',
} as const satisfies Record<SlotTakenFieldsFragment['blockedBy'], string>

/** What stands in the way and why, and the next free times as buttons. */
export function SlotConflict({ refused, date, onChoose, wish }: SlotConflictProps) {
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
  // Time off and closures may last for days.
  const isOn = (instant: string) => dateIn(format.timeZone, new Date(instant)) === date
  const textOf = (instant: string) => (isOn(instant) ? format.time(instant) : format.dateTime(instant))
  const name = conflict.resourceName ?? t(NAMELESS[conflict.resourceKind])
  return (
    <Alert role="alert" color="amber" variant="light" icon={<IconCalendarX size={18} />} title={t('conflict.title')}>
      <Text size="sm">{t(REASONS[conflict.blockedBy], { name, from: textOf(conflict.startsAt), to: textOf(conflict.endsAt) })}</Text>
      {conflict.nextSlots.length > 0 && (
        <>
          <Text size="sm" mt={6} mb={4}>
            {t('conflict.next')}
          </Text>
          <Group gap={6}>
            {conflict.nextSlots.slice(0, 3).map((slot) =>
              onChoose === null ? (
                <Badge key={slot} color="gray">
                  {textOf(slot)}
                </Badge>
              ) : (
                <Button key={slot} size="compact-sm" variant="default" onClick={() => onChoose(slot)}>
                  {textOf(slot)}
                </Button>
              ),
            )}
          </Group>
        </>
      )}
      {wish !== undefined && (
        <Text size="sm" mt={8}>
          <WaitlistLink wish={wish} />
        </Text>
      )}
    </Alert>
  )
}
