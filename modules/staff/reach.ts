import { type ClinicActor, reachOf } from '../kernel/actor.ts'
import { NIL_ID } from '../kernel/ids.ts'
import type { Permission } from '../kernel/permissions.ts'

/**
 * Whose records a query may answer, as a filter on `staffId`: everybody's (undefined), those of the person that was asked for, or, when
 * the right reaches own records alone, the actor's own. Nobody's for somebody else's, and for whoever has no profile.
 */
export function staffInReach(actor: ClinicActor, permission: Permission, wished: string | null | undefined): string | undefined {
  if (reachOf(actor, permission) === 'all') return wished ?? undefined
  const own = actor.staffId ?? NIL_ID
  return wished && wished !== own ? NIL_ID : own
}

/** The user who acts, as records name them; null for the installation itself. */
export function actingUser(actor: ClinicActor): string | null {
  return actor.kind === 'user' ? actor.userId : null
}
