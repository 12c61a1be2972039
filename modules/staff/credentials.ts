import { z } from 'zod'
import type { StaffCredential } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, invalid, NotFoundError, NotPermittedError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import type { FieldCipher } from '../kernel/field-cipher.ts'
import { isUuid, newId } from '../kernel/ids.ts'
import { isLocalDate, toDateColumn } from '../kernel/time.ts'
import { fieldsOf, kept, line, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { CREDENTIAL_TYPES, comparable, endingOf } from './credential-state.ts'
import { assertStaffInReach, recordsInReach } from './reach.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const day = z.string().refine(isLocalDate, 'must be a day such as 2025-12-20')
const type = z.string().pipe(z.enum(CREDENTIAL_TYPES))
const number = line(60).refine((value) => comparable(value).length >= 3, 'must have at least 3 letters or digits')

const recordSchema = z.object({
  staffId: uuid,
  type,
  number,
  authority: line(120),
  jurisdiction: line(120).nullish(),
  issuedOn: day.nullish(),
  expiresOn: day.nullish(),
})
export type NewCredential = z.input<typeof recordSchema>

/**
 * Records a credential, which nobody has verified yet. The number is encrypted before it leaves the process. Throws NotFoundError for
 * nobody of this organisation and AlreadyExistsError when the organisation knows the number under this type already.
 */
export async function recordCredential(tx: Tx, actor: ClinicActor, fields: FieldCipher, input: NewCredential): Promise<{ id: string }> {
  const credential = validate(recordSchema, input)
  const { number: plain, issuedOn, expiresOn, ...data } = credential
  const { organisationId } = actor
  const id = newId()
  await assertStaffInReach(tx, actor, 'credential:manage', data.staffId)
  await assertNumberIsNew(tx, actor, fields, { type: data.type, plain, id })
  await explained(() =>
    tx.prisma.staffCredential.create({
      data: {
        organisationId,
        ...data,
        id,
        ...sealedNumber(fields, organisationId, id, plain),
        issuedOn: issuedOn ? toDateColumn(issuedOn) : null,
        expiresOn: expiresOn ? toDateColumn(expiresOn) : null,
      },
    }),
  )
  tx.changes('StaffCredential', [id], fieldsOf(credential))
  return { id }
}

const changeSchema = z.object({
  id: uuid,
  version: z.int(),
  type: kept(type),
  number: kept(number),
  authority: kept(line(120)),
  jurisdiction: line(120).nullish(),
  issuedOn: day.nullish(),
  expiresOn: day.nullish(),
})
export type CredentialChange = z.input<typeof changeSchema>

/**
 * Corrects or renews a credential. What was verified is then no longer what stands, so that it is merely recorded again; a suspended one
 * stays suspended. Throws WrongStateError for a revoked one, and AlreadyExistsError when the organisation knows the number under the type.
 */
export async function updateCredential(tx: Tx, actor: ClinicActor, fields: FieldCipher, input: CredentialChange): Promise<{ id: string }> {
  const { id, version, ...change } = validate(changeSchema, input)
  const current = await findCredential(tx, actor, id)
  if (current.status === 'revoked') throw new WrongStateError('StaffCredential', current.status, 'recorded')
  const { number: plain, issuedOn, expiresOn, ...data } = change
  // Under another type the number meets other numbers, also when it stays as it is.
  const meets = plain ?? (data.type !== undefined && data.type !== current.type ? await readNumber(tx, actor, fields, id) : undefined)
  if (meets !== undefined) await assertNumberIsNew(tx, actor, fields, { type: data.type ?? current.type, plain: meets, id })
  await writeCredential(
    tx,
    actor,
    { id, version },
    {
      ...data,
      // Sealed anew with it, so that the constraint compares fingerprints of one key.
      ...(meets === undefined ? {} : sealedNumber(fields, actor.organisationId, id, meets)),
      ...(issuedOn === undefined ? {} : { issuedOn: issuedOn ? toDateColumn(issuedOn) : null }),
      ...(expiresOn === undefined ? {} : { expiresOn: expiresOn ? toDateColumn(expiresOn) : null }),
      ...(current.status === 'verified' ? { status: 'recorded' } : {}),
    },
  )
  tx.changes('StaffCredential', [id], [...fieldsOf(change), ...(current.status === 'verified' ? ['status'] : [])])
  return { id }
}

/** Changes a credential of this version, or throws StaleVersionError. */
export async function writeCredential(
  tx: Tx,
  { organisationId }: ClinicActor,
  { id, version }: { readonly id: string; readonly version: number },
  data: Partial<StaffCredential>,
): Promise<void> {
  const changed = await explained(() =>
    tx.prisma.staffCredential.updateMany({ where: { organisationId, id, version }, data: { ...data, version: { increment: 1 } } }),
  )
  if (changed.count > 0) return
  const current = await tx.prisma.staffCredential.findFirst({ where: { organisationId, id }, select: { version: true } })
  throw current ? new StaleVersionError('StaffCredential', current.version) : new NotFoundError('StaffCredential')
}

/** A credential within reach for a command about it. Throws NotFoundError. */
export async function findCredential(tx: Tx, actor: ClinicActor, id: string): Promise<Pick<StaffCredential, 'staffId' | 'status' | 'type'>> {
  const where = { organisationId: actor.organisationId, id, ...recordsInReach(actor, 'credential:manage', null) }
  const row = await tx.prisma.staffCredential.findFirst({ where, select: { staffId: true, status: true, type: true } })
  if (!row) throw new NotFoundError('StaffCredential')
  return row
}

/**
 * Notes that somebody is about to see a number in full: whoever manages credentials, and the person. The entry commits before the number
 * is opened. Throws NotFoundError and NotPermittedError.
 */
export async function revealCredentialNumber(tx: Tx, actor: ClinicActor, { id }: { readonly id: string }): Promise<{ id: string }> {
  const row = await tx.prisma.staffCredential.findFirst({
    where: { organisationId: actor.organisationId, id, ...recordsInReach(actor, 'credential:read', null) },
    select: { staffId: true },
  })
  if (!row) throw new NotFoundError('StaffCredential')
  if (!holds(actor, 'credential:manage') && row.staffId !== actor.staffId)
    throw new NotPermittedError('The number in full is for the person and for whoever manages credentials.', 'number_in_full')
  tx.reads('StaffCredential', [id], ['number'])
  return { id }
}

const NUMBER = { table: 'staff_credential', column: 'number' } as const

function sealedNumber(fields: FieldCipher, organisationId: string, id: string, plain: string) {
  const place = { ...NUMBER, organisationId, id }
  return {
    numberSealed: fields.seal(plain, place),
    numberFingerprint: fields.fingerprints(comparable(plain), place).current,
    numberEnding: endingOf(plain),
  }
}

/** Opens the number of a credential that `revealCredentialNumber` has let through. */
export function openNumber(fields: FieldCipher, { organisationId, id, numberSealed }: Pick<StaffCredential, 'organisationId' | 'id' | 'numberSealed'>): string {
  return fields.open(numberSealed, { ...NUMBER, organisationId, id })
}

async function readNumber(tx: Tx, { organisationId }: ClinicActor, fields: FieldCipher, id: string): Promise<string> {
  const row = await tx.prisma.staffCredential.findFirstOrThrow({
    where: { organisationId, id },
    select: { organisationId: true, id: true, numberSealed: true },
  })
  return openNumber(fields, row)
}

// The index compares fingerprints of the newest key; rows that an older key wrote are compared here.
async function assertNumberIsNew(
  tx: Tx,
  { organisationId }: ClinicActor,
  fields: FieldCipher,
  { type: wanted, plain, id }: { readonly type: string; readonly plain: string; readonly id: string },
): Promise<void> {
  const { older } = fields.fingerprints(comparable(plain), { ...NUMBER, organisationId })
  if (older.length === 0) return
  const known = await tx.prisma.staffCredential.findFirst({
    where: { organisationId, type: wanted, id: { not: id }, numberFingerprint: { in: [...older] } },
    select: { id: true },
  })
  if (known) throw new AlreadyExistsError('StaffCredential', 'number')
}

const RESEALED_AT_ONCE = 200

/**
 * Seals numbers that an older key sealed under the newest one, some at a time, so that the older key can go.
 * @returns how many there were; none when nothing is left to do
 */
export async function resealCredentials(tx: Tx, { organisationId }: ClinicActor, fields: FieldCipher): Promise<{ resealed: number }> {
  const rows = await tx.prisma.staffCredential.findMany({
    where: { organisationId, NOT: { numberSealed: { startsWith: `${fields.keyName}.` } } },
    select: { organisationId: true, id: true, numberSealed: true },
    orderBy: { id: 'asc' },
    take: RESEALED_AT_ONCE,
  })
  for (const row of rows)
    await tx.prisma.staffCredential.updateMany({
      // A number that was changed meanwhile is sealed under the newest key already.
      where: { organisationId, id: row.id, numberSealed: row.numberSealed },
      data: sealedNumber(fields, organisationId, row.id, openNumber(fields, row)),
    })
  tx.changes(
    'StaffCredential',
    rows.map(({ id }) => id),
    ['numberSealed', 'numberFingerprint'],
  )
  return { resealed: rows.length }
}

async function explained<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const refused = violation(error)
    if (refused?.code === '23505') throw new AlreadyExistsError('StaffCredential', 'number')
    if (refused?.code === '23503') throw new NotFoundError('StaffProfile')
    if (refused?.constraint === 'staff_credential_dates_ordered') throw invalid('expiresOn', 'ordered', 'must not be before issuedOn')
    throw error
  }
}
