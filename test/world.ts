import { assignRole, createOrganisation, createUser, ROLE_CODES, type RoleCode } from '../modules/access/index.ts'
import type { ActorClinic, SystemActor } from '../modules/kernel/actor.ts'
import { newId } from '../modules/kernel/ids.ts'
import { createDefaultTimeOffTypes } from '../modules/staff/index.ts'
import type { App } from '../server/app.ts'
import { hashPassword } from '../server/auth/passwords.ts'
import { TEST_PASSWORD } from './harness.ts'

export type WorldClinic = { actor: SystemActor; id: string }
export type WorldOrganisation = {
  id: string
  slug: string
  clinics: WorldClinic[]
  /** E-mail of the person who holds a role at a clinic (index 0 or 1). Owners and super admins hold theirs everywhere. */
  email: (role: RoleCode, clinic?: number) => string
  userId: (role: RoleCode, clinic?: number) => string
}

// Cheap on purpose: sign-in itself is tested at full cost elsewhere.
let hash: Promise<string> | null = null
const cheapHash = () => (hash ??= hashPassword(TEST_PASSWORD, { memory: 64, passes: 1, parallelism: 1, tagLength: 32 }))

/** An organisation with its clinics and one person per role and clinic, made through the product's own commands. */
export async function buildOrganisation(app: App, slug: string, clinics: Partial<ActorClinic>[] = [{}, {}]): Promise<WorldOrganisation> {
  const organisationId = newId()
  const passwordHash = await cheapHash()
  const makeActor = (clinic: Partial<ActorClinic>, index: number): SystemActor => ({
    kind: 'system',
    name: 'test world',
    organisationId,
    clinic: {
      id: newId(),
      name: `${slug} ${index + 1}`,
      timeZone: 'America/Mexico_City',
      currency: 'MXN',
      countryCode: 'MX',
      locale: 'es-MX',
      opensMinute: 480,
      closesMinute: 1200,
      ...clinic,
    },
    sharePatients: true,
    staffId: null,
    locale: 'es-MX',
  })
  const actors = clinics.map(makeActor)
  const [first] = actors
  if (!first) throw new Error('a world needs a clinic')
  const created = await app.asSystem(first, 'cli', 'world', (tx) =>
    createOrganisation(tx, first, {
      name: slug,
      clinics: actors.map(({ clinic: { name, timeZone, currency, countryCode, locale } }) => ({ name, timeZone, currency, countryCode, locale })),
    }),
  )
  await app.asSystem(first, 'cli', 'world', (tx) => createDefaultTimeOffTypes(tx, first))
  const places = actors.map((actor, index) => {
    const id = created.clinicIds[index] ?? actor.clinic.id
    return { id, actor: { ...actor, clinic: { ...actor.clinic, id } } }
  })
  const users = new Map<string, string>()
  const email = (role: RoleCode, clinic = 0) => `${role}.${clinic + 1}@${slug}.example`
  await app.asSystem(first, 'cli', 'world', async (tx) => {
    for (const [index, place] of places.entries()) {
      for (const role of ROLE_CODES) {
        const user = await createUser(tx, first, { email: email(role, index), name: `${role} ${index + 1}`, locale: 'es-MX', passwordHash })
        await assignRole(tx, first, { userId: user.id, roleCode: role, clinicId: role === 'owner' || role === 'super_admin' ? null : place.id })
        users.set(email(role, index), user.id)
      }
    }
    return null
  })
  return {
    id: organisationId,
    slug,
    clinics: places,
    email,
    userId: (role, clinic = 0) => {
      const id = users.get(email(role, clinic))
      if (id === undefined) throw new Error(`no ${role}`)
      return id
    },
  }
}
