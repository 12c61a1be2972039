import { IconCalendarOff } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat, useViewer } from '../../session/viewer.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { AgendaList, NoVisits } from './AgendaList.tsx'
import { AppointmentDrawer } from './AppointmentDrawer.tsx'
import type { DaySchedule, ScheduleView } from './day-plan.ts'
import { appointmentsOf, clockText, closuresOf, resourcesOf } from './day-plan.ts'
import { instantAt } from './instant-at.ts'
import type { MoveRequest } from './MoveDialog.tsx'
import { placeOf } from './MoveDialog.tsx'
import type { Place } from './PlaceFields.tsx'
import classes from './Schedule.module.css'
import { DayScheduleDocument } from './schedule-documents.ts'
import type { BookingStart } from './start-place.ts'
import { type Column, TimeGrid } from './TimeGrid.tsx'
import { useMove } from './use-appointment-commands.ts'
import type { Drag } from './use-drag.ts'

const route = getRouteApi('/signed-in/schedule')
/** What a schedule shows, whoever changes it. */
export const SHOWN_TYPES = ['Appointment', 'ResourceBlock', 'Roster', 'RosterShift', 'Room', 'SlotHold', 'StaffProfile', 'WeeklySchedule']

/** What the views of the schedule have in common. */
export type ViewParts = { isPhone: boolean; onBook: (start: BookingStart) => void; onMove: (request: MoveRequest) => void }
type DayViewProps = ViewParts & { date: string; view: ScheduleView }

export function DayView({ date, view, ...parts }: DayViewProps) {
  const [result, retry] = useLiveQuery(SHOWN_TYPES, { query: DayScheduleDocument, variables: { date } })
  const schedule = result.data?.daySchedule
  return (
    <QueryView result={{ ...result, data: schedule?.date === date ? result.data : undefined }} onRetry={retry} skeletonHeight={520}>
      {(data) => <Day key={date} schedule={data.daySchedule} view={view} {...parts} />}
    </QueryView>
  )
}

function Day({ schedule, view, isPhone, onBook, onMove }: ViewParts & { schedule: DaySchedule; view: ScheduleView }) {
  const navigate = useNavigate({ from: '/schedule' })
  const { open: openId } = route.useSearch()
  const appointments = useMemo(() => appointmentsOf(schedule), [schedule])
  const columns = useColumns(schedule, view)
  const drop = useDrop(schedule.date, view, onMove)
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: id === undefined })
  const book = (columnId: string, minute: number) => {
    onBook({ date: schedule.date, minute, staffId: view === 'staff' ? columnId : null, roomId: view === 'room' ? columnId : null })
  }
  return (
    <>
      {isPhone ? (
        <>
          <ClosedNotices schedule={schedule} />
          {appointments.length === 0 ? <NoVisits /> : <AgendaList appointments={appointments} onOpen={open} />}
        </>
      ) : columns.length === 0 ? (
        <NobodyWorks />
      ) : (
        <TimeGrid columns={columns} onBook={book} onOpen={open} onDrop={drop} />
      )}
      <AppointmentDrawer
        appointment={appointments.find((one) => one.id === openId) ?? null}
        onMove={(appointment) => onMove({ appointment, place: null, minutes: null, refused: null })}
        onClose={() => open(undefined)}
      />
    </>
  )
}

function useColumns(schedule: DaySchedule, view: ScheduleView): Column[] {
  const { t } = useTranslation('schedule')
  const { timeZone } = useFormat()
  const label = useCodeLabel()
  const appointments = appointmentsOf(schedule)
  return resourcesOf(schedule, view, timeZone).map(({ id, name, kind, isStaff, shifts, closures }) => ({
    id,
    name,
    shifts,
    closures,
    date: schedule.date,
    detail: label(isStaff ? 'position' : 'roomKind', kind),
    slotLabel: (time) => t('bookSlot', { time, name }),
    shows: isStaff ? 'room' : 'staff',
    appointments: appointments.filter((one) => (isStaff ? one.staff.id : one.room?.id) === id),
  }))
}

/** Moves, or sets another end, at once; what the server refuses opens the dialog with the conflict and the next free times. */
function useDrop(date: string, view: ScheduleView, onMove: (request: MoveRequest) => void) {
  const { timeZone } = useFormat()
  const { move } = useMove()
  return useCallback(
    ({ appointment, columnId, minute, end }: Drag) => {
      const old = placeOf(appointment, timeZone)
      if (end !== null) return void changeLength(move, appointment, { place: old, minutes: end - minute }, onMove)
      const place: Place = { ...old, date, minute, ...(view === 'room' ? { roomId: columnId } : { staffId: columnId }) }
      if (place.minute === old.minute && place.staffId === old.staffId && place.roomId === old.roomId) return
      const startsAt = instantAt(place.date, place.minute, timeZone)
      void move(appointment, { startsAt, staffId: place.staffId, roomId: place.roomId }).then((refused) => {
        if (refused !== null) onMove({ appointment, place, minutes: null, refused })
      })
    },
    [date, view, timeZone, move, onMove],
  )
}

type Length = { place: Place; minutes: number }

/** Sets another end of a visit. */
export async function changeLength(
  move: ReturnType<typeof useMove>['move'],
  appointment: MoveRequest['appointment'],
  { place, minutes }: Length,
  onMove: (request: MoveRequest) => void,
): Promise<void> {
  const refused = await move(appointment, { startsAt: appointment.startsAt, durationMinutes: minutes })
  if (refused !== null) onMove({ appointment, place, minutes, refused })
}

/** On a phone, what is closed stands above the agenda, with whom or what it concerns. */
function ClosedNotices({ schedule }: { schedule: DaySchedule }) {
  const { timeZone } = useFormat()
  const label = useCodeLabel()
  const names = new Map([...schedule.staff.map(({ staff }) => staff), ...schedule.rooms].map(({ id, name }) => [id, name]))
  const nameOf = ({ staffId, roomId }: { staffId: string | null; roomId: string | null }) => names.get(staffId ?? roomId ?? '')
  const closures = closuresOf(schedule, schedule.date, null, timeZone).map((closure) => {
    const source = [...schedule.blocks, ...schedule.holds].find(({ id }) => id === closure.id)
    const what = closure.title ?? label('blocking', closure.reason)
    return { ...closure, text: [source && nameOf(source), what].filter(Boolean).join(': ') }
  })
  if (closures.length === 0) return null
  return (
    <ul className={classes.notices}>
      {closures.map(({ id, text, span }) => (
        <li key={id}>
          {text}, {clockText(span.start)}–{clockText(span.end)}
        </li>
      ))}
    </ul>
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
