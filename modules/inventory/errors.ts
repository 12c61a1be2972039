import { DomainError } from '../kernel/errors.ts'

export type Shortage = {
  readonly productId: string
  readonly lotId: string | null
  /** What was asked for, as a decimal text. */
  readonly requested: string
  /** What may be used, as a decimal text; null when the database refused before it was counted. */
  readonly available: string | null
}

/** The clinic does not have what leaves the shelf: too little, or only expired, quarantined or recalled lots. */
export class InsufficientStockError extends DomainError {
  readonly code = 'INSUFFICIENT_STOCK'
  readonly shortage: Shortage

  constructor(shortage: Shortage) {
    super('There is not enough usable stock of this product. Receive stock, or take less.', { ...shortage })
    this.shortage = shortage
  }
}
