import { addDays, daysBetween, type LocalDate, weekdayOf } from '../modules/kernel/time.ts'
import { DECEMBER_START, isClosed } from './calendar.ts'
import type { ClinicKey } from './clinic-data.ts'
import { type DayScript, DECEMBER, OPENING_STOCK, RABIES_PAUSE_END, SCRIPT_END, SCRIPTED_SKUS } from './december.ts'
import { planClients } from './people.ts'
import type { DayPlan, PlannedLine, PlannedSale, PlannedStock, PlannedVisit } from './plan.ts'
import { type DayContext, deliveryOf, planSales, planVisits } from './plan-day.ts'
import { PRODUCTS, productOf } from './product-data.ts'
import { createRandom } from './random.ts'
import { StockLedger } from './stock-ledger.ts'

/** Lots that run out of time about when the demo is looked at, so that today's alerts have something to say. */
const SHORT_DATED = [
  { sku: 'AMO-250', quantity: 40, days: 24 },
  { sku: 'KET-10', quantity: 4, days: 17 },
] as const
// Earlier than this they would be on the shelf, short-dated, in the alerts of December 2025.
const SHORT_DATED_FROM = '2026-02-01'

/** A clinic's days, planned one after the other because each sells from what the one before left. */
export class ClinicPlanner {
  readonly ledger = new StockLedger()
  readonly #clinic: ClinicKey
  readonly #anchor: LocalDate
  readonly #species: readonly string[]
  readonly #clientCount: number
  #previous: LocalDate | null = null

  /** @param anchor the day on which loading began */
  constructor(clinic: ClinicKey, anchor: LocalDate) {
    const clients = planClients(clinic)
    this.#clinic = clinic
    this.#anchor = anchor
    this.#species = clients.flatMap(({ patients }) => patients.map(({ speciesCode }) => speciesCode))
    this.#clientCount = clients.length
  }

  /** The plan of the next day. Days come in order; the result depends on them and on the seed alone. */
  plan(date: LocalDate): DayPlan {
    const isBlockStart = this.#previous === null || addDays(this.#previous, 1) !== date
    this.#previous = date
    const stock = this.#planStock(date, isBlockStart)
    const script = this.#clinic === 'centro' ? DECEMBER.get(date) : undefined
    if (isClosed(date)) return { date, stock, visits: [], sales: [] }
    const day: DayContext = {
      clinic: this.#clinic,
      date,
      random: createRandom(`${this.#clinic}|${date}`),
      ledger: this.ledger,
      species: this.#species,
      clientCount: this.#clientCount,
      withheld: this.#withheldOn(date),
    }
    const { visits, sales } = script ? this.#follow(script, date) : { visits: [], sales: [] }
    if (script?.isWhole) return { date, stock, visits, sales }
    return { date, stock, visits: planVisits(day), sales: [...sales, ...(weekdayOf(date) > 5 && this.#clinic === 'coyoacan' ? [] : planSales(day))] }
  }

  #withheldOn(date: LocalDate): ReadonlySet<string> {
    if (this.#clinic !== 'centro' || date < DECEMBER_START) return new Set()
    if (date <= SCRIPT_END) return new Set(SCRIPTED_SKUS)
    return new Set(date < RABIES_PAUSE_END ? ['VAC-RAB'] : [])
  }

  #follow(script: DayScript, date: LocalDate): { visits: PlannedVisit[]; sales: readonly PlannedSale[] } {
    const random = createRandom(`${this.#clinic}|${date}|patients`)
    const patients = random.sample(
      this.#species.map((_, index) => index).filter((index) => ['canine', 'feline'].includes(this.#species[index] ?? '')),
      script.visits.length,
    )
    const visits = script.visits.map((visit, index) => ({ ...visit, patient: patients[index] ?? index }))
    for (const line of [...visits, ...script.sales].flatMap(({ lines }) => lines)) this.#takeScripted(line, date)
    return { visits, sales: script.sales }
  }

  #takeScripted(line: PlannedLine, date: LocalDate): void {
    if ('sku' in line && !this.ledger.take(line.sku, line.quantity, date)) throw new Error(`the script of ${date} sells ${line.sku}, which is not there`)
  }

  #planStock(date: LocalDate, isBlockStart: boolean): PlannedStock[] {
    const stock: PlannedStock[] = this.ledger
      .writeOff(date)
      .flatMap(({ sku, lotNumber, quantity }) => (lotNumber === null ? [] : [{ kind: 'expired' as const, sku, lotNumber, quantity }]))
    const isDecember = this.#clinic === 'centro' && date === DECEMBER_START
    if (isDecember) stock.push(...this.#openDecember(date))
    if (isBlockStart && !isDecember && this.#anchor >= SHORT_DATED_FROM && daysBetween(date, this.#anchor) < 200) stock.push(...this.#shortDated())
    if (isBlockStart || isDecember || weekdayOf(date) === 1) stock.push(...this.#reorder(date, isDecember))
    return stock
  }

  #openDecember(date: LocalDate): PlannedStock[] {
    return OPENING_STOCK.flatMap(({ sku, quantity, lotNumber = null, expiresOn = null }) => {
      const missing = lotNumber === null ? quantity - this.ledger.usable(sku, date) : quantity
      if (missing >= 0) return missing === 0 ? [] : [this.#receive(sku, missing, lotNumber, expiresOn)]
      this.ledger.take(sku, -missing, date)
      return [{ kind: 'transfer' as const, sku, quantity: missing, reason: 'Traspaso a la sucursal Coyoacán' }]
    })
  }

  #shortDated(): PlannedStock[] {
    return SHORT_DATED.map(({ sku, quantity, days }) => this.#receive(sku, quantity, `${sku.slice(0, 3)}-CORTA`, addDays(this.#anchor, days)))
  }

  // December starts full, so that no shelf but the scripted ones runs low in the weeks that the alerts look at.
  #reorder(date: LocalDate, isDecember: boolean): PlannedStock[] {
    const withheld = this.#withheldOn(date)
    return PRODUCTS.filter(({ sku }) => !withheld.has(sku)).flatMap(({ sku, isLotTracked, criticalLevel, idealLevel }) => {
      const onHand = this.ledger.usable(sku, date)
      const wanted = isDecember ? idealLevel * 3 : idealLevel
      if (onHand > (isDecember ? wanted : criticalLevel)) return []
      const { lotNumber, expiresOn } = deliveryOf(sku, date)
      return wanted > onHand ? [this.#receive(sku, wanted - onHand, isLotTracked ? lotNumber : null, isLotTracked ? expiresOn : null)] : []
    })
  }

  #receive(sku: string, quantity: number, lotNumber: string | null, expiresOn: LocalDate | null): PlannedStock {
    this.ledger.receive({ sku: productOf(sku).sku, lotNumber, expiresOn, quantity })
    return { kind: 'receive', sku, lotNumber, expiresOn, quantity }
  }
}
