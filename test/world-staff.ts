import type { SystemActor } from '../modules/kernel/actor.ts'
import { createStaffProfile, type NewStaffProfile, setWeeklySchedule } from '../modules/staff/index.ts'
import type { App } from '../server/app.ts'

let count = 0

/** A bookable veterinarian, hired years ago, without hours unless `addHours` gives some. */
export async function addStaff(app: App, actor: SystemActor, profile: Partial<NewStaffProfile> = {}): Promise<string> {
  count += 1
  const input: NewStaffProfile = {
    employeeNumber: `T${count}`,
    name: `Staff ${count}`,
    position: 'veterinarian',
    hiredOn: '2020-01-01',
    isBookable: true,
    primaryClinicId: actor.clinic.id,
    ...profile,
  }
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createStaffProfile(tx, actor, input))
  return id
}

/** Monday to Saturday, or the weekdays given, from nine to five. */
export async function addHours(
  app: App,
  actor: SystemActor,
  staffId: string,
  { validFrom = '2020-01-01', weekdays = [1, 2, 3, 4, 5, 6], start = '09:00', end = '17:00' } = {},
): Promise<void> {
  await app.asSystem(actor, 'cli', 'world', (tx) =>
    setWeeklySchedule(tx, actor, { staffId, validFrom, days: weekdays.map((weekday) => ({ weekday, start, end })) }),
  )
}
