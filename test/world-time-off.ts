import type { SystemActor } from '../modules/kernel/actor.ts'
import { approveTimeOff, askForTimeOff } from '../modules/scheduling/index.ts'
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
