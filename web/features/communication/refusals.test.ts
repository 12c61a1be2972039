import { expect, it } from 'vitest'
import { EVERYTHING, wantedOf, withWanted } from './refusals.ts'

it('what is not refused is wanted, channel by channel', () => {
  const refusals = withWanted([], 'SMS', ['REMINDER'])
  expect(wantedOf(refusals, 'SMS')).toEqual(['REMINDER'])
  expect(wantedOf(refusals, 'MAIL')).toEqual(['REMINDER', 'BOOKING', 'WAITLIST', 'REQUEST'])
  expect(withWanted(refusals, 'SMS', wantedOf([], 'SMS'))).toEqual([])
})

it('whoever refuses everything wants nothing, and takes one channel back', () => {
  expect([wantedOf(EVERYTHING, 'MAIL'), wantedOf(EVERYTHING, 'SMS')]).toEqual([[], []])
  const back = withWanted(EVERYTHING, 'MAIL', ['BOOKING'])
  expect([wantedOf(back, 'MAIL'), wantedOf(back, 'SMS')]).toEqual([['BOOKING'], []])
})
