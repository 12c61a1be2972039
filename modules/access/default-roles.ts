import { PERMISSIONS, type Permission } from '../kernel/permissions.ts'

export type DefaultRole = {
  readonly code: RoleCode
  readonly isClinical: boolean
  readonly allow: readonly Permission[]
  /** Rights over own records only. */
  readonly own?: readonly Permission[]
}

export const ROLE_CODES = [
  'super_admin',
  'owner',
  'clinic_admin',
  'manager',
  'veterinarian',
  'assistant',
  'receptionist',
  'groomer',
  'compliance_officer',
  'client',
] as const
export type RoleCode = (typeof ROLE_CODES)[number]

const isKey = (code: string): code is Permission => code in PERMISSIONS
const every: readonly Permission[] = Object.keys(PERMISSIONS).filter(isKey)
const except = (...left: Permission[]): readonly Permission[] => every.filter((permission) => !left.includes(permission))

// Prescribing and signing belong to licensed veterinarians, whatever else an administrator may do.
const CLINICIAN_ONLY = [
  'prescription:prescribe',
  'prescription:approve',
  'medical-record:sign',
  'medication:administer',
] as const satisfies readonly Permission[]

// What everybody who works here does with records of their own.
const OWN_WORK = [
  'attendance:read',
  'attendance:record',
  'credential:read',
  'shift:trade',
  'time-off:read',
  'time-off:request',
  'wellbeing:read',
  'wellbeing:record',
] as const satisfies readonly Permission[]

/** Roles that every organisation starts with. Source: requirement documents A to E; the matrix is editable afterwards. */
export const DEFAULT_ROLES: readonly DefaultRole[] = [
  { code: 'super_admin', isClinical: false, allow: except(...CLINICIAN_ONLY) },
  { code: 'owner', isClinical: true, allow: every },
  { code: 'clinic_admin', isClinical: false, allow: except(...CLINICIAN_ONLY, 'medical-record:write', 'medical-record:read', 'audit-log:export') },
  {
    code: 'manager',
    isClinical: false,
    allow: [
      'patient:read',
      'client:read',
      'client:create',
      'client:update',
      'appointment:read',
      'appointment:create',
      'appointment:update',
      'appointment:cancel',
      'appointment:overbook',
      'invoice:read',
      'invoice:print',
      'payment:refund',
      'report:view',
      'staff:read',
      'staff:manage',
      'schedule:manage',
      'time-off:approve',
      'time-off:read',
      'time-off:request',
      'attendance:read',
      'attendance:record',
      'attendance:manage',
      'credential:read',
      'credential:manage',
      'message:read',
      'message:manage',
      'wellbeing:record',
      'inventory:read',
      'inventory:adjust',
      'inventory:manage',
      'service:read',
      'service:manage',
      'clinic:read',
    ],
    own: ['shift:trade', 'wellbeing:read'],
  },
  {
    code: 'veterinarian',
    isClinical: true,
    allow: [
      'patient:read',
      'patient:create',
      'patient:update',
      'client:read',
      'client:create',
      'client:update',
      'appointment:read',
      'appointment:create',
      'appointment:update',
      'appointment:cancel',
      'appointment:overbook',
      'prescription:read',
      'prescription:create',
      'prescription:approve',
      'prescription:refill',
      'prescription:prescribe',
      'medical-record:read',
      'medical-record:write',
      'medical-record:export',
      'medical-record:print',
      'medical-record:sign',
      'medication:administer',
      'invoice:read',
      'invoice:create',
      'inventory:read',
      'inventory:adjust',
      'service:read',
      'staff:read',
      'clinic:read',
    ],
    own: OWN_WORK,
  },
  {
    code: 'assistant',
    isClinical: true,
    allow: [
      'patient:read',
      'patient:create',
      'patient:update',
      'client:read',
      'appointment:read',
      'appointment:create',
      'appointment:update',
      'prescription:read',
      'prescription:refill',
      'medical-record:read',
      'medical-record:write',
      'medication:administer',
      'inventory:read',
      'inventory:adjust',
      'service:read',
      'staff:read',
      'clinic:read',
    ],
    own: OWN_WORK,
  },
  {
    code: 'receptionist',
    isClinical: false,
    allow: [
      'patient:read',
      'patient:create',
      'patient:update',
      'client:read',
      'client:create',
      'client:update',
      'appointment:read',
      'appointment:create',
      'appointment:update',
      'appointment:cancel',
      'invoice:read',
      'invoice:create',
      'invoice:print',
      'message:read',
      'payment:process',
      'service:read',
      'inventory:read',
      'staff:read',
      'clinic:read',
    ],
    own: OWN_WORK,
  },
  {
    code: 'groomer',
    isClinical: false,
    allow: ['patient:read', 'appointment:read', 'appointment:update', 'service:read', 'staff:read', 'clinic:read'],
    own: OWN_WORK,
  },
  {
    code: 'compliance_officer',
    isClinical: false,
    allow: ['audit-log:view', 'audit-log:export', 'clinic:read', 'credential:read', 'staff:read', 'inventory:read'],
    own: OWN_WORK.filter((permission) => permission !== 'credential:read'),
  },
  // The portal comes later; until then the role exists and reaches own records only.
  { code: 'client', isClinical: false, allow: [], own: ['patient:read', 'appointment:read', 'appointment:create', 'appointment:cancel', 'invoice:read'] },
]
