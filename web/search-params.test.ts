import { describe, expect, it } from 'vitest'

import { dateParam, oneOf, pathParam, textParam } from './search-params.ts'

describe('the way back after signing in', () => {
  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', ''])('never leads to %s', (next) => {
    expect(pathParam({ next }, 'next')).toBeUndefined()
  })

  it('keeps a place inside the application with its filters', () => {
    expect(pathParam({ next: '/schedule?date=2025-12-20' }, 'next')).toBe('/schedule?date=2025-12-20')
  })
})

describe('search parameters that do not fit', () => {
  it('are left out', () => {
    expect(dateParam({ date: '2025-02-30' }, 'date')).toBeUndefined()
    expect(textParam({ q: '' }, 'q')).toBeUndefined()
    expect(oneOf({ view: 'week' }, 'view', ['room'])).toBeUndefined()
  })

  it('may be numbers where a text is wanted: the router reads 1234 as one', () => {
    expect(textParam({ q: 1234 }, 'q')).toBe('1234')
  })
})
