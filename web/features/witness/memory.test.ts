import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Alarm, currentMemory, EMPTY, type Memory, parseMemory, readMemory, settle, writeMemory } from './memory.ts'
import { remember } from './witness.ts'

const kept = { verifierKey: 'chiron/one/spine+00000000+AQ==', spine: 'a note', clinics: { one: 'another note' } }
const alarm: Alarm = { id: '1', at: '2026-11-21T10:00:00.000Z', problem: 'inconsistent', known: 'was', served: 'is', isReported: true }
const memory: Memory = { kept, since: '2026-11-01T10:00:00.000Z', checkedAt: '2026-11-20T10:00:00.000Z', isSignatureChecked: true, alarm: null, settled: [] }

describe('what a browser remembers of the log', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    writeMemory(EMPTY)
  })

  it('comes back from storage as it was', () => {
    const whole = { ...memory, alarm, settled: [{ ...alarm, id: '0' }] }
    expect(parseMemory(JSON.stringify(whole))).toEqual(whole)
  })

  it('is empty when nothing can be read, but keeps an alarm among damaged parts', () => {
    for (const text of [null, '', 'no json', '[]', 'null', '7']) expect(parseMemory(text)).toEqual(EMPTY)
    const damaged = {
      kept: { verifierKey: 1 },
      since: 5,
      isSignatureChecked: 'yes',
      alarm: { problem: 'shrunk', known: 3 },
      settled: [{ problem: 'unknown' }, 'x'],
    }
    expect(parseMemory(JSON.stringify(damaged))).toEqual({ ...EMPTY, alarm: { id: '', at: '', problem: 'shrunk', known: '', served: '', isReported: false } })
  })

  it('moves on with a log that passes, and since when it is known stays', () => {
    const next = { ...kept, spine: 'a newer note' }
    expect(remember(memory, { problem: null, kept: next, isSignatureChecked: false }, '2026-11-21T10:00:00.000Z')).toEqual({
      ...memory,
      kept: next,
      checkedAt: '2026-11-21T10:00:00.000Z',
      isSignatureChecked: false,
    })
    expect(remember(EMPTY, { problem: null, kept, isSignatureChecked: true }, '2026-11-21T10:00:00.000Z').since).toBe('2026-11-21T10:00:00.000Z')
  })

  it('never takes over a log that contradicts it', () => {
    const after = remember(memory, { problem: 'inconsistent', known: 'was', served: 'is' }, '2026-11-21T10:00:00.000Z')
    expect(after).toEqual({ ...memory, alarm: { ...alarm, id: expect.any(String), isReported: false } })
  })

  it('begins anew when somebody has dealt with an alarm, and keeps the evidence of the last ten', () => {
    expect(settle(memory)).toBe(memory)
    const settled = Array.from({ length: 10 }, (_, index) => ({ ...alarm, id: `old ${index}` }))
    const after = settle({ ...memory, alarm, settled })
    expect(after).toEqual({ ...EMPTY, settled: [alarm, ...settled.slice(0, 9)] })
  })

  it('survives in the storage, and without one as long as the page is open', () => {
    const items = new Map<string, string>()
    vi.stubGlobal('localStorage', { getItem: (key: string) => items.get(key) ?? null, setItem: (key: string, value: string) => items.set(key, value) })
    writeMemory({ ...memory, alarm })
    items.set('chiron:witness', JSON.stringify({ ...memory, alarm: { ...alarm, id: 'of another tab' } }))
    expect(readMemory().alarm?.id).toBe('of another tab')
    const refuse = () => {
      throw new Error('storage is switched off')
    }
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse })
    writeMemory({ ...memory, alarm })
    expect(readMemory().alarm).toEqual(alarm)
    expect(currentMemory().alarm).toEqual(alarm)
  })
})
