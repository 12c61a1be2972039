import type { RoleCode } from '../modules/access/index.ts'

/** Fixed, so that a database that holds the demo, whole or in part, is recognised. */
export const DEMO_ORGANISATION_ID = '01900000-0000-7000-8000-000000000001'
export const DEMO_FIRST_CLINIC_ID = '01900000-0000-7000-8000-000000000002'
export const ORGANISATION_NAME = 'Clínica Veterinaria'
export const TIME_ZONE = 'America/Mexico_City'
/** Open to everybody who reads this file: the demo holds no real data and is loaded into empty databases alone. */
export const DEMO_PASSWORD = 'chiron-demo-2025'

export type ClinicKey = 'centro' | 'coyoacan'
export const CLINICS = [
  { key: 'centro', name: 'Clínica Veterinaria Centro' },
  { key: 'coyoacan', name: 'Clínica Veterinaria Coyoacán' },
] as const satisfies readonly { key: ClinicKey; name: string }[]

/** Where strangers ask the demo's first clinic for a visit: `/book/chiron-demo`. */
export const DEMO_PAGE = 'chiron-demo'

export type StaffKey = 'pablo' | 'sofia' | 'luis' | 'carmen' | 'diego' | 'valeria' | 'mateo' | 'ines'
/** ISO weekdays, and minutes after local midnight. */
export type Hours = {
  readonly clinic: ClinicKey
  readonly weekdays: readonly number[]
  readonly start: string
  readonly end: string
  readonly breaks?: readonly { start: string; end: string }[]
}
export type DemoStaff = {
  readonly key: StaffKey
  readonly role: RoleCode
  readonly employeeNumber: string
  readonly name: string
  readonly position: string
  readonly hiredOn: string
  readonly licenceNumber?: string
  readonly specialisations?: readonly string[]
  readonly colour: string
  readonly isBookable: boolean
  readonly department: string
  /** Who leads the person; nobody leads the owner. */
  readonly manager?: StaffKey
  readonly credentials?: readonly DemoCredential[]
  readonly hours: readonly Hours[]
}

/** What somebody may do, and for how many days from the demo's today on; no number of days: it does not expire. */
export type DemoCredential = {
  readonly type: string
  readonly number: string
  readonly authority: string
  readonly issuedOn: string
  readonly expiresInDays?: number
}

const WEEK = [1, 2, 3, 4, 5] as const
const SEP = 'Dirección General de Profesiones, SEP'

/** Eight people, one for each role of a clinic's staff. */
export const STAFF: readonly DemoStaff[] = [
  {
    key: 'pablo',
    role: 'owner',
    employeeNumber: 'E-001',
    name: 'Dr. Pablo Herrera Luna',
    position: 'veterinarian',
    hiredOn: '2014-03-03',
    licenceNumber: '6512348',
    specialisations: ['Cirugía', 'Medicina interna'],
    colour: '#0c8599',
    isBookable: true,
    department: 'Medicina',
    credentials: [
      { type: 'cedula_profesional', number: '6512348', authority: SEP, issuedOn: '2012-09-14' },
      { type: 'senasica', number: 'MVRA-09-11482', authority: 'SENASICA', issuedOn: '2024-01-22', expiresInDays: 25 },
    ],
    hours: [
      { clinic: 'centro', weekdays: WEEK, start: '09:00', end: '18:00' },
      { clinic: 'centro', weekdays: [6], start: '09:00', end: '15:00' },
    ],
  },
  {
    key: 'sofia',
    role: 'veterinarian',
    employeeNumber: 'E-002',
    name: 'Dra. Sofía Ramírez Ortega',
    position: 'veterinarian',
    hiredOn: '2018-08-20',
    licenceNumber: '9874521',
    specialisations: ['Medicina felina', 'Dermatología'],
    colour: '#9c36b5',
    isBookable: true,
    department: 'Medicina',
    manager: 'pablo',
    credentials: [
      { type: 'cedula_profesional', number: '9874521', authority: SEP, issuedOn: '2017-11-03' },
      { type: 'radiology', number: 'POE-XR-20715', authority: 'COFEPRIS', issuedOn: '2023-02-10', expiresInDays: 74 },
    ],
    hours: [
      { clinic: 'centro', weekdays: [1, 2, 3, 4, 5, 6], start: '09:00', end: '14:00' },
      { clinic: 'centro', weekdays: [7], start: '10:00', end: '14:00' },
      { clinic: 'coyoacan', weekdays: WEEK, start: '15:30', end: '19:30' },
    ],
  },
  {
    key: 'luis',
    role: 'clinic_admin',
    employeeNumber: 'E-003',
    name: 'Luis Navarro Peña',
    position: 'admin',
    hiredOn: '2016-01-11',
    colour: '#495057',
    isBookable: false,
    department: 'Administración',
    manager: 'pablo',
    hours: [],
  },
  {
    key: 'carmen',
    role: 'manager',
    employeeNumber: 'E-004',
    name: 'Carmen Delgado Ruiz',
    position: 'manager',
    hiredOn: '2017-05-02',
    colour: '#1971c2',
    isBookable: false,
    department: 'Administración',
    manager: 'pablo',
    hours: [{ clinic: 'centro', weekdays: WEEK, start: '09:00', end: '17:00', breaks: [{ start: '14:00', end: '15:00' }] }],
  },
  {
    key: 'diego',
    role: 'assistant',
    employeeNumber: 'E-005',
    name: 'Diego Castillo Vega',
    position: 'assistant',
    hiredOn: '2021-02-15',
    colour: '#2f9e44',
    isBookable: false,
    department: 'Medicina',
    manager: 'sofia',
    credentials: [{ type: 'cpr', number: 'RECOVER-88213', authority: 'RECOVER', issuedOn: '2023-12-05', expiresInDays: -4 }],
    hours: [{ clinic: 'centro', weekdays: [1, 2, 3, 4, 5, 6], start: '09:00', end: '15:00' }],
  },
  {
    key: 'valeria',
    role: 'receptionist',
    employeeNumber: 'E-006',
    name: 'Valeria Mendoza Cruz',
    position: 'receptionist',
    hiredOn: '2022-09-01',
    colour: '#c2255c',
    isBookable: false,
    department: 'Recepción',
    manager: 'carmen',
    hours: [{ clinic: 'centro', weekdays: [1, 2, 3, 4, 5, 6], start: '08:30', end: '15:30', breaks: [{ start: '12:00', end: '12:30' }] }],
  },
  {
    key: 'mateo',
    role: 'groomer',
    employeeNumber: 'E-007',
    name: 'Mateo Flores Ríos',
    position: 'groomer',
    hiredOn: '2020-06-10',
    colour: '#e8590c',
    isBookable: true,
    department: 'Estética',
    manager: 'carmen',
    hours: [
      { clinic: 'centro', weekdays: [1, 3, 5, 6], start: '09:00', end: '15:00' },
      { clinic: 'coyoacan', weekdays: [2, 4], start: '09:00', end: '16:00' },
    ],
  },
  {
    key: 'ines',
    role: 'compliance_officer',
    employeeNumber: 'E-008',
    name: 'Inés Aguilar Soto',
    position: 'compliance',
    hiredOn: '2023-04-17',
    colour: '#5f3dc4',
    isBookable: false,
    department: 'Cumplimiento',
    manager: 'pablo',
    hours: [],
  },
]

