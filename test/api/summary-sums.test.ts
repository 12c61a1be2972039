import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DomainError } from '../../modules/kernel/errors.ts'
import { addDays } from '../../modules/kernel/time.ts'
import { withClient } from '../../server/database/connection.ts'
import { databaseRuns } from '../effort.ts'
import { type Harness, startHarness } from '../harness.ts'
import { buildOrganisation } from '../world.ts'
import { addLevels, addMovement, addProduct, addStock, clockAt } from '../world-inventory.ts'
import { addCredit, addInvoice, addService, addVisitTo } from '../world-reporting.ts'
import { addAppointmentType, addPractice } from '../world-scheduling.ts'

// The statement behind a summary takes short cuts: sums of invoices where a constraint says that they equal their lines, levels that cannot
// have been short left out. What follows counts again from every line and movement, without any.

const FIRST = '2026-03-02'
const DAYS = 5
const PRODUCTS = ['Pienso A', 'Pienso B', 'Vacuna']
const LOT_TRACKED = 2
const CRITICAL = 26

type Step =
  | { readonly kind: 'visit' | 'sale'; readonly day: number; readonly lines: readonly { readonly item: number; readonly quantity: number }[] }
  | { readonly kind: 'credit'; readonly day: number; readonly pick: number; readonly isOneLine: boolean; readonly restock: boolean }
  | { readonly kind: 'receipt' | 'waste'; readonly day: number; readonly item: number; readonly quantity: number }

const day = fc.nat(DAYS - 1)
const lines = fc.array(fc.record({ item: fc.nat(4), quantity: fc.integer({ min: 1, max: 6 }) }), { minLength: 1, maxLength: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('visit' as const, 'sale' as const, 'sale' as const), day, lines }),
  fc.record({ kind: fc.constant('credit' as const), day, pick: fc.nat(), isOneLine: fc.boolean(), restock: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('receipt' as const, 'waste' as const), day, item: fc.nat(2), quantity: fc.integer({ min: 1, max: 9 }) }),
)

let harness: Harness
let count = 0
const done = new Set<string>()
beforeAll(async () => {
  harness = await startHarness()
}, 60_000)
afterAll(() => harness[Symbol.asyncDispose]())

const query = <Row extends object>(text: string, values: unknown[]): Promise<Row[]> =>
  withClient(harness.database.adminUrl, async (client) => (await client.query<Row>(text, values)).rows)

/** In the first minutes of a practice day in Madrid, which is the day before in UTC. */
const instantOf = (dayIndex: number, minute: number) => `${addDays(FIRST, dayIndex - 1)}T23:${String(minute).padStart(2, '0')}:00Z`
const receiptOf = (item: number, productId: string, quantity: number) => ({
  productId,
  quantity: String(quantity),
  ...(item === LOT_TRACKED ? { lotNumber: `L${quantity % 2}`, expiresOn: quantity % 2 === 0 ? '2026-03-04' : '2026-03-31' } : {}),
})

async function settle() {
  count += 1
  const { app } = harness
  const org = await buildOrganisation(app, `sums${count}`, [{ timeZone: 'Europe/Madrid', currency: 'EUR', countryCode: 'ES' }])
  const actor = org.clinics[0]?.actor
  if (!actor) throw new Error('no clinic')
  const practice = await addPractice(app, actor)
  const products: string[] = []
  for (const [index, name] of PRODUCTS.entries()) {
    const id = await addProduct(app, actor, {
      name,
      ...(index === LOT_TRACKED ? { isLotTracked: true } : { familyName: 'Pienso' }),
      unitPrice: `${index + 7}.35`,
    })
    for (const quantity of index === LOT_TRACKED ? [20] : [20, 11]) await addStock(app, actor, receiptOf(index, id, quantity), clockAt('2026-02-20T09:00:00Z'))
    await addLevels(app, actor, id, String(CRITICAL))
    products.push(id)
  }
  const services = [await addService(app, actor), await addService(app, actor, { category: 'surgery', unitPrice: '61.90' })]
  const typeId = await addAppointmentType(app, actor)
  return { actor, practice, typeId, items: [...products, ...services], token: (await harness.signIn(org.email('owner'))).token }
}
type Place = Awaited<ReturnType<typeof settle>>

