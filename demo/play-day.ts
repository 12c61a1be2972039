import { postInvoice, recordPayment } from '../modules/billing/index.ts'
import { receiveStock, recordMovement } from '../modules/inventory/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import { instantAt } from '../modules/kernel/time.ts'
import { signNote, writeNote } from '../modules/notes/index.ts'
import { bookAppointment, cancelAppointment, setAppointmentStatus } from '../modules/scheduling/index.ts'
import type { StaffKey } from './clinic-data.ts'
import type { DayClock } from './day-clock.ts'
import { CANCEL_REASONS, noteFor, VISIT_REASONS } from './note-texts.ts'
import { type DayPlan, type Method, type PlannedLine, type PlannedSale, type PlannedStock, type PlannedVisit, totalOf } from './plan.ts'
import { at, createRandom, entryOf } from './random.ts'
import type { ClinicRecords } from './records.ts'

/** Before the doors open: deliveries are shelved and the day's visits are in the book. */
const OPENING_MINUTE = 7 * 60 + 30

export type DayStage = {
  readonly tx: Tx
  readonly actor: SystemActor
  readonly clock: DayClock
  readonly records: ClinicRecords
  readonly plan: DayPlan
  /** Nothing happens after this instant: today is not over. */
  readonly until: Date
}

/** Plays a day through the product's commands, hour by hour, in one transaction. */
export async function playDay(stage: DayStage): Promise<void> {
  const { clock, plan, until } = stage
  const opening = instantOf(stage, OPENING_MINUTE)
  clock.moveTo(opening < until ? opening : until)
  for (const change of plan.stock) await changeStock(stage, change)
  const events = plan.sales.map((sale): DayEvent => ({ minute: sale.at, run: () => playSale(stage, sale) }))
  for (const visit of plan.visits) events.push(...visitEvents(stage, visit, await bookVisit(stage, visit)))
  for (const { minute, run } of events.sort((a, b) => a.minute - b.minute)) {
    const instant = instantOf(stage, minute)
    if (instant > until) return
    clock.moveTo(instant)
    await run()
  }
}

/** Books the visits of a day to come, at the clock's time. */
export async function bookDay(stage: DayStage): Promise<void> {
  for (const visit of stage.plan.visits) await bookVisit(stage, visit)
}

type DayEvent = { readonly minute: number; readonly run: () => Promise<unknown> }

function instantOf({ plan, actor }: DayStage, minute: number): Date {
  return instantAt(plan.date, minute, actor.clinic.timeZone).instant
}

function as({ actor, records }: DayStage, staff: StaffKey): SystemActor {
  return { ...actor, staffId: entryOf(records.staff, staff) }
}

async function changeStock(stage: DayStage, change: PlannedStock): Promise<void> {
  const { tx, records } = stage
  const actor = as(stage, 'diego')
  const productId = entryOf(records.products, change.sku)
  const quantity = String(change.quantity)
  if (change.kind === 'receive') await receiveStock(tx, actor, { productId, lotNumber: change.lotNumber, expiresOn: change.expiresOn, quantity })
  else if (change.kind === 'transfer') await recordMovement(tx, actor, { productId, kind: 'transfer', quantity, reason: change.reason })
  else {
    const lot = await tx.prisma.lot.findFirstOrThrow({ where: { clinicId: actor.clinic.id, productId, number: change.lotNumber }, select: { id: true } })
    await recordMovement(tx, actor, { productId, lotId: lot.id, kind: 'expired', quantity: `-${quantity}`, reason: 'Caducado' })
  }
}

async function bookVisit(stage: DayStage, visit: PlannedVisit): Promise<string> {
  const { tx, records } = stage
  const { id } = await bookAppointment(tx, as(stage, 'valeria'), {
    patientId: at(records.patients, visit.patient),
    typeId: entryOf(records.types, visit.type),
    staffId: entryOf(records.staff, visit.staff),
    roomId: entryOf(records.rooms, visit.room),
    startsAt: instantOf(stage, visit.start),
    durationMinutes: visit.end - visit.start,
    reason: randomOf(stage, visit).pick(VISIT_REASONS[visit.type]),
  })
  return id
}

function randomOf({ plan, actor }: DayStage, visit: PlannedVisit) {
  return createRandom(`${actor.clinic.name}|${plan.date}|${visit.staff}|${visit.start}`)
}

function visitEvents(stage: DayStage, visit: PlannedVisit, id: string): DayEvent[] {
  const { tx } = stage
  const reception = as(stage, 'valeria')
  if (visit.outcome === 'cancelled')
    return [{ minute: visit.start - 60, run: () => cancelAppointment(tx, reception, { id, version: 1, reason: randomOf(stage, visit).pick(CANCEL_REASONS) }) }]
  if (visit.outcome === 'no_show') return [{ minute: visit.start + 15, run: () => setAppointmentStatus(tx, reception, { id, version: 1, status: 'no_show' }) }]
  const random = randomOf(stage, visit)
  const arrival = visit.start - random.between(2, 12)
  const begin = visit.start + random.between(0, 4)
  return [
    { minute: arrival, run: () => setAppointmentStatus(tx, reception, { id, version: 1, status: 'checked_in' }) },
    { minute: begin, run: () => setAppointmentStatus(tx, as(stage, visit.staff), { id, version: 2, status: 'in_progress' }) },
    { minute: visit.end, run: () => completeVisit(stage, visit, id) },
    { minute: visit.end + random.between(3, 9), run: () => checkOut(stage, visit, id) },
  ]
}

async function completeVisit(stage: DayStage, visit: PlannedVisit, id: string): Promise<void> {
  const { tx, records } = stage
  const clinician = as(stage, visit.staff)
  await setAppointmentStatus(tx, clinician, { id, version: 3, status: 'completed' })
  if (visit.note === null) return
  const { title, body } = noteFor(visit.type, randomOf(stage, visit))
  const note = await writeNote(tx, clinician, {
    patientId: at(records.patients, visit.patient),
    appointmentId: id,
    templateId: records.soapTemplate,
    kind: 'soap',
    title,
    body,
  })
  if (visit.note === 'signed') await signNote(tx, clinician, { id: note.id, version: 1 })
}

async function checkOut(stage: DayStage, visit: PlannedVisit, id: string): Promise<void> {
  const { tx, records } = stage
  const reception = as(stage, 'valeria')
  const invoice = await postInvoice(tx, reception, { appointmentId: id, lines: visit.lines.map((line) => lineOf(records, line)) })
  if (visit.payment !== null) await pay(stage, invoice.id, visit.lines, visit.payment)
  await setAppointmentStatus(tx, reception, { id, version: 4, status: 'checked_out' })
}

async function playSale(stage: DayStage, sale: PlannedSale): Promise<void> {
  const { tx, records } = stage
  const clientId = sale.client === null ? null : at(records.clients, sale.client)
  const invoice = await postInvoice(tx, as(stage, 'valeria'), { clientId, lines: sale.lines.map((line) => lineOf(records, line)) })
  await pay(stage, invoice.id, sale.lines, sale.payment)
}

async function pay(stage: DayStage, invoiceId: string, lines: readonly PlannedLine[], method: Method): Promise<void> {
  await recordPayment(stage.tx, as(stage, 'valeria'), { invoiceId, method, amountMinor: totalOf(lines) })
}

function lineOf(records: ClinicRecords, line: PlannedLine): { serviceId: string; quantity: string } | { productId: string; quantity: string } {
  const quantity = String(line.quantity)
  return 'sku' in line ? { productId: entryOf(records.products, line.sku), quantity } : { serviceId: entryOf(records.services, line.service), quantity }
}
