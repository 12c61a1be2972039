import type { AdverseAction, CredentialVerification, StaffCredential } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import type { FieldCipher } from '../kernel/field-cipher.ts'
import { addDays, type LocalDate, toDateColumn } from '../kernel/time.ts'
import { openNumber } from './credentials.ts'
import { recordsInReach } from './reach.ts'

/** A credential without what reads as nothing to anybody. */
export type CredentialRow = Omit<StaffCredential, 'numberSealed' | 'numberFingerprint'>
type Page = { readonly limit: number; readonly offset: number }

const SECRET = { numberSealed: true, numberFingerprint: true } as const
const CREDENTIAL_FIELDS = ['authority', 'expiresOn', 'issuedOn', 'jurisdiction', 'numberEnding', 'staffId', 'status', 'type'] as const
const VERIFICATION_FIELDS = ['credentialId', 'method', 'note', 'outcome', 'verifiedAt', 'verifiedById'] as const
const ADVERSE_FIELDS = ['credentialId', 'description', 'kind', 'occurredOn', 'recordedAt', 'recordedById', 'reportedBy', 'staffId'] as const

function take<Row extends { readonly id: string }>(db: Db, type: string, fields: readonly string[], rows: Row[]): Row[] {
  db.reads(
    type,
    rows.map(({ id }) => id),
    fields,
  )
  return rows
}

/** Credentials by id, as far as they are within reach. */
export async function findCredentialsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<CredentialRow[]> {
  const where = { organisationId: actor.organisationId, id: { in: [...ids] }, ...recordsInReach(actor, 'credential:read', null) }
  return take(db, 'StaffCredential', CREDENTIAL_FIELDS, await db.prisma.staffCredential.findMany({ where, omit: SECRET }))
}

/** A page of credentials, of one person or of everybody within reach, those that expire first ahead. */
export async function listCredentials(
  db: Db,
  actor: ClinicActor,
  filter: { readonly staffId?: string | null | undefined; readonly status?: string | null | undefined },
  page: Page,
): Promise<CredentialRow[]> {
  const rows = await db.prisma.staffCredential.findMany({
    where: {
      organisationId: actor.organisationId,
      ...recordsInReach(actor, 'credential:read', filter.staffId),
      ...(filter.status ? { status: filter.status } : {}),
    },
    omit: SECRET,
    orderBy: [{ expiresOn: { sort: 'asc', nulls: 'last' } }, { id: 'asc' }],
    take: page.limit,
    skip: page.offset,
  })
  return take(db, 'StaffCredential', CREDENTIAL_FIELDS, rows)
}

const MOST_EXPIRING = 500

/**
 * Credentials of people who work here on a day that have expired or will within so many days, the most urgent first; revoked ones need no
 * renewal.
 */
export async function listExpiringCredentials(
  db: Db,
  actor: ClinicActor,
  { asOf, withinDays }: { readonly asOf: LocalDate; readonly withinDays: number },
): Promise<CredentialRow[]> {
  const employed = { isActive: true, OR: [{ terminatedOn: null }, { terminatedOn: { gte: toDateColumn(asOf) } }] }
  const rows = await db.prisma.staffCredential.findMany({
    where: {
      organisationId: actor.organisationId,
      status: { not: 'revoked' },
      expiresOn: { lte: toDateColumn(addDays(asOf, withinDays)) },
      AND: [recordsInReach(actor, 'credential:read', null), { staff: employed }],
    },
    omit: SECRET,
    orderBy: [{ expiresOn: 'asc' }, { id: 'asc' }],
    take: MOST_EXPIRING,
  })
  return take(db, 'StaffCredential', CREDENTIAL_FIELDS, rows)
}

/** The checks of credentials, newest first. Credentials themselves were read within reach. */
export async function listVerificationsByCredential(
  db: Db,
  actor: ClinicActor,
  credentialIds: readonly string[],
): Promise<ReadonlyMap<string, CredentialVerification[]>> {
  const rows = await db.prisma.credentialVerification.findMany({
    where: { organisationId: actor.organisationId, credentialId: { in: [...credentialIds] } },
    orderBy: [{ verifiedAt: 'desc' }, { id: 'desc' }],
  })
  return Map.groupBy(take(db, 'CredentialVerification', VERIFICATION_FIELDS, rows), ({ credentialId }) => credentialId)
}

/** A page of what was done against somebody's standing, newest first. */
export async function listAdverseActions(db: Db, actor: ClinicActor, filter: { readonly staffId: string }, page: Page): Promise<AdverseAction[]> {
  const rows = await db.prisma.adverseAction.findMany({
    where: { organisationId: actor.organisationId, ...recordsInReach(actor, 'credential:read', filter.staffId) },
    orderBy: [{ occurredOn: 'desc' }, { id: 'desc' }],
    take: page.limit,
    skip: page.offset,
  })
  return take(db, 'AdverseAction', ADVERSE_FIELDS, rows)
}

export async function findAdverseActionsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<AdverseAction[]> {
  const where = { organisationId: actor.organisationId, id: { in: [...ids] }, ...recordsInReach(actor, 'credential:read', null) }
  return take(db, 'AdverseAction', ADVERSE_FIELDS, await db.prisma.adverseAction.findMany({ where }))
}

/** The number of a credential in full, after `revealCredentialNumber` has committed its entry. */
export async function readCredentialNumber(db: Db, actor: ClinicActor, fields: FieldCipher, id: string): Promise<string> {
  const row = await db.prisma.staffCredential.findFirstOrThrow({
    where: { organisationId: actor.organisationId, id },
    select: { organisationId: true, id: true, numberSealed: true },
  })
  db.reads('StaffCredential', [id], ['number'])
  return openNumber(fields, row)
}
