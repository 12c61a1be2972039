import { z } from 'zod'
import { assignRole, createOrganisation, createUser } from '../../modules/access/index.ts'
import { LOCALES, type SystemActor, toLocale } from '../../modules/kernel/actor.ts'
import { invalid, WrongStateError } from '../../modules/kernel/errors.ts'
import { newId } from '../../modules/kernel/ids.ts'
import { validate } from '../../modules/kernel/validate.ts'
import { createDefaultTemplates } from '../../modules/notes/index.ts'
import { createDefaultTimeOffTypes } from '../../modules/staff/index.ts'
import type { SetUpInput } from '../../schema/context.ts'
import { scopeOf } from '../build-context.ts'
import type { Database } from '../db.ts'
import type { RequestRecord } from '../operation.ts'
import { transact } from '../transact.ts'
import { hashPassword } from './passwords.ts'
import type { SessionPorts } from './sessions.ts'

/** True while there is no clinic at all: a fresh installation. */
export async function isEmptyInstallation(database: Database): Promise<boolean> {
  const { rows } = await database.pool.query<{ empty: boolean }>('SELECT NOT EXISTS (SELECT FROM list_tenants()) AS empty')
  return rows[0]?.empty === true
}

/** Passwords are judged by length and by the obvious: NIST SP 800-63B, 2024. */
export function assertPassword(password: string, related: readonly string[]): void {
  if (password.length < 12) throw invalid('password', 'too_small', 'must have at least 12 characters')
  if (password.length > 200) throw invalid('password', 'too_big', 'must have at most 200 characters')
  if (new Set(password).size < 5) throw invalid('password', 'weak', 'must not repeat a few characters')
  const plain = password.toLowerCase()
  if (related.some((word) => word.length >= 4 && plain.includes(word.toLowerCase()))) throw invalid('password', 'weak', 'must not contain your name or address')
}

const setUpSchema = z.object({ locale: z.enum(LOCALES) })

/**
 * Creates the first organisation, clinic and owner, in one transaction. Throws WrongStateError when there is one already.
 * An advisory lock lets one of two simultaneous first runs win.
 */
export async function setUpInstallation(
  ports: Pick<SessionPorts, 'database' | 'clock'>,
  record: Pick<RequestRecord, 'operation'>,
  input: SetUpInput,
): Promise<{ organisationId: string; userId: string }> {
  const { locale } = validate(setUpSchema, { locale: input.locale })
  assertPassword(input.password, [input.ownerName, input.ownerEmail.split('@')[0] ?? '', input.organisationName])
  // Asked here as well, because hashing is expensive and this is open to everybody.
  if (!(await isEmptyInstallation(ports.database))) throw new WrongStateError('installation', 'set up', 'new')
  const passwordHash = await hashPassword(input.password)
  const { clinicName: name, countryCode, timeZone, currency } = input
  const actor: SystemActor = {
    kind: 'system',
    name: 'set-up',
    organisationId: newId(),
    clinic: { id: newId(), name, countryCode, timeZone, currency, locale: toLocale(locale), opensMinute: 480, closesMinute: 1200 },
    sharePatients: true,
    staffId: null,
    locale,
  }
  const operation = { ...record.operation, actor, action: 'create' as const }
  const { result } = await transact(
    { database: ports.database, scope: scopeOf(actor), operation, clock: ports.clock, classes: ['operational'] },
    async (tx) => {
      await tx.prisma.$executeRaw`SELECT pg_advisory_xact_lock(7281002)`
      const [state] = await tx.prisma.$queryRaw<{ empty: boolean }[]>`SELECT NOT EXISTS (SELECT FROM list_tenants()) AS empty`
      if (state?.empty !== true) throw new WrongStateError('installation', 'set up', 'new')
      await createOrganisation(tx, actor, { name: input.organisationName, clinics: [{ name, countryCode, timeZone, currency, locale }] })
      await createDefaultTemplates(tx, actor)
      await createDefaultTimeOffTypes(tx, actor)
      const user = await createUser(tx, actor, { email: input.ownerEmail, name: input.ownerName, locale, passwordHash })
      await assignRole(tx, actor, { userId: user.id, roleCode: 'owner' })
      return { organisationId: actor.organisationId, userId: user.id }
    },
  )
  return result
}
