import { type AccessTable, can, canOwn, creates, reads, updates } from '../kernel/access-rules.ts'

export const access = {
  'Query.staff': { allow: can('staff:read'), audit: reads('StaffProfile') },
  'Query.staffMember': { allow: can('staff:read'), audit: reads('StaffProfile') },
  'Query.bookableStaff': { allow: can('appointment:read'), audit: reads('StaffProfile') },
  'Mutation.createStaffProfile': { allow: can('staff:manage'), audit: creates('StaffProfile') },
  'Mutation.updateStaffProfile': { allow: can('staff:manage'), audit: updates('StaffProfile') },
  'Mutation.setWeeklySchedule': { allow: can('schedule:manage'), audit: updates('WeeklySchedule') },
  'Query.timeOffTypes': { allow: canOwn('time-off:read'), audit: reads('TimeOffType', 'operational') },
  'Query.timeOffRequests': { allow: canOwn('time-off:read'), audit: reads('TimeOffRequest') },
  'Query.timeOffBalances': { allow: canOwn('time-off:read'), audit: reads('TimeOffRequest') },
  'Mutation.createTimeOffType': { allow: can('staff:manage'), audit: creates('TimeOffType', 'operational') },
  'Mutation.updateTimeOffType': { allow: can('staff:manage'), audit: updates('TimeOffType', 'operational') },
  'Mutation.adjustTimeOff': { allow: can('time-off:approve'), audit: creates('TimeOffGrant') },
  'Mutation.refuseTimeOff': { allow: can('time-off:approve'), audit: updates('TimeOffRequest') },
  'TimeOffType.*': { allow: canOwn('time-off:read'), audit: reads('TimeOffType', 'operational') },
  'TimeOffRequest.*': { allow: canOwn('time-off:read'), audit: reads('TimeOffRequest') },
  'TimeOffBalance.*': { allow: canOwn('time-off:read'), audit: reads('TimeOffRequest') },
  'TimeOffGrant.*': { allow: canOwn('time-off:read'), audit: reads('TimeOffGrant') },
  'StaffProfile.*': { allow: can('staff:read'), audit: reads('StaffProfile') },
  'WeeklySchedule.*': { allow: can('staff:read'), audit: reads('WeeklySchedule') },
} as const satisfies AccessTable
