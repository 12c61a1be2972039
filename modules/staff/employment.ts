import type { StaffProfile } from '../../prisma/client/client.ts'
import { type LocalDate, toDateColumn } from '../kernel/time.ts'

/** True when the person works for the organisation on that day. Both the first and the last day of employment count. */
export function isEmployedOn({ hiredOn, terminatedOn, isActive }: Pick<StaffProfile, 'hiredOn' | 'terminatedOn' | 'isActive'>, date: LocalDate): boolean {
  const day = toDateColumn(date)
  return isActive && hiredOn <= day && (terminatedOn === null || day <= terminatedOn)
}
