import { Button, SegmentedControl } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconCalendarOff, IconCalendarPlus } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { useChanges } from '../../live/use-changes.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat, useViewer } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { DateBar } from '../../ui/DateBar.tsx'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { AgendaList } from './AgendaList.tsx'
import { AppointmentDrawer } from './AppointmentDrawer.tsx'
import { BookDrawer } from './BookDrawer.tsx'
import { DayGrid } from './DayGrid.tsx'
import type { DaySchedule, ScheduleView } from './day-plan.ts'
import { appointmentsOf, findFree, resourcesOf, snap } from './day-plan.ts'
import { instantAt } from './instant-at.ts'
import type { MoveRequest } from './MoveDialog.tsx'
import { MoveDialog, placeOf } from './MoveDialog.tsx'
import type { Place } from './PlaceFields.tsx'
import { DayScheduleDocument } from './schedule-documents.ts'
import { useMove } from './use-appointment-commands.ts'
import type { Drag } from './use-drag.ts'

const route = getRouteApi('/signed-in/schedule')
const DEFAULT_MINUTES = 30
// What the day shows, whoever changes it.
const SHOWN_TYPES = ['Appointment', 'Roster', 'RosterShift', 'Room', 'StaffProfile', 'WeeklySchedule']

export function SchedulePage() {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const navigate = useNavigate({ from: '/schedule' })
  const { date: asked, view = 'staff' } = route.useSearch()
  const today = dateIn(format.timeZone, new Date())
  const date = asked ?? today
  const [result, retry] = useQuery({ query: DayScheduleDocument, variables: { date } })
  useChanges(SHOWN_TYPES, () => retry({ requestPolicy: 'network-only' }))
  const schedule = result.data?.daySchedule
  const chooseDate = (value: string) => void navigate({ search: (old) => ({ ...old, date: value === today ? undefined : value, open: undefined }) })
  const chooseView = (value: string) => void navigate({ search: (old) => ({ ...old, view: value === 'room' ? 'room' : undefined }), replace: true })
  return (
    <Page
      title={t('title')}
      lead={capitalised(format.longDate(date))}
      actions={
        <>
          <SegmentedControl
            visibleFrom="sm"
            size="xs"
            aria-label={t('viewLabel')}
            value={view}
            onChange={chooseView}
            data={[
              { value: 'staff', label: t('view.staff') },
              { value: 'room', label: t('view.room') },
            ]}
          />
          <DateBar date={date} today={today} label={t('dateLabel')} onChange={chooseDate} />
        </>
      }
    >
      <QueryView result={{ ...result, data: schedule?.date === date ? result.data : undefined }} onRetry={retry} skeletonHeight={520}>
        {(data) => <Day key={date} schedule={data.daySchedule} view={view} />}
      </QueryView>
    </Page>
  )
}

function Day({ schedule, view }: { schedule: DaySchedule; view: ScheduleView }) {
  const { timeZone } = useFormat()
  const isPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const navigate = useNavigate({ from: '/schedule' })
  const { open: openId } = route.useSearch()
  const [booking, setBooking] = useState<Place | null>(null)
  const [moving, setMoving] = useState<MoveRequest | null>(null)
  const appointments = useMemo(() => appointmentsOf(schedule), [schedule])
  const resources = useMemo(() => resourcesOf(schedule, view, timeZone), [schedule, view, timeZone])
  const bookingPlace = useBookingPlace(schedule, view)
  const drop = useDrop(schedule, view, setMoving)
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: id === undefined })

  return (
    <>
      {isPhone ? (
        <PhoneDay schedule={schedule} onBook={() => setBooking(bookingPlace(null, nextFullSlot(timeZone)))} onOpen={open} />
      ) : resources.length === 0 ? (
        <NobodyWorks />
      ) : (
        <DayGrid
          date={schedule.date}
          resources={resources}
          appointments={appointments}
          onBook={(resourceId, minute) => setBooking(bookingPlace(resourceId, minute))}
          onOpen={open}
          onDrop={drop}
        />
      )}
      <BookDrawer start={booking} schedule={schedule} onClose={() => setBooking(null)} />
      <AppointmentDrawer
        appointment={appointments.find((one) => one.id === openId) ?? null}
        onMove={(appointment) => setMoving({ appointment, place: null, refused: null })}
        onClose={() => open(undefined)}
      />
      <MoveDialog request={moving} schedule={schedule} onClose={() => setMoving(null)} />
    </>
  )
}

/** Fills in what the clicked slot does not say: a free room for a person, a free person for a room. */
function useBookingPlace(schedule: DaySchedule, view: ScheduleView) {
  const { timeZone } = useFormat()
  return (resourceId: string | null, minute: number): Place => {
    const appointments = appointmentsOf(schedule)
    const span = { start: minute, end: minute + DEFAULT_MINUTES }
    const free = (kind: ScheduleView) => findFree(resourcesOf(schedule, kind, timeZone), appointments, span, timeZone)?.id
    const isRoom = view === 'room' && resourceId !== null
    const staffId = (isRoom ? null : resourceId) ?? free('staff') ?? schedule.staff[0]?.staff.id ?? ''
    return { date: schedule.date, minute, staffId, roomId: (isRoom ? resourceId : free('room')) ?? null }
  }
}

/** Moves at once; what the server refuses opens the dialog with the conflict and the next free times. */
function useDrop(schedule: DaySchedule, view: ScheduleView, setMoving: (request: MoveRequest) => void) {
  const { timeZone } = useFormat()
  const { move } = useMove()
  return useCallback(
    (drag: Drag) => {
      const { appointment, resourceId, minute } = drag
      const old = placeOf(appointment, timeZone)
      const place: Place = { ...old, date: schedule.date, minute, ...(view === 'room' ? { roomId: resourceId } : { staffId: resourceId }) }
      if (place.minute === old.minute && place.staffId === old.staffId && place.roomId === old.roomId) return
      const startsAt = instantAt(place.date, place.minute, timeZone)
      void move(appointment, { startsAt, staffId: place.staffId, roomId: place.roomId }).then((refused) => {
        if (refused !== null) setMoving({ appointment, place, refused })
      })
    },
    [schedule.date, view, timeZone, move, setMoving],
  )
}

function PhoneDay({ schedule, onBook, onOpen }: { schedule: DaySchedule; onBook: () => void; onOpen: (id: string) => void }) {
  const { t } = useTranslation('schedule')
  const can = useCan()
  const appointments = appointmentsOf(schedule)
  return (
    <>
      {can('appointment:create') && (
        <Button fullWidth mb="sm" leftSection={<IconCalendarPlus size={17} />} onClick={onBook}>
          {t('book.open')}
        </Button>
      )}
      {appointments.length === 0 ? (
        <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('emptyDay.title')}>
          {t('emptyDay.text')}
        </StateMessage>
      ) : (
        <AgendaList appointments={appointments} onOpen={onOpen} />
      )}
    </>
  )
}

function NobodyWorks() {
  const { t } = useTranslation('schedule')
  const { clinic } = useViewer()
  return (
    <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('nobody.title', { clinic: clinic.name })}>
      {t('nobody.text')}
    </StateMessage>
  )
}

function nextFullSlot(timeZone: string): number {
  return Math.min(snap(minuteIn(timeZone, new Date()) + 10), 1420)
}
