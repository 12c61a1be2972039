import { dayInterval, type Interval, localDateOf, MINUTE_MS } from '../kernel/time.ts'
import type { Buffer } from './needs.ts'

/** Visits begin on a grid of ten minutes, counted from local midnight. Source: practice of established systems. */
export const GRID_MINUTES = 10

/** A resource that could serve: when it is there at all (`null`: always), and when it is not free. In any order; they may touch or overlap. */
export type Candidate = { readonly id: string; readonly open: readonly Interval[] | null; readonly busy: readonly Interval[] }

/** One of the candidates has to be free for the visit and its buffer; in order of preference. */
export type Need = { readonly buffer: Buffer; readonly candidates: readonly Candidate[] }

export type SlotSearch = {
  /** What a visit takes at once. No candidate serves two of them. */
  readonly needs: readonly Need[]
  readonly durationMinutes: number
  /** Visits lie in one of these; overlapping and touching ones count as one. */
  readonly windows: readonly Interval[]
  /** When visits may begin, `[start, end)`; left out: at any time of the windows. */
  readonly starts?: Interval
  readonly limit: number
  /** The clinic's, for the grid. */
  readonly timeZone: string
}

/** A start, and the first free candidate of each need, in the order of the needs. */
export type Slot = { readonly start: Date; readonly resourceIds: readonly string[] }

/**
 * The first free starts, in order: each slot `[start, start + duration)` lies inside a window, begins on the grid, and finds a candidate
 * for every need that is there, and free, from its buffer before to its buffer after. Slots may overlap each other: they are offers, of
 * which one is taken.
 */
export function findOpenSlots({ needs, durationMinutes, windows, starts, limit, timeZone }: SlotSearch): Slot[] {
  const length = durationMinutes * MINUTE_MS
  const bounds: Spans = starts ? [[starts.start.getTime(), starts.end.getTime() - 1]] : ALWAYS
  const inWindows = intersect(startsWithin(mergeSpans(windows.map(toSpan)), length, NO_BUFFER), bounds)
  const startsOfNeeds = needs.map(({ buffer, candidates }) =>
    candidates.map(({ id, open, busy }) => {
      const there = open === null ? ALWAYS : mergeSpans(open.map(toSpan))
      return { id, starts: startsWithin(subtract(there, mergeSpans(busy.map(toSpan))), length, buffer) }
    }),
  )
  const common = startsOfNeeds.reduce((found, candidates) => intersect(found, union(candidates.map(({ starts }) => starts))), inWindows)
  const slots: Slot[] = []
  for (const [first, last] of common) {
    for (let start = nextOnGrid(first, timeZone); start <= last; start += GRID_MINUTES * MINUTE_MS) {
      if (slots.length >= limit) return slots
      slots.push({ start: new Date(start), resourceIds: startsOfNeeds.map((candidates) => freeAt(candidates, start)) })
    }
  }
  return slots
}

/** Joins intervals that overlap or touch; in order. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  return mergeSpans(intervals.map(toSpan)).map(([start, end]) => ({ start: new Date(start), end: new Date(end) }))
}

/** True when the whole of an interval lies in working time; shifts that touch count as one. */
export function isCovered(wanted: Interval, shifts: readonly Interval[]): boolean {
  return mergeIntervals(shifts).some(({ start, end }) => start <= wanted.start && wanted.end <= end)
}

/** True for an instant at which a visit may be offered. */
export function isOnGrid(instant: Date, timeZone: string): boolean {
  return nextOnGrid(instant.getTime(), timeZone) === instant.getTime()
}

/** Milliseconds, in order and apart; half-open as times of a resource, with both ends as possible starts. */
type Spans = readonly (readonly [number, number])[]

const NO_BUFFER: Buffer = { before: 0, after: 0 }
const ALWAYS: Spans = [[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]]

function toSpan({ start, end }: Interval): readonly [number, number] {
  return [start.getTime(), end.getTime()]
}

function mergeSpans(spans: Spans): Spans {
  const merged: [number, number][] = []
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}

function subtract(from: Spans, holes: Spans): Spans {
  const rest: [number, number][] = []
  let next = 0
  for (const [start, end] of from) {
    let free = start
    while ((holes[next]?.[1] ?? Number.POSITIVE_INFINITY) <= start) next += 1
    for (let index = next; index < holes.length; index += 1) {
      const [from, until] = holes[index] ?? [end, end]
      if (from >= end) break
      if (from > free) rest.push([free, from])
      free = until
    }
    if (free < end) rest.push([free, end])
  }
  return rest
}

// When a visit may begin so that it and its buffer lie in free time: first and last start of each span that is long enough.
function startsWithin(free: Spans, length: number, { before, after }: Buffer): Spans {
  return free.map(([start, end]) => [start + before * MINUTE_MS, end - after * MINUTE_MS - length] as const).filter(([first, last]) => first <= last)
}

// Starts of different candidates are joined only where they overlap or meet: between two of them that are apart nobody is free.
function union(all: readonly Spans[]): Spans {
  const [only] = all
  return all.length === 1 && only ? only : mergeSpans(all.flat())
}

function intersect(a: Spans, b: Spans): Spans {
  const both: [number, number][] = []
  for (let i = 0, j = 0; ; ) {
    const [x, y] = [a[i], b[j]]
    if (!x || !y) return both
    const [first, last] = [Math.max(x[0], y[0]), Math.min(x[1], y[1])]
    if (first <= last) both.push([first, last])
    if (x[1] < y[1]) i += 1
    else j += 1
  }
}

function freeAt(candidates: readonly { readonly id: string; readonly starts: Spans }[], at: number): string {
  const free = candidates.find(({ starts }) => contains(starts, at))
  if (!free) throw new Error('a common start has a candidate for every need')
  return free.id
}

function contains(spans: Spans, at: number): boolean {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle]?.[1] ?? at) < at) low = middle + 1
    else high = middle
  }
  const [first] = spans[low] ?? [Number.POSITIVE_INFINITY]
  return first <= at
}

// Elapsed minutes since midnight: changes of the clock are multiples of the grid, so the wall clock keeps to it as well.
function nextOnGrid(instant: number, timeZone: string): number {
  const at = new Date(instant)
  const midnight = dayInterval(localDateOf(at, timeZone), timeZone).start.getTime()
  const step = GRID_MINUTES * MINUTE_MS
  return midnight + Math.ceil((instant - midnight) / step) * step
}
