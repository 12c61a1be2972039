import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocatePayment, balanceOf, lineAmounts, sumAmounts } from './amounts.ts'

describe('amounts of a line', () => {
  it.each([
    // quantity, price, rate, currency, subtotal, tax
    ['3', '650', '16', 'MXN', 195_000n, 31_200n],
    ['1', '99.99', '0', 'MXN', 9_999n, 0n],
    ['0.5', '0.01', '16', 'MXN', 1n, 0n],
    ['1', '10.03', '50', 'MXN', 1_003n, 502n],
    ['1.5', '333.333333', '16', 'MXN', 50_000n, 8_000n],
    ['2', '1234.5', '10', 'JPY', 2_469n, 247n],
    ['3', '19.99', '21', 'EUR', 5_997n, 1_259n],
  ])('%s × %s at %s %% in %s', (quantity, unitPrice, taxRate, currency, subtotalMinor, taxMinor) => {
    expect(lineAmounts({ quantity, unitPrice, taxRate }, currency)).toEqual({ subtotalMinor, taxMinor, totalMinor: subtotalMinor + taxMinor })
  })
})

describe('the balance', () => {
  it('is what is neither paid nor credited', () => {
    expect(balanceOf({ kind: 'visit', totalMinor: 100n, paidMinor: 30n, creditedMinor: 20n })).toBe(50n)
  })

  it('falls below zero when paid goods are credited', () => {
    expect(balanceOf({ kind: 'counter_sale', totalMinor: 100n, paidMinor: 100n, creditedMinor: 40n })).toBe(-40n)
  })

  it('of a credit note is zero', () => {
    expect(balanceOf({ kind: 'credit_note', totalMinor: 100n, paidMinor: 0n, creditedMinor: 0n })).toBe(0n)
  })
})

describe('a payment over several invoices', () => {
  it('fills the oldest first', () => {
    const open = [
      { invoiceId: 'a', balanceMinor: 100n },
      { invoiceId: 'b', balanceMinor: 50n },
      { invoiceId: 'c', balanceMinor: 70n },
    ]
    expect(allocatePayment(open, 120n)).toEqual({
      allocations: [
        { invoiceId: 'a', amountMinor: 100n },
        { invoiceId: 'b', amountMinor: 20n },
      ],
      restMinor: 0n,
    })
  })

  it('leaves a rest that no invoice can take, and passes over settled ones', () => {
    const open = [
      { invoiceId: 'a', balanceMinor: 0n },
      { invoiceId: 'b', balanceMinor: 50n },
    ]
    expect(allocatePayment(open, 60n)).toEqual({ allocations: [{ invoiceId: 'b', amountMinor: 50n }], restMinor: 10n })
  })
})

const price = fc
  .tuple(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([whole, micro]) => `${whole}.${String(micro).padStart(6, '0')}`)
const line = fc.record({ quantity: price, unitPrice: price, taxRate: fc.constantFrom('0', '4.5', '8', '16', '21', '100') })
const currency = fc.constantFrom('MXN', 'JPY', 'EUR')

describe('any invoice', () => {
  it('totals exactly what its lines show', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), currency, (lines, unit) => {
        const amounts = lines.map((each) => lineAmounts(each, unit))
        const invoice = sumAmounts(amounts)
        expect(invoice.subtotalMinor + invoice.taxMinor).toBe(invoice.totalMinor)
        expect(invoice.totalMinor).toBe(amounts.reduce((total, each) => total + each.totalMinor, 0n))
        for (const each of amounts) expect(each.subtotalMinor >= 0n && each.taxMinor >= 0n && each.taxMinor <= each.subtotalMinor).toBe(true)
      }),
    )
  })

  it('is off by half a minor unit at the most from the exact amount of each line', () => {
    fc.assert(
      fc.property(line, (each) => {
        const exactMicro = (BigInt(each.quantity.replace('.', '')) * BigInt(each.unitPrice.replace('.', ''))) / 10_000n
        const shownMicro = lineAmounts(each, 'MXN').subtotalMinor * 1_000_000n
        const difference = shownMicro - exactMicro
        expect(difference >= -500_000n && difference <= 500_000n).toBe(true)
      }),
    )
  })
})

describe('any payment', () => {
  it('never allocates more than it has, or than an invoice has open, and leaves none that could still take some', () => {
    const balances = fc.array(fc.bigInt({ min: -500n, max: 5_000n }), { maxLength: 10 })
    fc.assert(
      fc.property(balances, fc.bigInt({ min: 1n, max: 20_000n }), (all, amount) => {
        const open = all.map((balanceMinor, index) => ({ invoiceId: String(index), balanceMinor }))
        const { allocations, restMinor } = allocatePayment(open, amount)
        const spent = allocations.reduce((total, { amountMinor }) => total + amountMinor, 0n)
        expect(spent + restMinor).toBe(amount)
        for (const { invoiceId, amountMinor } of allocations) expect(amountMinor > 0n && amountMinor <= (all[Number(invoiceId)] ?? 0n)).toBe(true)
        const takable = all.reduce((total, balance) => total + (balance > 0n ? balance : 0n), 0n)
        expect(restMinor).toBe(amount > takable ? amount - takable : 0n)
        // Oldest first: every invoice but the last one that got something is full.
        for (const { invoiceId, amountMinor } of allocations.slice(0, -1)) expect(amountMinor).toBe(all[Number(invoiceId)])
      }),
    )
  })
})
