import { BarChart } from '@mantine/charts'
import { Table, useComputedColorScheme } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import '@mantine/charts/styles.css'

import type { FragmentType } from '../../gql/index.ts'
import { graphql, readFragment } from '../../gql/index.ts'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { majorUnits } from '../../ui/format.ts'
import classes from './Today.module.css'

const RevenueByDay = graphql(`
  fragment RevenueByDay on DailySummary {
    date
    revenueByDay {
      date
      revenue {
        minorUnits
        currency
      }
      serviceRevenue {
        minorUnits
        currency
      }
      productRevenue {
        minorUnits
        currency
      }
    }
  }
`)

/** Two weeks of revenue, as bars and as the table that they are drawn from. */
export function RevenueChart({ summary: masked }: { summary: FragmentType<typeof RevenueByDay> }) {
  const { t } = useTranslation('today')
  const format = useFormat()
  const isDark = useComputedColorScheme('light') === 'dark'
  const { date, revenueByDay: days } = readFragment(RevenueByDay, masked)
  const data = days.map((day) => ({
    day: format.shortDate(day.date),
    services: majorUnits(day.serviceRevenue),
    products: majorUnits(day.productRevenue),
  }))
  const currency = days[0]?.revenue.currency ?? 'MXN'
  const wholeMoney = (value: number) => format.money({ minorUnits: String(Math.round(value * 100)), currency }, { whole: true })
  return (
    <div className={classes.chart}>
      <div aria-hidden="true">
        <BarChart
          h={300}
          data={data}
          dataKey="day"
          type="stacked"
          withLegend
          valueFormatter={wholeMoney}
          tickLine="none"
          gridAxis="x"
          barChartProps={{ accessibilityLayer: false }}
          barProps={{ isAnimationActive: false }}
          yAxisProps={{ width: 62 }}
          series={[
            { name: 'services', label: t('chart.services'), color: isDark ? '#529f86' : '#156852' },
            { name: 'products', label: t('chart.products'), color: isDark ? '#e4ab4b' : '#d2922b' },
          ]}
        />
      </div>
      <DataTable
        label={t('chart.table')}
        maxHeight={300}
        stickyHeader
        verticalSpacing={4}
        fz="xs"
        columns={[{ label: t('chart.day') }, { label: t('chart.revenue'), isNumeric: true }]}
      >
        {days.toReversed().map((day) => (
          <Table.Tr key={day.date} fw={day.date === date ? 650 : undefined}>
            <Table.Td>{format.weekdayDate(day.date)}</Table.Td>
            <Table.Td ta="right">{format.money(day.revenue)}</Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
    </div>
  )
}
