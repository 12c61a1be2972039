import { Button, Group, Modal, NumberInput, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import type { Appointment } from './day-plan.ts'
import { SNAP_MINUTES } from './day-plan.ts'
import { instantAt } from './instant-at.ts'
import type { Place } from './PlaceFields.tsx'
import { PlaceFields } from './PlaceFields.tsx'
import { SlotConflict } from './SlotConflict.tsx'
import type { Refused } from './use-appointment-commands.ts'
import { minutesOf, useMove } from './use-appointment-commands.ts'
import { useDay } from './use-day.ts'

/** A change that a drag began and the server refused carries its place, its length and its reason into the dialog. */
export type MoveRequest = { appointment: Appointment; place: Place | null; minutes: number | null; refused: Refused | null }
type MoveDialogProps = { request: MoveRequest | null; onClose: () => void }

/** What dragging a visit or its lower edge does, for keyboard and touch. */
export function MoveDialog({ request, onClose }: MoveDialogProps) {
  const { t } = useTranslation('schedule')
  return (
    <Modal
      opened={request !== null}
      onClose={onClose}
      title={request === null ? '' : t('move.title', { name: request.appointment.patient.name })}
      closeButtonProps={{ 'aria-label': t('move.close') }}
    >
      {request !== null && <MoveForm key={request.appointment.id} request={request} onClose={onClose} />}
    </Modal>
  )
}

function MoveForm({ request, onClose }: { request: MoveRequest; onClose: () => void }) {
  const { t } = useTranslation('schedule')
  const { timeZone } = useFormat()
  const { appointment } = request
  const [place, setPlace] = useState<Place>(request.place ?? placeOf(appointment, timeZone))
  const [minutes, setMinutes] = useState(request.minutes ?? minutesOf(appointment))
  const [refused, setRefused] = useState<Refused | null>(request.refused)
  const { result, retry } = useDay(place.date)
  const { move, isMoving } = useMove()

  async function moveTo(startsAt: string) {
    const isOtherLength = minutes !== minutesOf(appointment)
    const to = { startsAt, staffId: place.staffId, roomId: place.roomId, ...(isOtherLength ? { durationMinutes: minutes } : {}) }
    const outcome = await move(appointment, to)
    if (outcome === null) onClose()
    else setRefused(outcome)
  }

  function choose(startsAt: string) {
    const instant = new Date(startsAt)
    setPlace({ ...place, date: dateIn(timeZone, instant), minute: minuteIn(timeZone, instant) })
    void moveTo(startsAt)
  }

  return (
    <QueryView result={result} onRetry={retry}>
      {(schedule) => (
        <Stack gap="md">
          <PlaceFields place={place} schedule={schedule} onChange={setPlace} />
          <NumberInput
            label={t('move.minutes')}
            value={minutes}
            onChange={(value) => typeof value === 'number' && setMinutes(value)}
            min={5}
            max={1440}
            step={SNAP_MINUTES}
            allowDecimal={false}
          />
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
      )}
    </QueryView>
  )
}

export function placeOf(appointment: Appointment, timeZone: string): Place {
  const instant = new Date(appointment.startsAt)
  return {
    date: dateIn(timeZone, instant),
    minute: minuteIn(timeZone, instant),
    staffId: appointment.staff.id,
    roomId: appointment.room?.id ?? null,
    equipmentIds: null,
  }
}
