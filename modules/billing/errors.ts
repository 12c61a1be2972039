import { DomainError } from '../kernel/errors.ts'
import { type Money, money } from '../kernel/money.ts'

/** The payment is more than what is open. Nothing was booked. */
export class OverPaymentError extends DomainError {
  readonly code = 'OVER_PAYMENT'
  /** What may be paid. */
  readonly open: Money

  constructor(openMinor: bigint, currency: string) {
    super('The payment is more than what is open. Take at most the open amount.', { openMinor: openMinor.toString(), currency })
    this.open = money(openMinor, currency)
  }
}
