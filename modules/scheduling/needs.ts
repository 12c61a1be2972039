import type { AppointmentType, Equipment, Room, StaffProfile } from '../../prisma/client/client.ts'
import { type Interval, MINUTE_MS } from '../kernel/time.ts'
import { RequirementsNotMetError, type Resource } from './errors.ts'

/** Minutes for which a resource is held before and after the visit itself. */
export type Buffer = { readonly before: number; readonly after: number }

/** Buffers belong to a type of visit and a kind of resource, and add to the length of the visit. */
export type Buffers = { readonly [Kind in Resource['kind']]: Buffer }

export function buffersOf(type: AppointmentType): Buffers {
  return {
    staff: { before: type.staffBeforeMinutes, after: type.staffAfterMinutes },
    room: { before: type.roomBeforeMinutes, after: type.roomAfterMinutes },
    equipment: { before: type.equipmentBeforeMinutes, after: type.equipmentAfterMinutes },
  }
}

/** The longest of them: whatever is held for a visit lies within these. */
export function longestOf({ staff, room, equipment }: Buffers): Buffer {
  return { before: Math.max(staff.before, room.before, equipment.before), after: Math.max(staff.after, room.after, equipment.after) }
}

/** What is held of a resource for a visit: the visit with its buffers, `[start, end)`. */
export function withBuffer({ start, end }: Interval, { before, after }: Buffer): Interval {
  return { start: new Date(start.getTime() - before * MINUTE_MS), end: new Date(end.getTime() + after * MINUTE_MS) }
}

type Needs = Pick<AppointmentType, 'positions' | 'roomKinds' | 'equipmentKinds'>

/** True when somebody may take visits of the type: they have one of its positions, or it names none. */
export function isQualified({ positions }: Pick<Needs, 'positions'>, { position }: Pick<StaffProfile, 'position'>): boolean {
  return positions.length === 0 || positions.includes(position)
}

/** True when visits of the type can take place in the room: it is of one of its kinds, or the type names none. */
export function isSuitable({ roomKinds }: Pick<Needs, 'roomKinds'>, { kind }: Pick<Room, 'kind'>): boolean {
  return roomKinds.length === 0 || roomKinds.includes(kind)
}

/**
 * Throws RequirementsNotMetError unless person, room and equipment are what the type of visit needs. A room that is not needed may be any
 * room; equipment that is not needed may be taken as well.
 */
export function assertMeetsNeeds(type: Needs, person: StaffProfile, room: Room | null, equipment: readonly Equipment[]): void {
  const missing = {
    positions: isQualified(type, person) ? [] : type.positions,
    roomKinds: (room === null ? type.roomKinds.length === 0 : isSuitable(type, room)) ? [] : type.roomKinds,
    equipmentKinds: type.equipmentKinds.filter((kind) => !equipment.some((piece) => piece.kind === kind)),
  }
  if (Object.values(missing).some((kinds) => kinds.length > 0)) throw new RequirementsNotMetError(missing)
}
