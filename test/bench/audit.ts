import { appends } from './audit-appends.ts'
import { cost } from './audit-cost.ts'
import { indexer } from './audit-indexer.ts'
import { proofs } from './audit-proofs.ts'
import { burnDown, lag } from './audit-sequencer.ts'
import type { Measure } from './measure.ts'

/** What the trail costs and what it can take. */
export const measures: readonly Measure[] = [appends, burnDown, lag, indexer, proofs, cost]
