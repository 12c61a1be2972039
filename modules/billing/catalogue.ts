import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { fieldsOf, kept, line, percent, unitPrice, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'

export const SERVICE_CATEGORIES = ['checkup', 'vaccination', 'surgery', 'diagnostics', 'grooming', 'dental', 'other'] as const
const category = z.string().pipe(z.enum(SERVICE_CATEGORIES))

const serviceSchema = z.object({ code: line(40), name: line(120), category, unitPrice, taxRate: percent })
export type NewService = z.input<typeof serviceSchema>

/** Adds a service to the organisation's price list. Throws AlreadyExistsError for a code that is taken. */
export async function createService(tx: Tx, actor: ClinicActor, input: NewService): Promise<{ id: string }> {
  const data = validate(serviceSchema, input)
  try {
    const { id } = await tx.prisma.service.create({ data: { organisationId: actor.organisationId, ...data } })
    tx.changes('Service', [id], Object.keys(data))
    return { id }
  } catch (error) {
    throw serviceError(error)
  }
}

const serviceChangeSchema = z.object({
  id: z.string(),
  version: z.number().int(),
  code: kept(line(40)),
  name: kept(line(120)),
  category: kept(category),
  unitPrice: kept(unitPrice),
  taxRate: kept(percent),
  isArchived: kept(z.boolean()),
})
export type ServiceChange = z.input<typeof serviceChangeSchema>

/** Changes what is given. Invoices keep the name, price and tax rate of their day; an archived service is sold no more. */
export async function updateService(tx: Tx, actor: ClinicActor, input: ServiceChange): Promise<{ id: string }> {
  const { id, version, isArchived, ...fields } = validate(serviceChangeSchema, input)
  const { organisationId } = actor
  const current = await tx.prisma.service.findFirst({ where: { organisationId, id } })
  if (!current) throw new NotFoundError('Service')
  const data = { ...fields, ...(isArchived === undefined ? {} : { archivedAt: isArchived ? (current.archivedAt ?? tx.clock.now()) : null }) }
  try {
    const { count } = await tx.prisma.service.updateMany({ where: { organisationId, id, version }, data: { ...data, version: { increment: 1 } } })
    if (count === 0) throw new StaleVersionError('Service', current.version)
  } catch (error) {
    throw serviceError(error)
  }
  tx.changes('Service', [id], fieldsOf(data))
  return { id }
}

function serviceError(error: unknown): unknown {
  return violation(error)?.code === '23505' ? new AlreadyExistsError('Service', 'code') : error
}
