import { z } from 'zod'
import type { Prisma } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, NotFoundError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { fromDateColumn, toDateColumn } from '../kernel/time.ts'
import { fieldsOf, kept, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { day, minute, position, uuid } from './inputs.ts'

const needSchema = z
  .object({ position, weekday: z.int().min(1).max(7), start: minute, end: minute, minCount: z.int().min(1).max(50), validFrom: day, validUntil: day.nullish() })
  .refine(({ start, end }) => start < end, { path: ['end'], message: 'must be after the start' })
  .refine(({ validFrom, validUntil }) => validUntil == null || validFrom < validUntil, { path: ['validUntil'], message: 'must be after validFrom' })
export type NewCoverageNeed = z.input<typeof needSchema>

/** Records how many people of a position the active clinic needs. Throws AlreadyExistsError for a time that has its need already. */
export async function createCoverageNeed(tx: Tx, actor: ClinicActor, input: NewCoverageNeed): Promise<{ id: string }> {
  const { start, end, validFrom, validUntil, ...data } = validate(needSchema, input)
  try {
    const row = await tx.prisma.coverageNeed.create({
      data: {
        organisationId: actor.organisationId,
        clinicId: actor.clinic.id,
        ...data,
        startMinute: start,
        endMinute: end,
        validFrom: toDateColumn(validFrom),
        validUntil: validUntil == null ? null : toDateColumn(validUntil),
      },
      select: { id: true },
    })
    tx.changes('CoverageNeed', [row.id], ['endMinute', 'minCount', 'position', 'startMinute', 'validFrom', 'validUntil', 'weekday'])
    return { id: row.id }
  } catch (error) {
    if (violation(error)?.constraint === 'coverage_need_no_overlap') throw new AlreadyExistsError('CoverageNeed', 'start')
    throw error
  }
}

const endSchema = z.object({ id: uuid, version: z.int(), validUntil: day })
export type CoverageNeedEnd = z.input<typeof endSchema>

/** Lets a need end: `validUntil` is the first day on which it does not count any more. One that would never have counted is gone. */
export async function endCoverageNeed(tx: Tx, actor: ClinicActor, input: CoverageNeedEnd): Promise<{ id: string }> {
  const { id, version, validUntil } = validate(endSchema, input)
  const mine = { organisationId: actor.organisationId, clinicId: actor.clinic.id, id }
  const current = await tx.prisma.coverageNeed.findFirst({ where: mine, select: { version: true, validFrom: true } })
  if (!current) throw new NotFoundError('CoverageNeed')
  if (current.version !== version) throw new StaleVersionError('CoverageNeed', current.version)
  const isGone = validUntil <= fromDateColumn(current.validFrom)
  const { count } = isGone
    ? await tx.prisma.coverageNeed.deleteMany({ where: { ...mine, version } })
    : await tx.prisma.coverageNeed.updateMany({ where: { ...mine, version }, data: { validUntil: toDateColumn(validUntil), version: { increment: 1 } } })
  if (count === 0) throw new StaleVersionError('CoverageNeed', version + 1)
  tx.changes('CoverageNeed', [id], [isGone ? 'deleted' : 'validUntil'])
  return { id }
}

const limit = (max: number) => kept(z.int().min(60).max(max))
const ruleSchema = z.object({
  /** Null for a clinic that has none yet. */
  version: z.int().nullish(),
  maxWeekMinutes: z.int().min(60).max(10_080),
  maxDayMinutes: z.int().min(60).max(1_440),
  maxMixedMinutes: limit(1_440),
  maxNightMinutes: limit(1_440),
  minRestMinutes: z.int().min(0).max(1_440),
  maxConsecutiveDays: z.int().min(1).max(14),
})
export type NewWorkRule = z.input<typeof ruleSchema>

/** Sets the limits of work time that the active clinic watches; those of the night are those of the day unless given. */
export async function setWorkRule(tx: Tx, actor: ClinicActor, input: NewWorkRule): Promise<{ clinicId: string }> {
  const { version = null, ...given } = validate(ruleSchema, input)
  const data = { ...given, maxMixedMinutes: given.maxMixedMinutes ?? given.maxDayMinutes, maxNightMinutes: given.maxNightMinutes ?? given.maxDayMinutes }
  const mine = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
  const current = await tx.prisma.workRule.findFirst({ where: mine, select: { id: true, version: true } })
  if (!current && version !== null) throw new WrongStateError('WorkRule', 'preset', 'changed')
  if (current) {
    const { count } = await tx.prisma.workRule.updateMany({ where: { ...mine, version: version ?? 0 }, data: { ...data, version: { increment: 1 } } })
    if (count === 0) throw new StaleVersionError('WorkRule', current.version)
    tx.changes('WorkRule', [current.id], fieldsOf(data))
  } else tx.changes('WorkRule', [await createRule(tx, { ...mine, ...data })], fieldsOf(data))
  return mine
}

async function createRule(tx: Tx, data: Prisma.WorkRuleUncheckedCreateInput): Promise<string> {
  try {
    return (await tx.prisma.workRule.create({ data, select: { id: true } })).id
  } catch (error) {
    if (violation(error)?.code === '23505') throw new AlreadyExistsError('WorkRule', 'clinicId')
    throw error
  }
}
