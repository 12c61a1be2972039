import { Button, Drawer, Stack, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import type { AppointmentTypesQuery, OpenSlotsQuery } from '../../gql/graphql.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import type { FoundPatient } from '../patients/use-patient-search.ts'
import { AppointmentTypeChoice, usualType } from './AppointmentTypeChoice.tsx'
import type { DaySchedule } from './day-plan.ts'
import { FindTime } from './FindTime.tsx'
import { PatientPicker } from './PatientPicker.tsx'
import type { Place } from './PlaceFields.tsx'
import { PlaceFields } from './PlaceFields.tsx'
import { SeriesForm } from './SeriesForm.tsx'
import { type BookedSeries, SeriesOutcome } from './SeriesOutcome.tsx'
import { SlotConflict } from './SlotConflict.tsx'
import { AppointmentTypes } from './schedule-documents.ts'
import { type Repeat, weekdayOf } from './series-rule.ts'
import { type BookingStart, startPlace } from './start-place.ts'
import { momentOf, useBooking } from './use-booking.ts'
import { useDay } from './use-day.ts'
import { useSuitablePlace } from './use-suitable-place.ts'
import { WhyNot } from './WhyNot.tsx'

export type Kind = AppointmentTypesQuery['appointmentTypes'][number]
export type OpenSlot = OpenSlotsQuery['openSlots'][number]
type BookDrawerProps = { start: BookingStart | null; onClose: () => void }

/** From an empty slot to a booked visit: the patient, the type, confirm. Everything else is filled in. */
export function BookDrawer({ start, onClose }: BookDrawerProps) {
  const { t } = useTranslation('schedule')
  return (
    <Drawer opened={start !== null} onClose={onClose} title={t('book.title')} closeButtonProps={{ 'aria-label': t('book.close') }}>
      {start !== null && <LoadedForm start={start} onClose={onClose} />}
    </Drawer>
  )
}

function LoadedForm({ start, onClose }: { start: BookingStart; onClose: () => void }) {
  const [date, setDate] = useState(start.date)
  const [types, retryTypes] = useQuery({ query: AppointmentTypes })
  const { result, retry } = useDay(date)
  return (
    <QueryView result={types} onRetry={retryTypes}>
      {(data) => (
        <QueryView result={result} onRetry={retry}>
          {(schedule) => <BookForm start={start} schedule={schedule} types={data.appointmentTypes} onDate={setDate} onClose={onClose} />}
        </QueryView>
      )}
    </QueryView>
  )
}

const EVERY_WEEK: Repeat = { unit: 'week', every: 1, weekdays: [], end: { kind: 'count', count: 4 } }

type BookFormProps = { start: BookingStart; schedule: DaySchedule; types: readonly Kind[]; onDate: (date: string) => void; onClose: () => void }

function BookForm({ start, schedule, types, onDate, onClose }: BookFormProps) {
  const { t } = useTranslation(['schedule', 'desk'])
  const format = useFormat()
  const [chosen, setChosen] = useState<Place>(() => startPlace(start, schedule, format.timeZone))
  const [patient, setPatient] = useState<FoundPatient | null>(null)
  const [typeId, setTypeId] = useState(() => usualType(types, schedule)?.id ?? '')
  const [reason, setReason] = useState('')
  const { book, refused, forget, isBooking } = useBooking(onClose)
  const type = types.find((one) => one.id === typeId)
  const [repeat, setRepeat] = useState<Repeat | null>(null)
  const [series, setSeries] = useState<BookedSeries | null>(null)
  const [isSettled, setSettled] = useState(false)
  const { place, isLooking } = useSuitablePlace(isSettled ? undefined : type, chosen)

  /** A room or a machine that somebody has chosen is not replaced by another that would do. */
  function change(where: Place) {
    if (where.roomId !== place.roomId || where.equipmentIds !== place.equipmentIds) setSettled(true)
    choose(where)
  }

  function chooseType(id: string) {
    setTypeId(id)
    setSettled(false)
  }

  function choose(where: Place) {
    setChosen(where)
    onDate(where.date)
    forget()
  }

  function bookAt(where: Place) {
    setChosen(where)
    onDate(where.date)
    if (patient !== null && type !== undefined) void book({ patient, type, place: where, reason })
  }

  function bookAtInstant(startsAt: string) {
    bookAt({ ...place, ...momentOf(startsAt, format.timeZone) })
  }

  function takeSlot({ startsAt, staff, room, equipment }: OpenSlot) {
    setSettled(true)
    choose({ ...momentOf(startsAt, format.timeZone), staffId: staff.id, roomId: room?.id ?? null, equipmentIds: equipment.map(({ id }) => id) })
  }

  function finish(booked: BookedSeries) {
    if (booked.skipped.length === 0) return onClose()
    setSeries(booked)
  }

  if (series !== null) return <SeriesOutcome series={series} onClose={onClose} />
  return (
    <Stack gap="md">
      <PatientPicker patient={patient} onChange={setPatient} />
      <AppointmentTypeChoice types={types} chosen={typeId} onChoose={chooseType} />
      {refused !== null && (
        <SlotConflict
          refused={refused}
          date={place.date}
          onChoose={bookAtInstant}
          wish={{ patient: patient?.id, type: typeId, staff: place.staffId, on: place.date }}
        />
      )}
      {repeat === null && (
        <Button
          size="md"
          loading={isBooking || isLooking}
          disabled={patient === null || type === undefined || place.staffId === ''}
          onClick={() => bookAt(place)}
          style={{ position: 'sticky', bottom: 0, zIndex: 2 }}
        >
          {t('book.submit')}
        </Button>
      )}
      <PlaceFields place={place} schedule={schedule} onChange={change} />
      {type !== undefined && (
        <>
          <WhyNot type={type} place={place} onTake={takeSlot} />
          <FindTime type={type} date={place.date} patientId={patient?.id ?? null} isOpen={start.isSearch ?? false} onTake={takeSlot} />
        </>
      )}
      <TextInput label={t('book.reason')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      <Switch
        label={t('desk:series.open')}
        checked={repeat !== null}
        onChange={(event) => setRepeat(event.currentTarget.checked ? { ...EVERY_WEEK, weekdays: [weekdayOf(place.date)] } : null)}
      />
      {repeat !== null && type !== undefined && <SeriesForm wish={{ patient, type, place, reason }} repeat={repeat} onChange={setRepeat} onBooked={finish} />}
    </Stack>
  )
}
