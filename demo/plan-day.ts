import { addDays, type LocalDate, toMinute, weekdayOf } from '../modules/kernel/time.ts'
import { APPOINTMENT_TYPES, type ClinicKey, type DemoStaff, type RoomKey, STAFF, type StaffKey, type TypeCode } from './clinic-data.ts'
import type { Method, PlannedLine, PlannedSale, PlannedVisit } from './plan.ts'
import { PRODUCTS } from './product-data.ts'
import type { Random } from './random.ts'
import type { StockLedger } from './stock-ledger.ts'

/** What planning a day draws from. */
export type DayContext = {
  readonly clinic: ClinicKey
  readonly date: LocalDate
  readonly random: Random
  readonly ledger: StockLedger
  /** Species of the clinic's patients, by index. */
  readonly species: readonly string[]
  readonly clientCount: number
  /** Articles that are left alone on this day. */
  readonly withheld: ReadonlySet<string>
}

const METHODS: readonly Method[] = ['card', 'card', 'card', 'cash', 'cash', 'transfer']
const KINDS: Partial<Record<StaffKey, readonly TypeCode[]>> = {
  pablo: ['consulta', 'consulta', 'consulta', 'vacunacion', 'vacunacion', 'cirugia', 'dental'],
  sofia: ['consulta', 'consulta', 'consulta', 'vacunacion', 'vacunacion'],
  mateo: ['estetica'],
}
const MOST_VISITS: Record<ClinicKey, Partial<Record<StaffKey, number>>> = { centro: { pablo: 3, sofia: 2, mateo: 1 }, coyoacan: { sofia: 2, mateo: 2 } }
const MOST_SALES: Record<ClinicKey, number> = { centro: 3, coyoacan: 1 }

/** The visits of an ordinary day: every bookable person within their hours, never two at a time, each patient once. */
export function planVisits(day: DayContext): PlannedVisit[] {
  const spans = STAFF.filter(({ isBookable }) => isBookable).flatMap((person) => spansOf(person, day).map((span) => ({ person, span })))
  const slots = spans.flatMap(({ person, span }) => planSlots(day, person.key, span))
  const patients = day.random.sample(patientIndexes(day), slots.length)
  return slots.flatMap((slot, index) => {
    const patient = patients[index]
    return patient === undefined ? [] : [planVisit(day, slot, patient)]
  })
}

type Span = { readonly start: number; readonly end: number }
type Slot = { readonly staff: StaffKey; readonly type: TypeCode; readonly room: RoomKey; readonly start: number; readonly end: number }

function spansOf(person: DemoStaff, { clinic, date }: DayContext): Span[] {
  const weekday = weekdayOf(date)
  return person.hours
    .filter((hours) => hours.clinic === clinic && hours.weekdays.includes(weekday))
    .map(({ start, end }) => ({ start: toMinute(start), end: toMinute(end) }))
}

function planSlots({ clinic, random }: DayContext, staff: StaffKey, span: Span): Slot[] {
  const most = MOST_VISITS[clinic][staff] ?? 0
  const slots: Slot[] = []
  const share = (span.end - span.start) / Math.max(1, most)
  for (let index = 0; index < random.between(Math.max(1, most - 1), most); index += 1) {
    const type = random.pick<TypeCode>(KINDS[staff] ?? ['consulta'])
    const { durationMinutes } = typeOf(type)
    const from = span.start + Math.ceil((index * share) / 10) * 10
    const slack = Math.floor((share - durationMinutes) / 10)
    if (slack < 0) continue
    const start = from + 10 * random.between(0, Math.max(0, slack - 1))
    if (start + durationMinutes <= span.end) slots.push({ staff, type, room: roomOf(staff, type), start, end: start + durationMinutes })
  }
  return slots
}

function typeOf(code: TypeCode): (typeof APPOINTMENT_TYPES)[number] {
  const found = APPOINTMENT_TYPES.find((type) => type.code === code)
  if (!found) throw new RangeError(`no appointment type ${code}`)
  return found
}

