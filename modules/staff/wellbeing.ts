import { z } from 'zod'
import type { Prisma, WellbeingFlag } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { NotFoundError, NotPermittedError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid, NIL_ID } from '../kernel/ids.ts'
import { fieldsOf, text, validate } from '../kernel/validate.ts'
import { wellbeingFlags } from './records.ts'

export const FLAG_KINDS = ['fatigue', 'stress', 'injury', 'illness', 'burnout', 'other'] as const

const uuid = z.string().refine(isUuid, 'must be a UUID')

/**
 * The flags that an actor may know of: their own, and those of the people whom they lead. No right widens this, not even an owner's, and
 * the installation itself, which is nobody, sees none.
 */
function visibleTo({ organisationId, staffId }: ClinicActor): Prisma.WellbeingFlagWhereInput {
  const own = staffId ?? NIL_ID
  return { organisationId, OR: [{ staffId: own }, { staff: { managerId: own } }] }
}

/** Flags by id, as far as the actor may know of them. */
export async function findFlagsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<WellbeingFlag[]> {
  return wellbeingFlags.take(db, await db.prisma.wellbeingFlag.findMany({ where: { AND: [visibleTo(actor), { id: { in: [...ids] } }] } }))
}

/** A page of the flags that the actor may know of, newest first. */
export async function listFlags(
  db: Db,
  actor: ClinicActor,
  { staffId, includeResolved }: { readonly staffId?: string | null | undefined; readonly includeResolved: boolean },
  page: { readonly limit: number; readonly offset: number },
): Promise<WellbeingFlag[]> {
  const wanted = { ...(staffId ? { staffId } : {}), ...(includeResolved ? {} : { resolvedAt: null }) }
  const rows = await db.prisma.wellbeingFlag.findMany({
    where: { AND: [visibleTo(actor), wanted] },
    orderBy: [{ raisedAt: 'desc' }, { id: 'desc' }],
    take: page.limit,
    skip: page.offset,
  })
  return wellbeingFlags.take(db, rows)
}

const flagSchema = z.object({ staffId: uuid, kind: z.string().pipe(z.enum(FLAG_KINDS)), note: text(2000).nullish() })
export type NewFlag = z.input<typeof flagSchema>

/** Tells that somebody is not well: the person, or who leads them. Throws NotPermittedError for everybody else. */
export async function raiseWellbeingFlag(tx: Tx, actor: ClinicActor, input: NewFlag): Promise<{ id: string }> {
  const flag = validate(flagSchema, input)
  const { organisationId, staffId: raisedById } = actor
  const person = await tx.prisma.staffProfile.findFirst({ where: { organisationId, id: flag.staffId }, select: { managerId: true } })
  if (!person) throw new NotFoundError('StaffProfile')
  if (raisedById === null || (raisedById !== flag.staffId && raisedById !== person.managerId))
    throw new NotPermittedError('Only the person and their manager note how somebody is. Ask one of them.', 'person_or_manager')
  const { id } = await tx.prisma.wellbeingFlag.create({ data: { organisationId, ...flag, raisedAt: tx.clock.now(), raisedById } })
  tx.changes('WellbeingFlag', [id], [...fieldsOf(flag), 'raisedAt', 'raisedById'])
  return { id }
}

const resolutionSchema = z.object({ id: uuid, version: z.int() })

/** Ends a flag that the actor may know of; it stays on record for the same two. Throws NotFoundError for all others. */
export async function resolveWellbeingFlag(tx: Tx, actor: ClinicActor, input: z.input<typeof resolutionSchema>): Promise<{ id: string }> {
  const { id, version } = validate(resolutionSchema, input)
  const { organisationId, staffId: resolvedById } = actor
  const flag = await tx.prisma.wellbeingFlag.findFirst({ where: { AND: [visibleTo(actor), { id }] }, select: { version: true, resolvedAt: true } })
  if (!flag || resolvedById === null) throw new NotFoundError('WellbeingFlag')
  if (flag.resolvedAt !== null) throw new WrongStateError('WellbeingFlag', 'resolved', 'resolved')
  const changed = await tx.prisma.wellbeingFlag.updateMany({
    where: { organisationId, id, version, resolvedAt: null },
    data: { resolvedAt: tx.clock.now(), resolvedById, version: { increment: 1 } },
  })
  if (changed.count === 0) throw new StaleVersionError('WellbeingFlag', flag.version)
  tx.changes('WellbeingFlag', [id], ['resolvedAt', 'resolvedById'])
  return { id }
}
