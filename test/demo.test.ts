import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DECEMBER_END, DECEMBER_START, planDates } from '../demo/calendar.ts'
import { type ClinicKey, DEMO_ORGANISATION_ID, DEMO_PASSWORD, STAFF } from '../demo/clinic-data.ts'
import { loadDemo } from '../demo/load-demo.ts'
import { planClients } from '../demo/people.ts'
import { type DayPlan, subtotalOf } from '../demo/plan.ts'
import { ClinicPlanner } from '../demo/plan-clinic.ts'
import { PRODUCTS } from '../demo/product-data.ts'
import { createRandom } from '../demo/random.ts'
import { addDays, type Clock } from '../modules/kernel/time.ts'
import { findDemoLogins, isDatabaseEmpty } from '../server/data.ts'
import { withClient } from '../server/database/connection.ts'
import { StartupError } from '../server/startup-error.ts'
import { type Harness, startHarness } from './harness.ts'

const CENTRO = 'centro' satisfies ClinicKey

function planAll(clinic: ClinicKey, anchor: string, visit: (plan: DayPlan, planner: ClinicPlanner) => void = () => {}): DayPlan[] {
  const planner = new ClinicPlanner(clinic, anchor)
  return planDates(anchor).map((date) => {
    const plan = planner.plan(date)
    visit(plan, planner)
    return plan
  })
}

const pesos = (lines: Parameters<typeof subtotalOf>[0]) => Number(subtotalOf(lines)) / 100
const revenueOf = (plan: DayPlan) => ({ services: pesos(plan.visits.flatMap(({ lines }) => lines)), products: pesos(plan.sales.flatMap(({ lines }) => lines)) })

// Long before, inside, and long after December 2025 in the six months up to the day; the last is a leap day.
const ANCHORS = ['2026-01-02', '2026-02-10', '2026-05-31', '2026-06-30', '2026-11-20', '2028-02-29', '2031-07-01']

describe('the plan of the demo', () => {
  it.each(ANCHORS)('fills six months up to %s and December 2025, each day once and in order', (anchor) => {
    const dates = planDates(anchor)
    expect(dates).toEqual([...new Set(dates)].sort())
    expect(dates).toEqual(expect.arrayContaining([DECEMBER_START, DECEMBER_END, anchor, addDays(anchor, -180)]))
  })

  it('is the same whenever it is made', () => {
    expect(planAll(CENTRO, '2026-11-20')).toEqual(planAll(CENTRO, '2026-11-20'))
    expect(planClients('coyoacan')).toEqual(planClients('coyoacan'))
  })

  it.each(ANCHORS)('holds the example days, seen on %s', (anchor) => {
    const low = new Map<string, Record<string, number>>()
    const expiring = new Map<string, unknown[]>()
    const revenue = new Map<string, ReturnType<typeof revenueOf>>()
    planAll(CENTRO, anchor, (plan, { ledger }) => {
      revenue.set(plan.date, revenueOf(plan))
      const short = PRODUCTS.map(({ sku, criticalLevel }) => ({ sku, left: ledger.usable(sku, plan.date), criticalLevel })).filter(
        ({ left, criticalLevel }) => left <= criticalLevel,
      )
      low.set(plan.date, Object.fromEntries(short.map(({ sku, left }) => [sku, left])))
      expiring.set(
        plan.date,
        ledger.expiring(plan.date, addDays(plan.date, 30)).map(({ lotNumber, quantity }) => [lotNumber, quantity]),
      )
    })
    expect(revenue.get('2025-12-13')).toEqual({ services: 4000, products: 3545 })
    expect(revenue.get('2025-12-19')).toEqual({ services: 3900, products: 3645 })
    expect(revenue.get('2025-12-20')).toEqual({ services: 4200, products: 4250 })
    expect(low.get('2025-12-20')).toEqual({ 'FP-L': 2 })
    expect(expiring.get('2025-12-20')).toEqual([['R2024-15', 8]])
    expect(low.get('2025-12-27')).toEqual({ 'HD-KD': 0, 'FP-L': 2, 'RC-GI': 3 })
    expect(expiring.get('2025-12-27')).toEqual([
      ['R2024-15', 8],
      ['K2024-08', 6],
    ])
  })

  it.each(['centro', 'coyoacan'] as const)('never books a person, a room or a patient of %s twice', (clinic) => {
    for (const { visits, date } of planAll(clinic, '2026-11-20')) {
      expect(new Set(visits.map(({ patient }) => patient)).size, date).toBe(visits.length)
      for (const [index, visit] of visits.entries()) {
        const others = visits.slice(index + 1).filter(({ staff, room }) => staff === visit.staff || room === visit.room)
        expect(
          others.filter(({ start, end }) => start < visit.end && visit.start < end),
          date,
        ).toEqual([])
      }
    }
  })

  it('has 300 clients with 450 patients, each microchip once', () => {
    const clients = [...planClients('centro'), ...planClients('coyoacan')]
    const chips = clients.flatMap(({ patients }) => patients.flatMap(({ microchip }) => microchip ?? []))
    expect([clients.length, clients.flatMap(({ patients }) => patients).length]).toEqual([300, 450])
    expect(new Set(chips).size).toBe(chips.length)
    expect(new Set(clients.map(({ phone }) => phone)).size).toBe(300)
  })

  it('draws evenly, and refuses to pick from nothing', () => {
    const random = createRandom('seed')
    const draws = Array.from({ length: 6_000 }, () => random.between(1, 6))
    for (const face of [1, 2, 3, 4, 5, 6]) expect(Math.abs(draws.filter((draw) => draw === face).length - 1_000)).toBeLessThan(150)
    expect(random.sample([1, 2, 3], 5).sort()).toEqual([1, 2, 3])
    expect(() => random.pick([])).toThrow(RangeError)
  })
})

