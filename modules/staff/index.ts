// The door for sibling modules.
export { createStaffProfile, type NewStaffProfile, setWeeklySchedule, type WeeklyHours } from './commands.ts'
export { isEmployedOn } from './employment.ts'
export { OwnTimeOffError, ScheduleOverlapError, TimeOffOverlapError } from './errors.ts'
export { bookableOn, findStaffByIds, listBookableStaff, listSchedulesByStaff } from './queries.ts'
export { staffProfiles, weeklySchedules } from './records.ts'
export { type Shift, shiftsOf } from './shifts.ts'
export {
  adjustTimeOff,
  type ListClosedDays,
  lockUndecided,
  markApproved,
  refuseTimeOff,
  requestTimeOff,
  type TimeOffWish,
  withdrawTimeOff,
} from './time-off.ts'
export { createDefaultTimeOffTypes, createTimeOffType } from './time-off-catalogue.ts'
export { findTimeOffByIds, listBalances, listTimeOffTypes } from './time-off-queries.ts'
