import { findUsersByIds } from '../access/index.ts'
import type { SystemActor } from '../kernel/actor.ts'
import type { Reader } from '../kernel/db.ts'
import { findClientsByIds } from '../patients/index.ts'
import { findBookingRequestsByIds } from '../scheduling/index.ts'
import type { TextChannel } from './vocabulary.ts'

/** Where a message goes, or why it cannot. */
export type Address = { readonly to: string; readonly name: string } | { readonly missing: 'NO_ADDRESS' | 'BAD_ADDRESS' | 'RECIPIENT_GONE' }

/** The recipient's address on a channel, as it is now. */
export async function findAddress(
  db: Reader,
  actor: SystemActor,
  { clientId, userId, bookingRequestId }: { readonly clientId: string | null; readonly userId: string | null; readonly bookingRequestId: string | null },
  channel: TextChannel,
): Promise<Address> {
  if (bookingRequestId !== null) {
    const [request] = await findBookingRequestsByIds(db, actor, [bookingRequestId])
    if (!request) return { missing: 'RECIPIENT_GONE' }
    const { contactName: name, contactMail: email, contactPhone: phone } = request
    const { countryCode } = actor.clinic
    // Anybody may have typed it: numbers abroad, some of which cost whoever writes to them, are for people to look at.
    if (channel === 'sms' && phone !== null && !isNumberOf(phone, countryCode)) return { missing: 'BAD_ADDRESS' }
    return addressOf({ name, email, phone, countryCode }, channel)
  }
  if (clientId === null) {
    const [user] = await findUsersByIds(db, actor, userId === null ? [] : [userId])
    if (!user?.isActive) return { missing: 'RECIPIENT_GONE' }
    return channel === 'mail' ? { to: user.email, name: user.name } : { missing: 'NO_ADDRESS' }
  }
  const [client] = await findClientsByIds(db, actor, [clientId])
  if (!client || client.archivedAt !== null) return { missing: 'RECIPIENT_GONE' }
  return addressOf(client, channel)
}

type Reachable = { readonly name: string; readonly email: string | null; readonly phone: string | null; readonly countryCode: string }

function addressOf({ name, email, phone, countryCode }: Reachable, channel: TextChannel): Address {
  const written = channel === 'mail' ? email : phone
  if (written === null || written.trim() === '') return { missing: 'NO_ADDRESS' }
  if (channel === 'mail') return { to: written, name }
  const to = toE164(written, countryCode)
  return to === null ? { missing: 'BAD_ADDRESS' } : { to, name }
}

/** Calling code, and how many digits a whole national number has. */
const NATIONAL: Readonly<Record<string, readonly [code: string, digits: number]>> = {
  MX: ['52', 10],
  US: ['1', 10],
  CA: ['1', 10],
  ES: ['34', 9],
  CO: ['57', 10],
  GT: ['502', 8],
}

/** Whether text messages to this number stay within a country; to one whose numbers are not known here, none does. */
export function isNumberOf(written: string, countryCode: string): boolean {
  const number = toE164(written, countryCode)
  const national = NATIONAL[countryCode]
  if (!national || number === null) return false
  const [code, digits] = national
  return number.startsWith(`+${code}`) && number.length === 1 + code.length + digits
}

/**
 * A telephone number as networks want it (E.164): `+525512345678`. Numbers without a country are those of the client's own. Null for
 * what is no such number; extensions are none.
 */
function toE164(written: string, countryCode: string): string | null {
  const compact = written.replaceAll(/[\s().\-/]/g, '').replace(/^00/, '+')
  if (/^\+[1-9]\d{7,14}$/.test(compact)) return compact
  const national = NATIONAL[countryCode]
  return national && compact.length === national[1] && /^\d+$/.test(compact) ? `+${national[0]}${compact}` : null
}