/** People who sign in without being staff. The role of clients waits for their portal and has no login. */
export const OUTSIDERS = [{ role: 'super_admin', name: 'Soporte de la instalación' }] as const satisfies readonly { role: RoleCode; name: string }[]

export function demoEmail(role: RoleCode): string {
  return `${role.replaceAll('_', '.')}@demo.example`
}

export type RoomKey = 'Consultorio 1' | 'Consultorio 2' | 'Quirófano' | 'Estética'
export const ROOMS = [
  { name: 'Consultorio 1', kind: 'consultation' },
  { name: 'Consultorio 2', kind: 'consultation' },
  { name: 'Quirófano', kind: 'surgery' },
  { name: 'Estética', kind: 'grooming' },
] as const satisfies readonly { name: RoomKey; kind: string }[]

export type ServiceCode = 'CONSULTA' | 'VACUNA' | 'CIRUGIA' | 'DENTAL' | 'BANO' | 'RX' | 'LAB'
/** Ex-tax, in pesos. Source: IVA general rate 16 % on services (Ley del IVA, art. 1, 2025). */
export const SERVICES = [
  { code: 'CONSULTA', name: 'Consulta general', category: 'checkup', unitPrice: '400', taxRate: '16' },
  { code: 'VACUNA', name: 'Aplicación de vacuna', category: 'vaccination', unitPrice: '320', taxRate: '16' },
  { code: 'CIRUGIA', name: 'Esterilización', category: 'surgery', unitPrice: '2000', taxRate: '16' },
  { code: 'DENTAL', name: 'Limpieza dental', category: 'dental', unitPrice: '1400', taxRate: '16' },
  { code: 'BANO', name: 'Baño y corte', category: 'grooming', unitPrice: '350', taxRate: '16' },
  { code: 'RX', name: 'Radiografía', category: 'diagnostics', unitPrice: '650', taxRate: '16' },
  { code: 'LAB', name: 'Biometría hemática', category: 'diagnostics', unitPrice: '550', taxRate: '16' },
] as const satisfies readonly { code: ServiceCode; name: string; category: string; unitPrice: string; taxRate: string }[]

export type TypeCode = 'consulta' | 'vacunacion' | 'cirugia' | 'dental' | 'estetica'
export const APPOINTMENT_TYPES = [
  { code: 'consulta', name: 'Consulta', durationMinutes: 30, colour: '#0c8599', service: 'CONSULTA', isOnline: true },
  { code: 'vacunacion', name: 'Vacunación', durationMinutes: 20, colour: '#2f9e44', service: 'VACUNA', isOnline: true },
  { code: 'cirugia', name: 'Cirugía', durationMinutes: 90, colour: '#e03131', service: 'CIRUGIA' },
  { code: 'dental', name: 'Limpieza dental', durationMinutes: 60, colour: '#9c36b5', service: 'DENTAL', isOnline: true },
  { code: 'estetica', name: 'Estética', durationMinutes: 60, colour: '#e8590c', service: 'BANO' },
] as const satisfies readonly { code: TypeCode; name: string; durationMinutes: number; colour: string; service: ServiceCode; isOnline?: boolean }[]
