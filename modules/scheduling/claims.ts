import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import type { Interval } from '../kernel/time.ts'
import { type Conflict, type Placement, type Resource, SlotTakenError } from './errors.ts'

const CLAIM_FIELDS = ['appointmentId', 'during', 'lane', 'resourceId'] as const

// A person sees one patient at a time, and so does a room.
const CAPACITY = 1
// Nobody squeezes in more than this; it also bounds the search for a free lane.
const MAX_LANES = 10

/** A claim as an interval, whoever holds it. */
export type Claim = Interval & { readonly id: string; readonly resourceId: string; readonly appointmentId: string }

/**
 * Claims a visit's person and room, always in the order of their ids, so that parallel bookings wait for each other
 * instead of deadlocking. The exclusion constraint decides; an overbooked claim in another lane counts as well.
 * @param mayOverbook takes the next lane instead of giving up
 * @returns whether any resource is overbooked
 * @throws SlotTakenError with the claim that stands in the way
 */
export async function claimResources(
  tx: Tx,
  actor: ClinicActor,
  appointmentId: string,
  placement: Placement,
  mayOverbook: boolean,
): Promise<{ isOverbooked: boolean }> {
  if (!mayOverbook) {
    await claimRegular(tx, actor, appointmentId, placement)
    return { isOverbooked: false }
  }
  let isOverbooked = false
  for (const resource of resourcesOf(placement)) {
    const lane = await claimAnyLane(tx, actor, appointmentId, resource, placement.interval)
    if (lane === null)
      throw new SlotTakenError(
        (await findConflict(tx, actor, appointmentId, [resource], placement.interval)) ?? vanished(resource, placement),
        placement,
        appointmentId,
      )
    isOverbooked ||= lane >= CAPACITY
  }
  return { isOverbooked }
}

/**
 * What stands in the way of a new visit, before anything is written: of many who want one slot, most end here, at the price of one
 * read. Who passes is not safe yet: the constraint decides when the resources are claimed.
 * @param minutes length of the visit; null for the length of its type
 */
export async function findEarlyConflict(
  tx: Tx,
  actor: ClinicActor,
  { staffId, roomId, start, minutes, typeId }: { staffId: string; roomId: string | null; start: Date; minutes: number | null; typeId: string },
): Promise<Conflict | null> {
  const resources = resourcesOf({ staffId, roomId })
  const values = [resources.map(({ id }) => id), start.toISOString(), null, minutes, typeId, actor.organisationId]
  return toConflict(actor, resources, await tx.query<Blocker>({ name: 'find_early_conflict', text: FIND_EARLY_CONFLICT, values }))
}

// A rival that has just been rolled back or cancelled leaves nothing to show but the time that was asked for.
function vanished(resource: Resource, { interval }: Placement): Conflict {
  return { resource, interval, claimId: null, isOwnClinic: false }
}

/** Gives up everything that a visit holds. */
export async function releaseClaims(tx: Tx, actor: ClinicActor, appointmentId: string): Promise<void> {
  const released = await tx.query<{ id: string }>({
    name: 'release_claims',
    text: 'DELETE FROM resource_claim WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND appointment_id = $3::uuid RETURNING id',
    values: [actor.organisationId, actor.clinic.id, appointmentId],
  })
  tx.changes(
    'ResourceClaim',
    released.map(({ id }) => id),
    CLAIM_FIELDS,
  )
}

/** Claims of resources that overlap an interval, of every clinic of the organisation, in order of time. One statement. */
export async function listClaims(db: Db, resourceIds: readonly string[], { start, end }: Interval): Promise<Claim[]> {
  const rows = await db.query<Claim>({
    name: 'list_claims',
    text: `SELECT id, appointment_id AS "appointmentId", resource_id AS "resourceId", starts_at AS start, ends_at AS "end"
      FROM overlapping_claims($1::uuid[], $2::timestamptz, $3::timestamptz)`,
    values: [[...resourceIds], start.toISOString(), end.toISOString()],
  })
  db.reads(
    'ResourceClaim',
    rows.map(({ id }) => id),
    CLAIM_FIELDS,
  )
  return rows
}

/** Notes that a refusal showed a claim: what the refused transaction had noted went with its rollback. */
export function reportConflict(db: Db, { claimId }: Conflict): void {
  if (claimId !== null) db.reads('ResourceClaim', [claimId], CLAIM_FIELDS)
}

