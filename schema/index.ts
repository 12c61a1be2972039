import { readFile } from 'node:fs/promises'
import { type GraphQLSchema, isObjectType, lexicographicSortSchema, printSchema } from 'graphql'
import { applyMiddleware } from 'graphql-middleware'
import type { Module } from '../modules/kernel/define-module.ts'
import { type ComposedAccess, composeAccess, shieldTrees } from './access.ts'
import { builder } from './builder.ts'
import { guardSubscriptions } from './guard-subscriptions.ts'

export type GuardedSchema = {
  /** Root fields are guarded: for operations whose static rights one walk has found in place. */
  readonly lean: GraphQLSchema
  /** Every field is guarded: for all others. */
  readonly full: GraphQLSchema
  readonly access: ComposedAccess
  /** SDL, sorted: the text of schema.graphql. */
  readonly sdl: string
}

let composed: Promise<GuardedSchema> | null = null

/** Composes the modules into one schema, once per process. Rejects when a module's access table has a hole. */
export function composeSchema(): Promise<GuardedSchema> {
  composed ??= import('../modules/index.ts').then((modules) => compose(Object.values(modules)))
  return composed
}

async function compose(modules: readonly Module[]): Promise<GuardedSchema> {
  await import('./scalars.ts')
  await import('./errors.ts')
  for (const module of modules) await module.types()
  const schema = builder.toSchema()
  const access = composeAccess(schema, modules)
  guardSubscriptions(schema, access)
  const { roots, everything } = shieldTrees(schema, access)
  return {
    lean: bareFields(applyMiddleware(schema, roots), schema),
    full: applyMiddleware(schema, everything),
    access,
    sdl: `${printSchema(lexicographicSortSchema(schema))}\n`,
  }
}

/**
 * Gives the fields that no rule guards their own resolvers back, since the library wraps each one; a field that reads the property
 * of its name gets none, which is what graphql-jit makes a plain property access of.
 */
function bareFields(guarded: GraphQLSchema, plain: GraphQLSchema): GraphQLSchema {
  const roots = new Set([guarded.getQueryType(), guarded.getMutationType(), guarded.getSubscriptionType()])
  for (const type of Object.values(guarded.getTypeMap())) {
    const original = plain.getType(type.name)
    if (!isObjectType(type) || !isObjectType(original) || roots.has(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const { resolve, extensions } = original.getFields()[field.name] ?? {}
      const isOwnProperty = extensions?.pothosExposedField === field.name && extensions.pothosOriginalResolve === resolve
      field.resolve = isOwnProperty ? undefined : resolve
    }
  }
  return guarded
}

/** The committed snapshot. A change to it is reviewed like code. */
export const SNAPSHOT = new URL('./schema.graphql', import.meta.url)

export function readSnapshot(): Promise<string> {
  return readFile(SNAPSHOT, 'utf8')
}
