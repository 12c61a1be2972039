import { z } from 'zod'
import type { RosterShift, ShiftSwap } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, invalid, NotFoundError, NotPermittedError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { text, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { uuid } from './inputs.ts'
import { shiftSwaps } from './records.ts'
import { closeSwaps, getQualified, lockShift, withoutOverlap } from './roster-shifts.ts'
import { assertOwner, assertTradeable, ownStaffId } from './shift-trade.ts'

export const SWAP_STATUSES = ['asked', 'accepted', 'approved', 'refused', 'withdrawn'] as const
const statuses: ReadonlySet<string> = new Set(SWAP_STATUSES)
export function isSwapStatus(text: string): text is (typeof SWAP_STATUSES)[number] {
  return statuses.has(text)
}

const askSchema = z.object({ shiftId: uuid, toStaffId: uuid.nullish(), counterShiftId: uuid.nullish(), reason: text(300).nullish() })
export type SwapRequest = z.input<typeof askSchema>

/**
 * Asks to give a shift away: to a colleague, for one of theirs, or to anybody qualified. Nothing changes hands before it is
 * accepted and approved.
 * @throws AlreadyExistsError while another swap of this shift is open, NotQualifiedError when either could not take over
 */
export async function askSwap(tx: Tx, actor: ClinicActor, input: SwapRequest): Promise<{ id: string }> {
  const { shiftId, counterShiftId = null, reason = null, ...wanted } = validate(askSchema, input)
  if (counterShiftId === shiftId) throw invalid('counterShiftId', 'differs', 'must be another shift')
  const shift = await lockShift(tx, actor, shiftId)
  const fromStaffId = shift.staffId
  assertOwner(actor, fromStaffId)
  assertTradeable(tx, shift, 'swapped')
  const counter = counterShiftId === null ? null : await lockShift(tx, actor, counterShiftId)
  const toStaffId = wanted.toStaffId ?? counter?.staffId ?? null
  if (counter) {
    assertTradeable(tx, counter, 'swapped')
    if (counter.staffId === null || counter.staffId !== toStaffId) throw invalid('counterShiftId', 'owner', 'must be a shift of the person who is asked')
    await getQualified(tx, actor, fromStaffId, counter)
  }
  if (toStaffId === fromStaffId) throw invalid('toStaffId', 'differs', 'must be somebody else')
  if (toStaffId !== null) await getQualified(tx, actor, toStaffId, shift)
  return { id: await insertSwap(tx, actor, { shiftId, fromStaffId, toStaffId, counterShiftId, reason }) }
}

async function insertSwap(
  tx: Tx,
  actor: ClinicActor,
  data: Pick<ShiftSwap, 'shiftId' | 'fromStaffId' | 'toStaffId' | 'counterShiftId' | 'reason'>,
): Promise<string> {
  try {
    const { id } = await tx.prisma.shiftSwap.create({
      data: { organisationId: actor.organisationId, clinicId: actor.clinic.id, ...data },
      select: { id: true },
    })
    tx.changes('ShiftSwap', [id], ['counterShiftId', 'fromStaffId', 'reason', 'shiftId', 'toStaffId'])
    return id
  } catch (error) {
    if (violation(error)?.constraint === 'shift_swap_one_pending') throw new AlreadyExistsError('ShiftSwap', 'shiftId')
    throw error
  }
}

const stepSchema = z.object({ id: uuid, version: z.int() })
export type SwapStep = z.input<typeof stepSchema>

/** Says yes: by the person who was asked, or by anybody qualified when everybody was. A manager decides then. */
export async function acceptSwap(tx: Tx, actor: ClinicActor, input: SwapStep): Promise<{ id: string }> {
  const { id, version } = validate(stepSchema, input)
  const staffId = ownStaffId(actor)
  const swap = await lockSwap(tx, actor, id, version)
  if (swap.status !== 'asked') throw new WrongStateError('ShiftSwap', swap.status, 'accepted')
  if (swap.fromStaffId === staffId || (swap.toStaffId !== null && swap.toStaffId !== staffId))
    throw new NotPermittedError('Somebody else was asked.', 'asked-person')
  const shift = await lockShift(tx, actor, swap.shiftId)
  assertTradeable(tx, shift, 'swapped')
  await getQualified(tx, actor, staffId, shift)
  await writeSwap(tx, id, { toStaffId: staffId, status: 'accepted' })
  return { id }
}

const approveSchema = stepSchema.extend({ reason: text(300).nullish() })
export type SwapApproval = z.input<typeof approveSchema>

/**
 * Approves an accepted swap: the shifts change hands at once, in one statement, and the exclusion constraint proves that
 * nobody is on two of them. Other swaps of these shifts fall away.
 * @throws ShiftOverlapError, NotQualifiedError, WrongStateError for one that is not accepted, or whose shifts have begun or changed hands
 */
export async function approveSwap(tx: Tx, actor: ClinicActor, input: SwapApproval): Promise<{ id: string }> {
  const { id, version, reason = null } = validate(approveSchema, input)
  const swap = await lockSwap(tx, actor, id, version)
  const { fromStaffId, toStaffId } = swap
  if (swap.status !== 'accepted' || toStaffId === null) throw new WrongStateError('ShiftSwap', swap.status, 'approved')
  const given: { shift: RosterShift; from: string; to: string }[] = []
  // In the order of their ids, as everybody who locks two.
  for (const shiftId of [swap.shiftId, swap.counterShiftId].flatMap((one) => one ?? []).sort()) {
    const shift = await lockShift(tx, actor, shiftId)
    assertTradeable(tx, shift, 'swapped')
    const [from, to] = shiftId === swap.shiftId ? [fromStaffId, toStaffId] : [toStaffId, fromStaffId]
    if (shift.staffId !== from) throw new WrongStateError('ShiftSwap', 'outdated', 'approved')
    await getQualified(tx, actor, to, shift)
    given.push({ shift, from, to })
  }
  await giveShifts(
    tx,
    actor,
    given.map(({ shift, to }) => ({ id: shift.id, to })),
  )
  await writeSwap(tx, id, { status: 'approved', decisionReason: reason, ...decidedBy(tx, actor) })
  await closeSwaps(
    tx,
    actor,
    given.map(({ shift }) => shift.id),
    id,
  )
  return { id }
}

// One statement, so that two people who swap overlapping shifts are compared when both have what they get.
async function giveShifts(tx: Tx, actor: ClinicActor, given: readonly { readonly id: string; readonly to: string }[]): Promise<void> {
  const changed = await withoutOverlap(null, () =>
    tx.query<{ id: string }>({
      name: 'give_shifts',
      text: `UPDATE roster_shift s SET staff_id = given.staff_id, version = s.version + 1, updated_at = $5::timestamptz
        FROM unnest($3::uuid[], $4::uuid[]) AS given(id, staff_id) WHERE s.organisation_id = $1::uuid AND s.clinic_id = $2::uuid AND s.id = given.id RETURNING s.id`,
      values: [actor.organisationId, actor.clinic.id, given.map(({ id }) => id), given.map(({ to }) => to), tx.clock.now().toISOString()],
    }),
  )
  tx.changes(
    'RosterShift',
    changed.map(({ id }) => id),
    ['staffId'],
  )
}

const refuseSchema = stepSchema.extend({ reason: text(300) })
export type SwapRefusal = z.input<typeof refuseSchema>

/** Says no, with the reason: by whoever manages schedules, or by the person who was asked. */
export async function refuseSwap(tx: Tx, actor: ClinicActor, input: SwapRefusal): Promise<{ id: string }> {
  const { id, version, reason } = validate(refuseSchema, input)
  const swap = await lockSwap(tx, actor, id, version)
  if (!isPending(swap)) throw new WrongStateError('ShiftSwap', swap.status, 'refused')
  if (!holds(actor, 'schedule:manage') && (actor.staffId === null || swap.toStaffId !== actor.staffId))
    throw new NotPermittedError('A swap is refused by the person who was asked, or by whoever manages schedules.', 'asked-person')
  tx.because(reason)
  await writeSwap(tx, id, { status: 'refused', decisionReason: reason, ...decidedBy(tx, actor) })
  return { id }
}

/** Takes back what one has asked for, until it is decided. */
export async function withdrawSwap(tx: Tx, actor: ClinicActor, input: SwapStep): Promise<{ id: string }> {
  const { id, version } = validate(stepSchema, input)
  const swap = await lockSwap(tx, actor, id, version)
  assertOwner(actor, swap.fromStaffId)
  if (!isPending(swap)) throw new WrongStateError('ShiftSwap', swap.status, 'withdrawn')
  await writeSwap(tx, id, { status: 'withdrawn' })
  return { id }
}

const isPending = ({ status }: ShiftSwap): boolean => status === 'asked' || status === 'accepted'

function decidedBy(tx: Tx, actor: ClinicActor): Pick<ShiftSwap, 'decidedAt' | 'decidedById'> {
  return { decidedAt: tx.clock.now(), decidedById: actor.kind === 'user' ? actor.userId : null }
}

async function lockSwap(tx: Tx, actor: ClinicActor, id: string, version: number): Promise<ShiftSwap> {
  const rows = await tx.query<{ swap: ShiftSwap }>({
    name: 'lock_shift_swap',
    text: `SELECT row_to_json(found) AS swap FROM (SELECT ${shiftSwaps.columns('w')} FROM shift_swap w
      WHERE w.organisation_id = $1::uuid AND w.clinic_id = $2::uuid AND w.id = $3::uuid FOR NO KEY UPDATE) AS found`,
    values: [actor.organisationId, actor.clinic.id, id],
  })
  const [swap] = shiftSwaps.take(
    tx,
    rows.map((row) => row.swap),
  )
  if (!swap) throw new NotFoundError('ShiftSwap')
  if (swap.version !== version) throw new StaleVersionError('ShiftSwap', swap.version)
  return swap
}

async function writeSwap(
  tx: Tx,
  id: string,
  data: Partial<Pick<ShiftSwap, 'toStaffId' | 'status' | 'decisionReason' | 'decidedAt' | 'decidedById'>>,
): Promise<void> {
  await tx.prisma.shiftSwap.update({ where: { id }, data: { ...data, version: { increment: 1 } }, select: { id: true } })
  tx.changes('ShiftSwap', [id], Object.keys(data))
}
