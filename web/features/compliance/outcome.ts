const COLOURS: Record<string, string> = { allowed: 'pine', ok: 'pine', success: 'pine', denied: 'clay', failed: 'clay', error: 'clay', refused: 'amber' }

/** Colour beside an outcome's text; an unknown outcome stays neutral. */
export function outcomeColour(outcome: string): string {
  return COLOURS[outcome.toLowerCase()] ?? 'gray'
}
