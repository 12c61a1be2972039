// The door for sibling modules.
export { clockIn, clockOut, type NewAttendance, recordAttendance } from './attendance.ts'
export { createStaffProfile, type NewStaffProfile, setWeeklySchedule, updateStaffProfile, type WeeklyHours } from './commands.ts'
export { findCredentialsByIds } from './credential-queries.ts'
export { EXPIRY_DAYS } from './credential-state.ts'
export { type NewAdverseAction, recordAdverseAction, verifyCredential } from './credential-trail.ts'
export { type NewCredential, recordCredential, resealCredentials } from './credentials.ts'
export { isEmployedOn } from './employment.ts'
export { OwnTimeOffError, ScheduleOverlapError, TimeOffOverlapError } from './errors.ts'
export { POSITIONS } from './inputs.ts'
export { openRoster } from './open-roster.ts'
export { findStaffByIds, listBookableBetween, listBookableStaff, listSchedulesByStaff } from './queries.ts'
export { staffProfiles, weeklySchedules } from './records.ts'
export { findRosterShiftsByIds, findShiftSwapsByIds, listShiftsOfRoster, listShiftsWithin as listRosterShiftsWithin } from './roster-queries.ts'
export { type PlannedShift, planShift } from './roster-shifts.ts'
export { copyRoster, planTemplate, publishRoster } from './rosters.ts'
export { createShiftTemplate, type NewShiftTemplate } from './shift-templates.ts'
export { NO_WORK, type Shift, shiftsOf, type WorkPlan } from './shifts.ts'
export { askSwap, type SwapRequest } from './swaps.ts'
export { addStaffTask, type NewTask } from './tasks.ts'
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
export { type NewFlag, raiseWellbeingFlag } from './wellbeing.ts'
export { createCoverageNeed, type NewCoverageNeed, type NewWorkRule, setWorkRule } from './work-limits.ts'
export { bookableOn, dayWork, dayWorkColumns, listWorkPlans, takeWorkPlans, type WorkPlanRow, workPlanColumns } from './work-plans.ts'
