import { Button, Group, Modal, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useFormat } from '../../session/viewer.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import type { Appointment, DaySchedule } from './day-plan.ts'
import { instantAt } from './instant-at.ts'
import type { Place } from './PlaceFields.tsx'
import { PlaceFields } from './PlaceFields.tsx'
import { SlotConflict } from './SlotConflict.tsx'
import type { Refused } from './use-appointment-commands.ts'
import { useMove } from './use-appointment-commands.ts'

/** A move that a drag began and the server refused carries its place and its reason into the dialog. */
export type MoveRequest = { appointment: Appointment; place: Place | null; refused: Refused | null }
type MoveDialogProps = { request: MoveRequest | null; schedule: DaySchedule; onClose: () => void }

/** What dragging does, for keyboard and touch. */
export function MoveDialog({ request, schedule, onClose }: MoveDialogProps) {
  const { t } = useTranslation('schedule')
  return (
    <Modal
      opened={request !== null}
      onClose={onClose}
      title={request === null ? '' : t('move.title', { name: request.appointment.patient.name })}
      closeButtonProps={{ 'aria-label': t('move.close') }}
    >
      {request !== null && <MoveForm key={request.appointment.id} request={request} schedule={schedule} onClose={onClose} />}
    </Modal>
  )
}

function MoveForm({ request, schedule, onClose }: { request: MoveRequest; schedule: DaySchedule; onClose: () => void }) {
  const { t } = useTranslation('schedule')
  const { timeZone } = useFormat()
  const { appointment } = request
  const [place, setPlace] = useState<Place>(request.place ?? placeOf(appointment, timeZone))
  const [refused, setRefused] = useState<Refused | null>(request.refused)
  const { move, isMoving } = useMove()

  async function moveTo(startsAt: string) {
    const outcome = await move(appointment, { startsAt, staffId: place.staffId, roomId: place.roomId })
    if (outcome === null) onClose()
    else setRefused(outcome)
  }

  function choose(startsAt: string) {
    const instant = new Date(startsAt)
    setPlace({ ...place, date: dateIn(timeZone, instant), minute: minuteIn(timeZone, instant) })
    void moveTo(startsAt)
  }

  return (
    <Stack gap="md">
      <PlaceFields place={place} schedule={schedule} onChange={setPlace} />
      {refused !== null && <SlotConflict refused={refused} date={place.date} onChoose={choose} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('move.cancel')}
        </Button>
        <Button loading={isMoving} onClick={() => void moveTo(instantAt(place.date, place.minute, timeZone))}>
          {t('move.submit')}
        </Button>
      </Group>
    </Stack>
  )
}

export function placeOf(appointment: Appointment, timeZone: string): Place {
  const instant = new Date(appointment.startsAt)
  return {
    date: dateIn(timeZone, instant),
    minute: minuteIn(timeZone, instant),
    staffId: appointment.staff.id,
    roomId: appointment.room?.id ?? null,
  }
}
