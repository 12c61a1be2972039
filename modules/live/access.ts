import { type AccessTable, reads, signedIn, unrecorded } from '../kernel/access-rules.ts'

export const access = {
  // Everybody hears of what they may read, and of nothing else (hearing.ts).
  'Subscription.changes': { allow: signedIn, audit: reads('ChangeEvent', 'operational') },
  'ChangeEvent.*': { allow: signedIn, audit: unrecorded },
} as const satisfies AccessTable
