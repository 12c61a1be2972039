import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { divideRounded, fromMicro, lineAmount, minorDigits, money, percentChange, sum, taxAmount, toMicro } from './money.ts'

describe('divideRounded', () => {
  it.each([
    [5n, 10n, 1n],
    [4n, 10n, 0n],
    [-5n, 10n, -1n],
    [-4n, 10n, 0n],
    [15n, 10n, 2n],
    [0n, 7n, 0n],
    [10n, 3n, 3n],
  ])('%s / %s is %s: half goes away from zero', (numerator, denominator, expected) => {
    expect(divideRounded(numerator, denominator)).toBe(expected)
  })

  it('is never further than half a unit from the quotient, and symmetric', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.bigInt({ min: 1n, max: 10n ** 9n }), (numerator, denominator) => {
        const rounded = divideRounded(numerator, denominator)
        const distance = rounded * denominator - numerator
        expect(2n * (distance < 0n ? -distance : distance)).toBeLessThanOrEqual(denominator)
        expect(divideRounded(-numerator, denominator)).toBe(-rounded)
      }),
    )
  })

  it.each([0n, -1n])('refuses the denominator %s', (denominator) => {
    expect(() => divideRounded(1n, denominator)).toThrow(RangeError)
  })
})

describe('amounts', () => {
  it.each([
    ['1', '500', 'MXN', 50_000n],
    ['3', '0.333333', 'MXN', 100n],
    ['0.5', '99.99', 'MXN', 5_000n],
    ['2', '1500', 'JPY', 3_000n],
    ['1', '0.5', 'JPY', 1n],
    ['1', '1.234', 'KWD', 1_234n],
    ['-1', '500', 'MXN', -50_000n],
  ])('%s × %s %s is %s minor units', (quantity, price, currency, expected) => {
    expect(lineAmount(quantity, price, currency)).toBe(expected)
  })

  it.each([
    [10_000n, '16', 1_600n],
    [103n, '16', 16n],
    [97n, '16', 16n],
    [3n, '16', 0n],
    [100n, '0', 0n],
    [333n, '8.25', 27n],
  ])('tax of %s at %s %% is %s', (subtotal, rate, expected) => {
    expect(taxAmount(subtotal, rate)).toBe(expected)
  })

  it('add within one currency only', () => {
    expect(sum([money(1n, 'MXN'), money(2n, 'MXN')], 'MXN')).toEqual({ minorUnits: 3n, currency: 'MXN' })
    expect(sum([], 'EUR')).toEqual({ minorUnits: 0n, currency: 'EUR' })
    expect(() => sum([money(1n, 'USD')], 'MXN')).toThrow('cannot add USD to MXN')
  })

  it('have as many digits as their currency', () => {
    expect([minorDigits('MXN'), minorDigits('JPY'), minorDigits('KWD')]).toEqual([2, 0, 3])
  })
})

describe('percentChange', () => {
  it.each([
    [754_500n, 845_000n, 12],
    [100n, 100n, 0],
    [100n, 0n, -100],
    [200n, 99n, -51],
    [0n, 100n, null],
    [-5n, 100n, null],
  ])('from %s to %s is %s %%', (base, value, expected) => {
    expect(percentChange(base, value)).toBe(expected)
  })
})

describe('decimal texts', () => {
  it('survive a way through millionths', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (micro) => void expect(toMicro(fromMicro(micro))).toBe(micro)))
  })

  it('are written as short as possible', () => {
    expect([fromMicro(1_500_000n), fromMicro(-1n), fromMicro(0n), fromMicro(2_000_000n)]).toEqual(['1.5', '-0.000001', '0', '2'])
  })

  it.each(['', '.5', '1.', '1.1234567', '1e3', '+1', ' 1', '1,5', 'NaN', '--1'])('"%s" is refused', (text) => {
    expect(() => toMicro(text)).toThrow(RangeError)
  })
})
