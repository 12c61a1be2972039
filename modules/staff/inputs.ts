import { z } from 'zod'
import { isUuid } from '../kernel/ids.ts'
import { isLocalDate, toMinute } from '../kernel/time.ts'

export const POSITIONS = ['veterinarian', 'assistant', 'receptionist', 'groomer', 'manager', 'compliance', 'admin', 'owner'] as const

export const uuid = z.string().refine(isUuid, 'must be a UUID')
export const day = z.string().refine(isLocalDate, 'must be a day such as 2025-12-20')
export const position = z.string().pipe(z.enum(POSITIONS))
export const colour = z
  .string()
  .toLowerCase()
  .regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #228be6')
/** A time of day as minutes after midnight, 24:00 included. */
export const minute = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time such as 09:30')
  .transform(toMinute)
