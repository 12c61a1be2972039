import { type AccessTable, can, creates, reads, updates } from '../kernel/access-rules.ts'

export const access = {
  'Query.daySchedule': { allow: can('appointment:read'), audit: reads('Appointment') },
  'Query.appointment': { allow: can('appointment:read'), audit: reads('Appointment') },
  'Query.appointmentTypes': { allow: can('appointment:read'), audit: reads('AppointmentType', 'operational') },
  'Query.rooms': { allow: can('appointment:read'), audit: reads('Room', 'operational') },
  'Mutation.bookAppointment': { allow: can('appointment:create'), audit: creates('Appointment') },
  'Mutation.rescheduleAppointment': { allow: can('appointment:update'), audit: updates('Appointment') },
  'Mutation.setAppointmentStatus': { allow: can('appointment:update'), audit: updates('Appointment') },
  'Mutation.cancelAppointment': { allow: can('appointment:cancel'), audit: updates('Appointment') },
  'Mutation.createRoom': { allow: can('clinic:administer'), audit: creates('Room', 'operational') },
  'Mutation.updateRoom': { allow: can('clinic:administer'), audit: updates('Room', 'operational') },
  'Mutation.createAppointmentType': { allow: can('service:manage'), audit: creates('AppointmentType', 'operational') },
  'Mutation.updateAppointmentType': { allow: can('service:manage'), audit: updates('AppointmentType', 'operational') },
  'Appointment.*': { allow: can('appointment:read'), audit: reads('Appointment') },
  'AppointmentType.*': { allow: can('appointment:read'), audit: reads('AppointmentType', 'operational') },
  'Room.*': { allow: can('appointment:read'), audit: reads('Room', 'operational') },
  'DaySchedule.*': { allow: can('appointment:read'), audit: reads('Appointment') },
  'PracticeDay.*': { allow: can('appointment:read'), audit: reads('Appointment', 'operational') },
  'StaffDay.*': { allow: can('appointment:read'), audit: reads('StaffProfile') },
  'Shift.*': { allow: can('appointment:read'), audit: reads('WeeklySchedule') },
  'Patient.appointments': { allow: can('appointment:read'), audit: reads('Appointment') },
} as const satisfies AccessTable
