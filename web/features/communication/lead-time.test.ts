import { expect, it } from 'vitest'
import { leadTimeOf, minutesOf } from './lead-time.ts'

it.each([
  [15, 15, 'minutes'],
  [60, 1, 'hours'],
  [90, 90, 'minutes'],
  [1_440, 1, 'days'],
  [2_160, 36, 'hours'],
  [43_200, 30, 'days'],
] as const)('%i minutes are %i %s, and back', (minutes, amount, unit) => {
  expect(leadTimeOf(minutes)).toEqual({ amount, unit })
  expect(minutesOf({ amount, unit })).toBe(minutes)
})
