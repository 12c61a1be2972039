/** The middle of the sorted values; of an even number, the mean of the two in the middle. Throws for none. */
export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** Linear interpolation between the two nearest ranks. Throws for no values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = ((sorted.length - 1) * percent) / 100
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (low === undefined || high === undefined) throw new Error('there are no values')
  return low + (high - low) * (place - Math.floor(place))
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new Error('there are no values')
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export type Interval = { readonly mean: number; readonly low: number; readonly high: number }

/** Mean with its 95 % interval by Student's t; at least two values. */
export function interval95(values: readonly number[]): Interval {
  const centre = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)
  const half = studentT975(values.length - 1) * Math.sqrt(variance / values.length)
  return { mean: centre, low: centre - half, high: centre + half }
}

/**
 * The 97.5 % point of Student's t. Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.5; from 5 degrees
 * of freedom on within 0.1 %.
 */
export function studentT975(degrees: number): number {
  const z = 1.959963984540054
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ]
  return terms.reduce((sum, term, index) => sum + term / degrees ** (index + 1), z)
}
