// The door for sibling modules.
export { createStaffProfile, type NewStaffProfile, setWeeklySchedule, type WeeklyHours } from './commands.ts'
export { isEmployedOn } from './employment.ts'
export { ScheduleOverlapError } from './errors.ts'
export { findStaffByIds, listBookableStaff, listSchedulesByStaff } from './queries.ts'
export { type Shift, shiftsOf } from './shifts.ts'
