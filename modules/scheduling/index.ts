// The door for sibling modules.
export { createAppointmentType, createEquipment, createRoom, type NewAppointmentType, type NewEquipment, type NewRoom } from './catalogue.ts'
export { type Booking, bookAppointment, cancelAppointment, rescheduleAppointment, setAppointmentStatus } from './commands.ts'
export { OutsideShiftError, RequirementsNotMetError, SlotTakenError, StaffNotBookableError } from './errors.ts'
export { holdSlot, type NewHold } from './holds.ts'
export { type OpenSlot, type SlotWishes, searchSlots } from './slot-search.ts'
export { findAppointmentsByIds, findTypesByIds, getDaySchedule, listAppointmentTypes, listRooms } from './queries.ts'
export { type AppointmentStatus, holdsResources, toStatus } from './status.ts'
export { countVisitsElsewhere, listVisitsToCome } from './visits-of-staff.ts'
