import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { notify } from '../../notify.ts'
import { useFormat } from '../../session/viewer.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { instantAt } from './instant-at.ts'
import type { Place } from './PlaceFields.tsx'
import { BookAppointment } from './schedule-documents.ts'
import type { Refused } from './use-appointment-commands.ts'
import { useRefusal } from './use-appointment-commands.ts'

type Named = { readonly id: string; readonly name: string }
export type Booking = { patient: Named; type: { readonly id: string }; place: Place; reason: string }

/** Books one visit; `refused` says why it could not be. */
export function useBooking(onBooked: (startsAt: string) => void) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const textOf = useFailureText()
  const refusedOf = useRefusal()
  const [refused, setRefused] = useState<Refused | null>(null)
  const { run, isRunning } = useCommand(BookAppointment, (data) => data.bookAppointment)

  async function book({ patient, type, place, reason }: Booking) {
    const startsAt = instantAt(place.date, place.minute, format.timeZone)
    const { staffId, roomId } = place
    const { payload, failure } = await run({
      input: {
        patientId: patient.id,
        typeId: type.id,
        staffId,
        roomId,
        equipmentIds: [...(place.equipmentIds ?? [])],
        startsAt,
        reason: reason.trim() || null,
      },
    })
    if (payload?.__typename === 'Appointment') {
      notify({ color: 'pine', message: t('book.done', { name: patient.name, when: format.dateTime(startsAt) }) })
      return onBooked(startsAt)
    }
    setRefused(payload === null ? { message: textOf(failure), conflict: null } : refusedOf(payload))
  }
  return { book, refused, forget: () => setRefused(null), isBooking: isRunning }
}

/** The date and the minute of an instant at the clinic, as a place holds them. */
export function momentOf(startsAt: string, timeZone: string): { date: string; minute: number } {
  const instant = new Date(startsAt)
  return { date: dateIn(timeZone, instant), minute: minuteIn(timeZone, instant) }
}
