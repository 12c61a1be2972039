import { DomainError } from '../kernel/errors.ts'

/** The person has approved time off at that time already. */
export class TimeOffOverlapError extends DomainError {
  readonly code = 'TIME_OFF_OVERLAP'

  constructor(staffId: string) {
    super('This person has approved time off within these days already. Choose others, or cancel that one first.', { staffId })
  }
}

/** One's own time off is decided by somebody else, as long as there is somebody else. */
export class OwnTimeOffError extends DomainError {
  readonly code = 'OWN_TIME_OFF'

  constructor() {
    super('Your own time off is decided by somebody else who may do so.')
  }
}

/** A person would be at work twice at once, at this clinic or at another one of the organisation. */
export class ScheduleOverlapError extends DomainError {
  readonly code = 'SCHEDULE_OVERLAP'

  /** @param weekday ISO 8601, 1 to 7; null when the overlap is with hours at another clinic */
  constructor(staffId: string, weekday: number | null) {
    const where = weekday === null ? 'hours that this person works elsewhere' : `each other on weekday ${weekday}`
    super(`These hours overlap ${where}. Change them so that they follow one another.`, { staffId, weekday })
  }
}

/** Somebody would lead a person by whom they are led themselves. */
export class ManagerCycleError extends DomainError {
  readonly code = 'MANAGER_CYCLE'

  constructor(staffId: string, managerId: string) {
    super('This person leads the manager that you chose, directly or through others. Choose somebody else.', { staffId, managerId })
  }
}

/** The person is at work already, here or at another clinic of the organisation. */
export class AlreadyClockedInError extends DomainError {
  readonly code = 'ALREADY_CLOCKED_IN'

  constructor() {
    super('You are clocked in already, here or at another clinic. Clock out first.')
  }
}

/** There is nothing to end at this clinic. */
export class NotClockedInError extends DomainError {
  readonly code = 'NOT_CLOCKED_IN'

  constructor() {
    super('You are not clocked in at this clinic. Check the active clinic.')
  }
}

/** Somebody would have been at work twice at once. */
export class AttendanceOverlapError extends DomainError {
  readonly code = 'ATTENDANCE_OVERLAP'

  constructor() {
    super('These times overlap others of this person, here or at another clinic. Correct those first.')
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
