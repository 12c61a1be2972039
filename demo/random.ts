/** A source of numbers that its seed alone decides, so that the demo is the same everywhere. */
export type Random = {
  /** In `[0, 1)`. */
  readonly next: () => number
  /** A whole number from `min` to `max`, both included. */
  readonly between: (min: number, max: number) => number
  readonly chance: (probability: number) => boolean
  /** Throws RangeError for an empty list. */
  readonly pick: <T>(items: readonly T[]) => T
  /** Different items in random order; all of them when there are no more. */
  readonly sample: <T>(items: readonly T[], count: number) => T[]
}

/** Mulberry32 over an FNV-1a hash of the seed. Not for secrets. */
export function createRandom(seed: string): Random {
  let state = 0x811c9dc5
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('nothing to pick from')
      return at(items, between(0, items.length - 1))
    },
    sample: (items, count) => {
      const left = [...items]
      return Array.from({ length: Math.min(count, left.length) }, () => at(left.splice(between(0, left.length - 1), 1), 0))
    },
  }
}

/** The item at an index that is known to exist. */
export function at<T>(items: readonly T[], index: number): T {
  const [item] = items.slice(index, index + 1)
  if (item === undefined) throw new RangeError(`no item ${index}`)
  return item
}

/** The value of a key that is known to exist. */
export function entryOf<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key)
  if (value === undefined) throw new RangeError(`no entry ${String(key)}`)
  return value
}
