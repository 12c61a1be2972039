import { describe, expect, it } from 'vitest'
import { type Calendar, offersFor, type StrandedVisit } from './offers.ts'

const at = (time: string, day = '2027-03-01') => new Date(`${day}T${time}:00Z`)
const from = (start: string, end: string, day?: string) => ({ start: at(start, day), end: at(end, day) })
const SHIFTS = [from('09:00', '17:00'), from('09:00', '17:00', '2027-03-02'), from('09:00', '17:00', '2027-03-03')]
const person = (id: string, position = 'veterinarian', shifts = SHIFTS) => ({ id, position, shifts })

const NONE = { beforeMinutes: 0, afterMinutes: 0 }
const visit: StrandedVisit = { ...from('10:00', '10:30'), staffId: 'ana', placeIds: ['room', 'xray'], positions: [], person: NONE, place: NONE }
const calendar = ({ busy = {}, ...rest }: Partial<Calendar> & { busy?: Record<string, readonly { start: Date; end: Date }[]> } = {}): Calendar => ({
  candidates: [person('ana'), person('eva'), person('leo', 'groomer')],
  busyOf: (id) => busy[id] ?? [],
  away: { start: at('00:00'), end: at('00:00', '2027-03-03') },
  notBefore: at('00:00', '2027-02-01'),
  timeZone: 'UTC',
  ...rest,
})

describe('what is offered for a visit whose person is off', () => {
  it('is other people at the same time', () => {
    expect(offersFor(visit, calendar())).toEqual([
      { staffId: 'eva', startsAt: at('10:00') },
      { staffId: 'leo', startsAt: at('10:00') },
    ])
  })

  it('is three at the most', () => {
    expect(offersFor(visit, calendar({ candidates: ['a', 'b', 'c', 'd'].map((id) => person(id)) })).map(({ staffId }) => staffId)).toEqual(['a', 'b', 'c'])
  })

  it('is people whom the type of the visit admits', () => {
    expect(offersFor({ ...visit, positions: ['groomer'] }, calendar()).map(({ staffId }) => staffId)).toEqual(['leo'])
  })

  it('is people who are free, buffers included', () => {
    const buffered = { ...visit, person: { beforeMinutes: 10, afterMinutes: 10 } }
    const busy = { eva: [from('10:40', '11:00')], leo: [from('10:39', '11:00')] }
    expect(offersFor(buffered, calendar({ busy })).map(({ staffId }) => staffId)).toEqual(['eva'])
  })

  it('is people who work at that time', () => {
    const candidates = [person('ana'), person('eva', 'veterinarian', [from('10:10', '17:00')]), person('leo')]
    expect(offersFor(visit, calendar({ candidates })).map(({ staffId }) => staffId)).toEqual(['leo'])
  })

  describe('when there is nobody else', () => {
    const alone = { candidates: [person('ana')] }

    it('is the next times of the person, after the days off', () => {
      expect(offersFor(visit, calendar(alone))).toEqual(['09:00', '09:10', '09:20'].map((time) => ({ staffId: 'ana', startsAt: at(time, '2027-03-03') })))
    })

    it('at which the person and the room are free, buffers of the person included', () => {
      const busy = { ana: [from('09:00', '09:10', '2027-03-03')], room: [from('09:20', '09:30', '2027-03-03')] }
      expect(offersFor({ ...visit, person: { beforeMinutes: 20, afterMinutes: 0 } }, calendar({ ...alone, busy })).map(({ startsAt }) => startsAt)).toEqual(
        ['09:30', '09:40', '09:50'].map((time) => at(time, '2027-03-03')),
      )
    })

    it('at which its machines are free, buffers of places included', () => {
      const busy = { xray: [from('09:20', '10:00', '2027-03-03')] }
      expect(offersFor({ ...visit, place: { beforeMinutes: 15, afterMinutes: 0 } }, calendar({ ...alone, busy })).map(({ startsAt }) => startsAt)).toEqual(
        ['10:20', '10:30', '10:40'].map((time) => at(time, '2027-03-03')),
      )
    })

    it('never in the past', () => {
      expect(offersFor(visit, calendar({ ...alone, notBefore: at('16:25', '2027-03-03') })).map(({ startsAt }) => startsAt)).toEqual([
        at('16:30', '2027-03-03'),
      ])
    })

    it('is nothing without hours', () => {
      expect(offersFor(visit, calendar({ candidates: [] }))).toEqual([])
    })
  })
})