/** Does the steps in the order of their days; some are refused, since nothing is left to sell or to take back. */
async function play(place: Place, steps: readonly Step[]): Promise<void> {
  const posted: string[] = []
  for (const [index, one] of steps.toSorted((a, b) => a.day - b.day).entries()) {
    try {
      await playOne(place, one, index, posted)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
    }
  }
}

async function playOne({ actor, practice, items, typeId }: Place, one: Step, index: number, posted: string[]): Promise<void> {
  const { app } = harness
  const instant = instantOf(one.day, index)
  if ('lines' in one) {
    const requested = one.lines.map(({ item, quantity }) => ({ [item < PRODUCTS.length ? 'productId' : 'serviceId']: items[item], quantity: String(quantity) }))
    const startsAt = new Date(Date.parse(`${addDays(FIRST, one.day)}T08:00:00Z`) + index * 1_800_000).toISOString()
    const about = one.kind === 'visit' ? { appointmentId: await addVisitTo(app, actor, practice, { typeId, startsAt, steps: [] }) } : {}
    posted.push(await addInvoice(app, actor, instant, { ...about, lines: requested }))
  } else if (one.kind === 'receipt') await addStock(app, actor, receiptOf(one.item, items[one.item] ?? '', one.quantity), clockAt(instant))
  else if (one.kind === 'waste') {
    if (one.item === LOT_TRACKED) return
    await addMovement(app, actor, { productId: items[one.item] ?? '', kind: 'waste', quantity: `-${one.quantity}`, reason: 'world' }, clockAt(instant))
  } else if (one.kind === 'credit') {
    const invoiceId = posted[one.pick % Math.max(posted.length, 1)]
    if (invoiceId === undefined) return
    const [line] = await query<{ id: string }>('SELECT id FROM invoice_line WHERE invoice_id = $1 ORDER BY position DESC', [invoiceId])
    await addCredit(app, actor, instant, invoiceId, { restock: one.restock, ...(one.isOneLine && line ? { lines: [line.id] } : {}) })
  }
  done.add(one.kind)
}

type LineRow = { date: string; invoice: string; kind: string; origin: string; appointment: string | null; product: string | null } & Record<
  'quantity' | 'subtotal' | 'tax',
  string
>
type MovementRow = { date: string; product: string; lot: string | null; expires: string | null; quantity: string }

const sum = <Row>(rows: readonly Row[], amountOf: (row: Row) => number): number => rows.reduce((total, row) => total + amountOf(row), 0)

/** The figures of a day, counted from all lines and movements of the clinic. */
function recount(date: string, allLines: readonly LineRow[], movements: readonly MovementRow[], names: ReadonlyMap<string, string>) {
  const rows = allLines.filter((row) => row.date === date)
  const signed = (row: LineRow, value: string) => (row.kind === 'credit_note' ? -Number(value) : Number(value))
  const isService = (row: LineRow) => row.product === null || row.origin === 'visit'
  const revenue = (which: readonly LineRow[]) => ({ minorUnits: String(sum(which, (row) => signed(row, row.subtotal))) })
  const goods = rows.filter((row) => !isService(row))
  const families = Map.groupBy(goods, (row) => (names.get(row.product ?? '') ?? '').replace(/ [AB]$/, ''))
  const top = [...families].map(([name, sold]) => ({ name, quantity: String(sum(sold, (row) => signed(row, row.quantity))), revenue: revenue(sold) }))
  const until = movements.filter((row) => row.date <= date)
  const standing = [...names].map(([id, name]) => ({ name, onHand: sum(until, (row) => (row.product === id ? Number(row.quantity) : 0)) }))
  const alert = ({ name, onHand }: { name: string; onHand: number }) => ({ product: { name }, onHand: String(onHand) })
  const ofLots = Map.groupBy(
    until.filter((row) => row.lot !== null),
    (row) => `${row.expires} ${row.lot}`,
  )
  return {
    revenue: revenue(rows),
    serviceRevenue: revenue(rows.filter(isService)),
    productRevenue: revenue(goods),
    tax: { minorUnits: String(sum(rows, (row) => signed(row, row.tax))) },
    visitCount: new Set(rows.flatMap((row) => row.appointment ?? [])).size,
    orderCount: new Set(rows.filter((row) => row.kind === 'counter_sale').map((row) => row.invoice)).size,
    topProducts: top
      .filter(({ quantity }) => Number(quantity) > 0)
      .sort((a, b) => Number(b.revenue.minorUnits) - Number(a.revenue.minorUnits) || (a.name < b.name ? -1 : 1)),
    alerts: {
      outOfStock: standing.filter(({ onHand }) => onHand === 0).map(alert),
      low: standing.filter(({ onHand }) => onHand > 0 && onHand <= CRITICAL).map(alert),
      expiring: [...ofLots]
        .map(([key, rowsOf]) => ({ key, onHand: sum(rowsOf, (row) => Number(row.quantity)) }))
        .filter(({ key, onHand }) => onHand > 0 && key.slice(0, 10) >= date && key.slice(0, 10) <= addDays(date, 30))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ key, onHand }) => ({ lot: { number: key.slice(11) }, onHand: String(onHand) })),
    },
  }
}

