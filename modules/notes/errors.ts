import { DomainError } from '../kernel/errors.ts'
import { LOCK_AFTER_HOURS, type NoteLock } from './lock.ts'

const HINTS: Readonly<Record<NoteLock, string>> = {
  signed: 'The note is signed and stays as it is. Add an addendum.',
  age: `The note locked ${LOCK_AFTER_HOURS} hours after it was written. Sign it, or add an addendum.`,
}

/** The note takes no more edits; what follows is an addendum. `lock` says why. */
export class NoteLockedError extends DomainError {
  readonly code = 'NOTE_LOCKED'

  constructor(lock: NoteLock) {
    super(HINTS[lock], { lock })
  }
}