function roomOf(staff: StaffKey, type: TypeCode): RoomKey {
  if (type === 'estetica') return 'Estética'
  if (type === 'cirugia' || type === 'dental') return 'Quirófano'
  return staff === 'pablo' ? 'Consultorio 1' : 'Consultorio 2'
}

function patientIndexes({ species }: DayContext): number[] {
  return species.map((_, index) => index)
}

function planVisit(day: DayContext, slot: Slot, patient: number): PlannedVisit {
  const { random } = day
  const draw = random.next()
  const outcome = draw < 0.88 ? 'completed' : draw < 0.94 ? 'no_show' : 'cancelled'
  const isCompleted = outcome === 'completed'
  const isClinical = slot.type !== 'estetica'
  return {
    ...slot,
    patient,
    outcome,
    lines: isCompleted ? chargesOf(day, slot.type, patient) : [],
    payment: isCompleted && random.chance(0.9) ? random.pick(METHODS) : null,
    note: isCompleted && isClinical && random.chance(0.35) ? (random.chance(0.9) ? 'signed' : 'draft') : null,
  }
}

function chargesOf(day: DayContext, type: TypeCode, patient: number): PlannedLine[] {
  const { random } = day
  const lines: PlannedLine[] = [{ service: typeOf(type).service, quantity: 1 }]
  const dispense = (sku: string) => {
    if (!day.withheld.has(sku) && day.ledger.take(sku, 1, day.date)) lines.push({ sku, quantity: 1 })
  }
  if (type === 'vacunacion') dispense(vaccineFor(day, patient))
  if (type === 'consulta' && random.chance(0.25)) lines.push({ service: random.chance(0.5) ? 'LAB' : 'RX', quantity: 1 })
  if (type === 'consulta' && random.chance(0.25)) dispense(random.chance(0.5) ? 'MEL-32' : 'AMO-250')
  if (type === 'cirugia') dispense('MEL-32')
  return lines
}

function vaccineFor({ species, withheld, random }: DayContext, patient: number): string {
  if (!withheld.has('VAC-RAB') && random.chance(0.4)) return 'VAC-RAB'
  return species[patient] === 'feline' ? 'VAC-FVRCP' : 'VAC-DHPP'
}

/** Counter sales within opening hours, of what is on the shelf. */
export function planSales(day: DayContext): PlannedSale[] {
  const { random, clinic, date } = day
  const most = weekdayOf(date) === 7 ? Math.ceil(MOST_SALES[clinic] / 2) : MOST_SALES[clinic]
  return Array.from({ length: random.between(Math.ceil(most / 2), most) }, () => ({
    at: toMinute(clinic === 'centro' ? '10:00' : '15:40') + random.between(0, clinic === 'centro' ? 230 : 220),
    client: random.chance(0.6) ? random.between(0, day.clientCount - 1) : null,
    lines: planBasket(day),
    payment: random.pick(METHODS),
  })).filter(({ lines }) => lines.length > 0)
}

function planBasket({ random, ledger, date, withheld }: DayContext): PlannedLine[] {
  const offered = PRODUCTS.filter(({ sku, demand }) => demand > 0 && !withheld.has(sku)).flatMap((item) => Array.from({ length: item.demand }, () => item))
  const wanted = new Set(random.sample(offered, random.chance(0.3) ? 2 : 1))
  return [...wanted].flatMap(({ sku, unitPrice }) => {
    const quantity = unitPrice < 300 ? random.between(1, 3) : 1
    return ledger.take(sku, quantity, date) ? [{ sku, quantity }] : []
  })
}

/** A lot's number and last day of use for a delivery. */
export function deliveryOf(sku: string, date: LocalDate): { lotNumber: string; expiresOn: LocalDate } {
  return { lotNumber: `${sku.slice(0, 3)}${date.slice(2, 4)}${date.slice(5, 7)}${date.slice(8)}`, expiresOn: addDays(date, 540) }
}