const LINES = `SELECT i.business_date::text AS date, i.id AS invoice, i.kind, coalesce(o.kind, i.kind) AS origin, i.appointment_id AS appointment, l.product_id AS product, l.quantity,
  l.subtotal_minor AS subtotal, l.tax_minor AS tax FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id LEFT JOIN invoice o ON o.id = i.credits_id WHERE i.clinic_id = $1`
const MOVEMENTS = `SELECT (m.occurred_at AT TIME ZONE 'Europe/Madrid')::date::text AS date, m.product_id AS product, l.number AS lot, l.expires_on::text AS expires, m.quantity
  FROM stock_movement m LEFT JOIN lot l ON l.id = m.lot_id WHERE m.clinic_id = $1`
const SUMMARY = `query Sums($date: LocalDate) { dailySummary(date: $date, compareWith: DAY_BEFORE) {
  revenue { minorUnits } serviceRevenue { minorUnits } productRevenue { minorUnits } tax { minorUnits } visitCount orderCount
  topProducts { name quantity revenue { minorUnits } }
  alerts { outOfStock { product { name } onHand } low { product { name } onHand } expiring { lot { number } onHand } }
  comparison { revenue { minorUnits } } revenueByDay { revenue { minorUnits } serviceRevenue { minorUnits } productRevenue { minorUnits } }
} }`

it('a summary is what all lines and movements of its clinic add up to, whatever was sold, taken back, delivered and lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 14 }), async (steps) => {
      const place = await settle()
      await play(place, steps)
      const clinicId = place.actor.clinic.id
      const [allLines, movements] = [await query<LineRow>(LINES, [clinicId]), await query<MovementRow>(MOVEMENTS, [clinicId])]
      const names = new Map(PRODUCTS.map((name, index) => [place.items[index] ?? '', name]))
      const counted = (date: string) => recount(date, allLines, movements, names)
      for (let index = 0; index <= DAYS; index += 1) {
        const date = addDays(FIRST, index)
        const { body } = await harness.call(SUMMARY, { date }, { token: place.token })
        const { comparison, revenueByDay, ...figures } = body.data.dailySummary
        expect(figures).toEqual(counted(date))
        expect(comparison.revenue).toEqual(counted(addDays(date, -1)).revenue)
        const chart = Array.from({ length: 14 }, (_, back) => counted(addDays(date, back - 13)))
        expect(revenueByDay).toEqual(chart.map(({ revenue, serviceRevenue, productRevenue }) => ({ revenue, serviceRevenue, productRevenue })))
      }
    }),
    { numRuns: databaseRuns(8) },
  )
  expect([...done].sort()).toEqual(['credit', 'receipt', 'sale', 'visit', 'waste'])
}, 240_000)
