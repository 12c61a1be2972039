import { dateParam, oneOf, textParam } from '../../search-params.ts'

const PANELS = ['apply', 'publish', 'templates', 'needs', 'rule'] as const
export type Panel = (typeof PANELS)[number]
type SchedulesSearch = {
  /** A Monday; any other day stands for its week. */
  week?: string
  show?: Panel
}

export function readSchedulesSearch(raw: Record<string, unknown>): SchedulesSearch {
  return { week: dateParam(raw, 'week'), show: oneOf(raw, 'show', PANELS) }
}

type ShiftsSearch = { from?: string; after?: string }

export function readShiftsSearch(raw: Record<string, unknown>): ShiftsSearch {
  return { from: dateParam(raw, 'from'), after: textParam(raw, 'after') }
}

const STATUSES = ['asked', 'accepted', 'approved', 'refused', 'withdrawn', 'all'] as const
export type SwapsSearch = {
  /** Left out: what waits for somebody. */
  status?: (typeof STATUSES)[number]
  after?: string
}

export function readSwapsSearch(raw: Record<string, unknown>): SwapsSearch {
  return { status: oneOf(raw, 'status', STATUSES), after: textParam(raw, 'after') }
}
