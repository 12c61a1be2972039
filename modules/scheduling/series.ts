import { z } from 'zod'
import type { Appointment, AppointmentSeries, AppointmentType, SeriesSkip } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { NotFoundError, StaleVersionError, WrongStateError } from '../kernel/errors.ts'
import { isUuid, newId } from '../kernel/ids.ts'
import { dayInterval, fromDateColumn, instantAt, isLocalDate, MINUTE_MS, toDateColumn } from '../kernel/time.ts'
import { text, validate } from '../kernel/validate.ts'
import { type Conflict, SeriesNotBookableError, toBlockingReason } from './errors.ts'
import { offerFreedSlot, slotOf } from './freed-slots.ts'
import { buffersOf } from './needs.ts'
import { knownType } from './placement.ts'
import { findTypesByIds, withinReach } from './queries.ts'
import { appointmentSeries, appointments, seriesSkips } from './records.ts'
import { addNextSlots, type CheckedOccurrence, type CheckedSeries, checkSeries, type NewSeries, type SeriesOccurrence, type Skip } from './series-check.ts'
import { cancelVisit, insertVisit } from './visits.ts'

/** What bookSeries would do now: every occurrence, booked or skipped. Throws like it, but for a series of which nothing can be booked. */
export async function previewSeries(db: Db, actor: ClinicActor, input: NewSeries, now: Date): Promise<SeriesOccurrence[]> {
  const { occurrences } = await checkSeries(db, actor, input, now)
  return addNextSlots(db, actor, occurrences, now)
}

/**
 * Books every visit of a series that can be booked, and keeps of the others why not: all or none. Whoever takes one of the times meanwhile makes
 * the command fail, and it can be repeated.
 * @throws SeriesNotBookableError when none can be booked, SlotTakenError for a race that was lost, and like checkSeries
 */
export async function bookSeries(tx: Tx, actor: ClinicActor, input: NewSeries): Promise<{ id: string }> {
  const { wanted, durationMinutes, occurrences } = await checkSeries(tx, actor, input, tx.clock.now())
  const bookable = occurrences.filter(({ skip }) => skip === null)
  if (bookable.length === 0) throw new SeriesNotBookableError(occurrences.length)
  const id = await insertSeries(tx, actor, wanted, durationMinutes)
  await insertSkips(tx, actor, id, occurrences)
  const { patientId, typeId } = wanted
  const visit = { patientId, typeId, reason: wanted.reason ?? null, overbookReason: null, origin: 'series' as const, seriesId: id }
  for (const { placement } of bookable) tx.requires(insertVisit(tx, actor, { ...visit, placement }).done)
  return { id }
}

async function insertSeries(tx: Tx, actor: ClinicActor, wanted: CheckedSeries['wanted'], durationMinutes: number): Promise<string> {
  const id = newId()
  const { startTime: startMinute, startsOn, roomId, reason, ...data } = wanted
  await tx.prisma.appointmentSeries.create({
    data: {
      id,
      ...here(actor),
      ...data,
      roomId: roomId ?? null,
      reason: reason ?? null,
      startsOn: toDateColumn(startsOn),
      startMinute,
      durationMinutes,
      createdAt: tx.clock.now(),
    },
  })
  tx.changes('AppointmentSeries', [id], [...appointmentSeries.fields])
  return id
}

async function insertSkips(tx: Tx, actor: ClinicActor, seriesId: string, occurrences: readonly CheckedOccurrence[]): Promise<void> {
  const data = occurrences.flatMap(({ date, start, skip }) => {
    if (skip === null) return []
    const { reason, resource } = skip
    const place = { resourceKind: resource?.kind ?? null, resourceId: resource?.id ?? null }
    return [{ id: newId(), ...here(actor), seriesId, occursOn: toDateColumn(date), startsAt: start, reason, ...place }]
  })
  if (data.length === 0) return
  await tx.prisma.seriesSkip.createMany({ data })
  tx.changes(
    'SeriesSkip',
    data.map(({ id }) => id),
    seriesSkips.fields,
  )
}

