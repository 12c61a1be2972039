import type { Exposed } from '../exposition.ts'

export type Buckets = ReadonlyMap<number, number>

/** What fell into each bucket of a histogram between two scrapes, over all series that match. Cumulative, by upper bound. */
export function bucketsBetween(before: Exposed, after: Exposed, name: string, labels: Readonly<Record<string, string>> = {}): Buckets {
  const sums = new Map<number, number>()
  for (const [exposed, sign] of [[before, -1] as const, [after, 1] as const])
    for (const { labels: own, value } of exposed.find(`${name}_bucket`, labels)) {
      const bound = own.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(own.le)
      sums.set(bound, (sums.get(bound) ?? 0) + sign * value)
    }
  return new Map([...sums].sort(([a], [b]) => a - b))
}

/** As Prometheus' histogram_quantile does: linear within the bucket. Null when nothing was counted. */
export function quantile(buckets: Buckets, share: number): number | null {
  const entries = [...buckets]
  const total = entries.at(-1)?.[1] ?? 0
  if (total === 0) return null
  let [lower, below] = [0, 0]
  for (const [bound, count] of entries) {
    if (count >= share * total) return Number.isFinite(bound) ? lower + ((bound - lower) * (share * total - below)) / Math.max(1, count - below) : lower
    ;[lower, below] = [bound, count]
  }
  return lower
}
