import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isNonNullType,
  isObjectType,
} from 'graphql'

/** The literal of an argument, or null to leave it out. */
export type ArgumentOf = (coordinate: string, argument: GraphQLArgument) => string | null
/** A whole number from 0 to `max`, from whatever source of chance. */
export type Draw = (max: number) => number

/** `field(arguments)`, or null when a required argument has no value. */
export function callOf(coordinate: string, field: GraphQLField<unknown, unknown>, argumentOf: ArgumentOf): string | null {
  const values: string[] = []
  for (const argument of field.args) {
    const literal = argumentOf(coordinate, argument)
    if (literal === null && isNonNullType(argument.type) && argument.defaultValue === undefined) return null
    if (literal !== null) values.push(`${argument.name}: ${literal}`)
  }
  return field.name + (values.length > 0 ? `(${values.join(', ')})` : '')
}

/** A selection of every field down to a depth, where `isWanted` says so. */
export function selectAll(
  schema: GraphQLSchema,
  type: GraphQLNamedType,
  depth: number,
  argumentOf: ArgumentOf,
  isWanted: (coordinate: string) => boolean = () => true,
): string {
  return select(schema, type, depth, argumentOf, isWanted)
}

/** A random selection of at most 120 fields that always holds `__typename` and, where there is one, `id`. */
export function drawSelection(schema: GraphQLSchema, type: GraphQLNamedType, depth: number, argumentOf: ArgumentOf, draw: Draw): string {
  let left = 120
  return select(schema, type, depth, argumentOf, (coordinate) => coordinate.endsWith('.id') || (draw(99) < 40 && left-- > 0))
}

function select(
  schema: GraphQLSchema,
  type: GraphQLNamedType,
  depth: number,
  argumentOf: ArgumentOf,
  isWanted: (coordinate: string) => boolean,
  isMember = false,
): string {
  if (isLeafType(type)) return ''
  if (isAbstractType(type)) {
    const parts = schema.getPossibleTypes(type).map((member) => `... on ${member.name} ${select(schema, member, depth, argumentOf, isWanted, true)}`)
    return `{ __typename ${parts.join(' ')} }`
  }
  if (!isObjectType(type)) return ''
  const chosen = ['__typename']
  for (const field of Object.values(type.getFields())) {
    const coordinate = `${type.name}.${field.name}`
    const inner = getNamedType(field.type)
    // A list is one step deeper at its nodes; connections and edges are how it is spelt.
    const isSpelling = /(Connection|Edge)$/.test(inner.name)
    const isStructure = field.name === 'edges' || field.name === 'node'
    const call = callOf(coordinate, field, argumentOf)
    if (call === null || (!isLeafType(inner) && depth <= 0)) continue
    if (!isStructure && !isWanted(coordinate)) continue
    // Equally named fields of a union's members may differ in type: an alias keeps them apart.
    const alias = isMember && field.name !== 'id' ? `${type.name}_${field.name}: ` : ''
    chosen.push(`${alias}${call} ${select(schema, inner, isSpelling ? depth : depth - 1, argumentOf, isWanted)}`.trim())
  }
  return `{ ${chosen.join(' ')} }`
}

export type Found = { type: string; id: string }

/** Every object of a response that shows its type and its id. */
export function* objectsIn(value: unknown): Generator<Found> {
  if (Array.isArray(value)) for (const item of value) yield* objectsIn(item)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  const type: unknown = Reflect.get(value, '__typename')
  const id: unknown = typeof type === 'string' ? Reflect.get(value, 'id') : undefined
  if (typeof type === 'string' && typeof id === 'string') yield { type, id }
  for (const inner of Object.values(value)) yield* objectsIn(inner)
}
