import { Badge } from '@mantine/core'
import { IconCircleCheck, IconCircleOff, IconFlame, IconHourglass } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { Section } from '../../ui/Section.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Board.module.css'
import { BoardTabs } from './BoardTabs.tsx'
import { type Capacity, capacityAt, type PersonState, type RoomState } from './capacity.ts'
import { SHOWN_TYPES } from './DayView.tsx'
import type { DaySchedule } from './day-plan.ts'
import { appointmentsOf, clockText } from './day-plan.ts'
import { DayScheduleDocument } from './schedule-documents.ts'
import { useMinutesText } from './use-minutes-text.ts'
import { useNow } from './use-now.ts'

const TICK_MS = 15_000
const STATUS_ICON = {
  closed: IconCircleOff,
  free: IconCircleCheck,
  busy: IconHourglass,
  full: IconFlame,
} as const satisfies Record<Capacity['status'], unknown>

/** Whether one more visit fits now, and if not, from when. */
export function CapacityPage() {
  const { t } = useTranslation('board')
  const format = useFormat()
  const now = useNow(TICK_MS)
  const date = dateIn(format.timeZone, now)
  const [result, retry] = useLiveQuery(SHOWN_TYPES, { query: DayScheduleDocument, variables: { date } })
  const isToday = result.data?.daySchedule.date === date
  return (
    <Page title={t('capacity.title')} lead={`${capitalised(format.longDate(date))}, ${format.time(now)}`} actions={<BoardTabs />}>
      <QueryView result={{ ...result, data: isToday ? result.data : undefined }} onRetry={retry} skeletonHeight={420}>
        {(data) => <CapacityView schedule={data.daySchedule} now={now} />}
      </QueryView>
    </Page>
  )
}

function CapacityView({ schedule, now }: { schedule: DaySchedule; now: Date }) {
  const { t } = useTranslation('board')
  const { timeZone } = useFormat()
  const capacity = capacityAt(schedule, appointmentsOf(schedule), minuteIn(timeZone, now), now, timeZone)
  const { rooms, staff } = capacity
  return (
    <>
      <Figures capacity={capacity} />
      <div className={classes.panels}>
        <Section title={t('capacity.rooms')}>
          {rooms.length === 0 ? (
            <p className={classes.nobody}>{t('capacity.noRooms')}</p>
          ) : (
            <ul className={classes.rows}>
              {rooms.map((room) => (
                <RoomRow key={room.id} room={room} />
              ))}
            </ul>
          )}
        </Section>
        <Section title={t('capacity.staff')}>
          {staff.length === 0 ? (
            <p className={classes.nobody}>{t('capacity.noStaff')}</p>
          ) : (
            <ul className={classes.rows}>
              {staff.map((person) => (
                <PersonRow key={person.id} person={person} />
              ))}
            </ul>
          )}
        </Section>
      </div>
    </>
  )
}

function Figures({ capacity }: { capacity: Capacity }) {
  const { t } = useTranslation('board')
  const minutesText = useMinutesText()
  const Icon = STATUS_ICON[capacity.status]
  const freeRooms = capacity.rooms.filter(({ visit, closure, freeAt }) => visit === null && closure === null && freeAt === null).length
  const figures = [
    { name: t('capacity.freeRooms'), value: t('capacity.of', { count: freeRooms, all: capacity.rooms.length }) },
    { name: t('capacity.waiting'), value: String(capacity.waiting.length) },
    { name: t('capacity.longestWait'), value: capacity.longestWaitMinutes === null ? '–' : minutesText(capacity.longestWaitMinutes) },
  ]
  return (
    <div className={classes.figures}>
      <div className={classes.figure}>
        <span>{t('capacity.status')}</span>
        <strong data-status={capacity.status}>
          <Icon size={19} aria-hidden="true" /> {t(`capacity.states.${capacity.status}`)}
        </strong>
      </div>
      {figures.map(({ name, value }) => (
        <div key={name} className={classes.figure}>
          <span>{name}</span>
          <strong>{value}</strong>
        </div>
      ))}
    </div>
  )
}

function RoomRow({ room }: { room: RoomState }) {
  const { t } = useTranslation('board')
  const label = useCodeLabel()
  const { visit, closure, freeAt } = room
  const isFree = visit === null && closure === null && freeAt === null
  const state =
    visit !== null
      ? t('capacity.inUse', { name: visit.patient.name, staff: visit.staff.name })
      : closure !== null
        ? (closure.title ?? label('blocking', closure.reason))
        : null
  return (
    <li>
      <div className={classes.row}>
        <strong>{room.name}</strong>
        <span>{state ?? label('roomKind', room.kind)}</span>
      </div>
      <Badge color={isFree ? 'pine' : 'amber'}>
        {isFree ? t('capacity.free') : freeAt === null ? t('capacity.taken') : t('capacity.freeAt', { time: clockText(freeAt) })}
      </Badge>
    </li>
  )
}

function PersonRow({ person }: { person: PersonState }) {
  const { t } = useTranslation('board')
  const label = useCodeLabel()
  const { visit, closure } = person
  const where = visit?.room?.name
  return (
    <li>
      <div className={classes.row}>
        <strong>{person.name}</strong>
        <span>
          {label('position', person.kind)} · {t('capacity.until', { time: clockText(person.until) })}
        </span>
      </div>
      {closure !== null ? (
        <Badge color="gray">{closure.title ?? label('blocking', closure.reason)}</Badge>
      ) : visit !== null ? (
        <Badge color="amber">
          {t('capacity.with', { name: visit.patient.name })}
          {where !== undefined && ` · ${where}`}
        </Badge>
      ) : (
        <Badge color="pine">{t('capacity.free')}</Badge>
      )}
    </li>
  )
}
