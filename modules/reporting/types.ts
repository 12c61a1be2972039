import { builder } from '../../schema/builder.ts'
import { primeAlerts } from '../inventory/index.ts'
import { localDateOf } from '../kernel/time.ts'
import { comparisonDateOf } from './comparison.ts'
import { type DailySummary, type DayRevenue, type ServiceCount, summariseDay, type TopProduct } from './queries.ts'

const DayAppointments = builder.objectRef<DailySummary['appointments']>('DayAppointments').implement({
  description: 'Appointments that begin on the practice day.',
  fields: (t) => ({
    total: t.exposeInt('total', { description: 'Booked and not cancelled.' }),
    completed: t.exposeInt('completed'),
    noShow: t.exposeInt('noShow'),
    cancelled: t.exposeInt('cancelled'),
  }),
})

const ServiceCountType = builder.objectRef<ServiceCount>('ServiceCount').implement({
  description: "Completed appointments of one category, by their type's service.",
  fields: (t) => ({ category: t.exposeString('category'), count: t.exposeInt('count') }),
})

const TopProductType = builder.objectRef<TopProduct>('TopProduct').implement({
  description: 'A product family, or a product without one, in the orders of the day.',
  fields: (t) => ({
    name: t.exposeString('name'),
    quantity: t.expose('quantity', { type: 'Decimal' }),
    revenue: t.expose('revenue', { type: 'Money', description: 'Ex-tax, less credits.' }),
  }),
})

const DayComparison = builder.objectRef<DailySummary['comparison']>('DayComparison').implement({
  fields: (t) => ({
    date: t.expose('date', { type: 'LocalDate', description: 'The day that was compared with.' }),
    revenue: t.expose('revenue', { type: 'Money' }),
    changePercent: t.exposeInt('changePercent', { nullable: true, description: 'Change from that day, in whole percents; null when that day had no revenue.' }),
  }),
})

const DayRevenueType = builder.objectRef<DayRevenue>('DayRevenue').implement({
  fields: (t) => ({
    date: t.expose('date', { type: 'LocalDate' }),
    revenue: t.expose('revenue', { type: 'Money' }),
    serviceRevenue: t.expose('serviceRevenue', { type: 'Money' }),
    productRevenue: t.expose('productRevenue', { type: 'Money' }),
  }),
})

const Summary = builder.objectRef<DailySummary>('DailySummary').implement({
  description: 'A practice day at the active clinic. Amounts are ex-tax and less the credits posted on the day, unless they say otherwise.',
  fields: (t) => ({
    date: t.expose('date', { type: 'LocalDate' }),
    clinic: t.expose('clinic', { type: 'Clinic' }),
    revenue: t.expose('revenue', { type: 'Money' }),
    serviceRevenue: t.expose('serviceRevenue', { type: 'Money', description: 'Services wherever sold, and every line of a visit.' }),
    productRevenue: t.expose('productRevenue', { type: 'Money', description: 'Products of counter sales.' }),
    tax: t.expose('tax', { type: 'Money', description: 'On top of revenue.' }),
    total: t.expose('total', { type: 'Money', description: 'Revenue and tax.' }),
    visitCount: t.exposeInt('visitCount', { description: 'Appointments invoiced on the day.' }),
    orderCount: t.exposeInt('orderCount', { description: 'Counter sales: invoices without a visit.' }),
    appointments: t.expose('appointments', { type: DayAppointments }),
    services: t.field({ type: [ServiceCountType], resolve: (summary) => [...summary.services] }),
    topProducts: t.field({ type: [TopProductType], description: 'At most five, by revenue.', resolve: (summary) => [...summary.topProducts] }),
    alerts: t.expose('alerts', { type: 'InventoryAlerts', description: 'As of the end of the day.' }),
    comparison: t.expose('comparison', { type: DayComparison }),
    revenueByDay: t.field({
      type: [DayRevenueType],
      description: 'The last 14 days up to the day, oldest first.',
      resolve: (summary) => [...summary.revenueByDay],
    }),
  }),
})

const SummaryComparison = builder.enumType('SummaryComparison', {
  values: {
    SAME_WEEKDAY_LAST_WEEK: { value: 'same_weekday_last_week' },
    SAME_DAY_LAST_MONTH: { value: 'same_day_last_month', description: 'The last day of a shorter month.' },
    DAY_BEFORE: { value: 'day_before' },
    DATE: { value: 'date', description: 'The day in compareDate.' },
  } as const,
})

builder.queryFields((t) => ({
  dailySummary: t.field({
    type: Summary,
    args: {
      date: t.arg({ type: 'LocalDate', description: "Left out: today in the clinic's zone." }),
      compareWith: t.arg({ type: SummaryComparison, defaultValue: 'same_weekday_last_week' }),
      compareDate: t.arg({ type: 'LocalDate', description: 'For compareWith: DATE.' }),
    },
    resolve: async (_root, args, ctx) => {
      const date = args.date ?? localDateOf(ctx.clock.now(), ctx.actor.clinic.timeZone)
      const compareDate = comparisonDateOf(date, args.compareWith ?? 'same_weekday_last_week', args.compareDate ?? null)
      const { summary, related } = await summariseDay(ctx.db, ctx.actor, { date, compareDate }, ctx.selects)
      primeAlerts(ctx, related)
      return summary
    },
  }),
}))
