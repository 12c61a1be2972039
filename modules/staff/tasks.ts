import { z } from 'zod'
import type { StaffTask } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { AlreadyExistsError, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { addDays, fromDateColumn, isLocalDate, type LocalDate, toDateColumn } from '../kernel/time.ts'
import { line, validate } from '../kernel/validate.ts'
import { actingUser } from './reach.ts'
import { staffTasks } from './records.ts'

export const PROCESSES = ['onboarding', 'offboarding'] as const
export type Process = (typeof PROCESSES)[number]

/** What every clinic does, with the days after the first, or before and after the last one, by which it is to be done. */
export const CHECKLISTS = {
  onboarding: [
    ['contract_signed', 0],
    ['account_created', 0],
    ['schedule_set', 0],
    ['keys_handed_over', 1],
    ['protocols_read', 7],
    ['credentials_verified', 14],
  ],
  offboarding: [
    ['visits_reassigned', -3],
    ['records_signed', 0],
    ['keys_returned', 0],
    ['equipment_returned', 0],
    ['final_pay', 15],
  ],
} as const satisfies Record<Process, readonly (readonly [code: string, days: number])[]>

const uuid = z.string().refine(isUuid, 'must be a UUID')
const day = z.string().refine(isLocalDate, 'must be a day such as 2025-12-20')
const TASK_FIELDS = ['code', 'dueOn', 'process', 'staffId', 'title'] as const

/** What a command about somebody's first or last days needs of their profile, which stays locked until it ends: two take turns. */
export async function lockPerson(tx: Tx, { organisationId }: ClinicActor, staffId: string): Promise<Locked> {
  const [row] = await tx.query<{ person: Locked }>({
    name: 'lock_person',
    text: `SELECT json_build_object('id', s.id, 'version', s.version, 'userId', s.user_id, 'hiredOn', s.hired_on, 'terminatedOn', s.terminated_on) AS person
      FROM staff_profile s WHERE s.organisation_id = $1::uuid AND s.id = $2::uuid FOR UPDATE`,
    values: [organisationId, staffId],
  })
  if (!row) throw new NotFoundError('StaffProfile')
  return row.person
}
type Locked = {
  readonly id: string
  readonly version: number
  readonly userId: string | null
  readonly hiredOn: LocalDate
  readonly terminatedOn: LocalDate | null
}

/** Writes the checklist of a process. The person is locked, so that none is written twice. */
export async function createChecklist(tx: Tx, { organisationId }: ClinicActor, staffId: string, process: Process, start: LocalDate): Promise<string[]> {
  const rows = await tx.prisma.staffTask.createManyAndReturn({
    data: CHECKLISTS[process].map(([code, days]) => ({ organisationId, staffId, process, code, dueOn: toDateColumn(addDays(start, days)) })),
    select: { id: true },
  })
  const ids = rows.map(({ id }) => id)
  tx.changes('StaffTask', ids, TASK_FIELDS)
  return ids
}

const startSchema = z.object({ staffId: uuid, startsOn: day.nullish() })

/**
 * Begins somebody's onboarding: the steps that every clinic takes, due from their first day on. Throws AlreadyExistsError while steps of
 * an earlier one are open.
 */
export async function startOnboarding(tx: Tx, actor: ClinicActor, input: z.input<typeof startSchema>): Promise<{ staffId: string; taskIds: string[] }> {
  const { staffId, startsOn } = validate(startSchema, input)
  const { hiredOn } = await lockPerson(tx, actor, staffId)
  if (await hasOpenTasks(tx, actor, staffId, 'onboarding')) throw new AlreadyExistsError('StaffTask', 'process')
  return { staffId, taskIds: await createChecklist(tx, actor, staffId, 'onboarding', startsOn ?? hiredOn) }
}

export async function hasOpenTasks(tx: Tx, { organisationId }: ClinicActor, staffId: string, process: Process): Promise<boolean> {
  return (await tx.prisma.staffTask.findFirst({ where: { organisationId, staffId, process, doneAt: null }, select: { id: true } })) !== null
}

const taskSchema = z.object({ staffId: uuid, process: z.string().pipe(z.enum(PROCESSES)), title: line(160), dueOn: day })
export type NewTask = z.input<typeof taskSchema>

/** Adds a step of the clinic's own. */
export async function addStaffTask(tx: Tx, actor: ClinicActor, input: NewTask): Promise<{ id: string }> {
  const { dueOn, ...task } = validate(taskSchema, input)
  await lockPerson(tx, actor, task.staffId)
  const { id } = await tx.prisma.staffTask.create({ data: { organisationId: actor.organisationId, ...task, dueOn: toDateColumn(dueOn) } })
  tx.changes('StaffTask', [id], TASK_FIELDS)
  return { id }
}

const doneSchema = z.object({ id: uuid, version: z.int(), isDone: z.boolean() })

/** Ticks a step off, or opens it again. */
export async function setStaffTaskDone(tx: Tx, actor: ClinicActor, input: z.input<typeof doneSchema>): Promise<{ id: string }> {
  const { id, version, isDone } = validate(doneSchema, input)
  const { organisationId } = actor
  const changed = await tx.prisma.staffTask.updateMany({
    where: { organisationId, id, version },
    data: { doneAt: isDone ? tx.clock.now() : null, doneById: isDone ? actingUser(actor) : null, version: { increment: 1 } },
  })
  if (changed.count === 0) {
    const current = await tx.prisma.staffTask.findFirst({ where: { organisationId, id }, select: { version: true } })
    throw current ? new StaleVersionError('StaffTask', current.version) : new NotFoundError('StaffTask')
  }
  tx.changes('StaffTask', [id], ['doneAt', 'doneById'])
  return { id }
}

export async function findTasksByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<StaffTask[]> {
  return staffTasks.take(db, await db.prisma.staffTask.findMany({ where: { organisationId: actor.organisationId, id: { in: [...ids] } }, orderBy: IN_ORDER }))
}

const IN_ORDER = [{ dueOn: 'asc' as const }, { id: 'asc' as const }]

/** A page of steps, of one person or of everybody, the ones that are due first ahead. */
export async function listTasks(
  db: Db,
  actor: ClinicActor,
  filter: { readonly staffId?: string | null | undefined; readonly process?: string | null | undefined; readonly includeDone: boolean },
  page: { readonly limit: number; readonly offset: number },
): Promise<StaffTask[]> {
  const rows = await db.prisma.staffTask.findMany({
    where: {
      organisationId: actor.organisationId,
      ...(filter.staffId ? { staffId: filter.staffId } : {}),
      ...(filter.process ? { process: filter.process } : {}),
      ...(filter.includeDone ? {} : { doneAt: null }),
    },
    orderBy: IN_ORDER,
    take: page.limit,
    skip: page.offset,
  })
  return staffTasks.take(db, rows)
}

/** How late a step is on a day: never, once it is done. */
export function isOverdue({ dueOn, doneAt }: Pick<StaffTask, 'dueOn' | 'doneAt'>, today: LocalDate): boolean {
  return doneAt === null && fromDateColumn(dueOn) < today
}
