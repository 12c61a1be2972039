import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { FiguresFragment } from '../../gql/graphql.ts'
import type { FragmentType } from '../../gql/index.ts'
import { graphql, readFragment } from '../../gql/index.ts'
import { useFormat } from '../../session/viewer.ts'
import classes from './Today.module.css'

const FiguresFields = graphql(`
  fragment Figures on DailySummary {
    date
    visitCount
    orderCount
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
    tax {
      minorUnits
      currency
    }
    total {
      minorUnits
      currency
    }
    appointments {
      total
      completed
      noShow
      cancelled
    }
    comparison {
      date
      changePercent
      revenue {
        minorUnits
        currency
      }
    }
  }
`)

/** The day in five figures. Revenue is before tax; the tax and the total stand beside it. */
export function Figures({ summary: masked }: { summary: FragmentType<typeof FiguresFields> }) {
  const { t } = useTranslation('today')
  const format = useFormat()
  const summary = readFragment(FiguresFields, masked)
  const { appointments } = summary
  return (
    <dl className={classes.figures} style={{ margin: 0 }}>
      <div className={classes.lead}>
        <dt className={classes.label}>{t('figures.revenue')}</dt>
        <dd className={classes.value} data-figure="revenue">
          {format.money(summary.revenue)} <small style={{ fontSize: '0.875rem', fontWeight: 500 }}>{summary.revenue.currency}</small>
        </dd>
        <Comparison summary={summary} />
        <dd className={classes.note}>{t('figures.taxes', { tax: format.money(summary.tax), total: format.money(summary.total) })}</dd>
      </div>
      <Figure label={t('figures.services')} value={format.money(summary.serviceRevenue)} note={t('figures.visits', { count: summary.visitCount })} />
      <Figure label={t('figures.products')} value={format.money(summary.productRevenue)} note={t('figures.orders', { count: summary.orderCount })} />
      <Figure
        label={t('figures.appointments')}
        value={t('figures.completedOf', { completed: appointments.completed, total: appointments.total })}
        note={t('figures.cancelled', { count: appointments.cancelled })}
      />
      <Figure label={t('figures.noShows')} value={String(appointments.noShow)} note={t('figures.noShowsNote')} />
    </dl>
  )
}

function Figure({ label, value, note }: { label: string; value: string; note: string }) {
  return (
    <div className={classes.figure}>
      <dt className={classes.label}>{label}</dt>
      <dd className={classes.value}>{value}</dd>
      <dd className={classes.note}>{note}</dd>
    </div>
  )
}

function Comparison({ summary }: { summary: FiguresFragment }) {
  const { t } = useTranslation('today')
  const format = useFormat()
  const { changePercent, date, revenue } = summary.comparison
  const day = format.weekdayLongDate(date)
  const amount = format.money(revenue)
  if (changePercent === null) return <dd className={classes.note}>{t('figures.noComparison', { day })}</dd>
  const Icon = changePercent > 0 ? IconArrowUpRight : changePercent < 0 ? IconArrowDownRight : IconArrowRight
  return (
    <dd className={classes.note}>
      <Icon size={16} aria-hidden="true" style={{ verticalAlign: '-3px' }} /> <strong>{format.percent(changePercent)}</strong>{' '}
      {t('figures.comparedWith', { day, amount })}
    </dd>
  )
}
