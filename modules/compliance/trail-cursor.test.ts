import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromCursor, toCursor } from './trail-cursor.ts'

const place = fc.record({
  atText: fc
    .tuple(fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true }), fc.integer({ min: 0, max: 999 }))
    .map(([date, micros]) => date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)),
  id: fc.uuid(),
})

describe('cursor of the trail', () => {
  it('keeps the microseconds and the id', () => {
    fc.assert(
      fc.property(place, (wanted) => {
        expect(fromCursor(toCursor(wanted))).toEqual(wanted)
      }),
    )
  })

  it('refuses texts that it has not written', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(fromCursor(text)).toBeNull()
      }),
    )
    const entry = { atText: '2026-01-02T03:04:05.678901Z', id: '01890a5d-ac96-774b-bcce-b302099a8057' }
    const broken = [
      { ...entry, id: "1' OR true" },
      { ...entry, atText: '2026-01-02' },
      { ...entry, atText: '2026-13-02T03:04:05.678901Z' },
      { ...entry, id: `${entry.id} more` },
    ]
    expect(broken.map((one) => fromCursor(toCursor(one)))).toEqual([null, null, null, null])
  })
})
