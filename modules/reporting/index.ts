// The door for sibling modules.
export { type DailySummary, summariseDay } from './queries.ts'
export type { Comparison } from './comparison.ts'
