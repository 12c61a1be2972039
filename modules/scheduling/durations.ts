import { invalid } from '../kernel/errors.ts'

/** Bounds of a visit in minutes. */
export const DURATION_MINUTES = { min: 5, max: 720 } as const

// Source: practice of established systems; nobody is hurried through this visit.
const LONGER_AT_LEAST: Readonly<Record<string, number>> = { euthanasia: 40 }

/**
 * Minutes of a visit of a type: what was asked for, else the type's default. Throws InvalidInputError at `durationMinutes`
 * when it is shorter than the type allows (euthanasia: 40 minutes) or outside 5 to 720.
 */
export function durationOf(type: { readonly code: string; readonly durationMinutes: number }, wantedMinutes: number | null | undefined): number {
  const minutes = wantedMinutes ?? type.durationMinutes
  const least = LONGER_AT_LEAST[type.code] ?? DURATION_MINUTES.min
  if (!Number.isInteger(minutes) || minutes < least) throw invalid('durationMinutes', 'too_small', `must be a whole number of at least ${least} minutes`)
  if (minutes > DURATION_MINUTES.max) throw invalid('durationMinutes', 'too_big', `must be at most ${DURATION_MINUTES.max} minutes`)
  return minutes
}
