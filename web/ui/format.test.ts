import { expect, it } from 'vitest'

import { createFormat, majorUnits } from './format.ts'

const mexico = (language: string) => createFormat({ language, countryCode: 'MX', timeZone: 'America/Mexico_City' })

it('writes the clinic’s money in either language', () => {
  const revenue = { minorUnits: '845000', currency: 'MXN' }
  expect(mexico('es-MX').money(revenue)).toBe('$8,450.00')
  expect(mexico('en').money(revenue)).toBe('$8,450.00')
})

it('knows currencies without minor units', () => {
  expect(majorUnits({ minorUnits: '8450', currency: 'CLP' })).toBe(8450)
})

it('shows the clinic’s time, whatever the computer’s zone', () => {
  expect(mexico('es-MX').time('2025-12-20T15:30:00Z')).toBe('09:30')
})

it('keeps calendar dates as they are', () => {
  expect(mexico('en').date('2026-01-15')).toBe('Jan 15, 2026')
})