function resourcesOf({ staffId, roomId }: Pick<Placement, 'staffId' | 'roomId'>): Resource[] {
  const staff: Resource = { kind: 'staff', id: staffId }
  const both: Resource[] = roomId === null ? [staff] : [staff, { kind: 'room', id: roomId }]
  return both.sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function claimAnyLane(tx: Tx, actor: ClinicActor, appointmentId: string, resource: Resource, interval: Interval): Promise<number | null> {
  for (let lane = 0; lane < MAX_LANES; lane += 1) {
    const inserted = await tx.query<{ id: string }>({
      name: 'claim_resource',
      text: CLAIM_RESOURCE,
      values: claimValues(actor, appointmentId, resource, interval, lane),
    })
    if (inserted.length === 0) continue
    tx.changes(
      'ResourceClaim',
      inserted.map(({ id }) => id),
      CLAIM_FIELDS,
    )
    return lane
  }
  return null
}

// One statement for all resources of a visit; its rows go in in the order of their ids.
async function claimRegular(tx: Tx, actor: ClinicActor, appointmentId: string, placement: Placement): Promise<void> {
  const wanted = resourcesOf(placement)
  const { start, end } = placement.interval
  const claimed = await tx.query<{ id: string; resourceId: string }>({
    name: 'claim_resources',
    text: CLAIM_RESOURCES,
    values: [actor.organisationId, actor.clinic.id, appointmentId, wanted.map(({ id }) => id), placement.staffId, start.toISOString(), end.toISOString()],
  })
  tx.changes(
    'ResourceClaim',
    claimed.map(({ id }) => id),
    CLAIM_FIELDS,
  )
  const refused = wanted.filter(({ id }) => !claimed.some(({ resourceId }) => resourceId === id))
  const [first] = refused
  if (!first) return
  const conflict = (await findConflict(tx, actor, appointmentId, refused, placement.interval)) ?? vanished(first, placement)
  throw new SlotTakenError(conflict, placement, appointmentId)
}

const CLAIM_RESOURCES = `INSERT INTO resource_claim (organisation_id, clinic_id, appointment_id, resource_id, staff_id, room_id, lane, during)
  SELECT $1::uuid, $2::uuid, $3::uuid, wanted.id, CASE WHEN wanted.id = $5::uuid THEN wanted.id END, CASE WHEN wanted.id <> $5::uuid THEN wanted.id END, 0,
    tstzrange($6::timestamptz, $7::timestamptz)
  FROM unnest($4::uuid[]) AS wanted(id)
  WHERE NOT EXISTS (SELECT FROM overlapping_claims(ARRAY[wanted.id], $6::timestamptz, $7::timestamptz))
  ORDER BY wanted.id
  ON CONFLICT DO NOTHING RETURNING id, resource_id AS "resourceId"`

// The constraint compares within a lane. Lanes above are looked at here: the regular lane is free again when the visit
// that was overbooked is cancelled, but the person is not.
const CLAIM_RESOURCE = `INSERT INTO resource_claim (organisation_id, clinic_id, appointment_id, resource_id, staff_id, room_id, lane, during)
  SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, $7::smallint, tstzrange($8::timestamptz, $9::timestamptz)
  WHERE NOT EXISTS (SELECT FROM overlapping_claims(ARRAY[$4::uuid], $8::timestamptz, $9::timestamptz) taken WHERE taken.lane >= $7::smallint)
  ON CONFLICT DO NOTHING RETURNING id`

function claimValues(actor: ClinicActor, appointmentId: string, { kind, id }: Resource, { start, end }: Interval, lane: number): unknown[] {
  const [staffId, roomId] = kind === 'staff' ? [id, null] : [null, id]
  return [actor.organisationId, actor.clinic.id, appointmentId, id, staffId, roomId, lane, start.toISOString(), end.toISOString()]
}

const findOverlap = (until: string) => `SELECT id, clinic_id AS "clinicId", resource_id AS "resourceId", starts_at AS start, ends_at AS "end"
  FROM overlapping_claims($1::uuid[], $2::timestamptz, ${until}) WHERE appointment_id IS DISTINCT FROM $3::uuid LIMIT 1`
const FIND_CONFLICT = findOverlap('$4::timestamptz')
// What is no length of a visit is refused by durationOf; here it must only not fail.
const FIND_EARLY_CONFLICT = findOverlap(`$2::timestamptz + make_interval(mins => greatest(coalesce($4::int,
  (SELECT t.duration_minutes FROM appointment_type t WHERE t.organisation_id = $6::uuid AND t.id = $5::uuid), 1), 1))`)

type Blocker = { readonly id: string; readonly clinicId: string; readonly resourceId: string; readonly start: Date; readonly end: Date }

function toConflict(actor: ClinicActor, resources: readonly Resource[], [blocker]: readonly Blocker[]): Conflict | null {
  const resource = resources.find(({ id }) => id === blocker?.resourceId)
  if (!blocker || !resource) return null
  return { resource, interval: { start: blocker.start, end: blocker.end }, claimId: blocker.id, isOwnClinic: blocker.clinicId === actor.clinic.id }
}

async function findConflict(
  tx: Tx,
  actor: ClinicActor,
  appointmentId: string | null,
  resources: readonly Resource[],
  { start, end }: Interval,
): Promise<Conflict | null> {
  const values = [resources.map(({ id }) => id), start.toISOString(), appointmentId, end.toISOString()]
  return toConflict(actor, resources, await tx.query<Blocker>({ name: 'find_conflict', text: FIND_CONFLICT, values }))
}
