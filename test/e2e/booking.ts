import { TIME_ZONE } from '../../demo/clinic-data.ts'
import { addDays, instantAt, localDateOf, toMinute, weekdayOf } from '../../modules/kernel/time.ts'
import { holidaysOf } from '../../modules/scheduling/holidays.ts'
import type { Api } from './api.ts'

// The demo fills the book for ten days ahead, and a series for three weeks; what lies after them is empty.
const FIRST_EMPTY_DAYS = 22

/** An empty working day to come, no public holiday, on which the demo is closed. Tests run side by side, so each takes a number of its own. */
export function emptyWorkday(number: number): string {
  let date = addDays(localDateOf(new Date(), TIME_ZONE), FIRST_EMPTY_DAYS)
  for (let left = number; left > 0 || !isWorkday(date); date = addDays(date, 1)) if (isWorkday(date)) left -= 1
  return date
}

function isWorkday(date: string): boolean {
  return weekdayOf(date) <= 5 && !holidaysOf('MX', Number(date.slice(0, 4))).some((holiday) => holiday.date === date)
}

export const PABLO = 'Dr. Pablo Herrera Luna'
export const SOFIA = 'Dra. Sofía Ramírez Ortega'

type Visit = { date: string; time: string; patient: string; type?: string; staff?: string; room?: string }

/** Books through the API what a test finds in the book. Answers the patient as the pages show them. */
export async function bookVisit(api: Api, visit: Visit): Promise<{ id: string; patientId: string; patientName: string }> {
  const { date, time, type = 'Consulta', staff = PABLO } = visit
  const [{ daySchedule }, { appointmentTypes }, { searchPatients }] = await Promise.all([
    api.call('DaySchedule', { date }),
    api.call('AppointmentTypes'),
    api.call('SearchPatients', { query: visit.patient, first: 1 }),
  ])
  const [patient] = searchPatients
  const input = {
    patientId: patient.id,
    typeId: byName(appointmentTypes, type).id,
    staffId: byName(
      daySchedule.staff.map((column: any) => column.staff),
      staff,
    ).id,
    roomId: visit.room ? byName(daySchedule.rooms, visit.room).id : null,
    startsAt: instantAt(date, toMinute(time), TIME_ZONE).instant.toISOString(),
  }
  const { bookAppointment } = await api.call('BookAppointment', { input })
  if (bookAppointment.__typename !== 'Appointment') throw new Error(`not booked: ${JSON.stringify(bookAppointment)}`)
  return { id: bookAppointment.id, patientId: patient.id, patientName: patient.name }
}

function byName(all: readonly { id: string; name: string }[], name: string): { id: string } {
  const found = all.find((one) => one.name === name)
  if (!found) throw new Error(`no ${name} among ${all.map((one) => one.name).join(', ')}`)
  return found
}
