import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SystemActor } from '../../modules/kernel/actor.ts'
import type { AppointmentStatus } from '../../modules/scheduling/index.ts'
import { withClient } from '../../server/database/connection.ts'
import { type CallOptions, type Harness, startHarness } from '../harness.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addLevels, addMovement, addProduct, addStock, clockAt } from '../world-inventory.ts'
import { addCredit, addInvoice, addService, addVisitTo } from '../world-reporting.ts'
import { addAppointmentType, addPractice, type Practice } from '../world-scheduling.ts'

const SUMMARY = `query Summary($date: LocalDate, $compareWith: SummaryComparison, $compareDate: LocalDate) {
  dailySummary(date: $date, compareWith: $compareWith, compareDate: $compareDate) {
    date clinic { id timeZone currency }
    revenue { minorUnits currency } serviceRevenue { minorUnits currency } productRevenue { minorUnits currency } tax { minorUnits currency } total { minorUnits currency }
    visitCount orderCount appointments { total completed noShow cancelled } services { category count }
    topProducts { name quantity revenue { minorUnits currency } }
    alerts { asOf outOfStock { product { name } } low { product { name } onHand } expiring { lot { number } daysLeft } }
    comparison { date revenue { minorUnits currency } changePercent }
    revenueByDay { date revenue { minorUnits } serviceRevenue { minorUnits } productRevenue { minorUnits } }
  }
}`

let harness: Harness
let madrid: WorldOrganisation
let tokyo: WorldOrganisation
let owner: string

const clinicOf = (org: WorldOrganisation, index = 0): SystemActor => {
  const place = org.clinics[index]
  if (!place) throw new Error('no such clinic')
  return place.actor
}
const token = async (org: WorldOrganisation, role: Parameters<WorldOrganisation['email']>[0], clinic = 0) =>
  (await harness.signIn(org.email(role, clinic))).token
const ask = (variables: object, options: CallOptions = {}) => harness.call(SUMMARY, variables, { token: owner, ...options })
const summary = async (variables: object, options: CallOptions = {}) => {
  const { body } = await ask(variables, options)
  expect(body.errors).toBeUndefined()
  return body.data.dailySummary
}

const DONE: AppointmentStatus[] = ['checked_in', 'in_progress', 'completed']
let practice: Practice
let checkup: { typeId: string; serviceId: string }
let food: string
let otherFood: string
let collar: string

// Madrid is at UTC+2 in summer: the practice day of 10 June 2026 is 2026-06-09T22:00Z to 2026-06-10T22:00Z.
beforeAll(async () => {
  harness = await startHarness({ clock: clockAt('2026-06-10T21:30:00Z') })
  const europe = { timeZone: 'Europe/Madrid', currency: 'EUR', countryCode: 'ES' }
  madrid = await buildOrganisation(harness.app, 'madrid', [europe, europe])
  tokyo = await buildOrganisation(harness.app, 'tokyo', [{ timeZone: 'Asia/Tokyo', currency: 'JPY', countryCode: 'JP' }])
  owner = await token(madrid, 'owner')
  await buildMadrid(clinicOf(madrid))
  await buildTokyo(clinicOf(tokyo))
}, 120_000)
afterAll(() => harness[Symbol.asyncDispose]())

