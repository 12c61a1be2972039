import { dateParam, oneOf, textParam } from '../../search-params.ts'

const STATUSES = ['requested', 'approved', 'refused', 'cancelled'] as const

export type TimeOffSearch = {
  whose?: 'clinic'
  status?: (typeof STATUSES)[number]
  from?: string
  until?: string
  after?: string
  /** The request whose approval is being looked at. */
  approve?: string
}

export function readTimeOffSearch(raw: Record<string, unknown>): TimeOffSearch {
  return {
    whose: oneOf(raw, 'whose', ['clinic']),
    status: oneOf(raw, 'status', STATUSES),
    from: dateParam(raw, 'from'),
    until: dateParam(raw, 'until'),
    after: textParam(raw, 'after'),
    approve: textParam(raw, 'approve'),
  }
}
