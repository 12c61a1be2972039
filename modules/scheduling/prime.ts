import type { Appointment } from '../../prisma/client/client.ts'
import type { Context } from '../../schema/context.ts'
import { findClinicsByIds } from '../access/index.ts'
import { findClientsByIds, findPatientsByIds, findSpeciesByCodes } from '../patients/index.ts'
import { findStaffByIds } from '../staff/index.ts'
import type { Conflict } from './errors.ts'
import { findEquipmentByIds, findRoomsByIds, findTypesByIds, findVisitsByIds } from './queries.ts'
import type { Related } from './related.ts'

/** Hands what visits refer to over to the resolvers of their fields. */
export function primeRelated(ctx: Context, related: Related): void {
  ctx.prime(findPatientsByIds, related.patients)
  ctx.prime(findClientsByIds, related.clients)
  ctx.prime(
    findSpeciesByCodes,
    related.species.map((row) => ({ ...row, id: row.code })),
  )
  ctx.prime(findTypesByIds, related.types)
  ctx.prime(findStaffByIds, related.staff)
  ctx.prime(findRoomsByIds, related.rooms)
}

/** A visit with what the operation asks of it, in one statement; null when out of reach. */
export async function findVisit(ctx: Context, id: string): Promise<Appointment | null> {
  const { appointments, related } = await findVisitsByIds(ctx.db, ctx.actor, [id], ctx.selects)
  primeRelated(ctx, related)
  return appointments[0] ?? null
}

const NAMED = { staff: findStaffByIds, room: findRoomsByIds, equipment: findEquipmentByIds, clinic: findClinicsByIds } as const

/** What people call a resource; null when out of reach. */
export async function findResourceName(ctx: Context, { kind, id }: Conflict['resource']): Promise<string | null> {
  return (await ctx.find<{ id: string; name: string }>(NAMED[kind], id))?.name ?? null
}
