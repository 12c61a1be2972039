import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addDays } from '../../modules/kernel/time.ts'
import { lastEntry } from '../operations.ts'
import { CHANGE, CLAIM, MY_SHIFTS, mutation, openRosterDesk, RELEASE, REMOVE, SWAP, SWAPS } from '../roster-desk.ts'
import { actorOf, paramsOf } from '../scheduling-desk.ts'
import { addStaff } from '../world-staff.ts'

const ASK = mutation('askSwap', 'ShiftSwap', SWAP)
const ACCEPT = mutation('acceptSwap', 'ShiftSwap', SWAP).replace('AcceptSwapInput', 'SwapStepInput')
const APPROVE = mutation('approveSwap', 'ShiftSwap', SWAP)
const REFUSE = mutation('refuseSwap', 'ShiftSwap', SWAP)
const WITHDRAW = mutation('withdrawSwap', 'ShiftSwap', SWAP).replace('WithdrawSwapInput', 'SwapStepInput')

type Role = 'veterinarian' | 'assistant' | 'groomer' | 'receptionist'
type Id = { id: string }
let desk: Awaited<ReturnType<typeof openRosterDesk>>
beforeAll(async () => {
  desk = await openRosterDesk(['veterinarian', 'assistant', 'groomer'])
}, 120_000)
beforeEach(() => {
  desk.nextMonday()
})
afterAll(() => desk[Symbol.asyncDispose]())

const ask = (input: object, role: Role = 'veterinarian') => desk.ask(ASK, { input }, { role })
const accept = ({ id }: Id, version: number, role: Role = 'assistant') => desk.ask(ACCEPT, { input: { id, version } }, { role })
const approve = ({ id }: Id, version: number, input: object = {}) => desk.ask(APPROVE, { input: { id, version, ...input } }, desk.manager)
/** Shifts of people on days of the week, published. */
async function publishShifts(...shifts: readonly [Role | null, number, object?][]): Promise<Id[]> {
  const made: Id[] = []
  for (const [role, day, input] of shifts) made.push(await desk.plan({ staffId: role && desk.staffOf(role), date: addDays(desk.monday(), day), ...input }))
  await desk.publish()
  return made
}
const owners = async () => Object.fromEntries((await desk.show()).shifts.map((shift: { id: string; staff: Id | null }) => [shift.id, shift.staff?.id ?? null]))
const one = <T>([first]: readonly T[]): T => {
  if (first === undefined) throw new Error('nothing')
  return first
}

