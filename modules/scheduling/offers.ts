import { type Interval, MINUTE_MS, overlaps } from '../kernel/time.ts'
import { findOpenSlots, isCovered, type Need } from './slots.ts'

const MOST_OFFERS = 3

type Buffers = { readonly beforeMinutes: number; readonly afterMinutes: number }

/** A visit that has lost its person, and what its type asks of people. */
export type StrandedVisit = Interval & {
  readonly staffId: string
  /** Its room and its machines. */
  readonly placeIds: readonly string[]
  /** Of which the person must have one; none: anybody who can be booked. */
  readonly positions: readonly string[]
  /** For which the person is held before and after it, and the places at the most. */
  readonly person: Buffers
  readonly place: Buffers
}

export type Candidate = { readonly id: string; readonly position: string; readonly shifts: readonly Interval[] }

export type Offer = { readonly staffId: string; readonly startsAt: Date }

export type Calendar = {
  /** People who can be booked in those days, by name, with their hours; whoever is off may be among them. */
  readonly candidates: readonly Candidate[]
  /** What occupies a person, a room or a machine, closed times included, without the visit itself. */
  readonly busyOf: (resourceId: string) => readonly Interval[]
  /** When the person of the visit is off. */
  readonly away: Interval
  readonly notBefore: Date
  readonly timeZone: string
}

/**
 * At most three ways to keep a visit: other people with the right position who work and are free at its time, buffers included; when
 * there is nobody, the next times at which its own person, its room and its machines are free.
 */
export function offersFor(visit: StrandedVisit, calendar: Calendar): Offer[] {
  const others = calendar.candidates.filter((person) => person.id !== visit.staffId && isQualified(person, visit) && isFree(person, visit, calendar))
  if (others.length > 0) return others.slice(0, MOST_OFFERS).map(({ id }) => ({ staffId: id, startsAt: visit.start }))
  return findLaterTimes(visit, calendar).map((startsAt) => ({ staffId: visit.staffId, startsAt }))
}

function isQualified({ position }: Candidate, { positions }: StrandedVisit): boolean {
  return positions.length === 0 || positions.includes(position)
}

function isFree({ id, shifts }: Candidate, visit: StrandedVisit, { busyOf }: Calendar): boolean {
  const held = padded(visit, visit.person.beforeMinutes, visit.person.afterMinutes)
  return isCovered(visit, shifts) && !busyOf(id).some((busy) => overlaps(busy, held))
}

function findLaterTimes(visit: StrandedVisit, { candidates, busyOf, away, notBefore, timeZone }: Calendar): Date[] {
  const { staffId, placeIds, person, place } = visit
  const open = candidates.find(({ id }) => id === staffId)?.shifts ?? []
  const bufferOf = ({ beforeMinutes: before, afterMinutes: after }: Buffers) => ({ before, after })
  const needs: Need[] = [
    { buffer: bufferOf(person), candidates: [{ id: staffId, open, busy: [...busyOf(staffId), away] }] },
    ...placeIds.map((id): Need => ({ buffer: bufferOf(place), candidates: [{ id, open: null, busy: busyOf(id) }] })),
  ]
  const start = visit.start < notBefore ? notBefore : visit.start
  const end = new Date(Math.max(start.getTime(), ...open.map((shift) => shift.end.getTime())))
  const durationMinutes = (visit.end.getTime() - visit.start.getTime()) / MINUTE_MS
  return findOpenSlots({ needs, durationMinutes, windows: [{ start, end }], limit: MOST_OFFERS, timeZone }).map((slot) => slot.start)
}

function padded({ start, end }: Interval, beforeMinutes: number, afterMinutes: number): Interval {
  return { start: new Date(start.getTime() - beforeMinutes * MINUTE_MS), end: new Date(end.getTime() + afterMinutes * MINUTE_MS) }
}
