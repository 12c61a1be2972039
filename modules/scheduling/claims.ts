import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { type Interval, overlaps } from '../kernel/time.ts'
import { type BlockingReason, type Conflict, type Placement, type Resource, SlotTakenError } from './errors.ts'
import { type Buffers, withBuffer } from './needs.ts'

const CLAIM_FIELDS = ['appointmentId', 'during', 'holdId', 'lane', 'resourceId'] as const

// A person sees one patient at a time, and so does a room.
const CAPACITY = 1
// Nobody squeezes in more than this; it also bounds the search for a free lane.
const MAX_LANES = 10

/** Whose claims they are: a visit's, or those of a slot that is kept for somebody. */
export type Holder = { readonly kind: 'appointment' | 'hold'; readonly id: string }

/**
 * Claims person, room and equipment, always in the order of their ids, so that parallel bookings wait for each other instead of
 * deadlocking. The exclusion constraint decides; an overbooked claim in another lane counts as well, and so does a closed time.
 * @param mayOverbook takes the next lane instead of giving up
 * @returns whether any resource is overbooked
 * @throws SlotTakenError with what stands in the way
 */
export async function claimResources(
  tx: Tx,
  actor: ClinicActor,
  holder: Holder,
  placement: Placement,
  mayOverbook: boolean,
): Promise<{ isOverbooked: boolean }> {
  const wanted = claimsOf(placement)
  if (!mayOverbook) {
    await claimRegular(tx, actor, holder, placement, wanted)
    return { isOverbooked: false }
  }
  await deleteExpiredHolds(tx, wanted)
  let isOverbooked = false
  for (const claim of wanted) {
    const lane = await claimAnyLane(tx, actor, holder, claim)
    if (lane === null) throw await refusal(tx, actor, holder, placement, [claim])
    isOverbooked ||= lane >= CAPACITY
  }
  return { isOverbooked }
}

type WantedVisit = {
  readonly staffId: string
  readonly roomId: string | null
  readonly equipmentIds: readonly string[]
  readonly start: Date
  /** Null for the length of its type. */
  readonly minutes: number | null
  readonly typeId: string
  /** The kept slot that the visit takes over. */
  readonly holdId: string | null
}

/**
 * What stands in the way of a new visit, before anything is written: of many who want one slot, most end here, at the price of one
 * read. Who passes is not safe yet: the constraint decides when the resources are claimed.
 */
export async function findEarlyConflict(tx: Tx, actor: ClinicActor, wanted: WantedVisit): Promise<Conflict | null> {
  const resources = resourcesOf(wanted)
  const values = [
    resources.map(({ id }) => id),
    resources.map(({ kind }) => kind),
    wanted.start.toISOString(),
    wanted.minutes,
    wanted.typeId,
    actor.organisationId,
    actor.clinic.id,
    tx.clock.now().toISOString(),
    wanted.holdId,
  ]
  return toConflict(actor, resources, await tx.query<Blocker>({ name: 'find_early_conflict', text: FIND_EARLY_CONFLICT, values }))
}

/** Gives up everything that a visit or a hold takes. */
export async function releaseClaims(tx: Tx, actor: ClinicActor, { kind, id }: Holder): Promise<void> {
  const released = await tx.query<{ id: string }>({
    name: `release_claims_of_${kind}`,
    text: `DELETE FROM resource_claim WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND ${kind}_id = $3::uuid RETURNING id`,
    values: [actor.organisationId, actor.clinic.id, id],
  })
  reportChange(tx, released)
}

/** Everything in the way of a visit that would take these resources, each with its buffer, in order of time. One statement. */
export async function listConflictsOf(
  db: Db,
  actor: ClinicActor,
  resources: readonly Resource[],
  visit: Interval,
  buffers: Buffers,
  now: Date,
): Promise<Conflict[]> {
  const wanted = resources.map((resource) => ({ ...resource, ...withBuffer(visit, buffers[resource.kind]) }))
  const rows = await db.query<Blocker>({ name: 'find_blockers', text: `SELECT ${BLOCKER} FROM ${BLOCKERS}`, values: blockerValues(actor, wanted, now) })
  const conflicts = rows.flatMap((row) => toConflict(actor, wanted, [row]) ?? [])
  for (const conflict of conflicts) reportConflict(db, conflict)
  return conflicts
}

/** For each of many visits on the same resources, the first thing in its way; null for none. One statement. */
export async function listFirstConflicts(db: Db, actor: ClinicActor, placements: readonly Placement[], now: Date): Promise<(Conflict | null)[]> {
  const wanted = placements.map(claimsOf)
  const rows = await db.query<Blocker>({ name: 'find_blockers', text: `SELECT ${BLOCKER} FROM ${BLOCKERS}`, values: blockerValues(actor, wanted.flat(), now) })
  return wanted.map((claims) => {
    // Closures are found for the whole span of what was asked.
    const isInTheWay = (row: Blocker) => claims.some((claim) => (row.resourceId === claim.id || row.resourceId === actor.clinic.id) && overlaps(claim, row))
    const conflict = toConflict(actor, claims, rows.filter(isInTheWay))
    if (conflict) reportConflict(db, conflict)
    return conflict
  })
}

