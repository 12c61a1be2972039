import type { DocumentStore } from '../graphql-pipeline.ts'
import type { RequestRecord } from '../operation.ts'

export type OperationLabel = { readonly kind: 'query' | 'mutation' | 'subscription' | 'adhoc' | 'none'; readonly operation: string }

const ADHOC: OperationLabel = { kind: 'adhoc', operation: 'adhoc' }
const NONE: OperationLabel = { kind: 'none', operation: 'none' }
const HEAD = /(?:^|\n)\s*(query|mutation|subscription)\s+([_A-Za-z]\w*)/

/** Names operations for the figures. Only registered documents have a name of their own: what a caller types there may be anything. */
export class OperationLabels {
  readonly #documents: DocumentStore
  readonly #known = new Map<string, OperationLabel>()

  constructor(documents: DocumentStore) {
    this.#documents = documents
  }

  of({ isFreeDocument, operation: { documentHash } }: RequestRecord): OperationLabel {
    if (isFreeDocument) return ADHOC
    if (documentHash === null) return NONE
    return this.#known.get(documentHash) ?? this.#learn(documentHash)
  }

  #learn(hash: string): OperationLabel {
    const text = this.#documents.find(hash)
    // Not remembered: anybody can send hashes that nobody has registered.
    if (text === null) return NONE
    const [, kind, operation = 'unnamed'] = HEAD.exec(text) ?? []
    const label: OperationLabel = { kind: kind === 'mutation' || kind === 'subscription' ? kind : 'query', operation }
    this.#known.set(hash, label)
    return label
  }
}

const ROUTES: ReadonlySet<string> = new Set(['graphql', 'graphiql', 'healthz', 'readyz', 'audit', 'exports', 'calendar', 'assets'])

/** What answers a path that is no operation: the first part of a known one, else `page`. */
export function routeOf(pathname: string): string {
  const [, first = ''] = pathname.split('/', 2)
  return ROUTES.has(first) ? first : 'page'
}
