import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromMicro, toMicro } from '../kernel/money.ts'
import { byExpiry, chooseLots, isUsable, type LotOnShelf } from './fefo.ts'

const TODAY = '2025-12-20'
const lot = (id: string, onHand: string, expiresOn: string | null, status = 'active'): LotOnShelf => ({ id, number: id, onHand, expiresOn, status })

describe('choosing lots', () => {
  it('takes from the lot that expires first', () => {
    const choice = chooseLots([lot('late', '5', '2026-03-01'), lot('early', '5', '2026-01-15')], '3', TODAY)
    expect(choice).toEqual({ picks: [{ lotId: 'early', quantity: '3' }], available: '10', missing: '0' })
  })

  it('splits a quantity over lots', () => {
    const choice = chooseLots([lot('late', '5', '2026-03-01'), lot('early', '2.5', '2026-01-15')], '4', TODAY)
    expect(choice.picks).toEqual([
      { lotId: 'early', quantity: '2.5' },
      { lotId: 'late', quantity: '1.5' },
    ])
  })

  it('uses a lot on its last day and not on the day after', () => {
    const last = lot('a', '1', TODAY)
    expect(isUsable(last, TODAY)).toBe(true)
    expect(isUsable(last, '2025-12-21')).toBe(false)
  })

  it.each([
    ['expired', lot('a', '9', '2025-12-19')],
    ['quarantined', lot('a', '9', null, 'quarantined')],
    ['recalled', lot('a', '9', null, 'recalled')],
    ['empty', lot('a', '0', null)],
  ])('leaves out a lot that is %s', (_why, unusable) => {
    expect(chooseLots([unusable], '1', TODAY)).toEqual({ picks: [], available: '0', missing: '1' })
  })

  it('takes goods that never expire last, and lots of one day by number', () => {
    const lots = [lot('never', '1', null), lot('b', '1', '2026-01-01'), lot('a', '1', '2026-01-01')]
    expect(chooseLots(lots, '3', TODAY).picks.map(({ lotId }) => lotId)).toEqual(['a', 'b', 'never'])
  })
})

const quantity = fc.bigInt({ min: 1n, max: 50_000_000n }).map(fromMicro)
const anyLot = fc.record({
  id: fc.uuid(),
  number: fc.string({ minLength: 1, maxLength: 4 }),
  expiresOn: fc.option(fc.constantFrom('2025-12-01', '2025-12-19', TODAY, '2025-12-21', '2026-05-01')),
  onHand: fc.bigInt({ min: 0n, max: 30_000_000n }).map(fromMicro),
  status: fc.constantFrom('active', 'active', 'quarantined', 'recalled'),
})
const anyLots = fc.uniqueArray(anyLot, { maxLength: 8, selector: ({ id }) => id })

describe('any choice of lots', () => {
  it('gives exactly the quantity, or everything usable', () => {
    fc.assert(
      fc.property(anyLots, quantity, (lots, wanted) => {
        const { picks, available, missing } = chooseLots(lots, wanted, TODAY)
        const given = picks.reduce((total, pick) => total + toMicro(pick.quantity), 0n)
        expect(given + toMicro(missing)).toBe(toMicro(wanted))
        if (toMicro(missing) > 0n) expect(given).toBe(toMicro(available))
      }),
    )
  })

  it('never takes more than a lot holds, nothing unusable, and nothing while an earlier lot has some left', () => {
    fc.assert(
      fc.property(anyLots, quantity, (lots, wanted) => {
        const taken = new Map(chooseLots(lots, wanted, TODAY).picks.map((pick) => [pick.lotId, toMicro(pick.quantity)]))
        const usable = lots.filter((candidate) => isUsable(candidate, TODAY)).sort(byExpiry)
        expect([...taken.keys()]).toEqual(usable.slice(0, taken.size).map(({ id }) => id))
        for (const [index, candidate] of usable.entries()) {
          const amount = taken.get(candidate.id) ?? 0n
          expect(amount <= toMicro(candidate.onHand)).toBe(true)
          if (index + 1 < taken.size) expect(amount).toBe(toMicro(candidate.onHand))
        }
      }),
    )
  })
})
