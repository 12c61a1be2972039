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
