const COLOURS: Record<string, string> = { ok: 'pine', refused: 'amber', denied: 'clay', rejected: 'clay', failed: 'clay' }

/** Colour beside an outcome's text; an unknown outcome stays neutral. */
export function outcomeColour(outcome: string): string {
  return COLOURS[outcome.toLowerCase()] ?? 'gray'
}
