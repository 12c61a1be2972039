/** Units in which people say how long before a visit, largest first. */
export const UNITS = [
  { unit: 'days', minutes: 1_440 },
  { unit: 'hours', minutes: 60 },
  { unit: 'minutes', minutes: 1 },
] as const
export type Unit = (typeof UNITS)[number]['unit']
export type LeadTime = { readonly amount: number; readonly unit: Unit }

/** Minutes in the largest unit that says them whole. */
export function leadTimeOf(minutes: number): LeadTime {
  const { unit, minutes: size } = UNITS.find((one) => minutes % one.minutes === 0) ?? UNITS[2]
  return { amount: minutes / size, unit }
}

export function minutesOf({ amount, unit }: LeadTime): number {
  return amount * (UNITS.find((one) => one.unit === unit) ?? UNITS[2]).minutes
}
