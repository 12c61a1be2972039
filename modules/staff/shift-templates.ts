import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { fieldsOf, kept, line, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { colour, position, uuid } from './inputs.ts'
import { shiftTimes, toShiftMinutes } from './shift-times.ts'

const MINUTES = ['breakEndMinute', 'breakStartMinute', 'endMinute', 'startMinute'] as const
const capacity = z.int().min(1).max(20)
const newSchema = z.object({ code: line(20), name: line(80), position, times: shiftTimes, capacity: kept(capacity), colour: kept(colour) })
export type NewShiftTemplate = z.input<typeof newSchema>

/** Records a kind of shift of the active clinic. Throws AlreadyExistsError for a code that another one has. */
export async function createShiftTemplate(tx: Tx, actor: ClinicActor, input: NewShiftTemplate): Promise<{ id: string }> {
  const { times, ...data } = validate(newSchema, input)
  const row = await unlessTaken(() =>
    tx.prisma.shiftTemplate.create({
      data: { organisationId: actor.organisationId, clinicId: actor.clinic.id, ...data, ...toShiftMinutes(times) },
      select: { id: true },
    }),
  )
  tx.changes('ShiftTemplate', [row.id], [...fieldsOf(data), ...MINUTES])
  return { id: row.id }
}

const changeSchema = z.object({
  id: uuid,
  version: z.int(),
  code: kept(line(20)),
  name: kept(line(80)),
  position: kept(position),
  times: kept(shiftTimes),
  capacity: kept(capacity),
  colour: kept(colour),
  isArchived: kept(z.boolean()),
})
export type ShiftTemplateChange = z.input<typeof changeSchema>

/** Changes a kind of shift; what is left out stays. Shifts that were planned from it keep what they have. */
export async function updateShiftTemplate(tx: Tx, actor: ClinicActor, input: ShiftTemplateChange): Promise<{ id: string }> {
  const { id, version, times, isArchived, ...data } = validate(changeSchema, input)
  const mine = { organisationId: actor.organisationId, clinicId: actor.clinic.id, id }
  const changed = await unlessTaken(() =>
    tx.prisma.shiftTemplate.updateMany({
      where: { ...mine, version },
      data: {
        ...data,
        ...(times ? toShiftMinutes(times) : {}),
        ...(isArchived === undefined ? {} : { archivedAt: isArchived ? tx.clock.now() : null }),
        version: { increment: 1 },
      },
    }),
  )
  if (changed.count === 0) {
    const current = await tx.prisma.shiftTemplate.findFirst({ where: mine, select: { version: true } })
    throw current ? new StaleVersionError('ShiftTemplate', current.version) : new NotFoundError('ShiftTemplate')
  }
  tx.changes('ShiftTemplate', [id], [...fieldsOf(data), ...(times ? MINUTES : []), ...(isArchived === undefined ? [] : ['archivedAt'])])
  return { id }
}

async function unlessTaken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (violation(error)?.code === '23505') throw new AlreadyExistsError('ShiftTemplate', 'code')
    throw error
  }
}
