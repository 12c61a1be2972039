import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import { addDays, dayInterval, type LocalDate, weekdayOf } from '../modules/kernel/time.ts'
import { addClosure, approveTimeOff, askForTimeOff, holidaysOf } from '../modules/scheduling/index.ts'
import { listTimeOffTypes } from '../modules/staff/index.ts'
import type { StaffKey } from './clinic-data.ts'
import { entryOf } from './random.ts'
import type { ClinicRecords } from './records.ts'

type Absence = { readonly staff: StaffKey; readonly weeksAhead: number; readonly days: number; readonly reason: string; readonly isApproved: boolean }

// Who takes no visits is off already; the request of who takes some waits for somebody to look at them.
const ABSENCES: readonly Absence[] = [
  { staff: 'diego', weeksAhead: 3, days: 6, reason: 'Viaje a Oaxaca con la familia', isApproved: true },
  { staff: 'valeria', weeksAhead: 5, days: 5, reason: 'Boda de mi hermana', isApproved: true },
  { staff: 'sofia', weeksAhead: 0, days: 3, reason: 'Congreso de dermatología en Guadalajara', isApproved: false },
]

/** Two vacations that are approved, one request that waits, and a closure on the first public holiday whose book is still empty. */
export async function planAbsences(
  tx: Tx,
  actor: SystemActor,
  records: ClinicRecords,
  { anchor, bookedUntil }: { anchor: LocalDate; bookedUntil: LocalDate },
): Promise<void> {
  const vacation = (await listTimeOffTypes(tx, actor, { includeArchived: false })).find(({ code }) => code === 'vacation')
  if (!vacation) throw new Error('the demo has no vacation')
  const monday = addDays(anchor, 8 - weekdayOf(anchor))
  for (const { staff, weeksAhead, days, reason, isApproved } of ABSENCES) {
    const firstDay = addDays(monday, 7 * weeksAhead)
    const wish = { staffId: entryOf(records.staff, staff), typeId: vacation.id, firstDay, lastDay: addDays(firstDay, days - 1), reason }
    const { id } = await askForTimeOff(tx, actor, wish)
    if (isApproved) await approveTimeOff(tx, actor, { id, version: 1 })
  }
  const year = Number(anchor.slice(0, 4))
  const holiday = [year, year + 1].flatMap((each) => holidaysOf(actor.clinic.countryCode, each)).find(({ date }) => date > bookedUntil)
  if (!holiday) return
  const { start, end } = dayInterval(holiday.date, actor.clinic.timeZone)
  await addClosure(tx, actor, { startsAt: start, endsAt: end, title: holiday.name[actor.clinic.locale] })
}
