import { SegmentedControl } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { DailySummaryQuery, SummaryComparison } from '../../gql/graphql.ts'
import { graphql } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat, useViewer } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { DateBar } from '../../ui/DateBar.tsx'
import { dateIn } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { Section } from '../../ui/Section.tsx'
import { AlertsPanel } from './AlertsPanel.tsx'
import { Figures } from './Figures.tsx'
import { RevenueChart } from './RevenueChart.tsx'
import { ServicesTable, TopProductsTable } from './SummaryTables.tsx'
import classes from './Today.module.css'

const DailySummaryDocument = graphql(`
  query DailySummary($date: LocalDate!, $compareWith: SummaryComparison!) {
    dailySummary(date: $date, compareWith: $compareWith) {
      date
      ...Figures
      ...RevenueByDay
      ...SummaryServices
      ...SummaryTopProducts
      alerts {
        ...SummaryAlerts
      }
    }
  }
`)

export type Summary = DailySummaryQuery['dailySummary']

const COMPARISONS = {
  week: 'SAME_WEEKDAY_LAST_WEEK',
  month: 'SAME_DAY_LAST_MONTH',
  day: 'DAY_BEFORE',
} as const satisfies Record<string, SummaryComparison>

const route = getRouteApi('/signed-in/today')

export function TodayPage() {
  const { t } = useTranslation('today')
  const { clinic } = useViewer()
  const format = useFormat()
  const navigate = useNavigate({ from: '/today' })
  const { date: asked, compare = 'week' } = route.useSearch()
  const today = dateIn(clinic.timeZone, new Date())
  const date = asked ?? today
  const [result, retry] = useQuery({ query: DailySummaryDocument, variables: { date, compareWith: COMPARISONS[compare] } })
  const chooseDate = (value: string) => void navigate({ search: (old) => ({ ...old, date: value === today ? undefined : value }) })
  const chooseComparison = (value: string) => {
    const known = value === 'month' || value === 'day' ? value : undefined
    void navigate({ search: (old) => ({ ...old, compare: known }) })
  }
  return (
    <Page
      title={t('title')}
      lead={capitalised(format.longDate(date))}
      actions={
        <>
          <SegmentedControl
            size="xs"
            aria-label={t('compareLabel')}
            value={compare}
            onChange={chooseComparison}
            data={[
              { value: 'week', label: t('compare.week') },
              { value: 'month', label: t('compare.month') },
              { value: 'day', label: t('compare.day') },
            ]}
          />
          <DateBar date={date} today={today} label={t('dateLabel')} onChange={chooseDate} />
        </>
      }
    >
      <QueryView result={result} onRetry={retry} skeletonHeight={420}>
        {(data) => <SummaryView summary={data.dailySummary} />}
      </QueryView>
    </Page>
  )
}

function SummaryView({ summary }: { summary: Summary }) {
  const { t } = useTranslation('today')
  return (
    <div className={classes.layout}>
      <Figures summary={summary} />
      <Section title={t('chart.title')} style={{ gridArea: 'chart' }}>
        <RevenueChart summary={summary} />
      </Section>
      <div className={classes.alerts}>
        <AlertsPanel alerts={summary.alerts} asOf={summary.date} />
      </div>
      <Section title={t('services.title')} style={{ gridArea: 'services' }}>
        <ServicesTable summary={summary} />
      </Section>
      <Section title={t('products.title')} style={{ gridArea: 'products' }}>
        <TopProductsTable summary={summary} />
      </Section>
    </div>
  )
}