describe('a swap', () => {
  it('gives a shift for another when it is accepted and approved, and not before', async () => {
    const [mine, theirs] = await publishShifts(['veterinarian', 0], ['assistant', 1])
    if (!mine || !theirs) throw new Error('no shifts')
    const before = await owners()
    const swap = await ask({ shiftId: mine.id, counterShiftId: theirs.id, reason: 'wedding' })
    expect(swap).toMatchObject({
      __typename: 'ShiftSwap',
      status: 'ASKED',
      reason: 'wedding',
      from: { id: desk.staffOf('veterinarian') },
      to: { id: desk.staffOf('assistant') },
      version: 1,
    })
    expect(await approve(swap, 1)).toMatchObject({ __typename: 'WrongState' })
    expect(await accept(swap, 1)).toMatchObject({ status: 'ACCEPTED', version: 2 })
    expect(await owners()).toEqual(before)
    expect(await approve(swap, 2, { reason: 'fine' })).toMatchObject({
      status: 'APPROVED',
      decisionReason: 'fine',
      version: 3,
      shift: { staff: { id: desk.staffOf('assistant') } },
      counterShift: { staff: { id: desk.staffOf('veterinarian') } },
    })
    expect(await owners()).toEqual({ [mine.id]: desk.staffOf('assistant'), [theirs.id]: desk.staffOf('veterinarian') })
    const entry = await lastEntry(desk.harness, 'M_approveSwap/approveSwap')
    expect(entry?.body.changes?.map(({ type, ids }) => [type, ids.length]).sort()).toEqual([
      ['RosterShift', 2],
      ['ShiftSwap', 1],
    ])
    expect(await approve(swap, 3)).toMatchObject({ __typename: 'WrongState' })
    const own = await desk.ask(MY_SHIFTS, { from: desk.monday(), until: addDays(desk.monday(), 7) }, { role: 'veterinarian' })
    expect(own.map(({ id }: Id) => id)).toEqual([theirs.id])
  })

  it('exchanges shifts that overlap each other', async () => {
    const [mine, theirs] = await publishShifts(['veterinarian', 0, { start: '08:00', end: '14:00' }], ['assistant', 0, { start: '12:00', end: '20:00' }])
    if (!mine || !theirs) throw new Error('no shifts')
    const swap = await ask({ shiftId: mine.id, counterShiftId: theirs.id })
    await accept(swap, 1)
    expect(await approve(swap, 2)).toMatchObject({ status: 'APPROVED' })
    expect(await owners()).toEqual({ [mine.id]: desk.staffOf('assistant'), [theirs.id]: desk.staffOf('veterinarian') })
  })

  it('changes nothing when somebody would be on two shifts at once, here or elsewhere', async () => {
    const mine = one(await publishShifts(['veterinarian', 0]))
    await desk.plan({ staffId: desk.staffOf('assistant'), start: '16:00', end: '20:00' }, { role: 'manager', clinic: 1 })
    const swap = await ask({ shiftId: mine.id, toStaffId: desk.staffOf('assistant') })
    await accept(swap, 1)
    expect(await approve(swap, 2)).toMatchObject({ __typename: 'ShiftOverlap' })
    expect(await owners()).toEqual({ [mine.id]: desk.staffOf('veterinarian') })
    expect((await desk.ask(SWAPS, {}, desk.manager)).edges.find(({ node }: { node: Id }) => node.id === swap.id).node).toMatchObject({ status: 'ACCEPTED' })
  })

  it('is open to anybody qualified, of whom the first has it', async () => {
    const mine = one(await publishShifts(['veterinarian', 0]))
    const swap = await ask({ shiftId: mine.id })
    expect(swap).toMatchObject({ to: null, counterShift: null })
    const answers = await Promise.all([accept(swap, 1, 'assistant'), accept(swap, 1, 'groomer')])
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['ShiftSwap', 'StaleVersion'])
    expect(await accept(swap, 2, 'veterinarian')).toMatchObject({ __typename: 'WrongState' })
    expect(await approve(swap, 2)).toMatchObject({ status: 'APPROVED' })
  })

  it('is answered by whoever was asked, who has the position and is employed that day', async () => {
    const groomer = await addStaff(desk.harness.app, actorOf(desk.org), { position: 'groomer', userId: desk.org.userId('receptionist') })
    const gone = await addStaff(desk.harness.app, actorOf(desk.org), { terminatedOn: '2026-12-31' })
    const mine = one(await publishShifts(['veterinarian', 0]))
    expect(paramsOf(await ask({ shiftId: mine.id, toStaffId: groomer }))).toEqual({ staffId: groomer, rule: 'position' })
    expect(paramsOf(await ask({ shiftId: mine.id, toStaffId: gone }))).toEqual({ staffId: gone, rule: 'employment' })
    expect(await ask({ shiftId: mine.id, toStaffId: desk.staffOf('veterinarian') })).toMatchObject({ issues: [{ path: 'toStaffId' }] })
    expect(await ask({ shiftId: mine.id }, 'assistant')).toMatchObject({ __typename: 'NotPermitted' })
    const swap = await ask({ shiftId: mine.id, toStaffId: desk.staffOf('assistant') })
    expect(await accept(swap, 1, 'groomer')).toMatchObject({ __typename: 'NotPermitted' })
    expect(await accept(swap, 1, 'veterinarian')).toMatchObject({ __typename: 'NotPermitted' })
    expect(await ask({ shiftId: mine.id })).toMatchObject({ __typename: 'AlreadyExists' })
  })

  it('is asked for in a published roster alone', async () => {
    const draft: Id = await desk.plan({ staffId: desk.staffOf('veterinarian') })
    expect(await ask({ shiftId: draft.id })).toMatchObject({ __typename: 'WrongState' })
    const open: Id = await desk.plan({})
    await desk.publish()
    expect(await ask({ shiftId: open.id })).toMatchObject({ __typename: 'NotPermitted' })
    expect(await ask({ shiftId: draft.id, counterShiftId: open.id })).toMatchObject({ issues: [{ path: 'counterShiftId' }] })
    expect(await ask({ shiftId: draft.id, counterShiftId: draft.id })).toMatchObject({ issues: [{ path: 'counterShiftId' }] })
  })

  it('is refused with a reason, by a manager or by the colleague, and restores nothing', async () => {
    const [first, second] = await publishShifts(['veterinarian', 0], ['veterinarian', 1])
    if (!first || !second) throw new Error('no shifts')
    const one = await ask({ shiftId: first.id, toStaffId: desk.staffOf('assistant') })
    const other = await ask({ shiftId: second.id, toStaffId: desk.staffOf('assistant') })
    const refuse = ({ id }: Id, role: Role | 'manager', reason = 'too few people') => desk.ask(REFUSE, { input: { id, version: 1, reason } }, { role })
    expect(await refuse(one, 'groomer')).toMatchObject({ __typename: 'NotPermitted' })
    expect(await refuse(one, 'manager', ' ')).toMatchObject({ __typename: 'InvalidInput' })
    expect(await refuse(one, 'manager')).toMatchObject({ status: 'REFUSED', decisionReason: 'too few people', decidedAt: expect.any(String) })
    expect(await refuse(other, 'assistant', 'I am away')).toMatchObject({ status: 'REFUSED' })
    expect((await lastEntry(desk.harness, 'M_refuseSwap/refuseSwap'))?.reason).toBe('I am away')
    expect(Object.values(await owners())).toEqual([desk.staffOf('veterinarian'), desk.staffOf('veterinarian')])
    expect(await ask({ shiftId: first.id })).toMatchObject({ status: 'ASKED' })
  })

  it('is withdrawn by whoever asked, until it is decided', async () => {
    const mine = one(await publishShifts(['veterinarian', 0]))
    const swap = await ask({ shiftId: mine.id })
    const withdraw = (version: number, role: Role) => desk.ask(WITHDRAW, { input: { id: swap.id, version } }, { role })
    expect(await withdraw(1, 'assistant')).toMatchObject({ __typename: 'NotPermitted' })
    await accept(swap, 1)
    expect(await withdraw(2, 'veterinarian')).toMatchObject({ status: 'WITHDRAWN', version: 3 })
    expect(await withdraw(3, 'veterinarian')).toMatchObject({ __typename: 'WrongState' })
    expect(await approve(swap, 3)).toMatchObject({ __typename: 'WrongState' })
  })

  it.each(['released', 'changed', 'cancelled'] as const)('falls away when its shift is %s', async (how) => {
    const mine = one(await publishShifts(['veterinarian', 0]))
    const swap = await ask({ shiftId: mine.id, toStaffId: desk.staffOf('assistant') })
    await accept(swap, 1)
    if (how === 'released') await desk.ask(RELEASE, { input: { shiftId: mine.id } }, { role: 'veterinarian' })
    if (how === 'changed') await desk.ask(CHANGE, { input: { id: mine.id, version: 1, staffId: desk.staffOf('groomer') } }, desk.manager)
    if (how === 'cancelled') await desk.ask(REMOVE, { input: { id: mine.id, version: 1 } }, desk.manager)
    expect(await approve(swap, 3)).toMatchObject({ __typename: 'WrongState' })
    if (how === 'released') expect(await desk.ask(CLAIM, { input: { shiftId: mine.id } }, { role: 'groomer' })).toMatchObject({ __typename: 'RosterShift' })
  })
})

