import { dayInterval, type Interval, localDateOf } from '../kernel/time.ts'

/** Visits begin on a grid of ten minutes, counted from local midnight. Source: practice of established systems. */
export const GRID_MINUTES = 10

const MINUTE_MS = 60_000

export type SlotSearch = {
  /** Hours of work of the person, in any order; they may touch or overlap. */
  readonly shifts: readonly Interval[]
  /** Everything that occupies the person or the room, in any order. Any overlapping claim counts, overbooked ones included. */
  readonly busy: readonly Interval[]
  readonly durationMinutes: number
  /** No slot begins before this. */
  readonly notBefore: Date
  readonly limit: number
  /** The clinic's, for the grid. */
  readonly timeZone: string
}

/**
 * The first free starts, in order: each slot `[start, start + duration)` lies inside a shift, overlaps nothing that is
 * busy, and begins on the grid. Slots may overlap each other: they are offers, of which one is taken.
 */
export function findOpenSlots({ shifts, busy, durationMinutes, notBefore, limit, timeZone }: SlotSearch): Date[] {
  const slots: Date[] = []
  const lengthMs = durationMinutes * MINUTE_MS
  for (const gap of subtract(mergeIntervals(shifts), mergeIntervals(busy))) {
    const earliest = gap.start < notBefore ? notBefore : gap.start
    for (let start = nextOnGrid(earliest, timeZone); start + lengthMs <= gap.end.getTime(); start += GRID_MINUTES * MINUTE_MS) {
      if (slots.length >= limit) return slots
      slots.push(new Date(start))
    }
  }
  return slots
}

/** Joins intervals that overlap or touch; in order. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const merged: { start: Date; end: Date }[] = []
  for (const { start, end } of [...intervals].sort((a, b) => a.start.getTime() - b.start.getTime())) {
    const last = merged.at(-1)
    if (last && start <= last.end) last.end = end > last.end ? end : last.end
    else merged.push({ start, end })
  }
  return merged
}

/** True when the whole of an interval lies in working time; shifts that touch count as one. */
export function isCovered(wanted: Interval, shifts: readonly Interval[]): boolean {
  return mergeIntervals(shifts).some(({ start, end }) => start <= wanted.start && wanted.end <= end)
}

// Both lists are merged: in order and apart.
function subtract(from: readonly Interval[], holes: readonly Interval[]): Interval[] {
  return from.flatMap(({ start, end }) => {
    const rest: Interval[] = []
    let free = start
    for (const hole of holes) {
      if (hole.end <= free || hole.start >= end) continue
      if (hole.start > free) rest.push({ start: free, end: hole.start })
      free = hole.end
    }
    if (free < end) rest.push({ start: free, end })
    return rest
  })
}

// Elapsed minutes since midnight: changes of the clock are multiples of the grid, so the wall clock keeps to it as well.
function nextOnGrid(instant: Date, timeZone: string): number {
  const midnight = dayInterval(localDateOf(instant, timeZone), timeZone).start.getTime()
  const step = GRID_MINUTES * MINUTE_MS
  return midnight + Math.ceil((instant.getTime() - midnight) / step) * step
}
