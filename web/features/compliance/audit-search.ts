import { dateParam, oneOf, textParam } from '../../search-params.ts'

const TEXTS = ['q', 'action', 'outcome', 'type', 'class', 'role', 'origin', 'address', 'after', 'before', 'entry'] as const
// The API would refuse the whole page for an id that somebody mistyped.
const IDS = ['userId', 'recordId', 'subjectId', 'sessionId', 'requestId'] as const
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Everything that decides what the log shows stands in the address. */
export type AuditSearch = Partial<Record<(typeof TEXTS)[number] | (typeof IDS)[number] | 'from' | 'to', string>> & { show?: 'exports' }

export function readAuditSearch(raw: Record<string, unknown>): AuditSearch {
  const search: AuditSearch = { from: dateParam(raw, 'from'), to: dateParam(raw, 'to'), show: oneOf(raw, 'show', ['exports']) }
  for (const name of TEXTS) search[name] = textParam(raw, name)
  for (const name of IDS) {
    const value = textParam(raw, name)
    search[name] = value !== undefined && UUID.test(value) ? value : undefined
  }
  return search
}

/** What the API filters by, without where the reader stands in the list. */
export function filterOf({ q, after: _after, before: _before, entry: _entry, show: _show, ...filter }: AuditSearch) {
  return { ...filter, query: q }
}

/** The same filters from the newest entry on. */
export function withoutPlace(search: AuditSearch): AuditSearch {
  return { ...search, after: undefined, before: undefined, entry: undefined }
}
