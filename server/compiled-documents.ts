import { type DocumentNode, type ExecutionResult, execute, GraphQLError, type GraphQLSchema, Kind, type Source, type SourceLocation } from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'

type Execute = typeof execute
/**
 * Executes registered documents as compiled functions, each compiled when it first comes. Their number is the build's, so nothing a
 * caller sends can fill memory with code; free documents are executed as they are.
 */
export class CompiledDocuments {
  readonly #schema: GraphQLSchema
  readonly #compiled = new WeakMap<DocumentNode, Map<string, Execute | null>>()

  /** @param schema whose plain fields have no resolver of their own */
  constructor(schema: GraphQLSchema) {
    this.#schema = schema
  }

  /** How the document's operation is executed; null when it is not one that can be compiled. */
  find(document: DocumentNode, operationName: string | null | undefined): Execute | null {
    const name = operationName ?? ''
    const known = this.#compiled.get(document) ?? new Map<string, Execute | null>()
    this.#compiled.set(document, known)
    const compiled = known.has(name) ? (known.get(name) ?? null) : this.#compile(document, name)
    known.set(name, compiled)
    return compiled
  }

  #compile(document: DocumentNode, name: string): Execute | null {
    if (hasDefaults(document)) return null
    const result = compileQuery(this.#schema, document, name === '' ? undefined : name, { disablingCapturingStackErrors: true })
    if (!isCompiledQuery(result)) return null
    return async (args) => {
      const answer = await result.query(args.rootValue, args.contextValue, args.variableValues ?? {})
      // Variables that the library refuses: nothing has run, and GraphQL says what is wrong with them in its own words.
      return 'data' in answer ? withPlainErrors(answer, document.loc?.source) : execute(args)
    }
  }
}

// The library refuses a required variable that is left out although it has a default, and turns defaults into JSON.
function hasDefaults({ definitions }: DocumentNode): boolean {
  return definitions.some(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.variableDefinitions?.some(({ defaultValue }) => defaultValue !== undefined),
  )
}

// The library's errors lack what GraphQL's own carry, on which everything behind execution relies.
function withPlainErrors(result: ExecutionResult, source: Source | undefined): ExecutionResult {
  if (!result.errors) return result
  const errors = result.errors.map(({ message, locations, path, originalError }) => {
    const extensions = originalError instanceof GraphQLError ? originalError.extensions : undefined
    const positions = source && locations?.map((location) => positionOf(source.body, location))
    return new GraphQLError(message, { source, positions, path, originalError, extensions })
  })
  return { ...result, errors }
}

function positionOf(text: string, { line, column }: SourceLocation): number {
  const breaks = [...text.matchAll(/\r\n|[\n\r]/g)].map((found) => found.index + found[0].length)
  return (line === 1 ? 0 : (breaks[line - 2] ?? 0)) + column - 1
}
