/**
 * Every right that the product knows, as `resource:verb`, with the class of data that it opens. The first twenty-two are
 * those of the requirement documents; the verbs cover their ten actions (create, read, update, delete, export, print,
 * prescribe, administer, approve, void) and the ones that day-to-day work adds.
 */
export const PERMISSIONS = {
  'patient:read': 'personal',
  'patient:create': 'personal',
  'patient:update': 'personal',
  'patient:delete': 'personal',
  'appointment:read': 'personal',
  'appointment:create': 'personal',
  'appointment:update': 'personal',
  'appointment:cancel': 'personal',
  'prescription:read': 'medical',
  'prescription:create': 'medical',
  'prescription:approve': 'medical',
  'prescription:refill': 'medical',
  'invoice:read': 'financial',
  'invoice:create': 'financial',
  'payment:process': 'financial',
  'payment:refund': 'financial',
  'medical-record:read': 'medical',
  'medical-record:write': 'medical',
  'medical-record:export': 'medical',
  'staff:manage': 'personal',
  'report:view': 'financial',
  'audit-log:view': 'compliance',
  'appointment:overbook': 'personal',
  'audit-log:export': 'compliance',
  'client:read': 'personal',
  'client:create': 'personal',
  'client:update': 'personal',
  'clinic:read': 'operational',
  'clinic:administer': 'operational',
  'graphql:adhoc': 'operational',
  'inventory:read': 'operational',
  'inventory:adjust': 'operational',
  'inventory:manage': 'operational',
  'invoice:void': 'financial',
  'invoice:print': 'financial',
  'medical-record:print': 'medical',
  'medical-record:sign': 'medical',
  'medication:administer': 'medical',
  'prescription:prescribe': 'medical',
  'role:administer': 'compliance',
  'schedule:manage': 'personal',
  'service:read': 'operational',
  'service:manage': 'operational',
  'staff:read': 'personal',
  'time-off:approve': 'personal',
  'attendance:read': 'personal',
  'attendance:record': 'personal',
  'attendance:manage': 'personal',
  'credential:read': 'personal',
  'credential:manage': 'personal',
  'message:read': 'personal',
  'message:manage': 'operational',
  'shift:trade': 'personal',
  'time-off:read': 'personal',
  'time-off:request': 'personal',
  'wellbeing:read': 'personal',
  'wellbeing:record': 'personal',
} as const satisfies Record<string, DataClass>

export type DataClass = 'medical' | 'financial' | 'controlled' | 'personal' | 'compliance' | 'operational'
export type Permission = keyof typeof PERMISSIONS

const known: ReadonlySet<string> = new Set(Object.keys(PERMISSIONS))

/** Tells whether a text from the database or the wire names a right that this version of the code knows. */
export function isPermission(code: string): code is Permission {
  return known.has(code)
}
