import { alertValues, type FoundAlerts, type InventoryAlerts, takeAlerts } from '../inventory/index.ts'
import type { ActorClinic, ClinicActor } from '../kernel/actor.ts'
import type { Db, Selects } from '../kernel/db.ts'
import { type Money, money, percentChange } from '../kernel/money.ts'
import { dayInterval, type LocalDate } from '../kernel/time.ts'
import { lastDays } from './comparison.ts'
import { DAILY_SUMMARY, type DayRow, type SummaryRow, type VisitsRow } from './statements.ts'

/** Days of the chart, the summary's own included. */
const CHART_DAYS = 14

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
  readonly alerts: InventoryAlerts
  readonly comparison: { readonly date: LocalDate; readonly revenue: Money; readonly changePercent: number | null }
  readonly revenueByDay: readonly DayRevenue[]
}

/** A summary with what its alerts refer to; alerts that were not asked for are none, and so are the days of a chart. */
export type FoundSummary = { readonly summary: DailySummary; readonly related: FoundAlerts }

/**
 * The summary of a practice day at the active clinic, in one statement. Credits count on the day on which they were posted. Alerts are as
 * of the end of that day.
 */
export async function summariseDay(
  db: Db,
  actor: ClinicActor,
  { date, compareDate }: { date: LocalDate; compareDate: LocalDate },
  selects: Selects,
): Promise<FoundSummary> {
  const { clinic } = actor
  const chartDays = lastDays(date, CHART_DAYS)
  db.aggregates('dailySummary', { clinicId: clinic.id, compareDate, date, from: chartDays[0] ?? date })
  const shownDays = selects('DailySummary.revenueByDay') ? chartDays : []
  const values = [...alertValues(actor, date), clinic.currency, [...shownDays, date, compareDate], dayInterval(date, clinic.timeZone).start.toISOString()]
  const [row] = await db.query<SummaryRow>({ ...DAILY_SUMMARY(selects), values })
  if (!row) throw new Error('the statement has one row')
  const revenueOf = revenues(row.days, clinic.currency)
  const related = selects('DailySummary.alerts') ? takeAlerts(db, row, date) : noAlerts(date)
  const day = revenueOf(date)
  const base = revenueOf(compareDate)
  const summary = {
    ...day,
    ...totalsOf(
      row.days.find((posted) => posted.date === date),
      day.revenue,
    ),
    ...appointmentsOf(row.visits ?? []),
    clinic,
    topProducts: (row.sold ?? []).map((product) => ({ ...product, revenue: money(BigInt(product.revenue), clinic.currency) })),
    alerts: related.alerts,
    comparison: { date: compareDate, revenue: base.revenue, changePercent: percentChange(base.revenue.minorUnits, day.revenue.minorUnits) },
    revenueByDay: shownDays.map(revenueOf),
  }
  return { summary, related }
}

function noAlerts(asOf: LocalDate): FoundAlerts {
  return { alerts: { asOf, outOfStock: [], low: [], expiring: [] }, products: [], lots: [] }
}

/** Days without a posting are days of zero, not gaps. */
function revenues(rows: readonly DayRow[], currency: string): (date: LocalDate) => DayRevenue {
  const byDate = new Map(rows.map((row) => [row.date, row]))
  return (date) => {
    const row = byDate.get(date)
    const revenue = BigInt(row?.revenue ?? 0)
    const products = BigInt(row?.products ?? 0)
    return { date, revenue: money(revenue, currency), serviceRevenue: money(revenue - products, currency), productRevenue: money(products, currency) }
  }
}

function totalsOf(row: DayRow | undefined, { minorUnits, currency }: Money): Pick<DailySummary, 'tax' | 'total' | 'visitCount' | 'orderCount'> {
  const tax = BigInt(row?.tax ?? 0)
  return { tax: money(tax, currency), total: money(minorUnits + tax, currency), visitCount: row?.visits ?? 0, orderCount: row?.orders ?? 0 }
}

function appointmentsOf(rows: readonly VisitsRow[]): Pick<DailySummary, 'appointments' | 'services'> {
  const count = (key: 'completed' | 'noShow' | 'cancelled' | 'total') => rows.reduce((sum, row) => sum + row[key], 0)
  return {
    appointments: { total: count('total'), completed: count('completed'), noShow: count('noShow'), cancelled: count('cancelled') },
    services: rows.flatMap(({ category, completed }) => (completed === 0 ? [] : [{ category, count: completed }])),
  }
}
