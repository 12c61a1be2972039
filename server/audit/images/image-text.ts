import { z } from 'zod'

/** One side of an image: column to its value, as text; what is nested as JSON. */
export type ImageSide = ReadonlyMap<string, string | null> | null
export type Image = { readonly before: ImageSide; readonly after: ImageSide }

const side = z.record(z.string(), z.unknown()).nullable()
const imageSchema = z.object({ before: side, after: side })

/** Reads an image as the row trigger wrote it (UTF-8 JSON); null for anything else. */
export function parseImage(bytes: Uint8Array): Image | null {
  const text = Buffer.from(bytes).toString('utf8')
  try {
    const plain = imageSchema.parse(JSON.parse(text))
    const exact = imageSchema.parse(JSON.parse(text, keepDigits))
    return { before: printed(plain.before, exact.before), after: printed(plain.after, exact.after) }
  } catch {
    return null
  }
}

/** The value of a column; null when the row did not exist, had none, or the image leaves it out. */
export function valueIn(of: ImageSide | undefined, name: string): string | null {
  return of?.get(name) ?? null
}

type Side = z.output<typeof side>

function printed(plain: Side, exact: Side): ImageSide {
  if (plain === null) return null
  return new Map(Object.entries(plain).map(([name, value]) => [name, print(value, exact?.[name])]))
}

function print(plain: unknown, exact: unknown): string | null {
  if (plain === null) return null
  if (typeof plain === 'string') return plain
  return typeof plain === 'object' ? JSON.stringify(plain) : String(exact)
}

// Amounts have up to 64 bits and prices keep their decimals: a JavaScript number would round both.
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? value) : value
}
