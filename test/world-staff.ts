import type { SystemActor } from '../modules/kernel/actor.ts'
import { addDays, localDateOf } from '../modules/kernel/time.ts'
import {
  addStaffTask,
  createStaffProfile,
  type NewCredential,
  type NewStaffProfile,
  raiseWellbeingFlag,
  recordAdverseAction,
  recordAttendance,
  recordCredential,
  setWeeklySchedule,
  verifyCredential,
} from '../modules/staff/index.ts'
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

/** A licence that expires in twenty days, with a number of its own. */
export async function addCredential(app: App, actor: SystemActor, credential: Partial<NewCredential> & Pick<NewCredential, 'staffId'>): Promise<string> {
  count += 1
  const expiresOn = addDays(localDateOf(app.clock.now(), actor.clinic.timeZone), 20)
  const input: NewCredential = {
    type: 'licence',
    number: `ABC-${String(count).padStart(7, '0')}`,
    authority: 'SEP',
    issuedOn: '2020-01-01',
    expiresOn,
    ...credential,
  }
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => recordCredential(tx, actor, app.fields, input))
  return id
}

/** A credential that was verified, with what somebody did about it, hours of work, a step of the first days and, by the person, a flag. */
export async function addStaffRecords(app: App, actor: SystemActor, staffId: string) {
  const credentialId = await addCredential(app, actor, { staffId })
  const now = app.clock.now().getTime()
  const own = { ...actor, staffId }
  const made = await app.asSystem(actor, 'cli', 'world', async (tx) => {
    await verifyCredential(tx, actor, { id: credentialId, version: 1, method: 'registry', outcome: 'confirmed' })
    const { id: adverseId } = await recordAdverseAction(tx, actor, {
      staffId,
      credentialId,
      kind: 'warning',
      occurredOn: '2024-05-02',
      description: 'Records were late.',
      reportedBy: 'SENASICA',
    })
    const times = { clockedInAt: new Date(now - 2 * 3_600_000), clockedOutAt: new Date(now - 3_600_000) }
    const { id: attendanceId } = await recordAttendance(tx, actor, { staffId, ...times, reason: 'forgot to clock in' })
    const { id: taskId } = await addStaffTask(tx, actor, { staffId, process: 'onboarding', title: 'Meet the team', dueOn: '2025-01-01' })
    const { id: flagId } = await raiseWellbeingFlag(tx, own, { staffId, kind: 'fatigue', note: 'Night shifts.' })
    return { adverseId, attendanceId, taskId, flagId }
  })
  return { credentialId, ...made }
}
