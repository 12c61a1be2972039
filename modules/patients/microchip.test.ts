import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkMicrochip, microchipWarningOf, normaliseMicrochip } from './microchip.ts'

describe('checkMicrochip', () => {
  it.each([
    ['484000000000001', 'Mexico'],
    ['001000000000000', 'the lowest country'],
    ['899274877906943', 'the highest country with the largest number of 38 bits'],
    ['900000000000000', 'the lowest manufacturer'],
    ['985141000123456', 'a manufacturer'],
    ['999000000000001', 'a test transponder'],
  ])('accepts %s: %s', (number) => {
    expect(checkMicrochip(number)).toEqual({ kind: 'iso', number })
  })

  it.each([
    ['000123456789012', 'prefix'],
    ['484274877906944', 'range'],
    ['985999999999999', 'range'],
    ['48400000000000', 'shape'],
    ['4840000000000012', 'shape'],
    ['48400000000000A', 'shape'],
    ['12345678', 'shape'],
    ['12345678901', 'shape'],
    ['ÁBCDEFGHI', 'shape'],
    ['', 'shape'],
  ])('refuses %s for its %s', (typed, rule) => {
    expect(checkMicrochip(typed)).toEqual({ kind: 'unusable', rule })
  })

  it.each([
    ['123456789', '123456789'],
    ['4a1b2c3d4e', '4A1B2C3D4E'],
    ['977.1234567', '9771234567'],
  ])('keeps the older chip %s as %s', (typed, number) => {
    expect(checkMicrochip(typed)).toEqual({ kind: 'older', number })
  })

  it('reads a number as labels print it', () => {
    expect(checkMicrochip(' 985 141-000.123 456 ')).toEqual({ kind: 'iso', number: '985141000123456' })
  })

  it('takes 15 digits exactly when the prefix is not 000 and the rest fits 38 bits', () => {
    const digits = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length })
    fc.assert(
      fc.property(digits(3), digits(12), (prefix, rest) => {
        const fits = prefix !== '000' && BigInt(rest) < 2n ** 38n
        expect(checkMicrochip(prefix + rest).kind).toBe(fits ? 'iso' : 'unusable')
      }),
    )
  })

  it('answers only numbers that the database accepts, and the same for its own answer', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789AZaz -.ñ'), maxLength: 18 }), (typed) => {
        const checked = checkMicrochip(typed)
        if (checked.kind === 'unusable') return
        expect(checked.number).toMatch(/^([0-9]{15}|[0-9A-Z]{9,10})$/)
        expect(checkMicrochip(checked.number)).toEqual(checked)
        expect(normaliseMicrochip(checked.number)).toBe(checked.number)
      }),
    )
  })
})

describe('microchipWarningOf', () => {
  it('warns of an older chip and of no ISO chip', () => {
    expect(microchipWarningOf('123456789')).toBe('NOT_ISO_11784')
    expect(microchipWarningOf('484000000000001')).toBeNull()
  })
})
