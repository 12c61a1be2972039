import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { localDateOf, MINUTE_MS } from '../kernel/time.ts'
import { text, validate } from '../kernel/validate.ts'
import { type Booking, bookAppointment } from './commands.ts'
import { NobodyFreeError } from './errors.ts'
import { searchSlots } from './slot-search.ts'
import { writeAppointment } from './visits.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const walkInSchema = z.object({
  patientId: uuid,
  typeId: uuid,
  /** Left out: whoever is free first. */
  staffId: uuid.nullish(),
  roomId: uuid.nullish(),
  equipmentIds: z.array(uuid).max(10).nullish(),
  reason: text(500).nullish(),
  overbookReason: text(300).nullish(),
})
export type WalkIn = z.input<typeof walkInSchema>

/**
 * Books a client who has come without a booking into the next open slot of the day, of a person who was named or of whoever is free first, and
 * checks them in. With `overbookReason` (and the right `appointment:overbook`) the visit is squeezed in at once, with the person who is named.
 * @throws NobodyFreeError when the rest of the day has no slot, SlotTakenError for a race that was lost, and like bookAppointment
 */
export async function bookWalkIn(tx: Tx, actor: ClinicActor, input: WalkIn): Promise<{ id: string }> {
  const wanted = validate(walkInSchema, input)
  const { patientId, typeId, reason, overbookReason } = wanted
  const place = overbookReason == null ? await findNextPlace(tx, actor, wanted) : squeezedPlace(tx, wanted)
  const { id } = await bookAppointment(tx, actor, { ...place, patientId, typeId, reason, overbookReason, origin: 'walk_in' })
  writeAppointment(tx, actor, id, { status: 'checked_in', checkedInAt: tx.clock.now() })
  return { id }
}

type Place = Pick<Booking, 'staffId' | 'roomId' | 'equipmentIds' | 'startsAt'>

async function findNextPlace(tx: Tx, actor: ClinicActor, { typeId, staffId, roomId }: z.output<typeof walkInSchema>): Promise<Place> {
  const now = tx.clock.now()
  const today = localDateOf(now, actor.clinic.timeZone)
  const wishes = { typeId, staffIds: staffId == null ? null : [staffId], roomIds: roomId == null ? null : [roomId], from: today }
  const [slot] = await searchSlots(tx, actor, { ...wishes, until: today, limit: 1 }, now)
  if (!slot) throw new NobodyFreeError(wishes)
  return { staffId: slot.staffId, roomId: slot.roomId, equipmentIds: [...slot.equipmentIds], startsAt: slot.start }
}

// Whoever squeezes somebody in says with whom: it is that person's day.
function squeezedPlace(tx: Tx, { staffId, roomId, equipmentIds }: z.output<typeof walkInSchema>): Place {
  if (staffId == null) throw invalid('staffId', 'required', 'must name the person who sees the client')
  return { staffId, roomId, equipmentIds, startsAt: new Date(Math.floor(tx.clock.now().getTime() / MINUTE_MS) * MINUTE_MS) }
}
