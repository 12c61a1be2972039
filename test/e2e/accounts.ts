import { DEMO_PASSWORD, demoEmail } from '../../demo/clinic-data.ts'
import type { RoleCode } from '../../modules/access/index.ts'
import type { Locale } from '../../modules/kernel/actor.ts'

export type Account = { readonly email: string; readonly name: string; readonly role: RoleCode; readonly locale: Locale }

export const PASSWORD = DEMO_PASSWORD

/** The demo's login of a role, in Spanish. */
export function demoLogin(role: RoleCode): Pick<Account, 'email' | 'role'> {
  return { email: demoEmail(role), role }
}

function extra(name: string, role: RoleCode, locale: Locale): Account {
  return { email: `${name.toLowerCase().replaceAll(' ', '.')}@tests.example`, name, role, locale }
}

/**
 * People whom the demo does not have. The language belongs to the account and signing out everywhere ends every session of
 * it, so tests that run side by side must not share one account for either.
 */
export const EXTRA_ACCOUNTS = {
  englishOwner: extra('Helen Parker', 'owner', 'en'),
  englishReceptionist: extra('Grace Miller', 'receptionist', 'en'),
  switchesLanguage: extra('Paula Ibarra', 'owner', 'es-MX'),
  endsEverywhere: extra('Marta Solis', 'receptionist', 'es-MX'),
  idles: extra('Julia Campos', 'receptionist', 'es-MX'),
  leaves: extra('Rosa Maldonado', 'receptionist', 'es-MX'),
  locksLate: extra('Elena Robles', 'receptionist', 'es-MX'),
} as const satisfies Record<string, Account>
