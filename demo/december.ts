import type { LocalDate } from '../modules/kernel/time.ts'
import type { RoomKey, StaffKey, TypeCode } from './clinic-data.ts'
import type { PlannedLine, PlannedSale, PlannedVisit } from './plan.ts'

/**
 * December 2025 at the first clinic, as far as two examples of the requirements depend on it: the daily summary of the 20th
 * and the inventory alert of the 27th. The rest of the month is planned like any other, without the goods listed here.
 */
export const SCRIPTED_SKUS = ['RC-GI', 'FP-L', 'HD-KD', 'TOY-KONG', 'VAC-RAB', 'KET-10'] as const
/** The last day on which the scripted goods follow the script alone. */
export const SCRIPT_END = '2025-12-28'
/** While the lot of the alert is on the shelf, first expired first out would take from it. */
export const RABIES_PAUSE_END = '2026-01-16'

/** What is on the shelf when December begins. */
export const OPENING_STOCK: readonly { sku: string; quantity: number; lotNumber?: string; expiresOn?: LocalDate }[] = [
  { sku: 'RC-GI', quantity: 14 },
  { sku: 'FP-L', quantity: 12 },
  { sku: 'HD-KD', quantity: 6 },
  { sku: 'TOY-KONG', quantity: 40 },
  { sku: 'VAC-RAB', quantity: 12, lotNumber: 'R2024-15', expiresOn: '2026-01-15' },
  { sku: 'KET-10', quantity: 6, lotNumber: 'K2024-08', expiresOn: '2026-01-20' },
]

export type DayScript = {
  /** True: nothing happens on this day but what is written here. */
  readonly isWhole: boolean
  readonly visits: readonly Omit<PlannedVisit, 'patient'>[]
  readonly sales: readonly PlannedSale[]
}

const LINES: Record<TypeCode, readonly PlannedLine[]> = {
  consulta: [{ service: 'CONSULTA', quantity: 1 }],
  vacunacion: [
    { service: 'VACUNA', quantity: 1 },
    { sku: 'VAC-RAB', quantity: 1 },
  ],
  cirugia: [{ service: 'CIRUGIA', quantity: 1 }],
  dental: [{ service: 'DENTAL', quantity: 1 }],
  estetica: [{ service: 'BANO', quantity: 1 }],
}
const MINUTES: Record<TypeCode, number> = { consulta: 30, vacunacion: 20, cirugia: 90, dental: 60, estetica: 60 }
const ROOM_OF: Record<TypeCode, RoomKey | null> = { consulta: null, vacunacion: null, cirugia: 'Quirófano', dental: 'Quirófano', estetica: 'Estética' }

function visit(staff: StaffKey, type: TypeCode, hour: number, minute = 0, outcome: 'completed' | 'no_show' = 'completed'): Omit<PlannedVisit, 'patient'> {
  const start = hour * 60 + minute
  const isCompleted = outcome === 'completed'
  return {
    staff,
    type,
    room: ROOM_OF[type] ?? (staff === 'pablo' ? 'Consultorio 1' : 'Consultorio 2'),
    start,
    end: start + MINUTES[type],
    outcome,
    lines: isCompleted ? LINES[type] : [],
    payment: isCompleted ? 'card' : null,
    note: isCompleted && type !== 'estetica' ? 'signed' : null,
  }
}

function sale(hour: number, minute: number, client: number | null, ...lines: (readonly [string, number])[]): PlannedSale {
  return { at: hour * 60 + minute, client, lines: lines.map(([sku, quantity]) => ({ sku, quantity })), payment: client === null ? 'cash' : 'card' }
}

/** Ex-tax sums: 13 and 19 December 7,545 each; 20 December 4,200 services and 4,250 products. */
export const DECEMBER: ReadonlyMap<LocalDate, DayScript> = new Map([
  [
    '2025-12-13',
    {
      isWhole: true,
      visits: [
        visit('pablo', 'consulta', 9),
        visit('pablo', 'dental', 10),
        visit('pablo', 'consulta', 11, 30),
        visit('pablo', 'vacunacion', 12, 30),
        visit('sofia', 'consulta', 9, 30),
        visit('sofia', 'consulta', 10, 30),
        visit('sofia', 'vacunacion', 11, 30),
      ],
      sales: [
        sale(9, 40, 3, ['RC-GI', 1]),
        sale(10, 20, null, ['CHEW', 4], ['TOY-KONG', 1]),
        sale(11, 10, 17, ['RC-GI', 1]),
        sale(11, 50, 21, ['FP-L', 2]),
        sale(12, 30, null, ['CHEW', 4], ['TOY-KONG', 2]),
        sale(13, 20, 40, ['FP-L', 1], ['TOY-KONG', 1]),
        sale(14, 10, null, ['CHEW', 4]),
      ],
    },
  ],
  [
    '2025-12-19',
    {
      isWhole: true,
      visits: [
        visit('pablo', 'cirugia', 9, 30),
        visit('pablo', 'consulta', 12),
        visit('sofia', 'consulta', 10),
        visit('sofia', 'consulta', 11, 20),
        visit('mateo', 'estetica', 9, 30),
        visit('mateo', 'estetica', 11),
      ],
      sales: [
        sale(10, 15, 8, ['RC-GI', 1]),
        sale(11, 0, null, ['FP-C', 2]),
        sale(12, 25, 31, ['FP-L', 3]),
        sale(13, 40, 52, ['RC-MINI', 1]),
        sale(16, 30, null, ['FP-C', 3]),
      ],
    },
  ],
  [
    '2025-12-20',
    {
      isWhole: true,
      visits: [
        visit('pablo', 'consulta', 9),
        visit('pablo', 'vacunacion', 9, 40),
        visit('pablo', 'cirugia', 10, 30),
        visit('pablo', 'consulta', 12, 30),
        visit('sofia', 'vacunacion', 9, 30),
        visit('sofia', 'consulta', 10, 20),
        visit('sofia', 'consulta', 11, 20, 'no_show'),
      ],
      sales: [
        sale(9, 20, 12, ['RC-GI', 1]),
        sale(9, 50, 25, ['RC-GI', 1], ['TOY-KONG', 1]),
        sale(10, 35, null, ['RC-GI', 1]),
        sale(11, 15, 44, ['FP-L', 2]),
        sale(11, 55, null, ['FP-L', 1], ['TOY-KONG', 1]),
        sale(12, 40, 60, ['FP-L', 1]),
        sale(13, 25, null, ['TOY-KONG', 2]),
        sale(14, 5, null, ['TOY-KONG', 1]),
      ],
    },
  ],
  ['2025-12-22', { isWhole: false, visits: [], sales: [sale(11, 5, 33, ['HD-KD', 2])] }],
  ['2025-12-23', { isWhole: false, visits: [], sales: [sale(12, 15, 48, ['RC-GI', 2])] }],
  ['2025-12-24', { isWhole: false, visits: [], sales: [sale(10, 45, 33, ['HD-KD', 2])] }],
  ['2025-12-26', { isWhole: false, visits: [], sales: [sale(11, 25, 70, ['RC-GI', 2]), sale(13, 5, 33, ['HD-KD', 2])] }],
  ['2025-12-27', { isWhole: false, visits: [], sales: [sale(12, 10, 81, ['RC-GI', 1])] }],
])
