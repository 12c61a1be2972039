import { z } from 'zod'
import type { ClinicActor, Locale } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, invalid, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { decimal, fieldsOf, kept, line, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { COUNTS_AS, type CountsAs } from './time-off-amount.ts'

type DefaultType = { code: string; name: Readonly<Record<Locale, string>>; isPaid: boolean; annualAllowance: string | null; colour: string }

/** Every organisation starts with these, all of them counted in days; migration 0020 gave them to those that were there before. */
const DEFAULT_TYPES: readonly DefaultType[] = [
  { code: 'vacation', name: { 'es-MX': 'Vacaciones', en: 'Vacation' }, isPaid: true, annualAllowance: '12', colour: '#2f9e44' },
  { code: 'sick', name: { 'es-MX': 'Enfermedad', en: 'Sick leave' }, isPaid: true, annualAllowance: null, colour: '#e03131' },
  { code: 'personal', name: { 'es-MX': 'Asunto personal', en: 'Personal' }, isPaid: true, annualAllowance: '3', colour: '#1971c2' },
  { code: 'training', name: { 'es-MX': 'Capacitación', en: 'Training' }, isPaid: true, annualAllowance: '5', colour: '#9c36b5' },
  { code: 'unpaid', name: { 'es-MX': 'Permiso sin goce de sueldo', en: 'Unpaid leave' }, isPaid: false, annualAllowance: null, colour: '#868e96' },
]

const FIELDS = ['annualAllowance', 'code', 'colour', 'countsAs', 'isPaid', 'name'] as const

/** Gives an organisation the types of time off that it starts with; those that it has already stay as they are. */
export async function createDefaultTimeOffTypes(tx: Tx, actor: ClinicActor): Promise<{ ids: string[] }> {
  const rows = await tx.prisma.timeOffType.createManyAndReturn({
    data: DEFAULT_TYPES.map(({ name, ...type }) => ({ organisationId: actor.organisationId, name: name[actor.clinic.locale], ...type })),
    skipDuplicates: true,
    select: { id: true },
  })
  const ids = rows.map(({ id }) => id)
  tx.changes('TimeOffType', ids, FIELDS)
  return { ids }
}

const uuid = z.string().refine(isUuid, 'must be a UUID')
const colour = kept(
  z
    .string()
    .toLowerCase()
    .regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #228be6'),
)
const annualAllowance = decimal.refine((value) => /^\d+(\.\d{1,2})?$/.test(value), 'must be a number with at most 2 decimals, not below 0').nullish()
const typeSchema = z.object({
  code: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens'),
  name: line(80),
  isPaid: kept(z.boolean()),
  countsAs: kept(z.enum(COUNTS_AS)),
  annualAllowance,
  colour,
})
export type NewTimeOffType = z.input<typeof typeSchema>

/** Adds a type of time off to the organisation. Throws AlreadyExistsError for its code. */
export async function createTimeOffType(tx: Tx, actor: ClinicActor, input: NewTimeOffType): Promise<{ id: string }> {
  const data = validate(typeSchema, input)
  const { id } = await explained(() => tx.prisma.timeOffType.create({ data: { organisationId: actor.organisationId, ...data }, select: { id: true } }))
  tx.changes('TimeOffType', [id], fieldsOf(data))
  return { id }
}

const changeSchema = z.object({
  id: uuid,
  version: z.int(),
  name: kept(line(80)),
  isPaid: kept(z.boolean()),
  annualAllowance,
  colour,
  isArchived: z.boolean().nullish(),
})
export type TimeOffTypeChange = z.input<typeof changeSchema>

/** Changes, archives or restores a type; its code and what it counts stay, because balances rest on them. An archived one takes no new requests. */
export async function updateTimeOffType(tx: Tx, actor: ClinicActor, input: TimeOffTypeChange): Promise<{ id: string }> {
  const { id, version, isArchived, ...data } = validate(changeSchema, input)
  const { organisationId } = actor
  const archived = isArchived == null ? {} : { archivedAt: isArchived ? tx.clock.now() : null }
  const { count } = await explained(() =>
    tx.prisma.timeOffType.updateMany({ where: { organisationId, id, version }, data: { ...data, ...archived, version: { increment: 1 } } }),
  )
  if (count === 0) {
    const current = await tx.prisma.timeOffType.findFirst({ where: { organisationId, id }, select: { version: true } })
    throw current ? new StaleVersionError('TimeOffType', current.version) : new NotFoundError('TimeOffType')
  }
  tx.changes('TimeOffType', [id], [...fieldsOf(data), ...Object.keys(archived)])
  return { id }
}

/** Reads from the database what a type counts. Throws RangeError on anything else, which its CHECK makes impossible. */
export function toCountsAs(text: string): CountsAs {
  const known = COUNTS_AS.find((unit) => unit === text)
  if (known === undefined) throw new RangeError(`not a unit of time off: ${text}`)
  return known
}

async function explained<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const refused = violation(error)
    if (refused?.code === '23505') throw new AlreadyExistsError('TimeOffType', 'code')
    if (refused?.constraint === 'time_off_type_allowance_bounded' || refused?.code === '22003')
      throw invalid('annualAllowance', 'too_big', 'must not be more than a year')
    throw error
  }
}
