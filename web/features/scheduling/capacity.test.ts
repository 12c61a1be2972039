import { describe, expect, it } from 'vitest'

import { capacityAt } from './capacity.ts'
import type { Appointment, DaySchedule } from './day-plan.ts'
import { dayOf } from './my-day.ts'

const ZONE = 'America/Mexico_City'
const DATE = '2025-12-20'
const at = (time: string) => `${DATE}T${time}:00-06:00`
const TEN = new Date(at('10:00'))

function visit(id: string, from: string, to: string, part: Partial<Appointment> = {}): Appointment {
  const staff = { id: 'ana', name: 'Ana' }
  return { id, startsAt: at(from), endsAt: at(to), status: 'SCHEDULED', staff, room: { id: 'one', name: 'One' }, checkedInAt: null, ...part } as Appointment
}

function day(part: Partial<DaySchedule> = {}, visits: readonly Appointment[] = []): DaySchedule {
  const person = (id: string, from: string, to: string) => ({
    staff: { id, name: id, position: 'veterinarian' },
    shifts: [{ startsAt: at(from), endsAt: at(to) }],
  })
  const rooms = ['one', 'two'].map((id) => ({ id, name: id, kind: 'consultation' }))
  return {
    date: DATE,
    staff: [person('ana', '09:00', '14:00'), person('leo', '11:00', '18:00')],
    rooms,
    blocks: [],
    holds: [],
    appointments: visits,
    ...part,
  } as never
}

const atTen = (visits: readonly Appointment[], schedule = day()) => capacityAt(schedule, visits, 600, TEN, ZONE)

describe('the capacity of this minute', () => {
  it('counts who is on shift now, and no later', () => {
    expect(atTen([]).staff.map(({ id, until }) => [id, until])).toEqual([['ana', 840]])
    expect(atTen([]).status).toBe('free')
    expect(capacityAt(day(), [], 500, TEN, ZONE)).toMatchObject({ staff: [], status: 'closed' })
  })

  it('is full when everybody is with a patient and somebody waits', () => {
    const busy = visit('a', '09:30', '10:10', { status: 'IN_PROGRESS' })
    const waiting = visit('b', '10:00', '10:30', { status: 'CHECKED_IN', checkedInAt: at('09:40') })
    expect(atTen([busy]).status).toBe('busy')
    expect(atTen([busy, waiting])).toMatchObject({ status: 'full', longestWaitMinutes: 20, waiting: [{ id: 'b' }] })
  })

  it('is closed for a closure of the clinic', () => {
    const closure = { id: 'c', kind: 'CLOSURE', title: null, staffId: null, roomId: null, startsAt: at('00:00'), endsAt: at('12:00') }
    expect(atTen([], day({ blocks: [closure] } as never)).status).toBe('closed')
  })

  it('says when a room is free next, over visits that follow each other', () => {
    const following = [visit('a', '09:40', '10:10'), visit('b', '10:10', '10:40'), visit('c', '11:00', '11:30')]
    const [one, two] = atTen(following).rooms
    expect(one).toMatchObject({ visit: null, freeAt: 640 })
    expect(two).toMatchObject({ visit: null, freeAt: null, closure: null })
    expect(atTen([visit('a', '09:40', '10:10', { status: 'CANCELLED' })]).rooms[0]?.freeAt).toBeNull()
  })

  it('keeps a room taken by a visit that runs over', () => {
    expect(atTen([visit('a', '09:00', '09:30', { status: 'IN_PROGRESS' })]).rooms[0]).toMatchObject({ visit: { id: 'a' }, freeAt: null })
  })
})

describe('the day of a person', () => {
  it('has their visits, what is closed and the gaps of their shift, in order', () => {
    const visits = [
      visit('a', '09:00', '10:00'),
      visit('other', '10:00', '11:00', { staff: { id: 'leo', name: 'Leo' } as never }),
      visit('b', '10:10', '13:00'),
    ]
    const off = { id: 'off', kind: 'TIME_OFF', title: null, staffId: 'ana', roomId: null, startsAt: at('13:30'), endsAt: at('18:00') }
    const items = dayOf(day({ blocks: [off] } as never, visits), 'ana', ZONE)
    expect(items.map((item) => [item.kind, item.at])).toEqual([
      ['visit', 540],
      // Ten minutes between two visits are no gap.
      ['visit', 610],
      ['gap', 780],
      ['closure', 810],
    ])
  })

  it('gives the time of a cancelled visit back', () => {
    const items = dayOf(day({}, [visit('a', '09:00', '10:00', { status: 'CANCELLED' })]), 'ana', ZONE)
    expect(items.find(({ kind }) => kind === 'gap')).toMatchObject({ span: { start: 540, end: 840 } })
  })
})
