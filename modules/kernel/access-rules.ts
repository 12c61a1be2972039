import type { Actor } from './actor.ts'
import { holds, reachOf } from './actor.ts'
import type { DataClass, Permission } from './permissions.ts'

/** Who may reach a schema coordinate. `static` rules look at the actor alone and are checked once per operation. */
export type AllowRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'permission'; readonly permission: Permission; readonly clinicalOnly: boolean; readonly ownSuffices: boolean }

/** What the audit trail says about a coordinate: the act, the record types, the class of data. */
export type AuditRule = {
  readonly action: 'read' | 'create' | 'update' | 'delete' | 'login' | 'refresh' | 'logout' | 'export' | 'none'
  readonly types: readonly string[]
  readonly class: DataClass
}

export type AccessRow = { readonly allow: AllowRule; readonly audit: AuditRule }
/** `Query.patient`, `Patient.*` or `Patient.notes` to its row. */
export type AccessTable = Readonly<Record<string, AccessRow>>

export const anyone: AllowRule = { kind: 'public' }
export const signedIn: AllowRule = { kind: 'signed-in' }

export function can(permission: Permission): AllowRule {
  return { kind: 'permission', permission, clinicalOnly: false, ownSuffices: false }
}

/** The right, or the right over own records alone: the query then narrows to them by `reachOf`. */
export function canOwn(permission: Permission): AllowRule {
  return { kind: 'permission', permission, clinicalOnly: false, ownSuffices: true }
}

/** The right, held by clinical staff: internal notes stay invisible to others even if a role is granted the right by mistake. */
export function clinicalCan(permission: Permission): AllowRule {
  return { kind: 'permission', permission, clinicalOnly: true, ownSuffices: false }
}

export function reads(type: string, dataClass: DataClass = 'personal'): AuditRule {
  return { action: 'read', types: [type], class: dataClass }
}
export function creates(type: string, dataClass: DataClass = 'personal'): AuditRule {
  return { action: 'create', types: [type], class: dataClass }
}
export function updates(type: string, dataClass: DataClass = 'personal'): AuditRule {
  return { action: 'update', types: [type], class: dataClass }
}
export function deletes(type: string, dataClass: DataClass = 'personal'): AuditRule {
  return { action: 'delete', types: [type], class: dataClass }
}
/** Nothing that a person would ask about: sign-in forms, vocabularies, the schema itself. */
export const unrecorded: AuditRule = { action: 'none', types: [], class: 'operational' }

/** Decides a static rule. System actors pass: they never arrive over the wire. */
export function allows(rule: AllowRule, actor: Actor): boolean {
  if (rule.kind === 'public') return true
  if (actor.kind === 'anonymous' || actor.kind === 'visitor') return false
  if (rule.kind === 'signed-in') return true
  return (
    (rule.ownSuffices ? reachOf(actor, rule.permission) !== null : holds(actor, rule.permission)) &&
    (!rule.clinicalOnly || actor.kind === 'system' || actor.isClinical)
  )
}
