import { DomainError } from '../kernel/errors.ts'

/** A person would be at work twice at once, at this clinic or at another one of the organisation. */
export class ScheduleOverlapError extends DomainError {
  readonly code = 'SCHEDULE_OVERLAP'

  /** @param weekday ISO 8601, 1 to 7; null when the overlap is with hours at another clinic */
  constructor(staffId: string, weekday: number | null) {
    const where = weekday === null ? 'hours that this person works elsewhere' : `each other on weekday ${weekday}`
    super(`These hours overlap ${where}. Change them so that they follow one another.`, { staffId, weekday })
  }
}

/** A person would be on two shifts at once, at this clinic or at another one of the organisation. */
export class ShiftOverlapError extends DomainError {
  readonly code = 'SHIFT_OVERLAP'

  /** @param staffId null when it is one of several people */
  constructor(staffId: string | null) {
    super('This person has another shift at that time, perhaps at another clinic. Choose another time or another person.', { staffId })
  }
}

/** Somebody else was faster, or the shift was never open. */
export class ShiftNotOpenError extends DomainError {
  readonly code = 'SHIFT_NOT_OPEN'

  constructor(shiftId: string) {
    super('This shift is not open any more. Look at the roster again.', { shiftId })
  }
}

/** The shift needs somebody else. `rule`: position, employment. */
export class NotQualifiedError extends DomainError {
  readonly code = 'NOT_QUALIFIED'

  constructor(staffId: string, rule: 'position' | 'employment') {
    const why = rule === 'position' ? 'has another position than the shift needs' : 'is not employed on that day'
    super(`This person ${why}. Choose somebody else.`, { staffId, rule })
  }
}
