import { createHash } from 'node:crypto'
import { costLimitPlugin } from '@escape.tech/graphql-armor-cost-limit'
import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases'
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth'
import { maxDirectivesPlugin } from '@escape.tech/graphql-armor-max-directives'
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens'
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import { type DocumentNode, execute, GraphQLError, type GraphQLSchema, Kind, type OperationDefinitionNode, parse } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { allows } from '../modules/kernel/access-rules.ts'
import { holds } from '../modules/kernel/actor.ts'
import type { Context } from '../schema/context.ts'
import type { GuardedSchema } from '../schema/index.ts'
import { CompiledDocuments } from './compiled-documents.ts'
import { coordinatesOf } from './document-coordinates.ts'
import { maskError } from './mask-error.ts'
import type { RequestRecord } from './operation.ts'
import { noteErrors, noteOutcome, settle } from './outcome.ts'

/** What the HTTP layer hands over with each request. */
export type RequestContext = {
  readonly record: RequestRecord
  readonly context: Context
  /** Asks the database whether the caller is still who they were; see Actors.confirm. */
  readonly confirm: () => Promise<boolean>
}

/** Looks a document up by the SHA-256 in the build's manifest. */
export type DocumentStore = { readonly find: (hash: string) => string | null }

/** Root fields that a free document of nobody may reach: the way in, and nothing about the schema. */
const WAY_IN = new Set(['__typename', 'viewer', 'setupRequired', 'countryPresets', 'signIn', 'refreshSession', 'setUpInstallation'])

export const SESSION_ACTIONS: ReadonlySet<string> = new Set(['login', 'refresh', 'logout'])

/** What opens or renews a session stands alone: its entry belongs to the person whom it names, not to the caller. */
const ALONE = new Set(['Mutation.signIn', 'Mutation.refreshSession', 'Mutation.setUpInstallation'])

export const LIMITS = { depth: 12, aliases: 30, directives: 20, tokens: 3_000, cost: 20_000 } as const

/** Yoga with everything that every operation passes, in order. */
export function createPipeline(guarded: GuardedSchema, documents: DocumentStore) {
  const { coordinates } = guarded.access
  const isRootField: RootFieldTest = (name) =>
    META_FIELDS.has(name) || coordinates.has(`Query.${name}`) || coordinates.has(`Mutation.${name}`) || coordinates.has(`Subscription.${name}`)
  return createYoga<RequestContext>({
    schema: guarded.lean,
    context: (initial) => initial.context,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    logging: false,
    cors: false,
    maskedErrors: { maskError },
    plugins: [
      useCSRFPrevention(),
      useRecord(isRootField),
      usePersistedOperations<RequestContext>({
        allowArbitraryOperations: true,
        getPersistedOperation: (hash) => documents.find(hash),
        customErrors: {
          keyNotFound: { message: 'Send a document as `query`, or the hash of a registered one.', extensions: { code: 'BAD_REQUEST', http: { status: 400 } } },
        },
      }),
      maxTokensPlugin({ n: LIMITS.tokens }),
      maxDepthPlugin({ n: LIMITS.depth }),
      maxAliasesPlugin({ n: LIMITS.aliases }),
      maxDirectivesPlugin({ n: LIMITS.directives }),
      costLimitPlugin({ maxCost: LIMITS.cost, objectCost: 2, scalarCost: 1, depthCostFactor: 1.5, ignoreIntrospection: true }),
      useDocumentPolicy(isRootField),
      useRights(guarded),
      useStreams(guarded),
    ],
  })
}

