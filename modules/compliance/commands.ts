import { z } from 'zod'
import { findUsersByIds } from '../access/index.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { NotFoundError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { text, validate } from '../kernel/validate.ts'
import { findClientsByIds, findPatientsByIds } from '../patients/index.ts'
import { findBookingRequestsByIds } from '../scheduling/index.ts'
import { findStaffByIds } from '../staff/index.ts'

const erasureSchema = z.object({ subjectId: z.string().refine(isUuid, 'must be a UUID'), reason: text(1_000) })
export type Erasure = z.input<typeof erasureSchema>

/** What an erasure destroyed. */
export type Erased = {
  /** The subject; for a person who works here the user and the staff profile. */
  readonly subjectIds: string[]
  /** Before and after images, in all clinics of the organisation. */
  readonly images: number
  /** Entries of the person that are searched without name, address, browser and reason from now on. */
  readonly entries: number
}

/**
 * Makes what the audit trail keeps about a client, a patient or a member of the staff unreadable for good: the images and their
 * keys are destroyed, and what a person did is searched without name, address, browser and reason from then on. Leaves, proofs and the
 * records themselves stay as they are. A patient and its owner are separate subjects. Throws NotFoundError for an id that is no
 * client, patient, user, staff profile or request for a booking within reach, InvalidInputError without a reason.
 * Source: GDPR art. 17 (Regulation (EU) 2016/679); LFPDPPP art. 24 (Mexico, DOF 20 March 2025), cancellation.
 */
export async function eraseSubject(tx: Tx, actor: ClinicActor, input: Erasure): Promise<Erased> {
  const { subjectId, reason } = validate(erasureSchema, input)
  const { subjectIds, userId } = await findSubject(tx, actor, subjectId)
  let images = 0
  // One after the other and in one order, so that two erasures never wait for each other's keys.
  for (const id of subjectIds.toSorted()) images += await countOf(tx, 'erase_subject', id)
  tx.changes('AuditImage', subjectIds, ['images'])
  const entries = userId === null ? 0 : await countOf(tx, 'erase_search_texts', userId)
  if (userId !== null) tx.changes('AuditSearch', [userId], ['address', 'reason', 'userAgent', 'userName'])
  tx.because(reason)
  return { subjectIds, images, entries }
}

type Subject = { readonly subjectIds: string[]; readonly userId: string | null }

async function findSubject(tx: Tx, actor: ClinicActor, id: string): Promise<Subject> {
  const [user] = await findUsersByIds(tx, actor, [id])
  const [staff] = user
    ? await tx.prisma.staffProfile.findMany({ where: { organisationId: actor.organisationId, userId: id }, select: { id: true, userId: true } })
    : await findStaffByIds(tx, actor, [id])
  if (user || staff) {
    const userId = user?.id ?? staff?.userId ?? null
    return { subjectIds: [userId, staff?.id ?? null].filter((one) => one !== null), userId }
  }
  // Whoever has asked for a visit online is a subject of their own, known by the request.
  const [known] = [
    ...(await findClientsByIds(tx, actor, [id])),
    ...(await findPatientsByIds(tx, actor, [id])),
    ...(await findBookingRequestsByIds(tx, actor, [id])),
  ]
  if (!known) throw new NotFoundError('Subject')
  return { subjectIds: [known.id], userId: null }
}

async function countOf(tx: Tx, routine: 'erase_subject' | 'erase_search_texts', id: string): Promise<number> {
  const [row] = await tx.query<{ erased: number }>({ name: routine, text: `SELECT audit.${routine}($1::uuid) AS erased`, values: [id] })
  return row?.erased ?? 0
}
