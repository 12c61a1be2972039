import { type DocumentNode, type GraphQLSchema, isAbstractType, TypeInfo, visit, visitWithTypeInfo } from 'graphql'

const walked = new WeakMap<DocumentNode, ReadonlySet<string>>()

/** Every coordinate that a document can reach, fragments included; a field of an interface counts for each implementation. */
export function coordinatesOf(document: DocumentNode, schema: GraphQLSchema): ReadonlySet<string> {
  const known = walked.get(document)
  if (known) return known
  const coordinates = new Set<string>()
  const types = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const parent = types.getParentType()
        if (!parent || node.name.value.startsWith('__')) return
        const owners = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]
        for (const owner of owners) coordinates.add(`${owner.name}.${node.name.value}`)
      },
    }),
  )
  walked.set(document, coordinates)
  return coordinates
}
