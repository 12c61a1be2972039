import { type AccessTable, can, reads } from '../kernel/access-rules.ts'

const summary = { allow: can('report:view'), audit: reads('DailySummary', 'financial') }

export const access = {
  'Query.dailySummary': summary,
  'DailySummary.*': summary,
  'DayAppointments.*': summary,
  'ServiceCount.*': summary,
  'TopProduct.*': summary,
  'DayComparison.*': summary,
  'DayRevenue.*': summary,
} as const satisfies AccessTable
