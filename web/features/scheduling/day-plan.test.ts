import { describe, expect, it } from 'vitest'
import type { Appointment, Resource } from './day-plan.ts'
import { clockText, findFree, minuteOfClock, placeInLanes, snap, spanOf, windowOf } from './day-plan.ts'

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
  const person = (id: string, start: number, end: number): Resource => ({ id, name: id, kind: 'veterinarian', isStaff: true, shifts: [{ start, end }] })

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
