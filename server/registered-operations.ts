import { createHash } from 'node:crypto'
import { type ExecutionResult, parse, validate } from 'graphql'
import { z } from 'zod'
import { type AccessRow, allows } from '../modules/kernel/access-rules.ts'
import type { DataClass } from '../modules/kernel/permissions.ts'
import type { Context } from '../schema/context.ts'
import type { GuardedSchema } from '../schema/index.ts'
import { CompiledDocuments } from './compiled-documents.ts'
import { coordinatesOf } from './document-coordinates.ts'
import { type DocumentStore, mutationAction, operations, SESSION_ACTIONS } from './graphql-pipeline.ts'
import type { Answer } from './http.ts'
import { maskError } from './mask-error.ts'
import type { RequestRecord } from './operation.ts'
import { noteErrors, settle } from './outcome.ts'

/** A registered document with all that follows from it alone. */
type Registered = {
  readonly hash: string
  readonly name: string
  readonly coordinates: ReadonlySet<string>
  readonly rows: readonly AccessRow[]
  readonly classes: readonly DataClass[]
  readonly action: RequestRecord['operation']['action']
  readonly run: NonNullable<ReturnType<CompiledDocuments['find']>>
  readonly document: Parameters<CompiledDocuments['find']>[0]
}

export type RegisteredCall = { readonly registered: Registered; readonly variables: Readonly<Record<string, unknown>> }

const bodySchema = z.strictObject({
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.strictObject({ persistedQuery: z.object({ version: z.literal(1), sha256Hash: z.string() }) }),
})

const JSON_TYPE = 'application/json'
const GRAPHQL_JSON = 'application/graphql-response+json'
const IS_JSON = /^application\/json(;|$)/

/**
 * The short way for what our own clients send all day: one registered query or mutation, as JSON, by somebody who may do all of it. What a
 * document means is worked out once, and execution is the compiled function; rights, the record of the operation, errors and their masks
 * are those of the pipeline, to which everything else goes: free documents, sessions, subscriptions, whoever lacks a right.
 */
export class RegisteredOperations {
  readonly #guarded: GuardedSchema
  readonly #documents: DocumentStore
  readonly #compiled: CompiledDocuments
  readonly #known = new Map<string, Registered | null>()

  constructor(guarded: GuardedSchema, documents: DocumentStore) {
    this.#guarded = guarded
    this.#documents = documents
    this.#compiled = new CompiledDocuments(guarded.lean)
  }

  /** Null: the pipeline answers. */
  find(contentType: string | undefined, body: string): RegisteredCall | null {
    // A form of another site cannot send this type without asking first, which is what the pipeline's own protection rests on.
    if (!contentType || !IS_JSON.test(contentType)) return null
    const parsed = bodySchema.safeParse(parseOrNull(body))
    if (!parsed.success) return null
    const { operationName, variables, extensions } = parsed.data
    const { sha256Hash } = extensions.persistedQuery
    const registered = this.#find(sha256Hash)
    if (registered === null || (operationName != null && operationName !== registered.name)) return null
    return { registered, variables: variables ?? {} }
  }

  /** Executes it; null, before anything is done, when the caller lacks a right that it needs or accepts another kind of answer. */
  async answer({ registered, variables }: RegisteredCall, record: RequestRecord, context: Context, accept: string | undefined): Promise<Answer | null> {
    const mediaType = mediaTypeOf(accept)
    if (mediaType === null || !registered.rows.every(({ allow }) => allows(allow, record.actor))) return null
    const { operation } = record
    operation.documentHash = registered.hash
    operation.origin = 'web'
    operation.name = registered.name
    operation.action = registered.action
    record.selected = registered.coordinates
    for (const dataClass of registered.classes) record.access.classes.add(dataClass)
    const result = await registered.run({ schema: this.#guarded.lean, document: registered.document, contextValue: context, variableValues: variables })
    const contentType = `${mediaType}; charset=utf-8`
    await settle(record, result, context)
    if (!result.errors) return { status: 200, headers: { 'Content-Type': contentType }, body: JSON.stringify(result) }
    return failure(record, context, result, contentType)
  }

  #find(hash: string): Registered | null {
    const known = this.#known.get(hash)
    if (known !== undefined) return known
    const text = this.#documents.find(hash)
    // What anybody sends must not fill memory.
    if (text === null || createHash('sha256').update(text).digest('hex') !== hash) return null
    const registered = this.#register(hash, text)
    this.#known.set(hash, registered)
    return registered
  }

  #register(hash: string, text: string): Registered | null {
    const { access, lean } = this.#guarded
    const document = parse(text)
    const [operation, ...others] = operations(document)
    if (!operation?.name || others.length > 0 || operation.operation === 'subscription' || validate(lean, document).length > 0) return null
    const coordinates = coordinatesOf(document, lean)
    const rows = [...coordinates].flatMap((coordinate) => access.coordinates.get(coordinate) ?? [])
    const run = this.#compiled.find(document, operation.name.value)
    if (run === null || rows.some(({ audit }) => SESSION_ACTIONS.has(audit.action))) return null
    return {
      hash,
      name: operation.name.value.slice(0, 100),
      coordinates,
      rows,
      classes: [...new Set(rows.flatMap(({ audit }) => (audit.action === 'none' ? [] : audit.class)))],
      action: operation.operation === 'mutation' ? mutationAction(document, lean, access) : 'read',
      run,
      document,
    }
  }
}

/** Which of the two kinds of JSON a caller prefers, as the pipeline reads the header: the one named first. Null: neither, or who knows. */
function mediaTypeOf(accept: string | undefined): string | null {
  if (!accept || accept === '*/*') return JSON_TYPE
  for (const range of accept.replace(/\s/g, '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';')
    const charset = parameters.find((parameter) => parameter.includes('charset=')) ?? 'charset=utf-8'
    if (charset !== 'charset=utf-8') continue
    if (type === GRAPHQL_JSON) return GRAPHQL_JSON
    if (type === JSON_TYPE || type === 'application/*' || type === '*/*') return JSON_TYPE
    if (type.includes('*')) return null
  }
  return null
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Errors as the pipeline shows them: masked, noted, with the highest status that one of them asks for. */
function failure(record: RequestRecord, context: Context, result: ExecutionResult, contentType: string): Answer {
  const masked = { ...result, errors: (result.errors ?? []).map(maskError) }
  noteErrors(record, context, masked)
  const statuses = masked.errors.flatMap(({ extensions }) => statusOf(extensions.http))
  const errors = masked.errors.map((error) => {
    const { http, ...extensions } = error.extensions
    return { ...error.toJSON(), extensions }
  })
  return { status: Math.max(200, ...statuses), headers: { 'Content-Type': contentType }, body: JSON.stringify({ ...result, errors }) }
}

function statusOf(http: unknown): number[] {
  const status: unknown = typeof http === 'object' && http !== null ? Reflect.get(http, 'status') : undefined
  return typeof status === 'number' ? [status] : []
}
