import { GraphQLError, Kind, type ValueNode } from 'graphql'
import { isUuid } from '../modules/kernel/ids.ts'
import { toMicro } from '../modules/kernel/money.ts'
import { isLocalDate, toMinute } from '../modules/kernel/time.ts'
import { builder } from './builder.ts'

function refuse(name: string, wanted: string): never {
  throw new GraphQLError(`${name}: ${wanted}`, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } })
}

function text(value: unknown, name: string, wanted: string): string {
  return typeof value === 'string' ? value : refuse(name, wanted)
}

function literal(node: ValueNode): unknown {
  return node.kind === Kind.STRING ? node.value : null
}

/** A scalar that travels as a string and stays one. */
function checkedString(name: string, wanted: string, isValid: (value: string) => boolean) {
  const parse = (value: unknown): string => {
    const candidate = text(value, name, wanted)
    return isValid(candidate) ? candidate : refuse(name, wanted)
  }
  return { serialize: (value: string) => value, parseValue: parse, parseLiteral: (node: ValueNode) => parse(literal(node)) }
}

function isReadable(parse: (value: string) => unknown): (value: string) => boolean {
  return (value) => {
    try {
      parse(value)
      return true
    } catch {
      return false
    }
  }
}

builder.scalarType('UUID', {
  description: 'A UUID in lower case.',
  ...checkedString('UUID', 'must be a UUID in lower case', isUuid),
})
builder.scalarType('LocalDate', {
  description: 'A day, `YYYY-MM-DD`, in the zone of the clinic.',
  ...checkedString('LocalDate', 'must be a day such as 2025-12-20', isLocalDate),
})
builder.scalarType('LocalTime', {
  description: 'A time of day, `HH:MM`; `24:00` ends the day.',
  ...checkedString('LocalTime', 'must be a time such as 09:30', isReadable(toMinute)),
})
builder.scalarType('Decimal', {
  description: 'A decimal number as a string, with at most 6 decimals.',
  ...checkedString('Decimal', 'must be a decimal number in a string, with at most 6 decimals', (value) => value.length <= 20 && isReadable(toMicro)(value)),
})

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/
/** Date takes 30 February for 2 March. */
function isRealDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}

function parseInstant(value: unknown): Date {
  const wanted = 'must be an ISO 8601 instant with a zone, such as 2025-12-20T15:30:00Z'
  const candidate = text(value, 'DateTime', wanted)
  const instant = new Date(candidate)
  return INSTANT.test(candidate) && !Number.isNaN(instant.getTime()) && isRealDay(candidate.slice(0, 10)) ? instant : refuse('DateTime', wanted)
}
builder.scalarType('DateTime', {
  description: 'An instant, ISO 8601 in UTC.',
  serialize: (value) => value.toISOString(),
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(literal(node)),
})

function parseMinorUnits(value: unknown): bigint {
  const wanted = 'must be a whole number in a string'
  const candidate = text(value, 'MinorUnits', wanted)
  return /^-?\d{1,18}$/.test(candidate) ? BigInt(candidate) : refuse('MinorUnits', wanted)
}
builder.scalarType('MinorUnits', {
  description: 'A whole number of minor units, as a string because it may exceed 2^53.',
  serialize: (value) => value.toString(),
  parseValue: parseMinorUnits,
  parseLiteral: (node) => parseMinorUnits(literal(node)),
})
