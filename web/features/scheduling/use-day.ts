import { useRef } from 'react'
import { useQuery } from 'urql'

import type { DaySchedule } from './day-plan.ts'
import { DayScheduleDocument } from './schedule-documents.ts'

/** A day for a form that may change its date: while the next one comes, the last one stays, so that no field loses what was typed. */
export function useDay(date: string) {
  const [result, retry] = useQuery({ query: DayScheduleDocument, variables: { date }, requestPolicy: 'cache-first' })
  const last = useRef<DaySchedule | null>(null)
  if (result.data) last.current = result.data.daySchedule
  return { schedule: last.current, result: { ...result, data: last.current ?? undefined }, retry }
}
