/** What the API knows, in the order of the forms; their names are in `codes`. */
export const ROOM_KINDS = ['consultation', 'surgery', 'grooming', 'imaging', 'hospital'] as const
export const EQUIPMENT_KINDS = ['xray', 'ultrasound', 'dental', 'anaesthesia', 'laboratory', 'endoscopy', 'monitor', 'laser', 'other'] as const
export const POSITIONS = ['veterinarian', 'assistant', 'receptionist', 'groomer', 'manager', 'compliance', 'admin', 'owner'] as const
