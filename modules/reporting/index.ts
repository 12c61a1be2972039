// The door for sibling modules.

export type { Comparison } from './comparison.ts'
export { type DailySummary, summariseDay } from './queries.ts'