/** Notes what came in before anything can fail, so that refused documents are recorded with what is known of them. */
function useRecord(isRootField: RootFieldTest): Plugin<RequestContext, RequestContext> {
  return {
    onParams({ params, context: { record } }) {
      // An empty text is none to the plugin that looks hashes up, either.
      record.isFreeDocument = typeof params.query === 'string' && params.query !== ''
      const persisted: unknown = params.extensions?.persistedQuery?.sha256Hash
      record.operation.documentHash = record.isFreeDocument
        ? createHash('sha256')
            .update(params.query ?? '')
            .digest('hex')
        : typeof persisted === 'string' && /^[0-9a-f]{64}$/.test(persisted)
          ? persisted
          : null
      record.operation.origin = record.isFreeDocument ? record.operation.origin : 'web'
    },
    onParse:
      ({ context: { record, params } }) =>
      ({ result, replaceParseResult }) => {
        if (result instanceof RangeError) replaceParseResult(tooDeep())
        if (isDocument(result)) record.operation.name = operationName(result, params.operationName, record.isFreeDocument, isRootField)
      },
    onResultProcess({ result, serverContext: { record, context } }) {
      if (Array.isArray(result) || Symbol.asyncIterator in result) return
      noteErrors(record, context, result)
    },
  }
}

/** The parser is recursive, and what it meets at the end of the stack says nothing to the caller. */
function tooDeep(): GraphQLError {
  return new GraphQLError('The document is nested too deeply.', { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } })
}

function isDocument(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === Kind.DOCUMENT
}

export function operations(document: DocumentNode): OperationDefinitionNode[] {
  return document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
}

const META_FIELDS = new Set(['__typename', '__schema', '__type'])

type RootFieldTest = (name: string) => boolean

/**
 * The name that a registered operation was given by our own client. A free document is called by its root fields instead:
 * the name goes into the immutable entry, and what a caller types there may be anybody's name. At most 100 characters.
 */
function operationName(document: DocumentNode, wished: string | null | undefined, isFree: boolean, isRootField: RootFieldTest): string {
  const all = operations(document)
  const chosen = all.find(({ name }) => name?.value === wished) ?? all[0]
  if (!chosen) return 'document'
  if (!isFree && chosen.name) return chosen.name.value.slice(0, 100)
  const fields = chosen.selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD && isRootField(selection.name.value) ? [selection.name.value] : [],
  )
  return [...new Set(fields)].join('+').slice(0, 100) || 'document'
}

/**
 * Free documents are for those who hold `graphql:adhoc`; all others send hashes of the web client's own documents. Decided
 * before Yoga parses and validates: it caches both per document, and what one caller is refused another may be allowed.
 */
function useDocumentPolicy(isRootField: RootFieldTest): Plugin<RequestContext, RequestContext> {
  return {
    onParams({ params, context: { record }, setResult }) {
      if (!record.isFreeDocument || holds(record.actor, 'graphql:adhoc')) return
      const document = parseOrNull(params.query ?? '')
      if (document === null) return
      const isWayIn = operations(document).every(({ selectionSet }) =>
        selectionSet.selections.every((selection) => selection.kind === Kind.FIELD && WAY_IN.has(selection.name.value)),
      )
      if (isWayIn) return
      record.operation.name = operationName(document, params.operationName, record.isFreeDocument, isRootField)
      const isNobody = record.actor.kind === 'anonymous'
      setResult({
        errors: [
          new GraphQLError(isNobody ? 'Sign in first.' : 'Free documents need the permission graphql:adhoc. Send the hash of a registered document.', {
            extensions: {
              code: isNobody ? 'UNAUTHENTICATED' : 'FORBIDDEN',
              permission: isNobody ? undefined : 'graphql:adhoc',
              http: { status: isNobody ? 401 : 403 },
            },
          }),
        ],
      })
    },
    // "Did you mean" would tell names of the schema to those who may not read it.
    onValidate:
      ({ context: { record } }) =>
      ({ result, setResult }) => {
        if (!holds(record.actor, 'graphql:adhoc')) setResult(result.map(withoutHint))
      },
  }
}

/** Null for a text that the pipeline's own parser is going to refuse. */
function parseOrNull(text: string): DocumentNode | null {
  try {
    return parse(text, { maxTokens: LIMITS.tokens, noLocation: true })
  } catch {
    return null
  }
}

