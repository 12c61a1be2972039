import { HOUR_MS } from '../kernel/time.ts'
/** Why a note takes no more edits: it is signed, or too much time has passed since it was begun. */
export type NoteLock = 'signed' | 'age'

/** Hours after which a draft's text is final. Source: practice of established systems (domain rule 11), not a statute. */
export const LOCK_AFTER_HOURS = 24

/**
 * What locks a note at an instant, or null while its author may still edit it. A draft locks at exactly 24 h; it can then
 * be signed or amended, not rewritten.
 */
export function findLock(note: { readonly status: string; readonly writtenAt: Date }, now: Date): NoteLock | null {
  if (note.status === 'signed') return 'signed'
  return now.getTime() - note.writtenAt.getTime() >= LOCK_AFTER_HOURS * HOUR_MS ? 'age' : null
}
