import { Alert, Button, Stack, Text } from '@mantine/core'
import { IconClockOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { useFormat } from '../../session/viewer.ts'
import type { OpenSlot } from './BookDrawer.tsx'
import { SlotConflict } from './SlotConflict.tsx'
import { momentOf, useBooking } from './use-booking.ts'
import { WaitlistLink } from './WaitlistLink.tsx'

type NobodyFreeProps = {
  patient: { id: string; name: string }
  type: { id: string }
  reason: string
  staffId: string | null
  slots: readonly OpenSlot[]
  onBooked: () => void
}

/** The rest of the day is full: the next three slots as bookings, or a place on the waitlist. */
export function NobodyFree({ patient, type, reason, staffId, slots, onBooked }: NobodyFreeProps) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const { book, refused, isBooking } = useBooking(onBooked)
  const take = ({ startsAt, staff, room, equipment }: OpenSlot) =>
    void book({
      patient,
      type,
      reason,
      place: { ...momentOf(startsAt, format.timeZone), staffId: staff.id, roomId: room?.id ?? null, equipmentIds: equipment.map(({ id }) => id) },
    })
  return (
    <Alert role="alert" color="amber" variant="light" icon={<IconClockOff size={18} />} title={t('walkIn.nobody')}>
      <Stack gap={8} align="start">
        <Text size="sm">{t(slots.length > 0 ? 'walkIn.next' : 'walkIn.noNext')}</Text>
        {slots.map((slot) => (
          <Button key={`${slot.startsAt} ${slot.staff.id}`} size="compact-sm" variant="default" disabled={isBooking} onClick={() => take(slot)}>
            {format.dateTime(slot.startsAt)} · {slot.staff.name}
          </Button>
        ))}
        {refused !== null && <SlotConflict refused={refused} date="" onChoose={null} />}
        <WaitlistLink wish={{ patient: patient.id, type: type.id, staff: staffId ?? undefined }} />
      </Stack>
    </Alert>
  )
}
