// The door for sibling modules.
export { createStaffProfile, type NewStaffProfile, setWeeklySchedule, type WeeklyHours } from './commands.ts'
export { isEmployedOn } from './employment.ts'
export { ScheduleOverlapError } from './errors.ts'
export { bookableOn, findStaffByIds, listBookableStaff } from './queries.ts'
export { staffProfiles } from './records.ts'
export { NO_WORK, type Shift, shiftsOf, type WorkPlan } from './shifts.ts'
export { listWorkPlans, takeWorkPlans, type WorkPlanRow, workPlanColumns } from './work-plans.ts'
