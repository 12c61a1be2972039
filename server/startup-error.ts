/**
 * A problem that the person starting Chiron can put right. The message is ONE line that says what to do; commands print
 * it without a stack and exit with code 1.
 */
export class StartupError extends Error {
  override name = 'StartupError'

  constructor(message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\s*\n\s*/g, ' '), options)
  }
}

/** The `code` of a Node or PostgreSQL error (`ENOENT`, `42P01`), or null. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/** The first line of what went wrong, for use inside a one-line message. */
export function firstLine(error: unknown): string {
  // Connection attempts to several addresses fail with an AggregateError whose own message is empty.
  if (error instanceof AggregateError && error.errors.length > 0) return firstLine(error.errors[0])
  const text = error instanceof Error ? error.message : String(error)
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'unknown error'
  )
}
