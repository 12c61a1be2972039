import { z } from 'zod'
import { countRolesBeyond, endAccess } from '../access/index.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { invalid, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { isLocalDate, type LocalDate, toDateColumn } from '../kernel/time.ts'
import { text, validate } from '../kernel/validate.ts'
import { createChecklist, hasOpenTasks, lockPerson } from './tasks.ts'

const offboardSchema = z.object({
  staffId: z.string().refine(isUuid, 'must be a UUID'),
  version: z.int(),
  lastDay: z.string().refine(isLocalDate, 'must be a day such as 2025-12-20'),
  reason: text(500),
})
export type Departure = z.input<typeof offboardSchema>
export type Departed = { readonly staffId: string; readonly lastDay: LocalDate; readonly taskIds: readonly string[]; readonly endedRoles: number }

/**
 * Ends somebody's employment with a day: their roles end with it and so does their access, and the steps of their last days are written.
 * Visits and hours after it stay where they are, for somebody to give to others. Throws WrongStateError when an end is set already, and
 * NotPermittedError as assertMayEndAccess does.
 */
export async function offboardStaffMember(tx: Tx, actor: ClinicActor, input: Departure): Promise<Departed> {
  const { staffId, version, lastDay, reason } = validate(offboardSchema, input)
  const person = await lockPerson(tx, actor, staffId)
  if (person.version !== version) throw new StaleVersionError('StaffProfile', person.version)
  if (person.terminatedOn !== null) throw new WrongStateError('StaffProfile', 'leaving', 'leaving')
  if (lastDay < person.hiredOn) throw invalid('lastDay', 'ordered', 'must not be before hiredOn')
  const { organisationId } = actor
  await tx.prisma.staffProfile.updateMany({ where: { organisationId, id: staffId }, data: { terminatedOn: toDateColumn(lastDay), version: { increment: 1 } } })
  tx.changes('StaffProfile', [staffId], ['terminatedOn'])
  const ended = person.userId === null ? [] : await endAccess(tx, actor, { userId: person.userId, lastDay })
  const taskIds = (await hasOpenTasks(tx, actor, staffId, 'offboarding')) ? [] : await createChecklist(tx, actor, staffId, 'offboarding', lastDay)
  tx.because(reason)
  return { staffId, lastDay, taskIds, endedRoles: ended.length }
}

/** What `offboardStaffMember` would end with a day, for whoever is about to do so; null for nobody of this organisation. */
export async function foreseeDeparture(
  db: Db,
  actor: ClinicActor,
  { staffId, lastDay }: { readonly staffId: string; readonly lastDay: LocalDate },
): Promise<Departed | null> {
  const person = await db.prisma.staffProfile.findFirst({ where: { organisationId: actor.organisationId, id: staffId }, select: { userId: true } })
  if (!person) return null
  db.reads('StaffProfile', [staffId], ['userId'])
  const endedRoles = person.userId === null ? 0 : await countRolesBeyond(db, actor, { userId: person.userId, lastDay })
  return { staffId, lastDay, taskIds: [], endedRoles }
}