async function buildMadrid(actor: SystemActor): Promise<void> {
  const { app } = harness
  practice = await addPractice(app, actor)
  const serviceId = await addService(app, actor, { category: 'checkup', unitPrice: '45.50', taxRate: '21' })
  checkup = { serviceId, typeId: await addAppointmentType(app, actor, { serviceId }) }
  const surgeryId = await addService(app, actor, { category: 'surgery', unitPrice: '310', taxRate: '21' })
  const surgeryType = await addAppointmentType(app, actor, { serviceId: surgeryId })
  const untyped = await addAppointmentType(app, actor)
  food = await addProduct(app, actor, { name: 'Pienso A', familyName: 'Pienso', category: 'food', unitPrice: '19.99', taxRate: '10' })
  otherFood = await addProduct(app, actor, { name: 'Pienso B', familyName: 'Pienso', category: 'food', unitPrice: '30', taxRate: '10' })
  collar = await addProduct(app, actor, { name: 'Collar', unitPrice: '12.345', taxRate: '21' })
  const before = clockAt('2026-05-01T09:00:00Z')
  for (const productId of [food, otherFood, collar]) await addStock(app, actor, { productId, quantity: '50' }, before)
  await addLevels(app, actor, collar, '44')

  // Three completed visits, two of them invoiced with a product in hand; one missed, one cancelled, one still to come.
  const first = await addVisitTo(app, actor, practice, { typeId: checkup.typeId, startsAt: '2026-06-10T08:00:00Z', steps: DONE })
  const second = await addVisitTo(app, actor, practice, { typeId: surgeryType, startsAt: '2026-06-10T09:00:00Z', steps: [...DONE, 'checked_out'] })
  await addVisitTo(app, actor, practice, { typeId: untyped, startsAt: '2026-06-10T10:00:00Z', steps: DONE })
  await addVisitTo(app, actor, practice, { typeId: checkup.typeId, startsAt: '2026-06-10T11:00:00Z', steps: ['no_show'] })
  await addVisitTo(app, actor, practice, { typeId: checkup.typeId, startsAt: '2026-06-10T12:00:00Z', steps: ['cancelled'] })
  await addVisitTo(app, actor, practice, { typeId: checkup.typeId, startsAt: '2026-06-10T13:00:00Z', steps: ['confirmed'] })
  await addInvoice(app, actor, '2026-06-10T08:30:00Z', {
    appointmentId: first,
    lines: [
      { serviceId, quantity: '1' },
      { productId: food, quantity: '1' },
    ],
  })
  await addInvoice(app, actor, '2026-06-10T09:30:00Z', { appointmentId: second, lines: [{ serviceId: surgeryId, quantity: '1' }] })
  // Orders: families add up over variants, a service at the counter is a service.
  await addInvoice(app, actor, '2026-06-10T10:00:00Z', {
    lines: [
      { productId: food, quantity: '2' },
      { productId: collar, quantity: '3' },
    ],
  })
  await addInvoice(app, actor, '2026-06-10T21:59:59Z', {
    lines: [
      { productId: otherFood, quantity: '1' },
      { serviceId, quantity: '1' },
    ],
  })
  // Posted the week before; one of them is taken back on the day.
  await addInvoice(app, actor, '2026-06-03T10:00:00Z', {
    lines: [
      { productId: otherFood, quantity: '4' },
      { productId: food, quantity: '1' },
    ],
  })
  const credited = await addInvoice(app, actor, '2026-06-03T11:00:00Z', { lines: [{ productId: collar, quantity: '1' }] })
  await addCredit(app, actor, '2026-06-10T12:00:00Z', credited)
  // Just outside of the practice day on both sides.
  await addInvoice(app, actor, '2026-06-09T21:59:00Z', { lines: [{ productId: otherFood, quantity: '1' }] })
  await addInvoice(app, actor, '2026-06-10T22:00:00Z', { lines: [{ productId: food, quantity: '1' }] })
  await addMovement(app, actor, { productId: collar, kind: 'waste', quantity: '-2', reason: 'roto' }, clockAt('2026-06-11T08:00:00Z'))
  // The sister clinic has a day of its own.
  const sister = clinicOf(madrid, 1)
  await addStock(app, sister, { productId: food, quantity: '10' }, before)
  await addInvoice(app, sister, '2026-06-10T10:00:00Z', { lines: [{ productId: food, quantity: '7' }] })
}

async function buildTokyo(actor: SystemActor): Promise<void> {
  const { app } = harness
  const bath = await addService(app, actor, { category: 'grooming', unitPrice: '3333', taxRate: '10' })
  // Already the 10th in Tokyo while it is still the 9th in Madrid and in UTC.
  await addInvoice(app, actor, '2026-06-09T15:00:00Z', { lines: [{ serviceId: bath, quantity: '1' }] })
}

const eur = (minorUnits: number) => ({ minorUnits: String(minorUnits), currency: 'EUR' })

