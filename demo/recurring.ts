import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import { addDays, type LocalDate, weekdayOf } from '../modules/kernel/time.ts'
import { addToWaitlist, bookSeries } from '../modules/scheduling/index.ts'
import type { ClinicKey, StaffKey } from './clinic-data.ts'
import { at, entryOf } from './random.ts'
import type { ClinicRecords } from './records.ts'

type Recurring = { readonly staff: StaffKey; readonly time: string; readonly reason: string }

const RECURRING: Readonly<Record<ClinicKey, Recurring>> = {
  centro: { staff: 'pablo', time: '16:30', reason: 'Fisioterapia después de la cirugía' },
  coyoacan: { staff: 'sofia', time: '18:30', reason: 'Control semanal de peso' },
}

/** A series on Wednesdays, and two clients who hope for an earlier visit. */
export async function addRecurring(tx: Tx, actor: SystemActor, clinic: ClinicKey, records: ClinicRecords, anchor: LocalDate): Promise<void> {
  const reception = { ...actor, staffId: entryOf(records.staff, 'valeria') }
  const { staff, time, reason } = RECURRING[clinic]
  const [staffId, typeId] = [entryOf(records.staff, staff), entryOf(records.types, 'consulta')]
  let startsOn = addDays(anchor, 1)
  while (weekdayOf(startsOn) !== 3) startsOn = addDays(startsOn, 1)
  await bookSeries(tx, reception, { patientId: at(records.patients, 7), typeId, staffId, rule: 'FREQ=WEEKLY;COUNT=3', startsOn, startTime: time, reason })
  const soon = { typeId, earliestOn: addDays(anchor, 1), latestOn: addDays(anchor, 14) }
  await addToWaitlist(tx, reception, { ...soon, patientId: at(records.patients, 21), priority: 5, note: 'Cojea de la pata trasera' })
  await addToWaitlist(tx, reception, { ...soon, patientId: at(records.patients, 34), staffId, weekdays: [1, 3, 5], latest: '13:00' })
}
