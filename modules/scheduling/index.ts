// The door for sibling modules.
export { createAppointmentType, createRoom, type NewAppointmentType, type NewRoom } from './catalogue.ts'
export { type Booking, bookAppointment, cancelAppointment, rescheduleAppointment, setAppointmentStatus } from './commands.ts'
export { OutsideShiftError, SlotTakenError, StaffNotBookableError } from './errors.ts'
export { findAppointmentsByIds, findTypesByIds, getDaySchedule, listAppointmentTypes, listRooms } from './queries.ts'
export { findOpenSlots } from './slots.ts'
export { type AppointmentStatus, holdsResources, toStatus } from './status.ts'
