import type { LocalDate } from '../kernel/time.ts'

/** Days of vacation that the law gives for a completed year of service, by country; countries without an entry leave it to the employer. */
const STATUTORY_DAYS: Readonly<Record<string, (completedYears: number) => number>> = {
  // Source: Mexico, Ley Federal del Trabajo, art. 76, DOF 27 December 2022, in force since 1 January 2023: 12 days for the first year, two more
  // for each of the next four, and from the sixth year on two more for every five.
  MX: (completedYears) => (completedYears <= 5 ? 10 + 2 * completedYears : 20 + 2 * Math.ceil((completedYears - 5) / 5)),
}

/**
 * Working days of paid vacation that the law gives for so many completed years of service: 0 before the first one is complete; null
 * where the law leaves it to the employer.
 * @param countryCode ISO 3166-1 alpha-2
 */
export function vacationDays(countryCode: string, completedYears: number): number | null {
  const days = STATUTORY_DAYS[countryCode]
  return days ? (completedYears < 1 ? 0 : days(Math.floor(completedYears))) : null
}

/** Years of service that somebody completes in a calendar year: what begins to count on their anniversary in it. */
export function yearsCompletedIn(year: number, hiredOn: LocalDate): number {
  return Math.max(0, year - Number(hiredOn.slice(0, 4)))
}
