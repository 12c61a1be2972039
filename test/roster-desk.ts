import type { RoleCode } from '../modules/access/index.ts'
import { addDays } from '../modules/kernel/time.ts'
import { ERRORS } from './operations.ts'
import { actorOf, type Caller, openDesk } from './scheduling-desk.ts'
import { addStaff } from './world-staff.ts'

export const SHIFT = `id date start end endsNextDay breakStart breakEnd startsAt endsAt isClockChanged position note status isOpen version
  staff { id name } template { id code } clinic { id }`
export const SWAP = `id status reason decisionReason decidedAt version shift { id staff { id } } counterShift { id staff { id } } from { id } to { id }`
export const WEEK = `weekStart roster { id status publishedAt version } shifts { ${SHIFT} } openShifts { id }
  coverage { date needed planned isMet need { position start end } } rule { maxWeekMinutes isPreset version }
  warnings { code date actual limit staff { id } } staff { id name }`
export const ROSTER_WEEK = `query RosterWeek($date: LocalDate) { rosterWeek(date: $date) { ${WEEK} } }`
export const MY_SHIFTS = `query MyShifts($from: LocalDate, $until: LocalDate) { myShifts(from: $from, until: $until) { ${SHIFT} } }`
export const OPEN_SHIFTS = 'query OpenShifts { openShifts(first: 100) { edges { node { id } } } }'
export const SWAPS = `query Swaps($closed: Boolean! = false, $status: ShiftSwapStatus) { shiftSwaps(first: 100, includeClosed: $closed, status: $status) { edges { node { ${SWAP} } } } }`

/** A mutation of one input by its name, with what is asked of its answer. */
export function mutation(name: string, type: string, fields: string): string {
  const input = `${name[0]?.toUpperCase()}${name.slice(1)}Input`
  return `mutation M_${name}($input: ${input}!) { ${name}(input: $input) { __typename ... on ${type} { ${fields} } ${ERRORS} } }`
}
export const PLAN = mutation('planShift', 'RosterShift', SHIFT)
export const CHANGE = mutation('changeShift', 'RosterShift', SHIFT)
export const REMOVE = mutation('removeShift', 'RosterWeek', WEEK)
export const PUBLISH = mutation('publishRoster', 'RosterWeek', WEEK)
export const COPY = mutation('copyRoster', 'RosterWeek', WEEK)
export const FILL = mutation('planTemplate', 'RosterWeek', WEEK)
export const CLAIM = mutation('claimOpenShift', 'RosterShift', SHIFT)
export const RELEASE = mutation('releaseShift', 'RosterShift', SHIFT)

/** The desk of the scheduling tests, with a veterinarian's profile for the people of some roles at the first clinic, and weeks of one's own. */
export async function openRosterDesk(roles: readonly RoleCode[]) {
  const desk = await openDesk()
  const staff = new Map<RoleCode, string>()
  for (const role of roles) staff.set(role, await addStaff(desk.harness.app, actorOf(desk.org), { name: `Vet ${role}`, userId: desk.org.userId(role) }))
  let week = 0
  const manager: Caller = { role: 'manager' }
  const staffOf = (role: RoleCode) => staff.get(role) ?? ''
  const monday = () => addDays('2027-02-01', 7 * week)
  const plan = (input: object, caller: Caller = manager) =>
    desk.ask(PLAN, { input: { date: monday(), start: '09:00', end: '17:00', position: 'veterinarian', ...input } }, caller)
  const show = (caller: Caller = manager, date = monday()) => desk.ask(ROSTER_WEEK, { date }, caller)
  const publish = async (date = monday(), caller: Caller = manager) => {
    const { roster } = await show(caller, date)
    return desk.ask(PUBLISH, { input: { id: roster.id, version: roster.version } }, caller)
  }
  return {
    ...desk,
    staffOf,
    manager,
    monday,
    plan,
    show,
    publish,
    nextMonday: () => {
      week += 1
      return monday()
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  }
}
