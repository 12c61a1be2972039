import type { LocalDate } from '../kernel/time.ts'
import { vacationDays, yearsCompletedIn } from './vacation.ts'

/** The type whose allowance follows the law where there is one. */
const VACATION_CODE = 'vacation'

/** Sums of one type and year, in the unit of the type. */
export type TimeOffSums = { readonly granted: number; readonly approved: number; readonly pending: number }

export type Balance = TimeOffSums & {
  /** Null: without a limit. */
  readonly allowance: number | null
  /** Allowance and grants without what is approved; what is pending is not taken off. Null: without a limit. */
  readonly remaining: number | null
}

/**
 * What a person gets of a type in a calendar year: of vacation what the law gives for the years completed in it, or the type's own
 * allowance where that is more; of others the type's. Nothing in years in which the person was not employed. Null: without a limit.
 * @param countryCode of the clinic, ISO 3166-1 alpha-2
 */
export function allowanceIn(
  year: number,
  type: { readonly code: string; readonly countsAs: string; readonly annualAllowance: number | null },
  person: { readonly hiredOn: LocalDate; readonly terminatedOn: LocalDate | null },
  countryCode: string,
): number | null {
  if (Number(person.hiredOn.slice(0, 4)) > year || (person.terminatedOn !== null && Number(person.terminatedOn.slice(0, 4)) < year)) return 0
  const years = yearsCompletedIn(year, person.hiredOn)
  const lawful = type.code === VACATION_CODE && type.countsAs === 'days' ? vacationDays(countryCode, years) : null
  if (lawful === null) return type.annualAllowance
  // What a clinic gives of its own begins, like the law's, with the first completed year.
  return years === 0 ? 0 : Math.max(lawful, type.annualAllowance ?? 0)
}

/** The balance of one type and year. May be negative: who approves sees it, and decides. */
export function balanceOf(allowance: number | null, sums: TimeOffSums): Balance {
  const remaining = allowance === null ? null : hundredths(allowance + sums.granted - sums.approved)
  return { ...sums, allowance, remaining }
}

function hundredths(amount: number): number {
  return Math.round(amount * 100) / 100
}
