import { expect, it } from 'vitest'

import { ageIn } from './age.ts'

it.each([
  ['2020-06-15', '2025-06-14', 4, 59],
  ['2020-06-15', '2025-06-15', 5, 60],
  ['2025-11-30', '2025-12-20', 0, 0],
  ['2024-02-29', '2025-02-28', 0, 11],
  ['2025-12-21', '2025-12-20', 0, 0],
])('born %s, on %s: %i years and %i months in all', (bornOn, on, years, months) => {
  expect(ageIn(bornOn, on)).toEqual({ years, months })
})
