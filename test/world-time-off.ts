import type { SystemActor } from '../modules/kernel/actor.ts'
import { dayInterval } from '../modules/kernel/time.ts'
import { addClosure, addMaintenance, approveTimeOff, askForTimeOff } from '../modules/scheduling/index.ts'
import { listTimeOffTypes, type TimeOffWish } from '../modules/staff/index.ts'
import type { App } from '../server/app.ts'

/** Id of one of the types that every organisation starts with. */
export async function findTimeOffType(app: App, actor: SystemActor, code = 'vacation'): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', async (tx) => {
    const types = await listTimeOffTypes(tx, actor, { includeArchived: false })
    return { id: types.find((type) => type.code === code)?.id ?? '' }
  })
  return id
}

/** A request for vacation, approved when that is wanted. */
export async function addTimeOff(
  app: App,
  actor: SystemActor,
  { isApproved = false, ...wish }: Omit<TimeOffWish, 'typeId'> & { isApproved?: boolean },
): Promise<string> {
  const typeId = await findTimeOffType(app, actor)
  const { id } = await app.asSystem(actor, 'cli', 'world', async (tx) => {
    const asked = await askForTimeOff(tx, actor, { ...wish, typeId })
    return isApproved ? approveTimeOff(tx, actor, { id: asked.id, version: 1 }) : asked
  })
  return id
}

/** A closure of the clinic on a day, and maintenance of a room on it. */
export async function addClosedTimes(
  app: App,
  actor: SystemActor,
  { date, title, roomId }: { date: string; title: string; roomId: string },
): Promise<{ ClinicClosure: string; MaintenanceWindow: string }> {
  const { start: startsAt, end: endsAt } = dayInterval(date, actor.clinic.timeZone)
  return app.asSystem(actor, 'cli', 'world', async (tx) => {
    const closure = await addClosure(tx, actor, { startsAt, endsAt, title })
    const maintenance = await addMaintenance(tx, actor, { startsAt, endsAt, title, roomId })
    return { ClinicClosure: closure.id, MaintenanceWindow: maintenance.id }
  })
}
