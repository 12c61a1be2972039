import { type AccessTable, can, canOwn, creates, reads, updates } from '../kernel/access-rules.ts'

const credentialRead = canOwn('credential:read')
const attendanceRead = canOwn('attendance:read')
const attendanceRecord = canOwn('attendance:record')
const attendanceManage = can('attendance:manage')
const wellbeingRead = canOwn('wellbeing:read')
const wellbeingRecord = canOwn('wellbeing:record')
const staffManage = can('staff:manage')
const credentialManage = can('credential:manage')

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

  // Queries narrow to the person's own records where the right does.
  'Query.credentials': { allow: credentialRead, audit: reads('StaffCredential') },
  'Query.expiringCredentials': { allow: credentialRead, audit: reads('StaffCredential') },
  'Query.adverseActions': { allow: credentialRead, audit: reads('AdverseAction') },
  'Mutation.recordCredential': { allow: credentialManage, audit: creates('StaffCredential') },
  'Mutation.updateCredential': { allow: credentialManage, audit: updates('StaffCredential') },
  'Mutation.verifyCredential': { allow: credentialManage, audit: updates('StaffCredential') },
  'Mutation.suspendCredential': { allow: credentialManage, audit: updates('StaffCredential') },
  'Mutation.revokeCredential': { allow: credentialManage, audit: updates('StaffCredential') },
  'Mutation.recordAdverseAction': { allow: credentialManage, audit: creates('AdverseAction') },
  // The command asks for credential:manage, or for a record of one's own.
  'Mutation.revealCredentialNumber': { allow: credentialRead, audit: reads('StaffCredential') },
  'StaffCredential.*': { allow: credentialRead, audit: reads('StaffCredential') },
  'ExpiringCredential.*': { allow: credentialRead, audit: reads('StaffCredential') },
  'CredentialVerification.*': { allow: credentialRead, audit: reads('CredentialVerification') },
  'CredentialNumber.*': { allow: credentialRead, audit: reads('StaffCredential') },
  'AdverseAction.*': { allow: credentialRead, audit: reads('AdverseAction') },

  'Query.attendance': { allow: attendanceRead, audit: reads('AttendanceEntry') },
  'Mutation.clockIn': { allow: attendanceRecord, audit: creates('AttendanceEntry') },
  'Mutation.clockOut': { allow: attendanceRecord, audit: updates('AttendanceEntry') },
  'Mutation.recordAttendance': { allow: attendanceManage, audit: creates('AttendanceEntry') },
  'Mutation.correctAttendance': { allow: attendanceManage, audit: updates('AttendanceEntry') },
  'AttendanceEntry.*': { allow: attendanceRead, audit: reads('AttendanceEntry') },
  'AttendanceReport.*': { allow: attendanceRead, audit: reads('AttendanceEntry') },
  'AttendanceTotal.*': { allow: attendanceRead, audit: reads('AttendanceEntry') },

  // The right opens the door alone: behind it, wellbeing.ts shows each person their own flags and those of the people whom they lead.
  'Query.wellbeingFlags': { allow: wellbeingRead, audit: reads('WellbeingFlag') },
  'Mutation.raiseWellbeingFlag': { allow: wellbeingRecord, audit: creates('WellbeingFlag') },
  'Mutation.resolveWellbeingFlag': { allow: wellbeingRecord, audit: updates('WellbeingFlag') },
  'WellbeingFlag.*': { allow: wellbeingRead, audit: reads('WellbeingFlag') },

  'Query.offboardingImpact': { allow: staffManage, audit: reads('StaffProfile') },
  'Query.staffTasks': { allow: staffManage, audit: reads('StaffTask') },
  'Mutation.startOnboarding': { allow: staffManage, audit: creates('StaffTask') },
  'Mutation.offboardStaffMember': { allow: staffManage, audit: updates('StaffProfile') },
  'Mutation.addStaffTask': { allow: staffManage, audit: creates('StaffTask') },
  'Mutation.setStaffTaskDone': { allow: staffManage, audit: updates('StaffTask') },
  'StaffTask.*': { allow: staffManage, audit: reads('StaffTask') },
  'Onboarding.*': { allow: staffManage, audit: reads('StaffTask') },
  'Offboarding.*': { allow: staffManage, audit: reads('StaffTask') },
  'Offboarding.affectedAppointments': { allow: can('appointment:read'), audit: reads('Appointment') },
  'WeeklyBreak.*': { allow: can('staff:read'), audit: reads('WeeklyBreak') },

  // Everybody sees what is published, and whoever manages schedules the drafts (roster-week.ts).
  'Query.rosterWeek': { allow: can('staff:read'), audit: reads('RosterShift') },
  'Query.shiftTemplates': { allow: can('staff:read'), audit: reads('ShiftTemplate', 'operational') },
  'Query.coverageNeeds': { allow: can('staff:read'), audit: reads('CoverageNeed', 'operational') },
  'Query.workRule': { allow: can('staff:read'), audit: reads('WorkRule', 'operational') },
  'Query.myShifts': { allow: canOwn('shift:trade'), audit: reads('RosterShift') },
  'Query.openShifts': { allow: canOwn('shift:trade'), audit: reads('RosterShift') },
  'Query.shiftSwaps': { allow: canOwn('shift:trade'), audit: reads('ShiftSwap') },
  'Mutation.createShiftTemplate': { allow: can('schedule:manage'), audit: creates('ShiftTemplate', 'operational') },
  'Mutation.updateShiftTemplate': { allow: can('schedule:manage'), audit: updates('ShiftTemplate', 'operational') },
  'Mutation.createCoverageNeed': { allow: can('schedule:manage'), audit: creates('CoverageNeed', 'operational') },
  'Mutation.endCoverageNeed': { allow: can('schedule:manage'), audit: updates('CoverageNeed', 'operational') },
  'Mutation.setWorkRule': { allow: can('schedule:manage'), audit: updates('WorkRule', 'operational') },
  'Mutation.planShift': { allow: can('schedule:manage'), audit: creates('RosterShift') },
  'Mutation.changeShift': { allow: can('schedule:manage'), audit: updates('RosterShift') },
  'Mutation.removeShift': { allow: can('schedule:manage'), audit: updates('RosterShift') },
  'Mutation.planTemplate': { allow: can('schedule:manage'), audit: creates('RosterShift') },
  'Mutation.copyRoster': { allow: can('schedule:manage'), audit: creates('RosterShift') },
  'Mutation.publishRoster': { allow: can('schedule:manage'), audit: updates('Roster') },
  'Mutation.claimOpenShift': { allow: canOwn('shift:trade'), audit: updates('RosterShift') },
  'Mutation.releaseShift': { allow: canOwn('shift:trade'), audit: updates('RosterShift') },
  'Mutation.askSwap': { allow: canOwn('shift:trade'), audit: creates('ShiftSwap') },
  'Mutation.acceptSwap': { allow: canOwn('shift:trade'), audit: updates('ShiftSwap') },
  'Mutation.approveSwap': { allow: can('schedule:manage'), audit: updates('ShiftSwap') },
  // Who may refuse a swap is decided by the swap (swaps.ts).
  'Mutation.refuseSwap': { allow: canOwn('shift:trade'), audit: updates('ShiftSwap') },
  'Mutation.withdrawSwap': { allow: canOwn('shift:trade'), audit: updates('ShiftSwap') },
  'RosterWeek.*': { allow: can('staff:read'), audit: reads('RosterShift') },
  'Roster.*': { allow: can('staff:read'), audit: reads('Roster') },
  // That somebody is away is seen with the roster; why and how long by those who may see time off (findTimeOffByIds).
  'RosterShift.timeOff': { allow: canOwn('time-off:read'), audit: reads('TimeOffRequest') },
  'RosterShift.*': { allow: can('staff:read'), audit: reads('RosterShift') },
  'CoverageDay.*': { allow: can('staff:read'), audit: reads('CoverageNeed', 'operational') },
  'CoveragePlan.*': { allow: can('staff:read'), audit: reads('CoverageNeed', 'operational') },
  'CoverageNeed.*': { allow: can('staff:read'), audit: reads('CoverageNeed', 'operational') },
  'WorkRule.*': { allow: can('staff:read'), audit: reads('WorkRule', 'operational') },
  'WorkWarning.*': { allow: can('staff:read'), audit: reads('StaffProfile') },
  'ShiftTemplate.*': { allow: can('staff:read'), audit: reads('ShiftTemplate', 'operational') },
  'ShiftSwap.*': { allow: canOwn('shift:trade'), audit: reads('ShiftSwap') },
} as const satisfies AccessTable