const cancelSchema = z.object({ id: uuid(), version: z.int(), from: z.string().refine(isLocalDate, 'must be a day such as 2025-12-20'), reason: text(500) })
export type SeriesCancellation = z.input<typeof cancelSchema>

function uuid() {
  return z.string().refine(isUuid, 'must be a UUID')
}

/**
 * Ends a series: visits from a day on that have not begun are cancelled with the reason, and their time is free for those who wait. Earlier ones stay.
 * @throws NotFoundError, StaleVersionError, WrongStateError for a series that has ended
 */
export async function cancelSeries(tx: Tx, actor: ClinicActor, input: SeriesCancellation): Promise<{ id: string }> {
  const { id, version, from, reason } = validate(cancelSchema, input)
  const series = await lockSeries(tx, actor, id)
  if (series.version !== version) throw new StaleVersionError('AppointmentSeries', series.version)
  if (series.status !== 'active') throw new WrongStateError('AppointmentSeries', series.status, 'ended')
  const since = new Date(Math.max(dayInterval(from, actor.clinic.timeZone).start.getTime(), tx.clock.now().getTime()))
  const visits = await lockVisitsSince(tx, actor, id, since)
  for (const visit of visits) cancelVisit(tx, actor, visit.id, reason)
  const ended = { status: 'ended', endedFrom: toDateColumn(from), endReason: reason }
  await tx.prisma.appointmentSeries.updateMany({ where: { ...here(actor), id }, data: { ...ended, version: { increment: 1 } } })
  tx.changes('AppointmentSeries', [id], Object.keys(ended))
  tx.because(reason)
  for (const visit of visits) await offerFreedSlot(tx, actor, slotOf(visit))
  return { id }
}

async function lockSeries(tx: Tx, actor: ClinicActor, id: string): Promise<AppointmentSeries> {
  const rows = await tx.query<{ series: AppointmentSeries }>({
    name: 'lock_series',
    text: `SELECT row_to_json(found) AS series FROM (SELECT ${appointmentSeries.columns('a')} FROM appointment_series a
      WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = $3::uuid AND ${withinReach('$4')} FOR NO KEY UPDATE OF a) AS found`,
    values: [actor.organisationId, actor.clinic.id, id, actor.sharePatients],
  })
  const [series] = appointmentSeries.take(
    tx,
    rows.map((row) => row.series),
  )
  if (!series) throw new NotFoundError('AppointmentSeries')
  return series
}

async function lockVisitsSince(tx: Tx, actor: ClinicActor, seriesId: string, since: Date): Promise<Appointment[]> {
  const rows = await tx.query<{ appointment: Appointment }>({
    name: 'lock_visits_of_series',
    text: `SELECT row_to_json(found) AS appointment FROM (SELECT ${appointments.columns('a')} FROM appointment a
      WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.series_id = $3::uuid AND a.starts_at >= $4::timestamptz AND a.status IN ('scheduled', 'confirmed')
      ORDER BY a.starts_at, a.id FOR NO KEY UPDATE OF a) AS found`,
    values: [actor.organisationId, actor.clinic.id, seriesId, since.toISOString()],
  })
  return appointments.take(
    tx,
    rows.map(({ appointment }) => appointment),
  )
}

function here(actor: ClinicActor): { organisationId: string; clinicId: string } {
  return { organisationId: actor.organisationId, clinicId: actor.clinic.id }
}

export async function findSeriesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<AppointmentSeries[]> {
  return appointmentSeries.read(db, {
    name: 'find_series_by_ids',
    text: `SELECT ${appointmentSeries.columns('a')} FROM appointment_series a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = ANY ($3::uuid[])
      AND ${withinReach('$4')}`,
    values: [actor.organisationId, actor.clinic.id, [...ids], actor.sharePatients],
  })
}

const MOST_SERIES = 200

