import { describe, expect, it } from 'vitest'
import type { Appointment, Resource } from './day-plan.ts'
import { clockText, closuresOf, findFree, gapsOf, minuteOfClock, placeInLanes, snap, spanOf, spanOn, windowOf } from './day-plan.ts'

const ZONE = 'America/Mexico_City'
const at = (time: string) => `2025-12-20T${time}:00-06:00`

function visit(id: string, from: string, to: string, part: Partial<Appointment> = {}): Appointment {
  return { id, startsAt: at(from), endsAt: at(to), status: 'SCHEDULED', staff: { id: 'ana', name: 'Ana' }, room: null, ...part } as Appointment
}

describe('lanes', () => {
  it('are one where visits only touch', () => {
    const placed = placeInLanes([visit('a', '09:00', '09:30'), visit('b', '09:30', '10:00')], ZONE)
    expect(placed.map(({ lane, lanes }) => [lane, lanes])).toEqual([
      [0, 1],
      [0, 1],
    ])
  })

  it('are shared by all that overlap, also through a third', () => {
    const placed = placeInLanes([visit('a', '09:00', '10:00'), visit('b', '09:30', '11:00'), visit('c', '10:00', '10:30')], ZONE)
    expect(placed.map(({ lane, lanes }) => [lane, lanes])).toEqual([
      [0, 2],
      [1, 2],
      [0, 2],
    ])
  })

  it('leave out cancelled visits', () => {
    expect(placeInLanes([visit('a', '09:00', '10:00', { status: 'CANCELLED' })], ZONE)).toEqual([])
  })
})

describe('the first free resource', () => {
  const person = (id: string, start: number, end: number): Resource => ({
    id,
    name: id,
    kind: 'veterinarian',
    isStaff: true,
    shifts: [{ start, end }],
    closures: [],
  })

  it('is on shift for the whole time and has no visit in it', () => {
    const people = [person('ana', 540, 840), person('leo', 540, 600), person('eva', 540, 840)]
    expect(findFree(people, [visit('a', '09:50', '10:20')], { start: 590, end: 620 }, ZONE)?.id).toBe('eva')
  })

  it('may have missed or cancelled visits', () => {
    const missed = visit('a', '09:00', '10:00', { status: 'NO_SHOW' })
    expect(findFree([person('ana', 540, 840)], [missed], { start: 540, end: 570 }, ZONE)?.id).toBe('ana')
  })

  it('is nobody when the only one is taken', () => {
    expect(findFree([person('ana', 540, 840)], [visit('a', '09:00', '10:00')], { start: 590, end: 620 }, ZONE)).toBeNull()
  })
})

describe('the window of the day', () => {
  it('is whole hours around the opening and everything outside it', () => {
    expect(windowOf({ start: 545, end: 1140 }, [{ start: 510, end: 1145 }])).toEqual({ start: 480, end: 1200 })
  })
})

describe('times of day', () => {
  it('end at 24:00 when an interval reaches midnight', () => {
    expect(spanOf({ startsAt: at('23:30'), endsAt: '2025-12-21T00:00:00-06:00' }, ZONE)).toEqual({ start: 1410, end: 1440 })
  })

  it.each([
    ['09:05', 545],
    ['9:05', 545],
    ['nine', null],
  ])('%s is minute %s', (text, minute) => {
    expect(minuteOfClock(text)).toBe(minute)
  })

  it('snap to ten minutes and are written with two digits', () => {
    expect(clockText(snap(547))).toBe('09:10')
  })
})

describe('the part of an interval on a day', () => {
  const long = { startsAt: '2025-12-19T22:00:00-06:00', endsAt: '2025-12-21T10:00:00-06:00' }

  it('is cut at midnight, and null on days beside it', () => {
    const days = ['2025-12-18', '2025-12-19', '2025-12-20', '2025-12-21', '2025-12-22']
    expect(days.map((day) => spanOn(day, long, ZONE))).toEqual([null, { start: 1320, end: 1440 }, { start: 0, end: 1440 }, { start: 0, end: 600 }, null])
  })

  it('does not touch the day that begins as it ends', () => {
    expect(spanOn('2025-12-21', { startsAt: at('23:00'), endsAt: '2025-12-21T00:00:00-06:00' }, ZONE)).toBeNull()
  })
})

describe('what keeps visits from somebody', () => {
  const block = (id: string, kind: 'TIME_OFF' | 'MAINTENANCE' | 'CLOSURE', part: object = {}) => ({
    id,
    kind,
    title: null,
    staffId: null,
    roomId: null,
    startsAt: at('09:00'),
    endsAt: at('10:00'),
    ...part,
  })
  const blocks = [block('off', 'TIME_OFF', { staffId: 'ana' }), block('mended', 'MAINTENANCE', { roomId: 'one' }), block('shut', 'CLOSURE')]
  const holds = [{ id: 'kept', staffId: 'ana', roomId: 'two', startsAt: at('11:00'), endsAt: at('11:30') }]
  const of = (id: string | null) => closuresOf({ blocks, holds } as never, '2025-12-20', id, ZONE).map((closure) => closure.id)

  it('is their own, kept slots and the closures of the clinic', () => {
    expect(of('ana')).toEqual(['off', 'shut', 'kept'])
    expect(of('one')).toEqual(['mended', 'shut'])
    expect(of('two')).toEqual(['shut', 'kept'])
    expect(of('leo')).toEqual(['shut'])
    expect(of(null)).toEqual(['off', 'mended', 'shut', 'kept'])
  })

  it('leaves nobody free for its time', () => {
    const closure = { id: 'off', reason: 'TIME_OFF' as const, title: null, span: { start: 540, end: 600 } }
    const ana: Resource = { id: 'ana', name: 'Ana', kind: 'veterinarian', isStaff: true, shifts: [{ start: 540, end: 840 }], closures: [closure] }
    expect(findFree([ana], [], { start: 590, end: 610 }, ZONE)).toBeNull()
    expect(findFree([ana], [], { start: 600, end: 630 }, ZONE)).toBe(ana)
  })
})

describe('gaps', () => {
  it('are what no span covers', () => {
    expect(
      gapsOf(
        [
          { start: 600, end: 660 },
          { start: 540, end: 610 },
          { start: 700, end: 900 },
        ],
        { start: 540, end: 840 },
      ),
    ).toEqual([{ start: 660, end: 700 }])
    expect(gapsOf([], { start: 540, end: 840 })).toEqual([{ start: 540, end: 840 }])
  })
})
