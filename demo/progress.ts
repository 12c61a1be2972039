import { takeNumber } from '../modules/access/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import type { LocalDate } from '../modules/kernel/time.ts'
import type { App } from '../server/app.ts'
import { scopeOf } from '../server/build-context.ts'

// Kept as clinic counters, so that a step and the knowledge that it is done commit together.
const STEPS = 'demo.steps'
const COMPLETE = 'demo.complete'
const ANCHOR = 'demo.anchor.'

/** How far a clinic's load has come. */
export type LaneState = { readonly stepsDone: number /** The day on which loading began. */; readonly anchor: LocalDate | null; readonly isComplete: boolean }

export async function readLane(app: App, actor: SystemActor): Promise<LaneState> {
  const rows = await app.database.prisma(scopeOf(actor)).clinicCounter.findMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, name: { startsWith: 'demo.' } },
    select: { name: true, value: true },
  })
  return {
    stepsDone: Number(rows.find(({ name }) => name === STEPS)?.value ?? 0),
    anchor: rows.find(({ name }) => name.startsWith(ANCHOR))?.name.slice(ANCHOR.length) ?? null,
    isComplete: rows.some(({ name }) => name === COMPLETE),
  }
}

export async function markStep(tx: Tx, actor: SystemActor): Promise<void> {
  await takeNumber(tx, actor, STEPS)
}

export async function markAnchor(tx: Tx, actor: SystemActor, anchor: LocalDate): Promise<void> {
  await takeNumber(tx, actor, `${ANCHOR}${anchor}`)
}

export async function markComplete(tx: Tx, actor: SystemActor): Promise<void> {
  await takeNumber(tx, actor, COMPLETE)
}
