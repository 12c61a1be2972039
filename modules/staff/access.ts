import { type AccessTable, can, creates, reads, updates } from '../kernel/access-rules.ts'

export const access = {
  'Query.staff': { allow: can('staff:read'), audit: reads('StaffProfile') },
  'Query.staffMember': { allow: can('staff:read'), audit: reads('StaffProfile') },
  'Query.bookableStaff': { allow: can('appointment:read'), audit: reads('StaffProfile') },
  'Mutation.createStaffProfile': { allow: can('staff:manage'), audit: creates('StaffProfile') },
  'Mutation.updateStaffProfile': { allow: can('staff:manage'), audit: updates('StaffProfile') },
  'Mutation.setWeeklySchedule': { allow: can('schedule:manage'), audit: updates('WeeklySchedule') },
  'StaffProfile.*': { allow: can('staff:read'), audit: reads('StaffProfile') },
  'WeeklySchedule.*': { allow: can('staff:read'), audit: reads('WeeklySchedule') },
} as const satisfies AccessTable
