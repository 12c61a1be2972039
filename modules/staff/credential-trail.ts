import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError, WrongStateError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { isLocalDate, localDateOf, toDateColumn } from '../kernel/time.ts'
import { fieldsOf, line, text, validate } from '../kernel/validate.ts'
import { findCredential, writeCredential } from './credentials.ts'
import { actingUser, assertStaffInReach } from './reach.ts'

export const VERIFICATION_METHODS = ['document', 'registry', 'phone', 'other'] as const
export const VERIFICATION_OUTCOMES = ['confirmed', 'refuted', 'inconclusive'] as const
export const ADVERSE_KINDS = ['warning', 'restriction', 'suspension', 'revocation', 'malpractice', 'other'] as const

const uuid = z.string().refine(isUuid, 'must be a UUID')

const verificationSchema = z.object({
  id: uuid,
  version: z.int(),
  method: z.string().pipe(z.enum(VERIFICATION_METHODS)),
  outcome: z.string().pipe(z.enum(VERIFICATION_OUTCOMES)),
  note: text(2000).nullish(),
})
export type NewVerification = z.input<typeof verificationSchema>

/**
 * Adds a check of a credential to its trail. A confirmed one makes it verified, which also ends a suspension; a refuted one takes that
 * back. Nobody checks their own. Throws WrongStateError for a revoked one.
 */
export async function verifyCredential(tx: Tx, actor: ClinicActor, input: NewVerification): Promise<{ id: string }> {
  const { id, version, ...check } = validate(verificationSchema, input)
  const { organisationId } = actor
  const { staffId, status } = await findCredential(tx, actor, id)
  if (actor.kind === 'user' && staffId === actor.staffId) throw new NotPermittedError('Ask somebody else to verify your own credential.', 'own_credential')
  if (status === 'revoked') throw new WrongStateError('StaffCredential', status, 'verified')
  const next = check.outcome === 'confirmed' ? 'verified' : check.outcome === 'refuted' && status === 'verified' ? 'recorded' : status
  await writeCredential(tx, actor, { id, version }, { status: next })
  const made = await tx.prisma.credentialVerification.create({
    data: { organisationId, staffId, credentialId: id, ...check, verifiedAt: tx.clock.now(), verifiedById: actingUser(actor) },
  })
  tx.changes('StaffCredential', [id], ['status'])
  tx.changes('CredentialVerification', [made.id], ['credentialId', 'method', 'note', 'outcome', 'verifiedAt', 'verifiedById'])
  return { id }
}

const standingSchema = z.object({ id: uuid, version: z.int(), reason: text(2000), reportedBy: line(120) })
export type StandingChange = z.input<typeof standingSchema>

/** Suspends a credential until it is verified anew, and adds why to the person's adverse actions. Throws WrongStateError for a revoked one. */
export function suspendCredential(tx: Tx, actor: ClinicActor, input: StandingChange): Promise<{ id: string }> {
  return endStanding(tx, actor, input, { status: 'suspended', kind: 'suspension' })
}

/** Revokes a credential for good, and adds why to the person's adverse actions. Throws WrongStateError when it is revoked already. */
export function revokeCredential(tx: Tx, actor: ClinicActor, input: StandingChange): Promise<{ id: string }> {
  return endStanding(tx, actor, input, { status: 'revoked', kind: 'revocation' })
}

async function endStanding(
  tx: Tx,
  actor: ClinicActor,
  input: StandingChange,
  { status, kind }: { status: string; kind: AdverseKind },
): Promise<{ id: string }> {
  const { id, version, reason, reportedBy } = validate(standingSchema, input)
  const current = await findCredential(tx, actor, id)
  if (current.status === 'revoked' || current.status === status) throw new WrongStateError('StaffCredential', current.status, status)
  await writeCredential(tx, actor, { id, version }, { status })
  tx.changes('StaffCredential', [id], ['status'])
  const occurredOn = localDateOf(tx.clock.now(), actor.clinic.timeZone)
  await recordAdverseAction(tx, actor, { staffId: current.staffId, credentialId: id, kind, occurredOn, description: reason, reportedBy })
  return { id }
}

const adverseSchema = z.object({
  staffId: uuid,
  credentialId: uuid.nullish(),
  kind: z.string().pipe(z.enum(ADVERSE_KINDS)),
  occurredOn: z.string().refine(isLocalDate, 'must be a day such as 2025-12-20'),
  description: text(4000),
  reportedBy: line(120),
})
export type AdverseKind = (typeof ADVERSE_KINDS)[number]
export type NewAdverseAction = z.input<typeof adverseSchema>

/** Adds what was done against somebody's standing, for good. Throws NotFoundError for a person, or a credential that is not theirs. */
export async function recordAdverseAction(tx: Tx, actor: ClinicActor, input: NewAdverseAction): Promise<{ id: string }> {
  const { occurredOn, ...action } = validate(adverseSchema, input)
  const { organisationId } = actor
  if (occurredOn > localDateOf(tx.clock.now(), actor.clinic.timeZone)) throw invalid('occurredOn', 'future', 'must not lie in the future')
  if (action.credentialId) {
    const { staffId } = await findCredential(tx, actor, action.credentialId)
    if (staffId !== action.staffId) throw new NotFoundError('StaffCredential')
  }
  await assertStaffInReach(tx, actor, 'credential:manage', action.staffId)
  const { id } = await tx.prisma.adverseAction.create({
    data: { organisationId, ...action, occurredOn: toDateColumn(occurredOn), recordedAt: tx.clock.now(), recordedById: actingUser(actor) },
  })
  tx.changes('AdverseAction', [id], [...fieldsOf(action), 'occurredOn', 'recordedAt', 'recordedById'])
  return { id }
}
