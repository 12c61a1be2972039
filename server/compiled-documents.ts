import { type DocumentNode, type ExecutionResult, type execute, GraphQLError, type GraphQLSchema } from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'

type Execute = typeof execute
type Compiled = (root: unknown, context: unknown, variables: Readonly<Record<string, unknown>> | null | undefined) => Promise<ExecutionResult> | ExecutionResult

/**
 * Executes registered documents as compiled functions, each compiled when it first comes. Their number is the build's, so nothing a
 * caller sends can fill memory with code; free documents are executed as they are.
 */
export class CompiledDocuments {
  readonly #schema: GraphQLSchema
  readonly #compiled = new WeakMap<DocumentNode, Map<string, Compiled | null>>()

  /** @param schema whose plain fields have no resolver of their own */
  constructor(schema: GraphQLSchema) {
    this.#schema = schema
  }

  /** How the document's operation is executed; null when it is not one that can be compiled. */
  find(document: DocumentNode, operationName: string | null | undefined): Execute | null {
    const name = operationName ?? ''
    const known = this.#compiled.get(document) ?? new Map<string, Compiled | null>()
    this.#compiled.set(document, known)
    const compiled = known.has(name) ? (known.get(name) ?? null) : this.#compile(document, name)
    known.set(name, compiled)
    return compiled && (({ rootValue, contextValue, variableValues }) => compiled(rootValue, contextValue, variableValues))
  }

  #compile(document: DocumentNode, name: string): Compiled | null {
    const result = compileQuery(this.#schema, document, name === '' ? undefined : name, { disablingCapturingStackErrors: true })
    return isCompiledQuery(result) ? async (root, context, variables) => withPlainErrors(await result.query(root, context, variables ?? {})) : null
  }
}

// The library's errors lack what GraphQL's own carry, on which everything behind execution relies.
function withPlainErrors(result: ExecutionResult): ExecutionResult {
  if (!result.errors) return result
  const errors = result.errors.map(({ message, nodes, path, originalError }) => {
    const extensions = originalError instanceof GraphQLError ? originalError.extensions : undefined
    return new GraphQLError(message, { nodes, path, originalError, extensions })
  })
  return { ...result, errors }
}