// A copy: the error itself stays in Yoga's cache, for callers who may read it.
function withoutHint(error: unknown): unknown {
  if (!(error instanceof GraphQLError)) return error
  return new GraphQLError(error.message.replace(/ ?Did you mean .*$/s, ''), {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    extensions: error.extensions,
  })
}

/** One walk decides which schema runs; what came out decides how the operation is recorded. */
function useRights({ access, full, lean }: GuardedSchema): Plugin<RequestContext & Context> {
  const compiled = new CompiledDocuments(lean)
  return {
    onExecute: async ({ args, setExecuteFn, setResultAndStopExecution, context: { record, confirm } }) => {
      const coordinates = coordinatesOf(args.document, args.schema)
      const mutations = [...coordinates].filter((coordinate) => coordinate.startsWith('Mutation.'))
      if (mutations.length > 1 && mutations.some((coordinate) => ALONE.has(coordinate))) {
        setResultAndStopExecution({
          errors: [new GraphQLError('Signing in, renewing a session and setting up go in a request of their own.', { extensions: { code: 'BAD_REQUEST' } })],
        })
        return
      }
      const denied = new Set<string>()
      for (const coordinate of coordinates) {
        const row = access.coordinates.get(coordinate)
        if (!row) continue
        if (row.audit.action !== 'none') record.access.classes.add(row.audit.class)
        if (!allows(row.allow, record.actor)) denied.add(coordinate)
      }
      record.selected = denied.size === 0 ? coordinates : coordinates.difference(denied)
      const quick = denied.size === 0 && !record.isFreeDocument ? compiled.find(args.document, args.operationName) : null
      if (denied.size > 0) setExecuteFn((original) => execute({ ...original, schema: full }))
      else if (quick) setExecuteFn(quick)
      // Sessions are changed outside the transactions that check them, and a denial must rest on what holds now.
      const isAboutSession = mutations.some((coordinate) => SESSION_ACTIONS.has(access.coordinates.get(coordinate)?.audit.action ?? 'none'))
      if ((isAboutSession || denied.size > 0) && !(await confirm())) {
        setResultAndStopExecution({
          errors: [new GraphQLError('The session has changed. Try again.', { extensions: { code: 'UNAVAILABLE', http: { status: 503 } } })],
        })
        return
      }
      const operation = operations(args.document).find(({ name }) => !args.operationName || name?.value === args.operationName)
      if (operation?.operation === 'mutation') record.operation.action = mutationAction(args.document, args.schema, access)
      return {
        onExecuteDone: async ({ result }) => {
          if (Symbol.asyncIterator in result) throw new Error('incremental delivery is not offered')
          await settle(record, result, args.contextValue)
        },
      }
    },
  }
}

/** A stream is recorded when it opens: what it tells later are ids of records that are read, and recorded, on their own. */
function useStreams({ access }: GuardedSchema): Plugin<RequestContext & Context> {
  return {
    onSubscribe({ args, context: { record } }) {
      for (const coordinate of coordinatesOf(args.document, args.schema)) {
        const row = access.coordinates.get(coordinate)
        if (row && row.audit.action !== 'none') record.access.classes.add(row.audit.class)
      }
      return {
        onSubscribeResult: ({ result }) => {
          record.isStream = Symbol.asyncIterator in result
          if (Symbol.asyncIterator in result) record.outcome = 'ok'
          else noteOutcome(record, result)
        },
      }
    },
  }
}

export function mutationAction(document: DocumentNode, schema: GraphQLSchema, access: GuardedSchema['access']): RequestRecord['operation']['action'] {
  const first = [...coordinatesOf(document, schema)].find((coordinate) => coordinate.startsWith('Mutation.'))
  return (first === undefined ? undefined : access.coordinates.get(first)?.audit.action) ?? 'update'
}
