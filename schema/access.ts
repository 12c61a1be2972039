import { GraphQLError, type GraphQLObjectType, type GraphQLSchema, isNonNullType, isObjectType } from 'graphql'
import type { IMiddlewareGenerator } from 'graphql-middleware'
import { deny, rule, shield } from 'graphql-shield'
import { type AccessRow, allows, anyone, unrecorded } from '../modules/kernel/access-rules.ts'
import type { Actor } from '../modules/kernel/actor.ts'
import type { Module } from '../modules/kernel/define-module.ts'
import type { Context } from './context.ts'

/** Why a caller may not reach a coordinate: shown to the caller, recorded in the trail. */
export type Denial = { readonly coordinate: string; readonly row: AccessRow }

/** Every coordinate of the schema with the row that guards it. */
export type ComposedAccess = {
  /** The row of a field: its own, else its type's. */
  readonly rowOf: (type: string, field: string) => AccessRow
  readonly coordinates: ReadonlyMap<string, AccessRow>
}

const DERIVED = /(Connection|Edge)$/
const FREE_TYPES = new Set(['PageInfo', 'ErrorParam', 'FieldIssue', 'Money'])
const derivedRow: AccessRow = { allow: anyone, audit: unrecorded }

/**
 * Joins the modules' tables and holds them against the schema. Throws one Error that lists every problem: two rows for a
 * coordinate, a row that names nothing, a coordinate without a row, a field that differs from its type and is not nullable.
 */
export function composeAccess(schema: GraphQLSchema, modules: readonly Pick<Module, 'name' | 'access'>[]): ComposedAccess {
  const problems: string[] = []
  const rows = joinTables(modules, problems)
  const coordinates = new Map<string, AccessRow>()
  const used = new Set<string>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    const isRoot = isRootType(schema, type)
    const typeRow = rows.get(`${type.name}.*`) ?? derivedRowOf(type)
    if (typeRow && !isRoot) used.add(`${type.name}.*`)
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      const own = rows.get(coordinate)
      if (own) used.add(coordinate)
      const row = own ?? (isRoot ? undefined : typeRow)
      if (!row) problems.push(`${coordinate} has no access row`)
      else coordinates.set(coordinate, row)
      if (!isRoot && own && typeRow && isStricter(own, typeRow) && isNonNullType(field.type))
        problems.push(`${coordinate} is guarded more strictly than ${type.name} and must be nullable`)
    }
  }
  for (const name of rows.keys()) if (!used.has(name)) problems.push(`the access row ${name} names nothing`)
  if (problems.length > 0) throw new Error(`The access tables and the schema disagree:\n- ${problems.join('\n- ')}`)
  const rowOf = (type: string, field: string): AccessRow => {
    const row = coordinates.get(`${type}.${field}`)
    if (!row) throw new Error(`${type}.${field} is not a coordinate of the schema`)
    return row
  }
  return { rowOf, coordinates }
}

function joinTables(modules: readonly Pick<Module, 'name' | 'access'>[], problems: string[]): Map<string, AccessRow> {
  const rows = new Map<string, AccessRow>()
  const owners = new Map<string, string>()
  for (const module of modules) {
    for (const [coordinate, row] of Object.entries(module.access)) {
      const owner = owners.get(coordinate)
      if (owner !== undefined) problems.push(`${coordinate} has rows in ${owner} and in ${module.name}`)
      owners.set(coordinate, module.name)
      rows.set(coordinate, row)
    }
  }
  return rows
}

// Connections and edges hold nothing of their own, and errors answer what their caller sent.
function derivedRowOf(type: GraphQLObjectType): AccessRow | undefined {
  const isError = type.getInterfaces().some((parent) => parent.name === 'Error')
  const isConnection = DERIVED.test(type.name) && ('pageInfo' in type.getFields() || 'cursor' in type.getFields())
  return isError || isConnection || FREE_TYPES.has(type.name) ? derivedRow : undefined
}

function isRootType(schema: GraphQLSchema, type: GraphQLObjectType): boolean {
  return type === schema.getQueryType() || type === schema.getMutationType() || type === schema.getSubscriptionType()
}

function isStricter(own: AccessRow, typeRow: AccessRow): boolean {
  return JSON.stringify(own.allow) !== JSON.stringify(typeRow.allow) && own.allow.kind !== 'public'
}

/** The answer to nobody. */
export function unauthenticated(coordinate?: string): GraphQLError {
  return new GraphQLError('Sign in first.', { extensions: { code: 'UNAUTHENTICATED', coordinate } })
}

/** The error that a denied caller gets: what is missing, never whether a hidden record exists. */
export function denialError({ coordinate, row }: Denial, caller: Actor): GraphQLError {
  if (caller.kind === 'anonymous' || caller.kind === 'visitor') return unauthenticated(coordinate)
  const permission = row.allow.kind === 'permission' ? row.allow.permission : null
  return new GraphQLError(`You may not use ${coordinate}: the permission ${permission ?? 'to sign in'} is missing. Ask an administrator of your clinic.`, {
    extensions: { code: 'FORBIDDEN', coordinate, permission, clinicalOnly: row.allow.kind === 'permission' && row.allow.clinicalOnly },
  })
}

/**
 * The shield trees. `roots` guards root fields alone and is what runs when one walk of the document has found every
 * static right in place; `everything` also guards each field and runs when it has not, so that a denied field is null
 * with its error while its siblings answer.
 */
export function shieldTrees(
  schema: GraphQLSchema,
  access: ComposedAccess,
): { roots: IMiddlewareGenerator<unknown, Context, unknown>; everything: IMiddlewareGenerator<unknown, Context, unknown> } {
  const roots: Record<string, Record<string, FieldRule>> = {}
  const everything: Record<string, Record<string, FieldRule>> = {}
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    const guarded: Record<string, FieldRule> = {}
    for (const field of Object.keys(type.getFields())) guarded[field] = fieldRule(`${type.name}.${field}`, access.rowOf(type.name, field))
    everything[type.name] = guarded
    if (isRootType(schema, type)) roots[type.name] = guarded
  }
  const options = {
    allowExternalErrors: true,
    fallbackRule: deny,
    fallbackError: new GraphQLError('This is not open to anybody.', { extensions: { code: 'FORBIDDEN' } }),
  }
  return { roots: shield(roots, { ...options, fallbackRule: undefined }), everything: shield(everything, options) }
}

type FieldRule = ReturnType<ReturnType<typeof rule>>

function fieldRule(coordinate: string, row: AccessRow): FieldRule {
  // Static rules ignore parent and arguments, so one answer serves the whole operation.
  return rule(coordinate, { cache: 'contextual' })((_parent: unknown, _args: unknown, ctx: Context) =>
    allows(row.allow, ctx.caller) ? true : denialError({ coordinate, row }, ctx.caller),
  )
}
