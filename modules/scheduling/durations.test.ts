import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../kernel/errors.ts'
import { durationOf } from './durations.ts'

const checkup = { code: 'checkup', durationMinutes: 20 }
const euthanasia = { code: 'euthanasia', durationMinutes: 60 }

describe('the length of a visit', () => {
  it("is the type's unless another one is asked for", () => {
    expect(durationOf(checkup, null)).toBe(20)
    expect(durationOf(checkup, 35)).toBe(35)
  })

  it.each([
    [checkup, 4],
    [checkup, 721],
    [checkup, 12.5],
    [euthanasia, 39],
    [{ code: 'euthanasia', durationMinutes: 30 }, null],
  ])('of %j cannot be %s', (type, minutes) => {
    expect(() => durationOf(type, minutes)).toThrow(InvalidInputError)
  })

  it.each([
    [checkup, 5],
    [checkup, 720],
    [euthanasia, 40],
  ])('of %j can be %i', (type, minutes) => {
    expect(durationOf(type, minutes)).toBe(minutes)
  })
})
