import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconCalendarX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { OccurrenceFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { OccurrenceList } from './OccurrenceList.tsx'
import { SlotConflict } from './SlotConflict.tsx'
import { type Booking, momentOf, useBooking } from './use-booking.ts'

export type BookedSeries = { booking: Booking; skipped: readonly OccurrenceFieldsFragment[] }

/** What could not be booked of a series, with other times to take for each. */
export function SeriesOutcome({ series: { booking, skipped }, onClose }: { series: BookedSeries; onClose: () => void }) {
  const { t } = useTranslation('desk')
  return (
    <Stack gap="md">
      <Alert color="amber" variant="light" icon={<IconCalendarX size={18} />} title={t('series.leftTitle')}>
        {t('series.leftText')}
      </Alert>
      <OccurrenceList label={t('series.leftTitle')} occurrences={skipped} renderNext={(one) => <OtherTimes occurrence={one} booking={booking} />} />
      <Button onClick={onClose}>{t('series.finish')}</Button>
    </Stack>
  )
}

function OtherTimes({ occurrence, booking }: { occurrence: OccurrenceFieldsFragment; booking: Booking }) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const [booked, setBooked] = useState<string | null>(null)
  const { book, refused, isBooking } = useBooking(setBooked)
  if (booked !== null)
    return (
      <Text size="sm" role="status">
        {t('series.booked', { when: format.dateTime(booked) })}
      </Text>
    )
  const take = (slot: string) => void book({ ...booking, place: { ...booking.place, ...momentOf(slot, format.timeZone) } })
  return (
    <>
      <Group gap={6} mt={4}>
        {occurrence.nextSlots.map((slot) => (
          <Button key={slot} size="compact-sm" variant="default" disabled={isBooking} onClick={() => take(slot)}>
            {format.dateTime(slot)}
          </Button>
        ))}
      </Group>
      {refused !== null && <SlotConflict refused={refused} date={occurrence.date} onChoose={take} />}
    </>
  )
}
