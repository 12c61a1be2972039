import type { Cluster } from '../own-cluster.ts'

/** S shows that the program works, M that the figures are plausible, L is what counts. */
export const SIZES = ['S', 'M', 'L'] as const
export type Size = (typeof SIZES)[number]

export type Goal = { readonly text: string; readonly isMet: boolean }

/** What one measurement found: a table, what else to know, and how it compares with what was promised. */
export type Section = {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
  readonly goals: readonly Goal[]
}

export type MeasureContext = { readonly size: Size; readonly cluster: Cluster; readonly say: (line: string) => void }

/** One measurement with a database of its own. */
export type Measure = { readonly name: string; readonly title: string; readonly run: (context: MeasureContext) => Promise<Section> }

/** A value for each size. */
export const bySize = <T>(size: Size, values: Readonly<Record<Size, T>>): T => values[size]

export async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly result: T }> {
  const begun = performance.now()
  const result = await work()
  return { seconds: (performance.now() - begun) / 1000, result }
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
export const formatCount = (value: number) => whole.format(value)
export const formatRange = (values: readonly number[]) => `${formatCount(Math.min(...values))} to ${formatCount(Math.max(...values))}`
