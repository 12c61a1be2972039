/** An entry of a proof bundle: its request, when it is an operation's, and its words, indented. Null when it is not proven. */
export function readProvenBody(bundle: string, entryId: string): { requestId: string | null; text: string } | null {
  const whole: unknown = JSON.parse(bundle)
  const entries = isRecord(whole) ? whole.entries : null
  // Beside an operation's entry stand those of the rows that it changed.
  const found: unknown = Array.isArray(entries) ? entries.find((one) => isRecord(one) && one.entry === entryId) : null
  if (!isRecord(found) || typeof found.body !== 'string') return null
  try {
    const body: unknown = JSON.parse(found.body)
    const requestId = isRecord(body) && typeof body.request === 'string' ? body.request : null
    return { requestId, text: JSON.stringify(body, null, 2) }
  } catch {
    // Somebody has altered it beyond reading: shown as it is.
    return { requestId: null, text: found.body }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
