// The door for sibling modules.

export { approveTimeOff, askForTimeOff, cancelTimeOff } from './absences.ts'
export { addClosure, addMaintenance, importHolidays, removeClosure, removeMaintenance } from './blocks.ts'
export { createAppointmentType, createEquipment, createRoom, type NewAppointmentType, type NewEquipment, type NewRoom } from './catalogue.ts'
export { type Booking, bookAppointment, cancelAppointment, rescheduleAppointment, setAppointmentStatus } from './commands.ts'
export { OutsideShiftError, RequirementsNotMetError, SlotTakenError, StaffNotBookableError } from './errors.ts'
export { holdSlot, type NewHold } from './holds.ts'
export { type Holiday, holidaysOf } from './holidays.ts'
export { findAppointmentsByIds, findTypesByIds, getDaySchedule, listAppointmentTypes, listRooms } from './queries.ts'
export { type OpenSlot, type SlotWishes, searchSlots } from './slot-search.ts'
export { findOpenSlots } from './slots.ts'
export { type AppointmentStatus, holdsResources, toStatus } from './status.ts'
export { countVisitsElsewhere, listVisitsToCome } from './visits-of-staff.ts'
