import { describe, expect, it } from 'vitest'
import { findLock } from './lock.ts'

const writtenAt = new Date('2025-12-20T15:00:00.000Z')

describe('the lock of a note', () => {
  it.each([
    ['a fresh draft is open', 'draft', '2025-12-20T15:00:00.000Z', null],
    ['a draft is open until the last millisecond of 24 hours', 'draft', '2025-12-21T14:59:59.999Z', null],
    ['a draft locks at 24 hours', 'draft', '2025-12-21T15:00:00.000Z', 'age'],
    ['a signed note is locked at once', 'signed', '2025-12-20T15:00:00.000Z', 'signed'],
    ['a signed note stays locked by its signature', 'signed', '2026-12-20T15:00:00.000Z', 'signed'],
    ['a draft from the future, after a clock was set back, is open', 'draft', '2025-12-19T15:00:00.000Z', null],
  ])('%s', (_name, status, now, lock) => {
    expect(findLock({ status, writtenAt }, new Date(now))).toBe(lock)
  })
})