describe('the daily summary', () => {
  it('adds up the practice day: visits, orders, credits, tax and total', async () => {
    const found = await summary({ date: '2026-06-10' })
    // Services: 45.50 + 19.99 in hand + 310 + 45.50 at the counter. Products: 2 × 19.99 + 3 × 12.345 (37.04) + 30 − 12.35 (12.345) credited.
    const services = 4_550 + 1_999 + 31_000 + 4_550
    const products = 3_998 + 3_704 + 3_000 - 1_235
    const tax = 956 + 200 + 6_510 + 956 + 400 + 778 + 300 - 259
    expect(found).toMatchObject({
      date: '2026-06-10',
      clinic: { id: clinicOf(madrid).clinic.id, timeZone: 'Europe/Madrid', currency: 'EUR' },
      revenue: eur(services + products),
      serviceRevenue: eur(services),
      productRevenue: eur(products),
      tax: eur(tax),
      total: eur(services + products + tax),
      visitCount: 2,
      orderCount: 2,
    })
  })

  it('counts appointments by how they ended, and completed ones by category', async () => {
    const { appointments, services } = await summary({ date: '2026-06-10' })
    expect(appointments).toEqual({ total: 5, completed: 3, noShow: 1, cancelled: 1 })
    expect(services).toEqual([
      { category: 'checkup', count: 1 },
      { category: 'other', count: 1 },
      { category: 'surgery', count: 1 },
    ])
  })

  it('ranks product families of the orders by revenue, less credits', async () => {
    const { topProducts } = await summary({ date: '2026-06-10' })
    expect(topProducts).toEqual([
      { name: 'Pienso', quantity: '3', revenue: eur(6_998) },
      { name: 'Collar', quantity: '2', revenue: eur(2_469) },
    ])
  })

  it('carries the alerts as of that day', async () => {
    const before = await summary({ date: '2026-06-10' })
    expect(before.alerts).toEqual({ asOf: '2026-06-10', outOfStock: [], low: [], expiring: [] })
    const after = await summary({ date: '2026-06-11' })
    expect(after.alerts.low).toEqual([{ product: { name: 'Collar' }, onHand: '44' }])
  })

  it.each([
    [{}, '2026-06-03', 12_000 + 1_999 + 1_235],
    [{ compareWith: 'SAME_WEEKDAY_LAST_WEEK' }, '2026-06-03', 12_000 + 1_999 + 1_235],
    [{ compareWith: 'DAY_BEFORE' }, '2026-06-09', 3_000],
    [{ compareWith: 'SAME_DAY_LAST_MONTH' }, '2026-05-10', 0],
    [{ compareWith: 'DATE', compareDate: '2026-06-11' }, '2026-06-11', 1_999],
    [{ compareWith: null }, '2026-06-03', 12_000 + 1_999 + 1_235],
  ])('compares %j with the day that it names', async (choice, date, minorUnits) => {
    const { comparison, revenue } = await summary({ date: '2026-06-10', ...choice })
    const changePercent = minorUnits === 0 ? null : Math.round(((Number(revenue.minorUnits) - minorUnits) / minorUnits) * 100)
    expect(comparison).toEqual({ date, revenue: eur(minorUnits), changePercent })
  })

  it.each([[{ compareWith: 'DATE' }], [{ compareDate: '2026-06-01' }]])('refuses %j, which names no day or two', async (choice) => {
    const { body } = await ask({ date: '2026-06-10', ...choice })
    expect(body.errors?.[0]?.extensions.code).toBe('INVALID_INPUT')
  })

  it('lists the last 14 days, those without a posting too', async () => {
    const { revenueByDay } = await summary({ date: '2026-06-10' })
    expect(revenueByDay).toHaveLength(14)
    expect(revenueByDay[0].date).toBe('2026-05-28')
    expect(revenueByDay.slice(-3)).toEqual([
      { date: '2026-06-08', revenue: { minorUnits: '0' }, serviceRevenue: { minorUnits: '0' }, productRevenue: { minorUnits: '0' } },
      { date: '2026-06-09', revenue: { minorUnits: '3000' }, serviceRevenue: { minorUnits: '0' }, productRevenue: { minorUnits: '3000' } },
      { date: '2026-06-10', revenue: { minorUnits: '51566' }, serviceRevenue: { minorUnits: '42099' }, productRevenue: { minorUnits: '9467' } },
    ])
  })

  it("is of today in the clinic's zone when no day is given, in a currency without decimals too", async () => {
    // 23:30 in Madrid, and half past six on the next day in Tokyo.
    expect((await summary({})).date).toBe('2026-06-10')
    const found = await summary({}, { token: await token(tokyo, 'owner') })
    expect(found).toMatchObject({ date: '2026-06-11', comparison: { date: '2026-06-04', changePercent: null } })
    const tenth = await summary({ date: '2026-06-10' }, { token: await token(tokyo, 'owner') })
    expect(tenth).toMatchObject({
      revenue: { minorUnits: '3333', currency: 'JPY' },
      tax: { minorUnits: '333' },
      total: { minorUnits: '3666' },
      orderCount: 1,
      visitCount: 0,
      topProducts: [],
    })
  })

  it('is empty, not missing, on a day without anything', async () => {
    expect(await summary({ date: '2020-02-29' })).toMatchObject({
      revenue: eur(0),
      visitCount: 0,
      appointments: { total: 0 },
      services: [],
      topProducts: [],
      comparison: { changePercent: null },
    })
  })
})

