import { Button, Select } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCalendarOff, IconCalendarPlus, IconWalk } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { AppointmentDrawer } from './AppointmentDrawer.tsx'
import classes from './Board.module.css'
import { BoardTabs } from './BoardTabs.tsx'
import { BoardTile } from './BoardTile.tsx'
import { BookDrawer } from './BookDrawer.tsx'
import { LANES, type Lane, lanesOf } from './board-lanes.ts'
import { SHOWN_TYPES } from './DayView.tsx'
import type { Appointment, DaySchedule } from './day-plan.ts'
import { appointmentsOf, snap } from './day-plan.ts'
import type { MoveRequest } from './MoveDialog.tsx'
import { MoveDialog } from './MoveDialog.tsx'
import { DayScheduleDocument } from './schedule-documents.ts'
import type { BookingStart } from './start-place.ts'
import { useNow } from './use-now.ts'
import { WalkInDrawer } from './WalkInDrawer.tsx'

const route = getRouteApi('/signed-in/board')
const TICK_MS = 15_000

/** Today at the reception: who is expected, waits, is seen and leaves, each with the one step that comes next. */
export function BoardPage() {
  const { t } = useTranslation(['board', 'desk'])
  const format = useFormat()
  const can = useCan()
  const now = useNow(TICK_MS)
  const date = dateIn(format.timeZone, now)
  const [result, retry] = useLiveQuery(SHOWN_TYPES, { query: DayScheduleDocument, variables: { date } })
  const [booking, setBooking] = useState<BookingStart | null>(null)
  const [isReceiving, walkIn] = useDisclosure(false)
  const schedule = result.data?.daySchedule
  const book = () => setBooking({ date, minute: Math.min(snap(minuteIn(format.timeZone, now) + 10), 1420), staffId: null, roomId: null })
  return (
    <Page
      title={t('title')}
      lead={capitalised(format.longDate(date))}
      actions={
        <>
          <BoardTabs />
          <PersonFilter schedule={schedule ?? null} />
          {can('appointment:create') && (
            <>
              <Button h={34} variant="default" leftSection={<IconWalk size={17} />} onClick={walkIn.open}>
                {t('desk:walkIn.open')}
              </Button>
              <Button h={34} leftSection={<IconCalendarPlus size={17} />} onClick={book}>
                {t('book')}
              </Button>
            </>
          )}
        </>
      }
    >
      <QueryView result={{ ...result, data: schedule?.date === date ? result.data : undefined }} onRetry={retry} skeletonHeight={420}>
        {(data) => <Board schedule={data.daySchedule} now={now} />}
      </QueryView>
      <BookDrawer start={booking} onClose={() => setBooking(null)} />
      <WalkInDrawer date={date} isOpen={isReceiving} onClose={walkIn.close} />
    </Page>
  )
}

function PersonFilter({ schedule }: { schedule: DaySchedule | null }) {
  const { t } = useTranslation('board')
  const navigate = useNavigate({ from: '/board' })
  const { staff } = route.useSearch()
  return (
    <Select
      aria-label={t('filter')}
      placeholder={t('everybody')}
      size="sm"
      w={230}
      clearable
      clearButtonProps={{ 'aria-label': t('everybody') }}
      value={staff ?? null}
      onChange={(id) => void navigate({ search: (old) => ({ ...old, staff: id ?? undefined, open: undefined }) })}
      data={(schedule?.staff ?? []).map((column) => ({ value: column.staff.id, label: column.staff.name }))}
    />
  )
}

function Board({ schedule, now }: { schedule: DaySchedule; now: Date }) {
  const { t } = useTranslation('board')
  const navigate = useNavigate({ from: '/board' })
  const { staff, open: openId } = route.useSearch()
  const [moving, setMoving] = useState<MoveRequest | null>(null)
  const all = appointmentsOf(schedule)
  const shown = staff === undefined ? all : all.filter((one) => one.staff.id === staff)
  const lanes = lanesOf(shown)
  const done = shown.filter(({ status }) => status === 'CHECKED_OUT').length
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: id === undefined })
  return (
    <>
      {LANES.every((lane) => lanes[lane].length === 0) ? (
        <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t(done > 0 ? 'allDone' : 'empty.title')}>
          {t('empty.text')}
        </StateMessage>
      ) : (
        <div className={classes.lanes}>
          {LANES.map((lane) => (
            <LaneColumn key={lane} lane={lane} appointments={lanes[lane]} now={now} onOpen={open} />
          ))}
        </div>
      )}
      {done > 0 && <p className={classes.done}>{t('done', { count: done })}</p>}
      <AppointmentDrawer
        appointment={all.find((one) => one.id === openId) ?? null}
        onMove={(appointment) => setMoving({ appointment, place: null, minutes: null, refused: null })}
        onClose={() => open(undefined)}
      />
      <MoveDialog request={moving} onClose={() => setMoving(null)} />
    </>
  )
}

type LaneColumnProps = { lane: Lane; appointments: readonly Appointment[]; now: Date; onOpen: (id: string) => void }

function LaneColumn({ lane, appointments, now, onOpen }: LaneColumnProps) {
  const { t } = useTranslation('board')
  const name = t(`lanes.${lane}`)
  return (
    <section className={classes.lane} aria-label={name}>
      <h2>
        {name} <span className={classes.count}>{appointments.length}</span>
      </h2>
      {appointments.length === 0 ? (
        <p className={classes.nobody}>{t('nobody')}</p>
      ) : (
        <ul>
          {appointments.map((one) => (
            <BoardTile key={one.id} appointment={one} now={now} onOpen={() => onOpen(one.id)} />
          ))}
        </ul>
      )}
    </section>
  )
}
