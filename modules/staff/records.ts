import type { AttendanceEntry, StaffProfile, StaffTask, WeeklySchedule, WellbeingFlag } from '../../prisma/client/client.ts'
import { defineRecords } from '../kernel/records.ts'

export const staffProfiles = defineRecords<StaffProfile>(
  {
    id: 'plain',
    organisationId: 'plain',
    userId: 'plain',
    primaryClinicId: 'plain',
    employeeNumber: 'plain',
    name: 'plain',
    position: 'plain',
    hiredOn: 'day',
    terminatedOn: 'day',
    licenceNumber: 'plain',
    specialisations: 'plain',
    colour: 'plain',
    isBookable: 'plain',
    isActive: 'plain',
    employmentType: 'plain',
    department: 'plain',
    managerId: 'plain',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  {
    type: 'StaffProfile',
    key: 'id',
    fields: [
      'colour',
      'department',
      'employeeNumber',
      'employmentType',
      'hiredOn',
      'isActive',
      'isBookable',
      'licenceNumber',
      'managerId',
      'name',
      'position',
      'primaryClinicId',
      'specialisations',
      'terminatedOn',
      'userId',
    ],
  },
  { type: 'StaffProfile', always: ['id', 'name'], also: { managerId: ['manager'], primaryClinicId: ['primaryClinic'] } },
)

export const weeklySchedules = defineRecords<WeeklySchedule>(
  {
    id: 'plain',
    organisationId: 'plain',
    clinicId: 'plain',
    staffId: 'plain',
    weekday: 'plain',
    startMinute: 'plain',
    endMinute: 'plain',
    validFrom: 'day',
    validUntil: 'day',
    createdAt: 'instant',
  },
  { type: 'WeeklySchedule', key: 'id', fields: ['clinicId', 'endMinute', 'staffId', 'startMinute', 'validFrom', 'validUntil', 'weekday'] },
)

export const attendanceEntries = defineRecords<AttendanceEntry>(
  {
    id: 'plain',
    organisationId: 'plain',
    clinicId: 'plain',
    staffId: 'plain',
    clockedInAt: 'instant',
    clockedOutAt: 'instant',
    correctedById: 'plain',
    correctedAt: 'instant',
    correctionReason: 'plain',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  {
    type: 'AttendanceEntry',
    key: 'id',
    fields: ['clinicId', 'clockedInAt', 'clockedOutAt', 'correctedAt', 'correctedById', 'correctionReason', 'staffId'],
  },
)

export const wellbeingFlags = defineRecords<WellbeingFlag>(
  {
    id: 'plain',
    organisationId: 'plain',
    staffId: 'plain',
    kind: 'plain',
    note: 'plain',
    raisedAt: 'instant',
    raisedById: 'plain',
    resolvedAt: 'instant',
    resolvedById: 'plain',
    version: 'plain',
  },
  { type: 'WellbeingFlag', key: 'id', fields: ['kind', 'note', 'raisedAt', 'raisedById', 'resolvedAt', 'resolvedById', 'staffId'] },
)

export const staffTasks = defineRecords<StaffTask>(
  {
    id: 'plain',
    organisationId: 'plain',
    staffId: 'plain',
    process: 'plain',
    code: 'plain',
    title: 'plain',
    dueOn: 'day',
    doneAt: 'instant',
    doneById: 'plain',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  { type: 'StaffTask', key: 'id', fields: ['code', 'doneAt', 'doneById', 'dueOn', 'process', 'staffId', 'title'] },
)