/** Notes that a refusal showed what is in the way: what the refused transaction had noted went with its rollback. */
export function reportConflict(db: Db, { id, reason }: Conflict): void {
  if (id === null) return
  if (reason === 'visit' || reason === 'hold') db.reads('ResourceClaim', [id], CLAIM_FIELDS)
  else db.reads('ResourceBlock', [id], ['endsAt', 'kind', 'resourceId', 'startsAt'])
}

/** A resource with the time for which it is held: the visit and its buffers. */
type WantedClaim = Resource & Interval

/** What a visit takes, in the order of ids. */
export function resourcesOf({ staffId, roomId, equipmentIds }: Pick<Placement, 'staffId' | 'roomId' | 'equipmentIds'>): Resource[] {
  const resources: Resource[] = [{ kind: 'staff', id: staffId }]
  if (roomId !== null) resources.push({ kind: 'room', id: roomId })
  for (const id of equipmentIds) resources.push({ kind: 'equipment', id })
  return resources.sort((a, b) => (a.id < b.id ? -1 : 1))
}

function claimsOf(placement: Placement): WantedClaim[] {
  return resourcesOf(placement).map((resource) => ({ ...resource, ...withBuffer(placement.interval, placement.buffers[resource.kind]) }))
}

// One statement for all resources; its rows go in in the order of their ids.
async function claimRegular(tx: Tx, actor: ClinicActor, holder: Holder, placement: Placement, wanted: readonly WantedClaim[]): Promise<void> {
  const refused = await insertClaims(tx, actor, holder, wanted)
  if (refused.length === 0) return
  // Constraints cannot read the clock: a hold that has expired is in the way until somebody takes it away.
  const isFreed = await deleteExpiredHolds(tx, refused)
  const still = isFreed ? await insertClaims(tx, actor, holder, refused) : refused
  if (still.length > 0) throw await refusal(tx, actor, holder, placement, still)
}

async function insertClaims(tx: Tx, actor: ClinicActor, holder: Holder, wanted: readonly WantedClaim[]): Promise<readonly WantedClaim[]> {
  const claimed = await tx.query<{ id: string; resourceId: string }>({
    name: 'claim_resources',
    text: CLAIM_RESOURCES,
    values: [...blockerValues(actor, wanted, tx.clock.now()), actor.organisationId, ...holderValues(holder), wanted.map(({ kind }) => kind)],
  })
  reportChange(tx, claimed)
  return wanted.filter(({ id }) => !claimed.some(({ resourceId }) => resourceId === id))
}

async function claimAnyLane(tx: Tx, actor: ClinicActor, holder: Holder, wanted: WantedClaim): Promise<number | null> {
  for (let lane = 0; lane < MAX_LANES; lane += 1) {
    const inserted = await tx.query<{ id: string }>({
      name: 'claim_resource',
      text: CLAIM_RESOURCE,
      values: [...blockerValues(actor, [wanted], tx.clock.now()), actor.organisationId, ...holderValues(holder), [wanted.kind], lane],
    })
    if (inserted.length === 0) continue
    reportChange(tx, inserted)
    return lane
  }
  return null
}

// A hold of a sister clinic is in the way of a person as well; the claims go with their hold, whichever clinic's they are.
async function deleteExpiredHolds(tx: Tx, claims: readonly WantedClaim[]): Promise<boolean> {
  const expired = await tx.query<{ id: string; holdId: string }>({
    name: 'find_expired_holds',
    text: `SELECT c.id, c.hold_id AS "holdId" FROM slot_hold h JOIN resource_claim c ON c.clinic_id = h.clinic_id AND c.hold_id = h.id
      WHERE h.expires_at <= $1::timestamptz AND h.id IN (SELECT w.hold_id FROM resource_claim w WHERE w.resource_id = ANY ($2::uuid[]))`,
    values: [tx.clock.now().toISOString(), claims.map(({ id }) => id)],
  })
  if (expired.length === 0) return false
  const holdIds = [...new Set(expired.map(({ holdId }) => holdId))]
  const { count } = await tx.prisma.slotHold.deleteMany({ where: { id: { in: holdIds } } })
  reportChange(tx, expired)
  tx.changes('SlotHold', holdIds, ['deleted'])
  return count > 0
}

async function refusal(tx: Tx, actor: ClinicActor, holder: Holder, placement: Placement, refused: readonly WantedClaim[]): Promise<SlotTakenError> {
  const found = await tx.query<Blocker>({
    name: 'find_conflict',
    text: `SELECT ${BLOCKER} FROM ${BLOCKERS} WHERE coalesce(appointment_id, hold_id) IS DISTINCT FROM $6::uuid LIMIT 1`,
    values: [...blockerValues(actor, refused, tx.clock.now()), holder.id],
  })
  const conflict = toConflict(actor, refused, found) ?? vanished(refused[0], placement)
  return new SlotTakenError(conflict, placement, holder.kind === 'appointment' ? holder.id : null)
}