/** Series of the active clinic that go on, of one patient or of all, newest first; at most 200. */
export async function listActiveSeries(db: Db, actor: ClinicActor, patientId: string | null): Promise<AppointmentSeries[]> {
  return appointmentSeries.read(db, {
    name: 'list_active_series',
    text: `SELECT ${appointmentSeries.columns('a')} FROM appointment_series a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.status = 'active'
      AND ($3::uuid IS NULL OR a.patient_id = $3::uuid) AND ${withinReach('$4')} ORDER BY a.created_at DESC, a.id DESC LIMIT ${MOST_SERIES}`,
    values: [actor.organisationId, actor.clinic.id, patientId, actor.sharePatients],
  })
}

/** Visits of each series in order of time, cancelled ones included. One statement. */
export async function listVisitsBySeries(db: Db, actor: ClinicActor, seriesIds: readonly string[]): Promise<ReadonlyMap<string, readonly Appointment[]>> {
  const visits = await appointments.read(db, {
    name: 'list_visits_by_series',
    text: `SELECT ${appointments.columns('a')} FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.series_id = ANY ($3::uuid[])
      AND ${withinReach('$4')} ORDER BY a.starts_at, a.id`,
    values: [actor.organisationId, actor.clinic.id, [...seriesIds], actor.sharePatients],
  })
  return Map.groupBy(visits, ({ seriesId }) => seriesId ?? '')
}

/** Occurrences of each series that could not be booked, as its preview would show them, with the times that are free now. */
export async function listSkippedBySeries(
  db: Db,
  actor: ClinicActor,
  seriesIds: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, readonly SeriesOccurrence[]>> {
  const [all, skips] = await Promise.all([findSeriesByIds(db, actor, seriesIds), findSkips(db, actor, seriesIds)])
  const series = new Map(all.map((one) => [one.id, one]))
  const types = new Map((await findTypesByIds(db, actor, [...new Set(all.map(({ typeId }) => typeId))])).map((type) => [type.id, type]))
  const described = skips.flatMap((skip) => {
    const owner = series.get(skip.seriesId)
    return owner ? [{ seriesId: owner.id, occurrence: describeSkip(actor, owner, knownType(types.get(owner.typeId)), skip) }] : []
  })
  const shown = await addNextSlots(
    db,
    actor,
    described.map(({ occurrence }) => occurrence),
    now,
  )
  const owners = new Map(shown.map((occurrence, index) => [occurrence, described[index]?.seriesId ?? '']))
  return Map.groupBy(shown, (occurrence) => owners.get(occurrence) ?? '')
}

function findSkips(db: Db, actor: ClinicActor, seriesIds: readonly string[]): Promise<SeriesSkip[]> {
  return seriesSkips.read(db, {
    name: 'find_skips_of_series',
    text: `SELECT ${seriesSkips.columns('k')} FROM series_skip k WHERE k.organisation_id = $1::uuid AND k.clinic_id = $2::uuid AND k.series_id = ANY ($3::uuid[])
      ORDER BY k.occurs_on, k.id`,
    values: [actor.organisationId, actor.clinic.id, [...seriesIds]],
  })
}

function describeSkip(actor: ClinicActor, series: AppointmentSeries, type: AppointmentType, skip: SeriesSkip): CheckedOccurrence {
  const { staffId, roomId, equipmentIds, startMinute, durationMinutes } = series
  const date = fromDateColumn(skip.occursOn)
  const interval = { start: skip.startsAt, end: new Date(skip.startsAt.getTime() + durationMinutes * MINUTE_MS) }
  const { shift: clockChange } = instantAt(date, startMinute, actor.clinic.timeZone)
  return { date, ...interval, clockChange, skip: toSkip(skip), placement: { staffId, roomId, equipmentIds, interval, buffers: buffersOf(type) } }
}

const RESOURCE_KINDS = ['staff', 'room', 'equipment', 'clinic'] as const satisfies readonly Conflict['resource']['kind'][]

function toSkip({ reason, resourceKind, resourceId }: SeriesSkip): Skip {
  const kind = RESOURCE_KINDS.find((known) => known === resourceKind)
  const resource = kind === undefined || resourceId === null ? null : { kind, id: resourceId }
  if (reason === 'past' || reason === 'outside_shift' || reason === 'not_bookable') return { reason, resource }
  return { reason: toBlockingReason(reason), resource }
}
