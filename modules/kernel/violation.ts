/** What PostgreSQL refused, read from an error of Prisma or pg. */
export type Violation = {
  /** SQLSTATE. */
  readonly code: string
  /** The violated constraint, when PostgreSQL or its message names one. */
  readonly constraint: string | null
  readonly message: string
}

/** Reads the SQLSTATE and the constraint from an error, wherever the libraries have put them; null when it is another error. */
export function violation(error: unknown): Violation | null {
  for (const candidate of causes(error)) {
    const code = stringAt(candidate, 'originalCode') ?? stringAt(candidate, 'code')
    // EPIPE has five letters too, but every SQLSTATE has a digit; Prisma's own codes are P and four of them.
    if (code === null || !/^(?=.*\d)[0-9A-Z]{5}$/.test(code) || /^P\d{4}$/.test(code)) continue
    const message = stringAt(candidate, 'originalMessage') ?? stringAt(candidate, 'message') ?? ''
    const constraint = stringAt(candidate, 'constraint') ?? /constraint "([^"]+)"/.exec(message)?.[1] ?? /^([A-Z]+(?:_[A-Z]+)+):/.exec(message)?.[1] ?? null
    return { code, constraint, message }
  }
  return null
}

function* causes(error: unknown, depth = 0): Generator<object> {
  if (typeof error !== 'object' || error === null || depth > 5) return
  yield error
  for (const key of ['cause', 'meta', 'driverAdapterError']) {
    const inner: unknown = Reflect.get(error, key)
    if (typeof inner === 'object' && inner !== null) yield* causes(inner, depth + 1)
  }
}

function stringAt(value: object, key: string): string | null {
  const found: unknown = Reflect.get(value, key)
  return typeof found === 'string' ? found : null
}
