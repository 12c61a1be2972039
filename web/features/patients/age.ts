/** Completed years, and completed months in all, between two calendar dates. A birthday counts on its day. */
export function ageIn(bornOn: string, on: string): { years: number; months: number } {
  const [bornYear = 0, bornMonth = 0, bornDay = 0] = bornOn.split('-').map(Number)
  const [year = 0, month = 0, day = 0] = on.split('-').map(Number)
  const months = Math.max(0, (year - bornYear) * 12 + month - bornMonth - (day < bornDay ? 1 : 0))
  return { years: Math.floor(months / 12), months }
}
