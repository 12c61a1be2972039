import type { Permission } from './permissions.ts'

/** Who acts. Everything that decides rights or scope is here, resolved once per operation and never changed. */
export type Actor = AnonymousActor | UserActor | SystemActor | VisitorActor

/** Nobody has signed in. */
export type AnonymousActor = { readonly kind: 'anonymous'; readonly locale: Locale }

/** A signed-in person at one active clinic. */
export type UserActor = {
  readonly kind: 'user'
  readonly userId: string
  readonly userName: string
  readonly sessionId: string
  readonly organisationId: string
  readonly clinic: ActorClinic
  /** Every clinic at which this person holds a role today. */
  readonly clinics: readonly ActorClinic[]
  readonly sharePatients: boolean
  /** The person's staff profile; null for people without one (a compliance officer from outside). */
  readonly staffId: string | null
  readonly roles: readonly string[]
  readonly isClinical: boolean
  readonly rights: ReadonlyMap<Permission, Reach>
  /** Those of `rights` that the person holds at every clinic, not at the active one alone. */
  readonly rightsEverywhere: ReadonlyMap<Permission, Reach>
  readonly locale: Locale
}

/** The installation itself: set-up, demo data, jobs. It is scoped like a person but holds every right. */
export type SystemActor = {
  readonly kind: 'system'
  /** The job or command, as the audit trail names it. */
  readonly name: string
  readonly organisationId: string
  readonly clinic: ActorClinic
  readonly sharePatients: boolean
  /** The staff member on whose behalf the demo or an import acts. */
  readonly staffId: string | null
  readonly locale: Locale
}

/**
 * Somebody who has not signed in, at a door that one clinic has opened to everybody: its page for bookings. Scoped like a person of that clinic,
 * without any right, and without a name.
 */
export type VisitorActor = {
  readonly kind: 'visitor'
  readonly organisationId: string
  readonly clinic: ActorClinic
  readonly sharePatients: false
  readonly staffId: null
  readonly locale: Locale
}

/** What a rule, a price or a date needs to know about the clinic in which it applies. */
export type ActorClinic = {
  readonly id: string
  readonly name: string
  /** IANA zone. */
  readonly timeZone: string
  /** ISO 4217. */
  readonly currency: string
  readonly countryCode: string
  readonly locale: Locale
  readonly opensMinute: number
  readonly closesMinute: number
}

/** `own`: only records that belong to the person. */
export type Reach = 'all' | 'own'
export const LOCALES = ['es-MX', 'en'] as const
export type Locale = (typeof LOCALES)[number]

/** A person, the installation or a visitor, inside a clinic: what commands and queries take. */
export type ClinicActor = UserActor | SystemActor | VisitorActor

/** True when the actor holds the right over all records. A right with reach `own` does not suffice here. */
export function holds(actor: Actor, permission: Permission): boolean {
  if (actor.kind === 'system') return true
  return actor.kind === 'user' && actor.rights.get(permission) === 'all'
}

/** Over which records the actor holds the right; null when over none. Whoever has no staff profile owns no records of staff. */
export function reachOf(actor: Actor, permission: Permission): Reach | null {
  if (actor.kind === 'system') return 'all'
  return (actor.kind === 'user' && actor.rights.get(permission)) || null
}

/** True when the actor holds the right over all records of the whole organisation: what a role at one clinic never gives. */
export function holdsEverywhere(actor: Actor, permission: Permission): boolean {
  return holds(actor, permission) && (actor.kind !== 'user' || actor.rightsEverywhere.get(permission) === 'all')
}

/** Reads a language tag; anything unknown becomes the product's first language. */
export function toLocale(tag: string | null | undefined): Locale {
  return tag?.toLowerCase().startsWith('en') ? 'en' : 'es-MX'
}
