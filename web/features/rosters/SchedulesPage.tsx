import { useMediaQuery } from '@mantine/hooks'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ForbiddenState } from '../../FailureState.tsx'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { DateBar } from '../../ui/DateBar.tsx'
import { addDays, dateIn } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { weekOf } from '../scheduling/weeks.ts'
import { NeedsDrawer } from './NeedsDrawer.tsx'
import { PlanButtons } from './PlanButtons.tsx'
import { PublishDrawer } from './PublishDrawer.tsx'
import { RosterDays } from './RosterDays.tsx'
import { RosterGrid } from './RosterGrid.tsx'
import { RosterNotices } from './RosterNotices.tsx'
import { RuleDrawer } from './RuleDrawer.tsx'
import { RosterBlocksDocument, RosterWeekDocument } from './roster-documents.ts'
import type { Panel } from './roster-search.ts'
import { rowsOf, type Shift, type Week } from './roster-week.ts'
import { ShiftDialog, type ShiftPlace } from './ShiftDialog.tsx'
import { TemplateDaysDrawer } from './TemplateDaysDrawer.tsx'
import { TemplatesDrawer } from './TemplatesDrawer.tsx'

const route = getRouteApi('/signed-in/staff/schedules')
const SHOWN_TYPES = ['Roster', 'RosterShift', 'CoverageNeed', 'ShiftTemplate', 'WorkRule', 'WeeklySchedule', 'TimeOffRequest', 'ResourceBlock', 'StaffProfile']

/** Who works when: the plan of a week, with what it lacks. */
export function SchedulesPage() {
  const { t } = useTranslation('rosters')
  const format = useFormat()
  const can = useCan()
  const { week: asked, show } = route.useSearch()
  const navigate = useNavigate({ from: '/staff/schedules' })
  const thisMonday = mondayOf(dateIn(format.timeZone, new Date()))
  const monday = mondayOf(asked ?? thisMonday)
  const open = (panel: Panel | undefined) => void navigate({ search: (old) => ({ ...old, show: panel }), replace: panel === undefined, resetScroll: false })
  const choose = (date: string) => void navigate({ search: { week: mondayOf(date) === thisMonday ? undefined : mondayOf(date) }, resetScroll: false })
  const lead = t('week', { from: capitalised(format.weekdayDate(monday)), until: format.date(addDays(monday, 6)) })
  return (
    <Page title={t('title')} lead={lead} actions={<DateBar date={monday} today={thisMonday} label={t('weekLabel')} step={7} onChange={choose} />}>
      {can('staff:read') ? (
        <RosterOf key={monday} monday={monday} panel={show ?? null} onPanel={open} />
      ) : (
        <ForbiddenState permission="staff:read" roles={[]} />
      )}
    </Page>
  )
}

function mondayOf(date: string): string {
  return weekOf(date)[0] ?? date
}

type RosterOfProps = { monday: string; panel: Panel | null; onPanel: (panel: Panel | undefined) => void }

function RosterOf({ monday, panel, onPanel }: RosterOfProps) {
  const can = useCan()
  const [result, retry] = useLiveQuery(SHOWN_TYPES, { query: RosterWeekDocument, variables: { date: monday } })
  // Whoever may not see the schedule sees the plan without closures and absences.
  const [blocks] = useLiveQuery(SHOWN_TYPES, {
    query: RosterBlocksDocument,
    variables: { from: monday, until: addDays(monday, 6) },
    pause: !can('appointment:read'),
  })
  return (
    <QueryView result={result} onRetry={retry} skeletonHeight={420}>
      {({ rosterWeek }) => <Plan week={rosterWeek} blocks={blocks.data?.scheduleRange.blocks ?? []} panel={panel} onPanel={onPanel} />}
    </QueryView>
  )
}

type PlanProps = { week: Week; blocks: Parameters<typeof rowsOf>[1]; panel: Panel | null; onPanel: (panel: Panel | undefined) => void }

function Plan({ week, blocks, panel, onPanel }: PlanProps) {
  const can = useCan()
  const isPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const [place, setPlace] = useState<ShiftPlace | null>(null)
  const mayPlan = can('schedule:manage')
  const { timeZone } = useFormat()
  const rows = rowsOf(week, blocks, timeZone)
  const parts = {
    week,
    rows,
    closures: blocks.filter(({ kind }) => kind === 'CLOSURE'),
    onAdd: mayPlan ? (date: string, staffId: string | null) => setPlace({ shift: null, date, staffId }) : null,
    onOpen: mayPlan ? (shift: Shift) => setPlace({ shift, date: shift.date, staffId: shift.staff?.id ?? null }) : null,
  }
  const panelOf = (name: Panel) => ({ isOpen: panel === name, onClose: () => onPanel(undefined) })
  return (
    <>
      {mayPlan && <PlanButtons week={week} onPanel={onPanel} onAdd={() => setPlace({ shift: null, date: week.weekStart, staffId: null })} />}
      <RosterNotices week={week} mayPlan={mayPlan} onApply={() => onPanel('apply')} />
      {isPhone ? <RosterDays {...parts} /> : <RosterGrid {...parts} />}
      {mayPlan && (
        <>
          <ShiftDialog place={place} week={week} onClose={() => setPlace(null)} />
          <TemplateDaysDrawer monday={week.weekStart} {...panelOf('apply')} onTemplates={() => onPanel('templates')} />
          <PublishDrawer week={week} {...panelOf('publish')} />
          <TemplatesDrawer {...panelOf('templates')} />
          <NeedsDrawer monday={week.weekStart} {...panelOf('needs')} />
          <RuleDrawer monday={week.weekStart} {...panelOf('rule')} />
        </>
      )}
    </>
  )
}
