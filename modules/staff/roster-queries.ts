import type { CoverageNeed, Roster, RosterShift, ShiftSwap, ShiftTemplate, WorkRule } from '../../prisma/client/client.ts'
import { type ClinicActor, holds } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { type Interval, type LocalDate, localDateOf, toDateColumn } from '../kernel/time.ts'
import { coverageNeeds, rosterShifts, rosters, shiftSwaps, shiftTemplates, workRules } from './records.ts'
import { isPublished } from './work-plans.ts'
import { presetLimits, type WorkLimits } from './work-rules.ts'

const here = (actor: ClinicActor) => ({ organisationId: actor.organisationId, clinicId: actor.clinic.id })

export async function findRostersByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<Roster[]> {
  return rosters.read(db, {
    name: 'find_rosters_by_ids',
    text: `SELECT ${rosters.columns('r')} FROM roster r WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND r.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

export async function findRosterShiftsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<RosterShift[]> {
  return rosterShifts.read(db, {
    name: 'find_roster_shifts_by_ids',
    text: `SELECT ${rosterShifts.columns('s')} FROM roster_shift s WHERE s.organisation_id = $1::uuid AND s.clinic_id = $2::uuid AND s.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

/** Templates of the active clinic by id; archived ones included, because shifts still name them. */
export async function findShiftTemplatesByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<ShiftTemplate[]> {
  return shiftTemplates.read(db, {
    name: 'find_shift_templates_by_ids',
    text: `SELECT ${shiftTemplates.columns('t')} FROM shift_template t WHERE t.organisation_id = $1::uuid AND t.clinic_id = $2::uuid AND t.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

export async function findCoverageNeedsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<CoverageNeed[]> {
  return coverageNeeds.read(db, {
    name: 'find_coverage_needs_by_ids',
    text: `SELECT ${coverageNeeds.columns('n')} FROM coverage_need n WHERE n.organisation_id = $1::uuid AND n.clinic_id = $2::uuid AND n.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

export async function findShiftSwapsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<ShiftSwap[]> {
  return shiftSwaps.read(db, {
    name: 'find_shift_swaps_by_ids',
    text: `SELECT ${shiftSwaps.columns('w')} FROM shift_swap w WHERE w.organisation_id = $1::uuid AND w.clinic_id = $2::uuid AND w.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

/** Kinds of shift of the active clinic, by when they begin. */
export async function listShiftTemplates(db: Db, actor: ClinicActor, { includeArchived }: { includeArchived: boolean }): Promise<ShiftTemplate[]> {
  const where = { ...here(actor), ...(includeArchived ? {} : { archivedAt: null }) }
  return shiftTemplates.take(db, await db.prisma.shiftTemplate.findMany({ where, orderBy: [{ startMinute: 'asc' }, { code: 'asc' }] }))
}

/** What the active clinic needs from a day on: needs that have ended before it are left out. */
export async function listCoverageNeeds(db: Db, actor: ClinicActor, from: LocalDate): Promise<CoverageNeed[]> {
  return coverageNeeds.take(
    db,
    await db.prisma.coverageNeed.findMany({
      where: { ...here(actor), OR: [{ validUntil: null }, { validUntil: { gt: toDateColumn(from) } }] },
      orderBy: [{ weekday: 'asc' }, { startMinute: 'asc' }, { position: 'asc' }, { id: 'asc' }],
    }),
  )
}

/** The limits that count at the active clinic on a day; without a row of its own those of its country. */
export type WorkRuleInForce = WorkLimits & { readonly version: number | null; readonly isPreset: boolean }

export async function getWorkRule(db: Db, actor: ClinicActor, date: LocalDate): Promise<WorkRuleInForce> {
  return inForce(workRules.take(db, await db.prisma.workRule.findMany({ where: here(actor) })), actor, date)
}

export function inForce([own]: readonly WorkRule[], actor: ClinicActor, date: LocalDate): WorkRuleInForce {
  return own ? { ...own, isPreset: false } : { ...presetLimits(actor.clinic.countryCode, date), version: null, isPreset: true }
}

/** Shifts of one person in one roster of the active clinic, in order; cancelled ones are left out. */
export async function listShiftsOfRoster(db: Db, actor: ClinicActor, { rosterId, staffId }: { rosterId: string; staffId: string }): Promise<RosterShift[]> {
  const where = { ...here(actor), staffId, status: 'planned', roster: { id: rosterId } }
  return rosterShifts.take(db, await db.prisma.rosterShift.findMany({ where, orderBy: [{ startsAt: 'asc' }, { id: 'asc' }] }))
}

/** Shifts of a person at the active clinic within an interval, in order; those of drafts for whoever manages schedules alone. */
export async function listShiftsWithin(db: Db, actor: ClinicActor, staffId: string, { start, end }: Interval): Promise<RosterShift[]> {
  const published = holds(actor, 'schedule:manage') ? {} : { roster: { status: 'published' } }
  const where = { ...here(actor), staffId, status: 'planned', startsAt: { lt: end }, endsAt: { gt: start }, ...published }
  return rosterShifts.take(db, await db.prisma.rosterShift.findMany({ where, orderBy: [{ startsAt: 'asc' }, { id: 'asc' }] }))
}

/** Published shifts of the actor that end after an instant and begin before another, at every clinic, in order. */
export async function listOwnShifts(db: Db, actor: ClinicActor, from: Date, until: Date): Promise<RosterShift[]> {
  if (actor.staffId === null) return []
  return rosterShifts.read(db, {
    name: 'list_own_shifts',
    text: `SELECT ${rosterShifts.columns('s')} FROM roster_shift s WHERE s.organisation_id = $1::uuid AND s.staff_id = $2::uuid AND s.ends_at > $3::timestamptz AND s.starts_at < $4::timestamptz
      AND ${isPublished('s')} ORDER BY s.starts_at, s.id LIMIT 200`,
    values: [actor.organisationId, actor.staffId, from.toISOString(), until.toISOString()],
  })
}

/** A page of the open shifts of published rosters at the active clinic that have not begun, in order. */
export async function listOpenShifts(db: Db, actor: ClinicActor, now: Date, page: { limit: number; offset: number }): Promise<RosterShift[]> {
  return rosterShifts.take(
    db,
    await db.prisma.rosterShift.findMany({
      where: {
        ...here(actor),
        staffId: null,
        status: 'planned',
        startsAt: { gt: now },
        workDate: { gte: toDateColumn(localDateOf(now, actor.clinic.timeZone)) },
        roster: { status: 'published' },
      },
      orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
      take: page.limit,
      skip: page.offset,
    }),
  )
}

/**
 * A page of swaps at the active clinic, newest first: all of them for whoever manages schedules; for others their own, and
 * those that are open to anybody.
 */
export async function listShiftSwaps(
  db: Db,
  actor: ClinicActor,
  { status, includeClosed }: { status: ShiftSwap['status'] | null; includeClosed: boolean },
  page: { limit: number; offset: number },
): Promise<ShiftSwap[]> {
  const staffId = actor.staffId
  const pending = { status: { in: ['asked', 'accepted'] } }
  const wanted = status !== null ? { status } : includeClosed ? {} : pending
  const open = { status: 'asked', toStaffId: null }
  const mine = staffId === null ? [open] : [open, { fromStaffId: staffId }, { toStaffId: staffId }]
  return shiftSwaps.take(
    db,
    await db.prisma.shiftSwap.findMany({
      where: { ...here(actor), ...wanted, ...(holds(actor, 'schedule:manage') ? {} : { OR: mine }) },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: page.limit,
      skip: page.offset,
    }),
  )
}
