import type { StaffCredential } from '../../prisma/client/client.ts'
import { daysBetween, fromDateColumn, type LocalDate } from '../kernel/time.ts'

export const CREDENTIAL_TYPES = ['licence', 'cedula_profesional', 'dea', 'senasica', 'cpr', 'radiology', 'anaesthesia', 'other'] as const
/** Days before the last valid one within which somebody must see to a renewal, the most urgent first. */
export const EXPIRY_DAYS = [7, 30, 90] as const

export type CredentialState = 'recorded' | 'verified' | 'suspended' | 'revoked' | 'expired' | 'expiring'
export type ExpiryBucket = 'expired' | 'within_7' | 'within_30' | 'within_90' | 'later'
type Dated = Pick<StaffCredential, 'expiresOn'>

/** Whole days until the last valid one; 0 on that day, negative after it, null for what never expires. */
export function daysLeft({ expiresOn }: Dated, asOf: LocalDate): number | null {
  return expiresOn === null ? null : daysBetween(asOf, fromDateColumn(expiresOn))
}

/** What somebody who looks at a credential on a day must know first. Being suspended or revoked counts for more than the date. */
export function stateOn(credential: Dated & { readonly status: string }, asOf: LocalDate): CredentialState {
  if (credential.status === 'revoked' || credential.status === 'suspended') return credential.status
  const left = daysLeft(credential, asOf)
  if (left !== null && left < 0) return 'expired'
  if (left !== null && left <= EXPIRY_DAYS[2]) return 'expiring'
  return credential.status === 'verified' ? 'verified' : 'recorded'
}

/** How urgent a renewal is on a day. */
export function bucketOn(credential: Dated, asOf: LocalDate): ExpiryBucket {
  const left = daysLeft(credential, asOf)
  if (left === null || left > EXPIRY_DAYS[2]) return 'later'
  if (left < 0) return 'expired'
  if (left > EXPIRY_DAYS[1]) return 'within_90'
  return left > EXPIRY_DAYS[0] ? 'within_30' : 'within_7'
}

/** A number as it is compared: however somebody spaces it, it is the same. */
export function comparable(number: string): string {
  return number.toUpperCase().replaceAll(/[\s./-]/g, '')
}

/** The end of a number, which tells credentials apart: four characters, or fewer so that at least half stays secret. */
export function endingOf(number: string): string {
  const known = comparable(number)
  return known.slice(-Math.max(1, Math.min(4, Math.floor(known.length / 2))))
}
