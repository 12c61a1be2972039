import { z } from 'zod'
import { findUsersByIds } from '../access/index.ts'
import type { ClinicActor, UserActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { toMinute } from '../kernel/time.ts'
import { fieldsOf, kept, validate } from '../kernel/validate.ts'
import { findClientsByIds } from '../patients/index.ts'
import { CLIENT_KINDS, type ClientKind, type MessageKind, STAFF_KINDS, type StaffKind, TEXT_CHANNELS, type TextChannel } from './vocabulary.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const minute = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 21:00')
  .transform(toMinute)

/** How a refusal is stored. */
export function refusalOf(channel: TextChannel, kind: MessageKind): string {
  return `${channel}:${kind}`
}

const preferenceSchema = z.object({
  clientId: uuid,
  /** Left out when there is none yet. */
  version: z.int().nullish(),
  refusals: kept(z.array(z.object({ channel: z.enum(TEXT_CHANNELS), kind: z.string().pipe(z.enum(CLIENT_KINDS)) })).max(20)),
  quietFrom: minute.nullish(),
  quietUntil: minute.nullish(),
})
export type PreferenceChange = z.input<typeof preferenceSchema>

/**
 * Changes what a client does not want to get, and when. What is left out stays; null gives up hours of their own. Throws InvalidInputError for
 * one end of the quiet hours without the other, NotFoundError for a client out of reach.
 */
export async function setClientPreference(tx: Tx, actor: ClinicActor, input: PreferenceChange): Promise<{ clientId: string }> {
  const { clientId, version, refusals, quietFrom, quietUntil } = validate(preferenceSchema, input)
  if ((typeof quietFrom === 'number') !== (typeof quietUntil === 'number') || (quietFrom === undefined) !== (quietUntil === undefined))
    throw invalid('quietUntil', 'quiet_whole', 'must be given with quietFrom, and only with it')
  if ((await findClientsByIds(tx, actor, [clientId])).length === 0) throw new NotFoundError('Client')
  const change = {
    ...(refusals === undefined ? {} : { refusals: [...new Set(refusals.map(({ channel, kind }) => refusalOf(channel, kind)))].sort() }),
    ...(quietFrom === undefined ? {} : { quietFromMinute: quietFrom, quietUntilMinute: quietUntil ?? null }),
  }
  const key = { organisationId: actor.organisationId, clientId }
  const { count } = await tx.prisma.clientPreference.createMany({ data: [{ ...key, ...change }], skipDuplicates: true })
  if (count === 0) {
    const { count: changed } = await tx.prisma.clientPreference.updateMany({
      where: { ...key, version: version ?? -1 },
      data: { ...change, version: { increment: 1 } },
    })
    const current = changed > 0 ? [] : await tx.prisma.clientPreference.findMany({ where: key, select: { version: true } })
    if (changed === 0) throw new StaleVersionError('ClientPreference', current[0]?.version ?? 1)
  }
  tx.changes('ClientPreference', [clientId], fieldsOf(change))
  return { clientId }
}

/** Refuses, in a client's name, messages of these kinds by one channel. What was refused before stays refused. */
export async function refuseMessages(
  tx: Tx,
  actor: ClinicActor,
  refused: { clientId: string; channel: TextChannel; kinds: readonly ClientKind[] },
): Promise<null> {
  const { clientId, channel, kinds } = refused
  const rows = await tx.query<{ client_id: string }>({
    name: 'refuse_messages',
    text: `INSERT INTO client_preference AS p (client_id, organisation_id, refusals, created_at, updated_at)
      SELECT c.id, c.organisation_id, $3::text[], $4::timestamptz, $4::timestamptz FROM client c WHERE c.organisation_id = $1::uuid AND c.id = $2::uuid
      ON CONFLICT (client_id) DO UPDATE SET refusals = ARRAY(SELECT DISTINCT unnest(p.refusals || excluded.refusals) ORDER BY 1), version = p.version + 1, updated_at = excluded.updated_at
      RETURNING client_id::text`,
    values: [actor.organisationId, clientId, kinds.map((kind) => refusalOf(channel, kind)), tx.clock.now()],
  })
  if (rows.length === 0) throw new NotFoundError('Client')
  tx.changes('ClientPreference', [clientId], ['refusals'])
  return null
}

const settingsSchema = z.object({ quietFrom: minute, quietUntil: minute, version: z.int().nullish() })
export type SettingsChange = z.input<typeof settingsSchema>

/** Sets the quiet hours of the active clinic. The same minute twice: none. */
export async function setMessageSettings(tx: Tx, actor: ClinicActor, input: SettingsChange): Promise<{ clinicId: string }> {
  const { quietFrom, quietUntil, version } = validate(settingsSchema, input)
  const key = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
  const data = { quietFromMinute: quietFrom, quietUntilMinute: quietUntil }
  const { count } = await tx.prisma.messageSettings.createMany({ data: [{ ...key, ...data }], skipDuplicates: true })
  if (count === 0) {
    const { count: changed } = await tx.prisma.messageSettings.updateMany({
      where: { ...key, version: version ?? -1 },
      data: { ...data, version: { increment: 1 } },
    })
    const current = changed > 0 ? [] : await tx.prisma.messageSettings.findMany({ where: key, select: { version: true } })
    if (changed === 0) throw new StaleVersionError('MessageSettings', current[0]?.version ?? 1)
  }
  tx.changes('MessageSettings', [actor.clinic.id], ['quietFromMinute', 'quietUntilMinute'])
  return { clinicId: actor.clinic.id }
}

const mailSchema = z.object({ refusals: z.array(z.string().pipe(z.enum(STAFF_KINDS))).max(20) })

/** Says of what the caller wants no mail; inside the product they are told in any case. */
export async function setMyMailRefusals(tx: Tx, actor: UserActor, input: z.input<typeof mailSchema>): Promise<{ id: string }> {
  const refusals = [...new Set(validate(mailSchema, input).refusals)].sort()
  const { organisationId, userId: id } = actor
  await tx.prisma.user.updateMany({ where: { organisationId, id }, data: { mailRefusals: refusals, version: { increment: 1 } } })
  tx.changes('User', [id], ['mailRefusals'])
  return { id }
}

/** Kinds of message of which a user wants no mail. */
export async function findMailRefusals(db: Db, actor: ClinicActor, userId: string): Promise<StaffKind[]> {
  const [user] = await findUsersByIds(db, actor, [userId])
  return STAFF_KINDS.filter((kind) => user?.mailRefusals.includes(kind))
}