describe('who sees the summary', () => {
  it.each(['veterinarian', 'assistant', 'receptionist', 'groomer', 'compliance_officer', 'client'] as const)('is refused to a %s', async (role) => {
    const { body } = await ask({ date: '2026-06-10' }, { token: await token(madrid, role) })
    expect(body.data).toBeNull()
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'report:view', coordinate: 'Query.dailySummary' })
  })

  it.each(['owner', 'manager', 'clinic_admin', 'super_admin'] as const)('is given to a %s', async (role) => {
    expect((await summary({ date: '2026-06-10' }, { token: await token(madrid, role) })).orderCount).toBe(2)
  })

  it('is refused to nobody', async () => {
    expect((await ask({ date: '2026-06-10' }, { token: null })).body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  it('shows the sister clinic its own day, and a foreign organisation nothing of it', async () => {
    const sister = await summary({ date: '2026-06-10' }, { token: await token(madrid, 'manager', 1) })
    expect(sister).toMatchObject({ revenue: eur(13_993), orderCount: 1, topProducts: [{ name: 'Pienso', quantity: '7' }], appointments: { total: 0 } })
    const foreign = await summary({ date: '2026-06-03' }, { token: await token(tokyo, 'owner') })
    expect(foreign).toMatchObject({ revenue: { minorUnits: '0', currency: 'JPY' }, orderCount: 0 })
    const refused = await ask({ date: '2026-06-10' }, { token: await token(tokyo, 'owner'), clinicId: clinicOf(madrid).clinic.id })
    expect(refused.body.data ?? null).toBeNull()
  })
})

describe('the record of a summary', () => {
  it('names the aggregate, its days and the stock that it read', async () => {
    const { headers } = await ask({ date: '2026-06-11', compareWith: 'DAY_BEFORE' })
    const rows = await withClient(harness.database.adminUrl, async (client) => {
      const found = await client.query(
        `SELECT s.class, s.types, convert_from(e.body, 'UTF8')::jsonb AS body FROM audit.search s JOIN audit.entry e ON e.id = s.entry_id WHERE s.request_id = $1`,
        [headers.get('x-request-id')],
      )
      return found.rows
    })
    expect(rows).toHaveLength(1)
    expect(rows[0].class).toContain('financial')
    expect(rows[0].types).toContain('StockLevel')
    expect(rows[0].body.aggregates).toContainEqual({
      name: 'dailySummary',
      params: { clinicId: clinicOf(madrid).clinic.id, compareDate: '2026-06-10', date: '2026-06-11', from: '2026-05-29' },
    })
  })

  it('costs one statement on a full day and on an empty one', async () => {
    const count = async (date: string) => {
      let statements = 0
      harness.app.database.onStatement = () => {
        statements += 1
      }
      await summary({ date })
      harness.app.database.onStatement = null
      return statements
    }
    const [empty, full] = [await count('2020-02-29'), await count('2026-06-10')]
    expect([empty, full]).toEqual([1, 1])
  })
})