// A rival that has just been rolled back or cancelled leaves nothing to show but the time that was asked for.
function vanished(claim: WantedClaim | undefined, { interval, staffId }: Placement): Conflict {
  const { kind, id, start, end } = claim ?? { kind: 'staff' as const, id: staffId, ...interval }
  return { resource: { kind, id }, reason: 'visit', interval: { start, end }, id: null, isOwnClinic: false }
}

function reportChange(tx: Tx, claims: readonly { readonly id: string }[]): void {
  tx.changes(
    'ResourceClaim',
    claims.map(({ id }) => id),
    CLAIM_FIELDS,
  )
}

function holderValues({ kind, id }: Holder): [string | null, string | null] {
  return kind === 'appointment' ? [id, null] : [null, id]
}

function blockerValues(actor: ClinicActor, claims: readonly WantedClaim[], now: Date): unknown[] {
  const [since, until] = [claims.map(({ start }) => start.toISOString()), claims.map(({ end }) => end.toISOString())]
  return [claims.map(({ id }) => id), since, until, actor.clinic.id, now.toISOString()]
}

const BLOCKERS = 'find_blockers($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::uuid, $5::timestamptz)'
const BLOCKER = 'id, reason, clinic_id AS "clinicId", resource_id AS "resourceId", starts_at AS start, ends_at AS "end"'

/** A resource, wanted, as one row of arrays of the parameters of find_blockers. */
const BLOCKERS_OF_ONE = 'find_blockers(ARRAY[wanted.id], ARRAY[wanted.since], ARRAY[wanted.until], $4::uuid, $5::timestamptz)'
const WANTED = 'unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $9::text[]) AS wanted(id, since, until, kind)'
const insertClaim = (
  lane: string,
) => `INSERT INTO resource_claim (organisation_id, clinic_id, appointment_id, hold_id, resource_id, staff_id, room_id, equipment_id, lane, during)
  SELECT $6::uuid, $4::uuid, $7::uuid, $8::uuid, wanted.id, CASE wanted.kind WHEN 'staff' THEN wanted.id END, CASE wanted.kind WHEN 'room' THEN wanted.id END,
    CASE wanted.kind WHEN 'equipment' THEN wanted.id END, ${lane}, tstzrange(wanted.since, wanted.until)
  FROM ${WANTED}`

const CLAIM_RESOURCES = `${insertClaim('0')} WHERE NOT EXISTS (SELECT FROM ${BLOCKERS_OF_ONE}) ORDER BY wanted.id
  ON CONFLICT DO NOTHING RETURNING id, resource_id AS "resourceId"`

// The constraint compares within a lane. Lanes above are looked at here: the regular lane is free again when the visit
// that was overbooked is cancelled, but the person is not. What is closed counts as taken in the regular lane.
const CLAIM_RESOURCE = `${insertClaim('$10::smallint')} WHERE NOT EXISTS (SELECT FROM ${BLOCKERS_OF_ONE} taken WHERE taken.lane >= $10::smallint)
  ON CONFLICT DO NOTHING RETURNING id`

// What is no length of a visit is refused by durationOf; here it must only not fail.
const FIND_EARLY_CONFLICT = `WITH wanted AS (
    SELECT r.id,
      $3::timestamptz - make_interval(mins => CASE r.kind WHEN 'staff' THEN t.staff_before_minutes WHEN 'room' THEN t.room_before_minutes ELSE t.equipment_before_minutes END) AS since,
      $3::timestamptz + make_interval(mins => greatest(coalesce($4::int, t.duration_minutes), 1)
        + CASE r.kind WHEN 'staff' THEN t.staff_after_minutes WHEN 'room' THEN t.room_after_minutes ELSE t.equipment_after_minutes END) AS until
    FROM unnest($1::uuid[], $2::text[]) AS r(id, kind), appointment_type t WHERE t.organisation_id = $6::uuid AND t.id = $5::uuid
  )
  SELECT b.id, reason, clinic_id AS "clinicId", resource_id AS "resourceId", starts_at AS start, ends_at AS "end"
  FROM (SELECT array_agg(id) AS ids, array_agg(since) AS since, array_agg(until) AS until FROM wanted) w,
    find_blockers(w.ids, w.since, w.until, $7::uuid, $8::timestamptz) b
  WHERE b.hold_id IS DISTINCT FROM $9::uuid OR $9::uuid IS NULL LIMIT 1`

type Blocker = {
  readonly id: string
  readonly reason: BlockingReason
  readonly clinicId: string
  readonly resourceId: string
  readonly start: Date
  readonly end: Date
}

function toConflict(actor: ClinicActor, resources: readonly Resource[], [blocker]: readonly Blocker[]): Conflict | null {
  if (!blocker) return null
  const { id, reason, clinicId, start, end } = blocker
  const resource = resources.find((known) => known.id === blocker.resourceId) ?? { kind: 'clinic', id: blocker.resourceId }
  return { resource: { kind: resource.kind, id: resource.id }, reason, interval: { start, end }, id, isOwnClinic: clinicId === actor.clinic.id }
}