describe('the list of swaps', () => {
  it('shows managers all of them, and others those that concern them or are open to anybody', async () => {
    const [mine, theirs] = await publishShifts(['veterinarian', 0], ['assistant', 1])
    if (!mine || !theirs) throw new Error('no shifts')
    const closed = await ask({ shiftId: mine.id, toStaffId: desk.staffOf('assistant'), reason: 'private' })
    const open = await ask({ shiftId: theirs.id }, 'assistant')
    const seen = async (role: Role | 'manager') =>
      (await desk.ask(SWAPS, {}, { role })).edges.map(({ node }: { node: Id }) => node.id).filter((id: string) => id === closed.id || id === open.id)
    expect(await seen('manager')).toEqual([open.id, closed.id])
    expect(await seen('veterinarian')).toEqual([open.id, closed.id])
    expect(await seen('groomer')).toEqual([open.id])
    expect(await seen('receptionist')).toEqual([open.id])
    await desk.ask(WITHDRAW, { input: { id: open.id, version: 1 } }, { role: 'assistant' })
    expect(await seen('manager')).toEqual([closed.id])
    const all = await desk.ask(SWAPS, { closed: true }, desk.manager)
    expect(all.edges.map(({ node }: { node: Id }) => node.id)).toContain(open.id)
    const withdrawn = await desk.ask(SWAPS, { status: 'WITHDRAWN' }, { role: 'assistant' })
    expect(withdrawn.edges.map(({ node }: { node: Id }) => node.id)).toContain(open.id)
    expect(withdrawn.edges.map(({ node }: { node: { status: string } }) => node.status)).not.toContain('ASKED')
    expect((await desk.ask(SWAPS, { status: 'WITHDRAWN' }, { role: 'groomer' })).edges.map(({ node }: { node: Id }) => node.id)).not.toContain(open.id)
    const there = await desk.ask(SWAPS, { closed: true }, { role: 'manager', clinic: 1 })
    expect(there.edges).toEqual([])
  })

  it('is closed to whoever trades no shifts, and approving to whoever manages none', async () => {
    const mine = one(await publishShifts(['veterinarian', 0]))
    const swap = await ask({ shiftId: mine.id })
    await accept(swap, 1)
    expect((await desk.call(SWAPS, {}, { role: 'client' })).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await desk.call(APPROVE, { input: { id: swap.id, version: 2 } }, { role: 'assistant' })).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect(await desk.ask(APPROVE, { input: { id: swap.id, version: 2 } }, { role: 'manager', clinic: 1 })).toMatchObject({ __typename: 'NotFound' })
  })
})
