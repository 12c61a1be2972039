import { Text } from '@mantine/core'
import { IconCalendarOff, IconUserQuestion } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat, useViewer } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { DateBar } from '../../ui/DateBar.tsx'
import { dateIn } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { UnsignedNotes } from '../notes/UnsignedNotes.tsx'
import { AgendaItem } from './AgendaList.tsx'
import { AppointmentDrawer } from './AppointmentDrawer.tsx'
import { SHOWN_TYPES } from './DayView.tsx'
import type { DaySchedule } from './day-plan.ts'
import { appointmentsOf, clockText } from './day-plan.ts'
import type { MoveRequest } from './MoveDialog.tsx'
import { MoveDialog } from './MoveDialog.tsx'
import classes from './MyDay.module.css'
import { type DayItem, dayOf } from './my-day.ts'
import scheduleClasses from './Schedule.module.css'
import { DayScheduleDocument } from './schedule-documents.ts'

const route = getRouteApi('/signed-in/my-day')

/** What a clinician has to do: their visits in order, the gaps between them, and the notes that wait for a signature. */
export function MyDayPage() {
  const { t } = useTranslation('board')
  const format = useFormat()
  const { staffId } = useViewer()
  const can = useCan()
  const navigate = useNavigate({ from: '/my-day' })
  const { date: asked } = route.useSearch()
  const today = dateIn(format.timeZone, new Date())
  const date = asked ?? today
  const chooseDate = (value: string) => void navigate({ search: { date: value === today ? undefined : value } })
  return (
    <Page
      title={t('myDay.title')}
      lead={capitalised(format.longDate(date))}
      actions={<DateBar date={date} today={today} label={t('myDay.dateLabel')} onChange={chooseDate} />}
    >
      {staffId === null ? (
        <StateMessage icon={<IconUserQuestion size={34} stroke={1.5} />} title={t('myDay.noStaff.title')}>
          {t('myDay.noStaff.text')}
        </StateMessage>
      ) : (
        <div className={classes.panels}>
          <Section title={t('myDay.visits')}>
            <OwnVisits date={date} staffId={staffId} />
          </Section>
          {can('medical-record:read') && (
            <Section title={t('myDay.notes')}>
              <UnsignedNotes authorId={staffId} />
            </Section>
          )}
        </div>
      )}
    </Page>
  )
}

function OwnVisits({ date, staffId }: { date: string; staffId: string }) {
  const [result, retry] = useLiveQuery(SHOWN_TYPES, { query: DayScheduleDocument, variables: { date } })
  const isThis = result.data?.daySchedule.date === date
  return (
    <QueryView result={{ ...result, data: isThis ? result.data : undefined }} onRetry={retry} skeletonHeight={300}>
      {(data) => <OwnDay schedule={data.daySchedule} staffId={staffId} />}
    </QueryView>
  )
}

function OwnDay({ schedule, staffId }: { schedule: DaySchedule; staffId: string }) {
  const { t } = useTranslation('board')
  const { timeZone } = useFormat()
  const navigate = useNavigate({ from: '/my-day' })
  const { open: openId } = route.useSearch()
  const [moving, setMoving] = useState<MoveRequest | null>(null)
  const items = dayOf(schedule, staffId, timeZone)
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: id === undefined })
  if (!items.some(({ kind }) => kind === 'visit')) {
    return (
      <StateMessage
        icon={<IconCalendarOff size={34} stroke={1.5} />}
        title={t('myDay.empty.title')}
        action={<TextLink to="/board">{t('myDay.empty.board')}</TextLink>}
      >
        {t('myDay.empty.text')}
      </StateMessage>
    )
  }
  return (
    <>
      <ol className={scheduleClasses.agenda} aria-label={t('myDay.visits')}>
        {items.map((item) => (
          <Item key={keyOf(item)} item={item} onOpen={open} />
        ))}
      </ol>
      <AppointmentDrawer
        appointment={appointmentsOf(schedule).find((one) => one.id === openId) ?? null}
        onMove={(appointment) => setMoving({ appointment, place: null, minutes: null, refused: null })}
        onClose={() => open(undefined)}
      />
      <MoveDialog request={moving} onClose={() => setMoving(null)} />
    </>
  )
}

function Item({ item, onOpen }: { item: DayItem; onOpen: (id: string) => void }) {
  const { t } = useTranslation('board')
  const label = useCodeLabel()
  if (item.kind === 'visit') return <AgendaItem appointment={item.appointment} onOpen={() => onOpen(item.appointment.id)} detail="room" />
  const { start, end } = item.kind === 'gap' ? item.span : item.closure.span
  const text = item.kind === 'gap' ? t('myDay.gap') : (item.closure.title ?? label('blocking', item.closure.reason))
  return (
    <li className={classes.between} data-kind={item.kind}>
      <Text component="span" size="sm" className={classes.betweenTime}>
        {clockText(start)}–{clockText(end)}
      </Text>
      <Text component="span" size="sm">
        {text}
      </Text>
    </li>
  )
}

function keyOf(item: DayItem): string {
  if (item.kind === 'visit') return item.appointment.id
  return item.kind === 'gap' ? `gap ${item.at}` : `${item.closure.id} ${item.at}`
}
