import type { Line } from './audit-checks.ts'
import type { Lab } from './lab.ts'

export type FaultContext = {
  readonly seed: number
  /** The short form, which `npm test` runs. */
  readonly isQuick: boolean
  /** Instead of the usual number of kills. */
  readonly kills?: number | undefined
  readonly lab: Lab
  readonly say: (line: string) => void
}

/** How often the fault was brought about, and what was counted afterwards. */
export type FaultResult = { readonly times: number; readonly lines: readonly Line[] }

/** One row of the table. */
export type Fault = {
  readonly name: string
  readonly title: string
  readonly run: (context: FaultContext) => Promise<FaultResult>
}

export const count = (label: string, value: number): Line => ({ label, count: value, mustBeZero: false })
export const mustBeZero = (label: string, value: number): Line => ({ label, count: value, mustBeZero: true })

/** Counting nothing finds nothing: a fault whose subject never happened is a violation too. */
export const mustHappen = (label: string, value: number): Line[] => [count(label, value), ...(value > 0 ? [] : [mustBeZero(`without ${label}`, 1)])]

/** Lines that state what must not be. NaN, which compares with nothing, is a violation. */
export const violationsOf = (lines: readonly Line[]): Line[] => lines.filter((line) => line.mustBeZero && line.count !== 0)