// A Wednesday at 13:30 in Mexico City: the day is half over.
const NOW = '2026-05-20T19:30:00Z'
const clock: Clock = { now: () => new Date(NOW) }
const TODAY = '2026-05-20'

const SUMMARY = `query Summary($date: LocalDate, $compareWith: SummaryComparison, $compareDate: LocalDate) {
  dailySummary(date: $date, compareWith: $compareWith, compareDate: $compareDate) {
    date clinic { name }
    revenue { minorUnits currency } serviceRevenue { minorUnits } productRevenue { minorUnits } tax { minorUnits } total { minorUnits }
    visitCount orderCount appointments { total completed noShow cancelled } services { category count }
    topProducts { name quantity revenue { minorUnits } }
    alerts { asOf outOfStock { product { name } } low { product { name } onHand criticalLevel } expiring { lot { number } onHand expiresOn } }
    comparison { date revenue { minorUnits } changePercent } revenueByDay { date revenue { minorUnits } }
  }
}`
const ALERTS = `query Alerts($asOf: LocalDate) { inventoryAlerts(asOf: $asOf) {
  outOfStock { product { name } onHand } low { product { name } onHand criticalLevel } expiring { lot { number } product { name } onHand expiresOn }
} }`

describe('the demo clinic', () => {
  let harness: Harness
  let owner: string
  let sisterClinicId: string
  const progress: string[] = []
  let interrupted: { isEmpty: boolean; logins: unknown; setUpRequired: unknown }

  const ask = async (document: string, variables: object = {}, clinicId?: string) =>
    (await harness.call(document, variables, { token: owner, ...(clinicId ? { clinicId } : {}) })).body.data
  const count = (sql: string) => withClient(harness.database.adminUrl, async (client) => (await client.query(sql)).rows)

  beforeAll(async () => {
    harness = await startHarness({ clock })
    expect(await isDatabaseEmpty(harness.app)).toBe(true)
    expect(await findDemoLogins(harness.app)).toEqual([])
    let reports = 0
    const stopped = loadDemo(harness.app, () => {
      reports += 1
      if (reports === 60) throw new Error('stopped here')
    })
    await expect(stopped).rejects.toThrow('stopped here')
    interrupted = {
      isEmpty: await isDatabaseEmpty(harness.app),
      logins: await findDemoLogins(harness.app).catch((error: unknown) => error),
      setUpRequired: (await harness.call('{ setupRequired }')).body.data,
    }
    await loadDemo(harness.app, (text) => void progress.push(text))
    const session = await harness.signIn('owner@demo.example', DEMO_PASSWORD)
    owner = session.token
    sisterClinicId = session.viewer.clinics[1].id
  }, 300_000)
  afterAll(() => harness[Symbol.asyncDispose]())

  it('does not look complete while it is half loaded, and continues', async () => {
    expect(interrupted.isEmpty).toBe(true)
    expect(interrupted.logins).toBeInstanceOf(StartupError)
    expect(interrupted.setUpRequired).toEqual({ setupRequired: false })
    expect(await isDatabaseEmpty(harness.app)).toBe(false)
    expect(new Set(progress)).toContain('100 %')
    const twice = await count(
      `SELECT operation, clinic_id, count(*) FROM audit.search WHERE origin = 'demo' AND operation LIKE 'playDay%' GROUP BY 1, 2 HAVING count(*) > 1`,
    )
    expect(twice).toEqual([])
  })

  it('was loaded through commands, in one audited transaction per clinic and day', async () => {
    const [days] = await count(
      `SELECT count(*)::int AS entries, count(DISTINCT clinic_id)::int AS clinics FROM audit.search WHERE origin = 'demo' AND operation LIKE 'playDay%'`,
    )
    expect(days).toEqual({ entries: 2 * planDates(TODAY).length, clinics: 2 })
    const [december] = await count(
      `SELECT count(*)::int AS entries FROM audit.search WHERE operation = 'playDay 2025-12-20' AND 'Invoice' = ANY (types) AND 'Appointment' = ANY (types)`,
    )
    expect(december).toEqual({ entries: 1 })
  })

  it('has one login per role of its staff', async () => {
    const logins = await findDemoLogins(harness.app)
    expect(logins.map(({ role }) => role)).toEqual([
      'owner',
      'veterinarian',
      'clinic_admin',
      'manager',
      'assistant',
      'receptionist',
      'groomer',
      'compliance_officer',
      'super_admin',
    ])
    for (const { role, email, password } of logins)
      expect((await harness.signIn(email, password)).viewer).toMatchObject({ roles: [role], clinic: { timeZone: 'America/Mexico_City' } })
  })

  it('computes the daily summary of 20 December 2025', async () => {
    const { dailySummary } = await ask(SUMMARY, { date: '2025-12-20' })
    expect(dailySummary).toMatchObject({
      clinic: { name: 'Clínica Veterinaria Centro' },
      revenue: { minorUnits: '845000', currency: 'MXN' },
      serviceRevenue: { minorUnits: '420000' },
      productRevenue: { minorUnits: '425000' },
      visitCount: 6,
      orderCount: 8,
      appointments: { total: 7, completed: 6, noShow: 1, cancelled: 0 },
      services: [
        { category: 'checkup', count: 3 },
        { category: 'vaccination', count: 2 },
        { category: 'surgery', count: 1 },
      ],
      topProducts: [
        { name: 'Royal Canin', quantity: '3', revenue: { minorUnits: '255000' } },
        { name: 'Frontline Plus', quantity: '4', revenue: { minorUnits: '110000' } },
        { name: 'Dog toys', quantity: '5', revenue: { minorUnits: '60000' } },
      ],
      alerts: {
        asOf: '2025-12-20',
        outOfStock: [],
        low: [{ product: { name: 'Frontline Plus Large Dog' }, onHand: '2', criticalLevel: '5' }],
        expiring: [{ lot: { number: 'R2024-15' }, onHand: '8', expiresOn: '2026-01-15' }],
      },
      comparison: { date: '2025-12-13', revenue: { minorUnits: '754500' }, changePercent: 12 },
    })
    // 16 % on all but the vaccines and Frontline Plus.
    expect(dailySummary.tax.minorUnits).toBe(String((845_000 - 36_000 - 110_000) * 0.16))
    expect(dailySummary.total.minorUnits).toBe(String(845_000 + Number(dailySummary.tax.minorUnits)))
    expect(dailySummary.revenueByDay.at(-1)).toEqual({ date: '2025-12-20', revenue: { minorUnits: '845000' } })
  })

  it('names Friday the 19th when it is asked for', async () => {
    const { dailySummary } = await ask(SUMMARY, { date: '2025-12-20', compareWith: 'DAY_BEFORE' })
    expect(dailySummary.comparison).toEqual({ date: '2025-12-19', revenue: { minorUnits: '754500' }, changePercent: 12 })
  })

  it('computes the inventory alert as of 27 December 2025', async () => {
    const { inventoryAlerts } = await ask(ALERTS, { asOf: '2025-12-27' })
    expect(inventoryAlerts).toEqual({
      outOfStock: [{ product: { name: 'Hills Prescription Diet k/d' }, onHand: '0' }],
      low: [
        { product: { name: 'Frontline Plus Large Dog' }, onHand: '2', criticalLevel: '5' },
        { product: { name: 'Royal Canin Gastrointestinal' }, onHand: '3', criticalLevel: '5' },
      ],
      expiring: [
        { lot: { number: 'R2024-15' }, product: { name: 'Vacuna antirrábica' }, onHand: '8', expiresOn: '2026-01-15' },
        { lot: { number: 'K2024-08' }, product: { name: 'Ketamina 100 mg/mL, 10 mL' }, onHand: '6', expiresOn: '2026-01-20' },
      ],
    })
  })

  it('gives the sister clinic figures of its own', async () => {
    const { dailySummary } = await ask(SUMMARY, { date: '2025-12-19' }, sisterClinicId)
    expect(dailySummary.clinic.name).toBe('Clínica Veterinaria Coyoacán')
    expect(dailySummary.revenue.minorUnits).not.toBe('754500')
    expect(dailySummary.visitCount + dailySummary.orderCount).toBeGreaterThan(0)
    const { inventoryAlerts } = await ask(ALERTS, { asOf: '2025-12-27' }, sisterClinicId)
    expect(JSON.stringify(inventoryAlerts)).not.toMatch(/R2024-15|K2024-08/)
  })

  it('reaches up to today, whose afternoon is still to come', async () => {
    const { dailySummary } = await ask(SUMMARY)
    expect(dailySummary.date).toBe(TODAY)
    expect(dailySummary.revenueByDay.filter(({ revenue }: { revenue: { minorUnits: string } }) => revenue.minorUnits !== '0').length).toBeGreaterThan(10)
    const [{ finished, open }] = await count(`SELECT count(*) FILTER (WHERE starts_at < '${NOW}' AND status IN ('scheduled', 'confirmed'))::int AS finished,
      count(*) FILTER (WHERE starts_at > '${NOW}' AND status = 'scheduled')::int AS open FROM appointment`)
    expect(finished).toBe(0)
    expect(open).toBeGreaterThan(15)
    expect(await count(`SELECT 1 FROM invoice WHERE posted_at > '${NOW}'`)).toEqual([])
    expect(dailySummary.alerts.expiring.map(({ lot }: { lot: { number: string } }) => lot.number)).toContain('KET-CORTA')
  })

  it('plans the weeks of the smaller clinic: this one and the next published, with two shifts open, and a draft', async () => {
    await withClient(harness.database.adminUrl, async (client) => {
      const { rows } = await client.query(
        `SELECT r.status, count(*)::int AS shifts, (count(*) FILTER (WHERE s.staff_id IS NULL))::int AS open FROM roster r
         JOIN roster_shift s ON s.clinic_id = r.clinic_id AND s.week_start = r.week_start GROUP BY r.id ORDER BY r.week_start`,
      )
      expect(rows).toEqual([
        { status: 'published', shifts: 7, open: 0 },
        { status: 'published', shifts: 9, open: 2 },
        { status: 'draft', shifts: 7, open: 0 },
      ])
    })
  })

  it('has every month of bookings and sales at both clinics, and the people of the plan', async () => {
    const months = await count(
      `SELECT clinic_id, to_char(business_date, 'YYYY-MM') AS month FROM invoice GROUP BY 1, 2 HAVING count(*) FILTER (WHERE kind = 'visit') > 10 AND count(*) FILTER (WHERE kind = 'counter_sale') > 10`,
    )
    expect(months.length).toBeGreaterThanOrEqual(12)
    const [people] =
      await count(`SELECT (SELECT count(*)::int FROM client) AS clients, (SELECT count(*)::int FROM patient) AS patients, (SELECT count(*)::int FROM staff_profile) AS staff,
      (SELECT count(*)::int FROM clinic) AS clinics, (SELECT count(*)::int FROM note_template) > 0 AS templates, (SELECT count(*)::int FROM clinical_note WHERE status = 'signed') > 50 AS notes`)
    expect(people).toEqual({ clients: 300, patients: 450, staff: STAFF.length, clinics: 2, templates: true, notes: true })
    expect(await count(`SELECT 1 FROM organisation WHERE id <> '${DEMO_ORGANISATION_ID}'`)).toEqual([])
  })
})
