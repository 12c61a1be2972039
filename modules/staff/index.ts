// The door for sibling modules.
export { createStaffProfile, type NewStaffProfile, POSITIONS, setWeeklySchedule, type WeeklyHours } from './commands.ts'
export { isEmployedOn } from './employment.ts'
export { ScheduleOverlapError } from './errors.ts'
export { bookableOn, findStaffByIds, listBookableBetween, listBookableStaff, listSchedulesByStaff } from './queries.ts'
export { staffProfiles, weeklySchedules } from './records.ts'
export { type Shift, shiftsOf } from './shifts.ts'
