import { dateParam, oneOf, textParam, uuidParam } from '../../search-params.ts'

export type PeopleSearch = {
  q?: string
  /** Also those who left. */
  left?: 'yes'
  after?: string
}

export function readPeopleSearch(raw: Record<string, unknown>): PeopleSearch {
  return { q: textParam(raw, 'q'), left: oneOf(raw, 'left', ['yes']), after: textParam(raw, 'after') }
}

export const PERSON_TABS = ['profile', 'hours', 'tasks', 'credentials', 'attendance', 'wellbeing'] as const
export type PersonTab = (typeof PERSON_TABS)[number]

export type PersonSearch = {
  tab?: PersonTab
  /** The last day of the week whose attendance is shown. */
  until?: string
  /** The credential that is being looked at. */
  open?: string
}

export function readPersonSearch(raw: Record<string, unknown>): PersonSearch {
  return { tab: oneOf(raw, 'tab', PERSON_TABS), until: dateParam(raw, 'until'), open: uuidParam(raw, 'open') }
}
