import { Button, Drawer, Stack, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { refusal } from '../../failure.ts'
import type { AppointmentTypesQuery } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import type { FoundPatient } from '../patients/use-patient-search.ts'
import type { DaySchedule } from './day-plan.ts'
import { appointmentsOf } from './day-plan.ts'
import { instantAt } from './instant-at.ts'
import { PatientPicker } from './PatientPicker.tsx'
import type { Place } from './PlaceFields.tsx'
import { PlaceFields } from './PlaceFields.tsx'
import classes from './Schedule.module.css'
import { SlotConflict } from './SlotConflict.tsx'
import { AppointmentTypes, BookAppointment, SlotTakenFields } from './schedule-documents.ts'
import type { Refused } from './use-appointment-commands.ts'

type Kind = AppointmentTypesQuery['appointmentTypes'][number]
type BookDrawerProps = { start: Place | null; schedule: DaySchedule; onClose: () => void }

/** From an empty slot to a booked visit: the patient, the type, confirm. Everything else is filled in. */
export function BookDrawer({ start, schedule, onClose }: BookDrawerProps) {
  const { t } = useTranslation('schedule')
  const [result, retry] = useQuery({ query: AppointmentTypes })
  return (
    <Drawer opened={start !== null} onClose={onClose} title={t('book.title')} closeButtonProps={{ 'aria-label': t('book.close') }}>
      {start !== null && (
        <QueryView result={result} onRetry={retry}>
          {(data) => <BookForm start={start} schedule={schedule} types={data.appointmentTypes} onClose={onClose} />}
        </QueryView>
      )}
    </Drawer>
  )
}

type Booking = { patient: FoundPatient; type: Kind; place: Place; reason: string }

function useBooking(onBooked: () => void) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const textOf = useFailureText()
  const [refused, setRefused] = useState<Refused | null>(null)
  const { run, isRunning } = useCommand(BookAppointment, (data) => data.bookAppointment)

  async function book({ patient, type, place, reason }: Booking) {
    const startsAt = instantAt(place.date, place.minute, format.timeZone)
    const { payload, failure } = await run({
      input: { patientId: patient.id, typeId: type.id, staffId: place.staffId, roomId: place.roomId, startsAt, reason: reason.trim() || null },
    })
    if (payload?.__typename === 'Appointment') {
      notify({ color: 'pine', message: t('book.done', { name: patient.name, when: format.dateTime(startsAt) }) })
      return onBooked()
    }
    const message = textOf(payload === null ? failure : refusal(payload))
    setRefused({ message, conflict: payload?.__typename === 'SlotTaken' ? readFragment(SlotTakenFields, payload) : null })
  }
  return { book, refused, isBooking: isRunning }
}

type BookFormProps = { start: Place; schedule: DaySchedule; types: readonly Kind[]; onClose: () => void }

function BookForm({ start, schedule, types, onClose }: BookFormProps) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const [place, setPlace] = useState(start)
  const [patient, setPatient] = useState<FoundPatient | null>(null)
  const [typeId, setTypeId] = useState(() => usualType(types, schedule)?.id ?? '')
  const [reason, setReason] = useState('')
  const { book, refused, isBooking } = useBooking(onClose)
  const type = types.find((one) => one.id === typeId)

  function bookAt(where: Place) {
    setPlace(where)
    if (patient !== null && type !== undefined) void book({ patient, type, place: where, reason })
  }

  function bookAtInstant(startsAt: string) {
    const instant = new Date(startsAt)
    bookAt({ ...place, date: dateIn(format.timeZone, instant), minute: minuteIn(format.timeZone, instant) })
  }

  return (
    <Stack gap="md">
      <PatientPicker patient={patient} onChange={setPatient} />
      <TypeChoice types={types} chosen={typeId} onChoose={setTypeId} />
      {refused !== null && <SlotConflict refused={refused} date={place.date} onChoose={bookAtInstant} />}
      <Button
        size="md"
        loading={isBooking}
        disabled={patient === null || type === undefined}
        onClick={() => bookAt(place)}
        style={{ position: 'sticky', bottom: 0, zIndex: 2 }}
      >
        {t('book.submit')}
      </Button>
      <PlaceFields place={place} schedule={schedule} onChange={setPlace} />
      <TextInput label={t('book.reason')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
    </Stack>
  )
}

/** What is booked most that day, so that most bookings need no click for it; on an empty day the consultation. */
function usualType(types: readonly Kind[], schedule: DaySchedule): Kind | undefined {
  const booked = appointmentsOf(schedule)
  const uses = (type: Kind) => booked.filter((one) => one.type.id === type.id).length
  const most = types.toSorted((a, b) => uses(b) - uses(a))[0]
  return most !== undefined && uses(most) > 0 ? most : (types.find((type) => /consult|check/i.test(type.code)) ?? types[0])
}

function TypeChoice({ types, chosen, onChoose }: { types: readonly Kind[]; chosen: string; onChoose: (id: string) => void }) {
  const { t } = useTranslation('schedule')
  return (
    <div>
      <Text size="sm" fw={500} mb={4} id="booking-type">
        {t('book.type')}
      </Text>
      <div className={classes.types} role="radiogroup" aria-labelledby="booking-type">
        {types.map((type) => (
          <UnstyledButton
            key={type.id}
            role="radio"
            aria-checked={type.id === chosen}
            className={classes.type}
            style={{ '--type': type.colour }}
            onClick={() => onChoose(type.id)}
          >
            {type.name}
            <span>{t('minutes', { count: type.durationMinutes })}</span>
          </UnstyledButton>
        ))}
      </div>
    </div>
  )
}
