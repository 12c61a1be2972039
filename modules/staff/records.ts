import type { StaffProfile, WeeklySchedule } from '../../prisma/client/client.ts'
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
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  {
    type: 'StaffProfile',
    key: 'id',
    fields: [
      'colour',
      'employeeNumber',
      'hiredOn',
      'isActive',
      'isBookable',
      'licenceNumber',
      'name',
      'position',
      'primaryClinicId',
      'specialisations',
      'terminatedOn',
      'userId',
    ],
  },
  { type: 'StaffProfile', always: ['id', 'name'], also: { primaryClinicId: ['primaryClinic'] } },
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
