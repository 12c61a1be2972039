import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Clock, LocalDate } from '../modules/kernel/time.ts'
import {
  askSwap,
  createCoverageNeed,
  createShiftTemplate,
  type NewCoverageNeed,
  type NewShiftTemplate,
  openRoster,
  type PlannedShift,
  planShift,
  publishRoster,
  type SwapRequest,
} from '../modules/staff/index.ts'
import type { App } from '../server/app.ts'

let count = 0

/** A morning of a veterinarian. */
export async function addShiftTemplate(app: App, actor: SystemActor, template: Partial<NewShiftTemplate> = {}): Promise<string> {
  count += 1
  const input = { code: `M${count}`, name: `Morning ${count}`, position: 'veterinarian', times: { start: '08:00', end: '14:00' }, ...template } as const
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createShiftTemplate(tx, actor, input))
  return id
}

/** A shift of a draft, from nine to five and open unless told otherwise. */
export async function addShift(app: App, actor: SystemActor, shift: PlannedShift): Promise<string> {
  const input = { start: '09:00', end: '17:00', position: 'veterinarian', ...shift } as const
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => planShift(tx, actor, input))
  return id
}

/** Publishes a week, unless it has been. */
export async function publishWeek(app: App, actor: SystemActor, weekStart: LocalDate): Promise<void> {
  const { id, status } = await app.asSystem(actor, 'cli', 'world', (tx) => openRoster(tx, actor, weekStart))
  if (status === 'published') return
  await app.asSystem(actor, 'cli', 'world', (tx) => publishRoster(tx, actor, { id, version: 1 }))
}

/** Two veterinarians on Mondays from nine to five. */
export async function addNeed(app: App, actor: SystemActor, need: Partial<NewCoverageNeed> = {}): Promise<string> {
  const input = { position: 'veterinarian', weekday: 1, start: '09:00', end: '17:00', minCount: 2, validFrom: '2020-01-01', ...need } as const
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createCoverageNeed(tx, actor, input))
  return id
}

export async function addSwap(app: App, actor: SystemActor, swap: SwapRequest, clock?: Clock): Promise<string> {
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => askSwap(tx, actor, swap), clock)
  return id
}
