import { expect, it } from 'vitest'
import { filterOf, readAuditSearch, withoutPlace } from './audit-search.ts'

const ID = '0190bbbb-0000-7000-8000-000000000001'
const given = (search: object) => Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined))

it('takes from an address what fits, and leaves out the rest', () => {
  const raw = {
    q: 'ana',
    subjectId: ID,
    userId: 'ana',
    recordId: `${ID}x`,
    from: '2025-02-30',
    to: '2025-02-28',
    show: 'exports',
    address: '10.0.0.7',
    other: '1',
  }
  expect(given(readAuditSearch(raw))).toEqual({ q: 'ana', subjectId: ID, to: '2025-02-28', show: 'exports', address: '10.0.0.7' })
  expect(given(readAuditSearch({ show: 'all', q: '' }))).toEqual({})
})

it('separates what is looked for from where the reader stands', () => {
  const search = readAuditSearch({ q: 'ana', role: 'owner', requestId: ID, after: 'x', before: 'y', entry: ID, show: 'exports' })
  expect(given(filterOf(search))).toEqual({ query: 'ana', role: 'owner', requestId: ID })
  expect(given(withoutPlace(search))).toEqual({ q: 'ana', role: 'owner', requestId: ID, show: 'exports' })
})
