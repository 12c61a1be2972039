import { readFile } from 'node:fs/promises'
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
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
    lean: applyMiddleware(schema, roots),
    full: applyMiddleware(schema, everything),
    access,
    sdl: `${printSchema(lexicographicSortSchema(schema))}\n`,
  }
}

/** The committed snapshot. A change to it is reviewed like code. */
export const SNAPSHOT = new URL('./schema.graphql', import.meta.url)

export function readSnapshot(): Promise<string> {
  return readFile(SNAPSHOT, 'utf8')
}
