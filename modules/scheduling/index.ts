// The door for sibling modules.
export { createAppointmentType, createEquipment, createRoom, type NewAppointmentType, type NewEquipment, type NewRoom } from './catalogue.ts'
export { type Booking, bookAppointment, cancelAppointment, rescheduleAppointment, setAppointmentStatus } from './commands.ts'
export { OutsideShiftError, RequirementsNotMetError, SlotTakenError, StaffNotBookableError } from './errors.ts'
export { holdSlot, type NewHold } from './holds.ts'
export { findAppointmentsByIds, getDaySchedule, listAppointmentTypes, listRooms } from './queries.ts'
export { findOpenSlots } from './slots.ts'
export { type AppointmentStatus, holdsResources, toStatus } from './status.ts'
export { listClosedTimes, listVisitsOfResource, type VisitTime } from './visits-of-resource.ts'
