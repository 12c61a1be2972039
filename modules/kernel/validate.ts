import { z } from 'zod'
import { InvalidInputError } from './errors.ts'

/** Parses an input with its zod schema. Throws InvalidInputError that names each path and rule. */
export function validate<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new InvalidInputError(parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), rule: issue.code, message: issue.message })))
}

/** One line of text that a person typed: trimmed, without control characters, 1 to `max` characters. */
export function line(max: number) {
  return text(max).refine((value) => !/\n/.test(value), 'must be one line')
}

/** Text of several lines: trimmed, 1 to `max` characters; control characters other than tab and newline are refused. */
export function text(max: number) {
  return (
    z
      .string()
      .trim()
      .min(1)
      .max(max)
      .refine((value) => value.isWellFormed(), 'must be well-formed Unicode')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: PostgreSQL cannot store NUL and printers choke on the rest
      .refine((value) => !/[\u0000-\u0008\u000b-\u001f\u007f]/.test(value), 'must not hold control characters')
  )
}

/** A decimal number as text with at most six decimals, as quantities and unit prices travel. */
export const decimal = z.string().regex(/^-?\d{1,12}(\.\d{1,6})?$/, 'must be a decimal number with at most 6 decimals')
export const positiveDecimal = decimal.refine((value) => Number(value) > 0, 'must be above 0')
/** An ex-tax price of one unit, in major units of the currency. The bound keeps every amount within 64 bits. */
export const unitPrice = decimal.refine((value) => Number(value) >= 0 && Number(value) <= 100_000_000, 'must be 0 to 100,000,000')
/** Percent, as taxes are stored: '16' is 16 %. */
export const percent = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,2})?$/, 'must be a number with at most 2 decimals')
  .refine((value) => Number(value) <= 100, 'must be 0 to 100')

/** For a field that cannot be empty, in an input where leaving it out keeps what is there: null keeps it as well. */
export function kept<S extends z.ZodType>(schema: S) {
  return schema.nullish().transform((value) => value ?? undefined)
}

/** Names of an input's fields that say something: what an audit entry lists as changed. */
export function fieldsOf(input: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(input).filter((field) => input[field] !== undefined)
}

const LONGEST_SEARCH = 200

/** What a person typed into a search box, trimmed; null for nothing, for too much and for what PostgreSQL cannot hold. */
export function searchText(typed: string | null | undefined): string | null {
  const text = typed?.trim() ?? ''
  return text === '' || text.length > LONGEST_SEARCH || text.includes('\0') || !text.isWellFormed() ? null : text
}
