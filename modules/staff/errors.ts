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
