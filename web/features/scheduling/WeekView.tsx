import { Title } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

import type { ScheduleRangeQuery } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { AgendaList, NoVisits } from './AgendaList.tsx'
import { AppointmentDrawer } from './AppointmentDrawer.tsx'
import { changeLength, SHOWN_TYPES, type ViewParts } from './DayView.tsx'
import type { Appointment } from './day-plan.ts'
import { closuresOf, spanOn } from './day-plan.ts'
import { instantAt } from './instant-at.ts'
import { placeOf } from './MoveDialog.tsx'
import { AppointmentFields, ScheduleRangeDocument } from './schedule-documents.ts'
import { type Column, TimeGrid } from './TimeGrid.tsx'
import { useMove } from './use-appointment-commands.ts'
import type { Drag } from './use-drag.ts'
import { weekOf } from './weeks.ts'

const route = getRouteApi('/signed-in/schedule')

type Range = ScheduleRangeQuery['scheduleRange']
type WeekViewProps = ViewParts & { date: string; staffId: string | null; roomId: string | null; onDay: (date: string) => void }

/** Monday to Sunday, of everybody, one person or one room. */
export function WeekView({ date, staffId, roomId, ...rest }: WeekViewProps) {
  const days = weekOf(date)
  const [from = date, until = date] = [days[0], days.at(-1)]
  const [result, retry] = useLiveQuery(SHOWN_TYPES, { query: ScheduleRangeDocument, variables: { from, until, staffId, roomId } })
  const isThis = result.data?.scheduleRange.from === from
  return (
    <QueryView result={{ ...result, data: isThis ? result.data : undefined }} onRetry={retry} skeletonHeight={520}>
      {(data) => <Week key={`${from} ${staffId} ${roomId}`} range={data.scheduleRange} days={days} staffId={staffId} roomId={roomId} {...rest} />}
    </QueryView>
  )
}

type WeekProps = Omit<WeekViewProps, 'date'> & { range: Range; days: readonly string[] }

function Week({ range, days, staffId, roomId, isPhone, onBook, onMove, onDay }: WeekProps) {
  const navigate = useNavigate({ from: '/schedule' })
  const { timeZone } = useFormat()
  const { open: openId } = route.useSearch()
  const { move } = useMove()
  const appointments = useMemo(() => range.appointments.map((masked) => readFragment(AppointmentFields, masked)), [range])
  const columns = useColumns(range, days, appointments, staffId ?? roomId)
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: id === undefined })

  function drop({ appointment, columnId, minute, end }: Drag) {
    const old = placeOf(appointment, timeZone)
    if (end !== null) return void changeLength(move, appointment, { place: old, minutes: end - minute }, onMove)
    if (old.date === columnId && old.minute === minute) return
    const place = { ...old, date: columnId, minute }
    void move(appointment, { startsAt: instantAt(place.date, minute, timeZone) }).then((refused) => {
      if (refused !== null) onMove({ appointment, place, minutes: null, refused })
    })
  }

  return (
    <>
      {isPhone ? (
        <WeekAgenda columns={columns} onOpen={open} />
      ) : (
        <TimeGrid columns={columns} onBook={(day, minute) => onBook({ date: day, minute, staffId, roomId })} onOpen={open} onDrop={drop} onColumn={onDay} />
      )}
      <AppointmentDrawer
        appointment={appointments.find((one) => one.id === openId) ?? null}
        onMove={(appointment) => onMove({ appointment, place: null, minutes: null, refused: null })}
        onClose={() => open(undefined)}
      />
    </>
  )
}

function useColumns(range: Range, days: readonly string[], appointments: readonly Appointment[], resourceId: string | null): Column[] {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const { timeZone } = format
  return days.map((date) => {
    const visits = appointments.filter((one) => spanOn(date, one, timeZone) !== null)
    const name = capitalised(format.weekdayDate(date))
    const booked = visits.filter(({ status }) => status !== 'CANCELLED' && status !== 'NO_SHOW').length
    const closures = closuresOf(range, date, resourceId, timeZone)
    // Of everybody together, the time off of one is no closed time of all: it is counted.
    const shown = resourceId === null ? closures.filter(({ reason }) => reason === 'CLOSURE') : closures
    const others = closures.length - shown.length
    return {
      id: date,
      date,
      name,
      detail: [t('visits', { count: booked }), others > 0 && t('month.blocks', { count: others })].filter(Boolean).join(' · '),
      slotLabel: (time) => t('bookDay', { time, day: name }),
      shows: 'staff',
      // Hours are those of one person; of all together there are none to show.
      shifts: range.shifts.length === 0 ? null : range.shifts.flatMap((shift) => spanOn(date, shift, timeZone) ?? []),
      closures: shown,
      appointments: visits,
    }
  })
}

function WeekAgenda({ columns, onOpen }: { columns: readonly Column[]; onOpen: (id: string) => void }) {
  const full = columns.filter(({ appointments }) => appointments.length > 0)
  if (full.length === 0) return <NoVisits />
  return full.map(({ id, name, appointments }) => (
    <section key={id} aria-label={name}>
      <Title order={2} mb={6} mt="sm">
        {name}
      </Title>
      <AgendaList appointments={appointments} onOpen={onOpen} />
    </section>
  ))
}
