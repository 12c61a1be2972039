import type { GraphQLSchema } from 'graphql'
import { isAbstractType, isObjectType } from 'graphql'

/**
 * Code generator plugin: which object types stand behind each union and interface, and which objects have no id. The
 * normalised cache needs both; the whole schema would be ten times the bytes.
 */
export function plugin(schema: GraphQLSchema): string {
  const types = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__'))
  const possibleTypes = Object.fromEntries(types.filter(isAbstractType).map((type) => [type.name, schema.getPossibleTypes(type).map((member) => member.name)]))
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const typesWithoutId = types
    .filter(isObjectType)
    .filter((type) => !roots.includes(type) && type.getFields().id === undefined)
    .map((type) => type.name)
  return [
    `export const possibleTypes: Record<string, string[]> = ${JSON.stringify(possibleTypes, null, 2)}`,
    `export const typesWithoutId: string[] = ${JSON.stringify(typesWithoutId, null, 2)}`,
    '',
  ].join('\n\n')
}
