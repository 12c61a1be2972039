import type { OwnProfileQuery, ShiftFieldsFragment, SwapFieldsFragment } from '../../gql/graphql.ts'

export type Profile = NonNullable<OwnProfileQuery['staffMember']>
type Shift = Pick<ShiftFieldsFragment, 'id' | 'date' | 'position' | 'startsAt' | 'endsAt'>

/** Why somebody cannot take a shift. The server decides again. */
export type Obstacle = 'position' | 'employment' | 'overlap'

/** @param own what the person has already; the shift itself among it is no obstacle */
export function obstacleOf(shift: Shift, profile: Profile, own: readonly Shift[]): Obstacle | null {
  if (shift.position !== profile.position) return 'position'
  if (shift.date < profile.hiredOn || (profile.terminatedOn !== null && profile.terminatedOn < shift.date)) return 'employment'
  const [start, end] = [Date.parse(shift.startsAt), Date.parse(shift.endsAt)]
  const isTaken = own.some((one) => one.id !== shift.id && Date.parse(one.startsAt) < end && start < Date.parse(one.endsAt))
  return isTaken ? 'overlap' : null
}

export type SwapStep = 'accept' | 'approve' | 'refuse' | 'withdraw'
type Reader = { readonly staffId: string | null; readonly isPlanner: boolean; readonly profile: Profile | null }

/** What the reader may do next with a swap, what matters most first. */
export function stepsOf({ status, from, to, shift }: Pick<SwapFieldsFragment, 'status' | 'from' | 'to'> & { shift: Shift }, reader: Reader): SwapStep[] {
  const { staffId, isPlanner, profile } = reader
  if (status !== 'ASKED' && status !== 'ACCEPTED') return []
  const isMine = from.id === staffId
  const isAsked = to !== null && to.id === staffId
  const isForAnybody = to === null && profile !== null && !isMine && obstacleOf(shift, profile, []) === null
  const steps: (SwapStep | false)[] = [
    status === 'ASKED' && (isAsked || isForAnybody) && 'accept',
    status === 'ACCEPTED' && isPlanner && 'approve',
    (isPlanner || isAsked) && 'refuse',
    isMine && 'withdraw',
  ]
  return steps.filter((step) => step !== false)
}
