import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconCalendarPlus, IconCalendarSearch } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useCan, useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { DateBar } from '../../ui/DateBar.tsx'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { BookDrawer } from './BookDrawer.tsx'
import { DayView } from './DayView.tsx'
import { snap } from './day-plan.ts'
import { MonthView } from './MonthView.tsx'
import type { MoveRequest } from './MoveDialog.tsx'
import { MoveDialog } from './MoveDialog.tsx'
import type { BookingStart } from './start-place.ts'
import { WeekFilter } from './WeekFilter.tsx'
import { WeekView } from './WeekView.tsx'
import { firstOfMonth, monthAfter, weekOf } from './weeks.ts'

const route = getRouteApi('/signed-in/schedule')
export const VIEWS = ['staff', 'room', 'week', 'month'] as const
export type View = (typeof VIEWS)[number]

export function SchedulePage() {
  const { t } = useTranslation('schedule')
  const { timeZone } = useFormat()
  const isPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const navigate = useNavigate({ from: '/schedule' })
  const { date: asked, view = 'staff', staff, room } = route.useSearch()
  const today = dateIn(timeZone, new Date())
  const date = asked ?? today
  const [booking, setBooking] = useState<BookingStart | null>(null)
  const [moving, setMoving] = useState<MoveRequest | null>(null)
  const chooseDate = (value: string) => void navigate({ search: (old) => ({ ...old, date: value === today ? undefined : value, open: undefined }) })
  const openDay = (value: string) => void navigate({ search: { date: value === today ? undefined : value } })
  const start = { date, minute: date === today ? nextFullSlot(timeZone) : 600, staffId: staff ?? null, roomId: room ?? null }
  const parts = { isPhone, onBook: setBooking, onMove: setMoving }
  return (
    <Page
      title={t('title')}
      lead={<Lead date={date} view={view} />}
      actions={
        <>
          <ViewSwitch view={view} isPhone={isPhone} />
          <ViewDateBar date={date} today={today} view={view} onChange={chooseDate} />
          <BookButtons onBook={() => setBooking(start)} onSearch={() => setBooking({ ...start, isSearch: true })} />
        </>
      }
    >
      {view === 'week' && <WeekFilter date={date} staffId={staff ?? null} roomId={room ?? null} />}
      {view === 'month' ? (
        <MonthView date={date} today={today} onDay={openDay} />
      ) : view === 'week' ? (
        <WeekView date={date} staffId={staff ?? null} roomId={room ?? null} onDay={openDay} {...parts} />
      ) : (
        <DayView date={date} view={view} {...parts} />
      )}
      <BookDrawer start={booking} onClose={() => setBooking(null)} />
      <MoveDialog request={moving} onClose={() => setMoving(null)} />
    </Page>
  )
}

function Lead({ date, view }: { date: string; view: View }) {
  const format = useFormat()
  if (view === 'month') return capitalised(format.month(date.slice(0, 7)))
  if (view !== 'week') return capitalised(format.longDate(date))
  const days = weekOf(date)
  return `${capitalised(format.weekdayDate(days[0] ?? date))} – ${format.date(days.at(-1) ?? date)}`
}

/** On a phone both kinds of day are the same agenda. */
function ViewSwitch({ view, isPhone }: { view: View; isPhone: boolean }) {
  const { t } = useTranslation('schedule')
  const navigate = useNavigate({ from: '/schedule' })
  const choose = (value: string) => {
    const next = VIEWS.find((one) => one === value)
    void navigate({ search: (old) => ({ date: old.date, view: next === 'staff' ? undefined : next }) })
  }
  const days = isPhone
    ? [{ value: 'staff', label: t('view.day') }]
    : [
        { value: 'staff', label: t('view.staff') },
        { value: 'room', label: t('view.room') },
      ]
  return (
    <SegmentedControl
      size="xs"
      fullWidth={isPhone}
      w={isPhone ? '100%' : undefined}
      aria-label={t('viewLabel')}
      value={isPhone && view === 'room' ? 'staff' : view}
      onChange={choose}
      data={[...days, { value: 'week', label: t('view.week') }, { value: 'month', label: t('view.month') }]}
    />
  )
}

type ViewDateBarProps = { date: string; today: string; view: View; onChange: (date: string) => void }

function ViewDateBar({ date, today, view, onChange }: ViewDateBarProps) {
  const { t } = useTranslation('schedule')
  if (view === 'week') return <DateBar date={date} today={today} label={t('weekLabel')} step={7} onChange={onChange} />
  if (view === 'month') {
    const around = { before: monthAfter(firstOfMonth(date), -1), after: monthAfter(firstOfMonth(date), 1) }
    return <DateBar date={date} today={today} label={t('monthLabel')} around={around} onChange={onChange} />
  }
  return <DateBar date={date} today={today} label={t('dateLabel')} onChange={onChange} />
}

function BookButtons({ onBook, onSearch }: { onBook: () => void; onSearch: () => void }) {
  const { t } = useTranslation('schedule')
  const can = useCan()
  if (!can('appointment:create')) return null
  return (
    <>
      <Button h={34} leftSection={<IconCalendarPlus size={17} />} onClick={onBook}>
        {t('book.open')}
      </Button>
      <Tooltip label={t('find.open')}>
        <ActionIcon variant="default" size={34} aria-label={t('find.open')} onClick={onSearch}>
          <IconCalendarSearch size={18} />
        </ActionIcon>
      </Tooltip>
    </>
  )
}

function nextFullSlot(timeZone: string): number {
  return Math.min(snap(minuteIn(timeZone, new Date()) + 10), 1420)
}
