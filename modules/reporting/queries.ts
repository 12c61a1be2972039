import { findAlerts } from '../inventory/index.ts'
import type { ActorClinic, ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { type Money, money, percentChange } from '../kernel/money.ts'
import { dayInterval, type LocalDate } from '../kernel/time.ts'
import { lastDays } from './comparison.ts'
import { DAY_APPOINTMENTS, REVENUE_BY_DAY, TOP_PRODUCTS } from './statements.ts'

/** Days of the chart, the summary's own included. */
const CHART_DAYS = 14
const MAX_TOP_PRODUCTS = 5

export type DayRevenue = { readonly date: LocalDate; readonly revenue: Money; readonly serviceRevenue: Money; readonly productRevenue: Money }
export type ServiceCount = { readonly category: string; readonly count: number }
export type TopProduct = { readonly name: string; readonly quantity: string; readonly revenue: Money }

/** What a practice day brought. Revenue is ex-tax, less credits; tax and total stand beside it. */
export type DailySummary = DayRevenue & {
  readonly clinic: ActorClinic
  readonly tax: Money
  readonly total: Money
  readonly visitCount: number
  readonly orderCount: number
  readonly appointments: { readonly total: number; readonly completed: number; readonly noShow: number; readonly cancelled: number }
  readonly services: readonly ServiceCount[]
  readonly topProducts: readonly TopProduct[]
  readonly alerts: Awaited<ReturnType<typeof findAlerts>>
  readonly comparison: { readonly date: LocalDate; readonly revenue: Money; readonly changePercent: number | null }
  readonly revenueByDay: readonly DayRevenue[]
}

/**
 * The summary of a practice day at the active clinic, in a fixed number of statements. Credits count on the day on which
 * they were posted. Alerts are as of the end of that day.
 */
export async function summariseDay(db: Db, actor: ClinicActor, { date, compareDate }: { date: LocalDate; compareDate: LocalDate }): Promise<DailySummary> {
  const chartDays = lastDays(date, CHART_DAYS)
  db.aggregates('dailySummary', { clinicId: actor.clinic.id, compareDate, date, from: chartDays[0] ?? date })
  const [days, appointments, topProducts, alerts] = await Promise.all([
    readRevenue(db, actor, [...chartDays, compareDate]),
    readAppointments(db, actor, date),
    readTopProducts(db, actor, date),
    findAlerts(db, actor, date),
  ])
  const day = days(date)
  const base = days(compareDate)
  return {
    ...day,
    clinic: actor.clinic,
    ...appointments,
    topProducts,
    alerts,
    comparison: { date: compareDate, revenue: base.revenue, changePercent: percentChange(base.revenue.minorUnits, day.revenue.minorUnits) },
    revenueByDay: chartDays.map(days),
  }
}

type RevenueRow = { date: LocalDate; services: string; products: string; tax: string; total: string; visits: string; orders: string }
type Day = DayRevenue & Pick<DailySummary, 'tax' | 'total' | 'visitCount' | 'orderCount'>

/** Days without a posting are days of zero, not gaps. */
async function readRevenue(db: Db, actor: ClinicActor, dates: readonly LocalDate[]): Promise<(date: LocalDate) => Day> {
  const { organisationId, clinic } = actor
  const rows = await db.query<RevenueRow>({ name: 'reporting_revenue', text: REVENUE_BY_DAY, values: [organisationId, clinic.id, clinic.currency, [...dates]] })
  const byDate = new Map(rows.map((row) => [row.date, row]))
  return (date) => {
    const row = byDate.get(date)
    const amount = (text = '0') => money(BigInt(text), clinic.currency)
    const serviceRevenue = amount(row?.services)
    const productRevenue = amount(row?.products)
    return {
      date,
      revenue: money(serviceRevenue.minorUnits + productRevenue.minorUnits, clinic.currency),
      serviceRevenue,
      productRevenue,
      tax: amount(row?.tax),
      total: amount(row?.total),
      visitCount: Number(row?.visits ?? 0),
      orderCount: Number(row?.orders ?? 0),
    }
  }
}

type AppointmentRow = { category: string; completed: string; noShow: string; cancelled: string; total: string }

async function readAppointments(db: Db, actor: ClinicActor, date: LocalDate): Promise<Pick<DailySummary, 'appointments' | 'services'>> {
  const { start, end } = dayInterval(date, actor.clinic.timeZone)
  const values = [actor.organisationId, actor.clinic.id, start.toISOString(), end.toISOString()]
  const rows = await db.query<AppointmentRow>({ name: 'reporting_appointments', text: DAY_APPOINTMENTS, values })
  const count = (key: 'completed' | 'noShow' | 'cancelled' | 'total') => rows.reduce((sum, row) => sum + Number(row[key]), 0)
  return {
    appointments: { total: count('total'), completed: count('completed'), noShow: count('noShow'), cancelled: count('cancelled') },
    services: rows.flatMap(({ category, completed }) => (completed === '0' ? [] : [{ category, count: Number(completed) }])),
  }
}

async function readTopProducts(db: Db, actor: ClinicActor, date: LocalDate): Promise<TopProduct[]> {
  const { organisationId, clinic } = actor
  const values = [organisationId, clinic.id, clinic.currency, date, MAX_TOP_PRODUCTS]
  const rows = await db.query<{ name: string; quantity: string; revenue: string }>({ name: 'reporting_products', text: TOP_PRODUCTS, values })
  return rows.map(({ name, quantity, revenue }) => ({ name, quantity, revenue: money(BigInt(revenue), clinic.currency) }))
}
