import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { fieldsOf, kept, line, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { POSITIONS } from '../staff/index.ts'
import { DURATION_MINUTES, durationOf } from './durations.ts'

export const ROOM_KINDS = ['consultation', 'surgery', 'grooming', 'imaging', 'hospital'] as const

const uuid = z.string().refine(isUuid, 'must be a UUID')
const changed = { id: uuid, version: z.int(), isArchived: z.boolean().nullish() }

const roomFields = { kind: kept(z.string().pipe(z.enum(ROOM_KINDS))), position: kept(z.int().min(0).max(999)) }
const roomSchema = z.object({ name: line(80), ...roomFields })
export type NewRoom = z.input<typeof roomSchema>

/** Adds a room to the active clinic. Throws AlreadyExistsError for a name that the clinic uses, for an archived room too. */
export async function createRoom(tx: Tx, actor: ClinicActor, input: NewRoom): Promise<{ id: string }> {
  const data = validate(roomSchema, input)
  const { id } = await explained('Room', 'name', () => tx.prisma.room.create({ data: { ...here(actor), ...data }, select: { id: true } }))
  tx.changes('Room', [id], fieldsOf(data))
  return { id }
}

const roomChangeSchema = z.object({ ...changed, name: kept(line(80)), ...roomFields })
export type RoomChange = z.input<typeof roomChangeSchema>

/** Changes, archives or restores a room of the active clinic. An archived room takes no new visits and keeps those it has. */
export async function updateRoom(tx: Tx, actor: ClinicActor, input: RoomChange): Promise<{ id: string }> {
  const { id, version, isArchived, ...data } = validate(roomChangeSchema, input)
  const count = await explained('Room', 'name', async () => {
    const result = await tx.prisma.room.updateMany({
      where: { ...here(actor), id, version },
      data: { ...data, ...archivedAt(tx, isArchived), version: { increment: 1 } },
    })
    return result.count
  })
  if (count === 0) throw staleOrMissing('Room', await tx.prisma.room.findFirst({ where: { ...here(actor), id }, select: { version: true } }))
  tx.changes('Room', [id], changedFields(data, isArchived))
  return { id }
}

export const EQUIPMENT_KINDS = ['xray', 'ultrasound', 'dental', 'anaesthesia', 'laboratory', 'endoscopy', 'monitor', 'laser', 'other'] as const
const equipmentKind = z.string().pipe(z.enum(EQUIPMENT_KINDS))
const equipmentFields = { serialNumber: line(80).nullish(), position: kept(z.int().min(0).max(999)) }
const equipmentSchema = z.object({ name: line(80), kind: equipmentKind, ...equipmentFields })
export type NewEquipment = z.input<typeof equipmentSchema>

/** Adds a piece of equipment to the active clinic. Throws AlreadyExistsError for a name that the clinic uses, for archived equipment too. */
export async function createEquipment(tx: Tx, actor: ClinicActor, input: NewEquipment): Promise<{ id: string }> {
  const data = validate(equipmentSchema, input)
  const { id } = await explained('Equipment', 'name', () => tx.prisma.equipment.create({ data: { ...here(actor), ...data }, select: { id: true } }))
  tx.changes('Equipment', [id], fieldsOf(data))
  return { id }
}

const equipmentChangeSchema = z.object({ ...changed, name: kept(line(80)), kind: kept(equipmentKind), ...equipmentFields })
export type EquipmentChange = z.input<typeof equipmentChangeSchema>

/** Changes, archives or restores equipment of the active clinic. Archived equipment takes no new visits and keeps those it has. */
export async function updateEquipment(tx: Tx, actor: ClinicActor, input: EquipmentChange): Promise<{ id: string }> {
  const { id, version, isArchived, ...data } = validate(equipmentChangeSchema, input)
  const count = await explained('Equipment', 'name', async () => {
    const result = await tx.prisma.equipment.updateMany({
      where: { ...here(actor), id, version },
      data: { ...data, ...archivedAt(tx, isArchived), version: { increment: 1 } },
    })
    return result.count
  })
  if (count === 0) throw staleOrMissing('Equipment', await tx.prisma.equipment.findFirst({ where: { ...here(actor), id }, select: { version: true } }))
  tx.changes('Equipment', [id], changedFields(data, isArchived))
  return { id }
}

const durationMinutes = z.int().min(DURATION_MINUTES.min).max(DURATION_MINUTES.max)
const bufferMinutes = z.int().min(0).max(240)
/** Minutes for which a kind of resource is held before and after the visit. */
const buffer = z.object({ before: bufferMinutes, after: bufferMinutes })

function distinct<const Kinds extends readonly [string, ...string[]]>(kinds: Kinds) {
  return z.array(z.string().pipe(z.enum(kinds))).transform((some) => [...new Set(some)])
}

const typeFields = {
  colour: kept(
    z
      .string()
      .toLowerCase()
      .regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #228be6'),
  ),
  /** What such a visit is usually invoiced as. */
  serviceId: uuid.nullish(),
  positions: kept(distinct(POSITIONS)),
  roomKinds: kept(distinct(ROOM_KINDS)),
  equipmentKinds: kept(distinct(EQUIPMENT_KINDS)),
  isOnline: kept(z.boolean()),
  staffBuffer: kept(buffer),
  roomBuffer: kept(buffer),
  equipmentBuffer: kept(buffer),
}
const typeSchema = z.object({
  /** Stable name for reports and rules. */
  code: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and hyphens'),
  name: line(80),
  durationMinutes,
  ...typeFields,
})
export type NewAppointmentType = z.input<typeof typeSchema>

/** Adds an appointment type to the organisation. Throws AlreadyExistsError for its code, NotFoundError for its service. */
export async function createAppointmentType(tx: Tx, actor: ClinicActor, input: NewAppointmentType): Promise<{ id: string }> {
  const data = toColumns(validate(typeSchema, input))
  durationOf(data, null)
  const { organisationId } = actor
  const { id } = await explained('AppointmentType', 'code', () => tx.prisma.appointmentType.create({ data: { organisationId, ...data }, select: { id: true } }))
  tx.changes('AppointmentType', [id], fieldsOf(data))
  return { id }
}

const typeChangeSchema = z.object({ ...changed, name: kept(line(80)), durationMinutes: kept(durationMinutes), ...typeFields })
export type AppointmentTypeChange = z.input<typeof typeChangeSchema>

/** Changes, archives or restores an appointment type; its code stays. Visits that are booked keep their length. */
export async function updateAppointmentType(tx: Tx, actor: ClinicActor, input: AppointmentTypeChange): Promise<{ id: string }> {
  const { id, version, isArchived, ...data } = toColumns(validate(typeChangeSchema, input))
  const { organisationId } = actor
  const current = await tx.prisma.appointmentType.findFirst({ where: { organisationId, id }, select: { code: true, version: true } })
  if (!current) throw new NotFoundError('AppointmentType')
  if (data.durationMinutes !== undefined) durationOf({ code: current.code, durationMinutes: data.durationMinutes }, null)
  const { count } = await explained('AppointmentType', 'code', () =>
    tx.prisma.appointmentType.updateMany({
      where: { organisationId, id, version },
      data: { ...data, ...archivedAt(tx, isArchived), version: { increment: 1 } },
    }),
  )
  if (count === 0) throw new StaleVersionError('AppointmentType', current.version)
  tx.changes('AppointmentType', [id], changedFields(data, isArchived))
  return { id }
}

type BufferFields = { readonly [Kind in 'staffBuffer' | 'roomBuffer' | 'equipmentBuffer']?: z.output<typeof buffer> | undefined }

function toColumns<Input extends BufferFields>({ staffBuffer, roomBuffer, equipmentBuffer, ...rest }: Input) {
  return {
    ...rest,
    ...(staffBuffer && { staffBeforeMinutes: staffBuffer.before, staffAfterMinutes: staffBuffer.after }),
    ...(roomBuffer && { roomBeforeMinutes: roomBuffer.before, roomAfterMinutes: roomBuffer.after }),
    ...(equipmentBuffer && { equipmentBeforeMinutes: equipmentBuffer.before, equipmentAfterMinutes: equipmentBuffer.after }),
  }
}

function here(actor: ClinicActor): { organisationId: string; clinicId: string } {
  return { organisationId: actor.organisationId, clinicId: actor.clinic.id }
}

function archivedAt(tx: Tx, isArchived: boolean | null | undefined): { archivedAt?: Date | null } {
  return isArchived == null ? {} : { archivedAt: isArchived ? tx.clock.now() : null }
}

function changedFields(data: Readonly<Record<string, unknown>>, isArchived: boolean | null | undefined): string[] {
  return [...fieldsOf(data), ...(isArchived == null ? [] : ['archivedAt'])]
}

function staleOrMissing(type: string, current: { version: number } | null): Error {
  return current ? new StaleVersionError(type, current.version) : new NotFoundError(type)
}

async function explained<T>(type: string, uniqueField: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const refused = violation(error)
    if (refused?.code === '23505') throw new AlreadyExistsError(type, uniqueField)
    if (refused?.code === '23503') throw new NotFoundError('Service')
    throw error
  }
}
