import type { ClientPreference, MessageRule, MessageSettings } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Reader, Tx } from '../kernel/db.ts'
import { HOUR_MS, MINUTE_MS } from '../kernel/time.ts'
import { findPlannedWork, isWorthless, type PlannedWork, type VisitRow } from './planner-work.ts'
import { findMessageSettings, listMessageRules, listPreferencesByClient, quietHoursOf } from './queries.ts'
import { type Draft, insertMessage, type Recipient } from './queue.ts'
import { placeReminder } from './quiet-hours.ts'
import { planStaffNews } from './staff-news.ts'
import { findStaffNewsWork } from './staff-news-work.ts'
import { codeOf, kindOf, type RuleEvent, toChannel, toRuleEvent } from './vocabulary.ts'

/** A visit that was booked longer ago is no news, however late it is noticed: an import, say. */
const NEWS_HOURS = 24

/** Whether a clinic has anything to plan: asked every minute, so that a minute without news leaves no entry. */
export async function hasPlannedWork(db: Reader, actor: ClinicActor, now: Date): Promise<boolean> {
  if (!isWorthless(await findPlannedWork(db, actor, now))) return true
  const { news, shifts } = await findStaffNewsWork(db, actor, now)
  return news.length + shifts.length > 0
}

export type Planned = { readonly queued: number; readonly cancelled: number }

/**
 * Brings the outbox of a clinic up to what its book and its rules say: confirmations of visits that are new, moved or cancelled, the
 * reminders of the next day, and no reminder of a visit that is no longer so; and what people who work here are told. Running it twice changes nothing.
 */
export async function planMessages(tx: Tx, actor: ClinicActor): Promise<Planned> {
  const now = tx.clock.now()
  const work = await findPlannedWork(tx, actor, now)
  const rules = (await listMessageRules(tx, actor)).filter(({ isActive }) => isActive)
  const visits = [...work.changed, ...work.reminders]
  tx.reads(
    'Appointment',
    visits.map(({ id }) => id),
    ['patientId', 'staffId', 'startsAt', 'status', 'typeId'],
  )
  tx.reads(
    'Client',
    visits.map(({ clientId }) => clientId),
    ['locale'],
  )
  const plan: Plan = {
    tx,
    actor,
    now,
    rules,
    settings: await findMessageSettings(tx, actor),
    preferences: await listPreferencesByClient(tx, actor, [...new Set(visits.map(({ clientId }) => clientId))]),
  }
  let cancelled = await cancelStale(plan, work)
  let queued = 0
  for (const visit of work.changed) {
    const event = eventOf(visit, now)
    if (visit.knownStartsAt !== null) cancelled += await cancelOvertaken(plan, visit)
    if (event !== null) queued += await queueNews(plan, visit, event)
    await noteVisit(plan, visit)
  }
  for (const visit of work.reminders) queued += await queueReminder(plan, visit)
  queued += await planStaffNews(tx, actor, await findStaffNewsWork(tx, actor, now))
  return { queued, cancelled }
}

type Plan = {
  readonly tx: Tx
  readonly actor: ClinicActor
  readonly now: Date
  readonly rules: readonly MessageRule[]
  readonly settings: MessageSettings | null
  readonly preferences: ReadonlyMap<string, readonly ClientPreference[]>
}

/** What has happened to a visit since it was last seen; null: nothing that anybody is told. */
function eventOf(visit: VisitRow, now: Date): Exclude<RuleEvent, 'reminder'> | null {
  const isCancelled = visit.status === 'cancelled'
  if (visit.knownStartsAt === null) return isCancelled || visit.createdAt.getTime() < now.getTime() - NEWS_HOURS * HOUR_MS ? null : 'booked'
  if (isCancelled) return 'cancelled'
  return visit.knownStartsAt.getTime() === visit.startsAt.getTime() ? null : 'moved'
}

/** The rules for a visit: those for its own type, channel by channel in place of those for all types. */
function rulesFor({ rules }: Plan, event: RuleEvent, typeId: string): MessageRule[] {
  const possible = rules.filter((rule) => rule.event === event && (rule.appointmentTypeId === null || rule.appointmentTypeId === typeId))
  return possible.filter(
    (rule) => rule.appointmentTypeId !== null || !possible.some((other) => other.appointmentTypeId !== null && other.channel === rule.channel),
  )
}

async function queueNews(plan: Plan, visit: VisitRow, event: Exclude<RuleEvent, 'reminder'>): Promise<number> {
  let queued = 0
  for (const rule of rulesFor(plan, event, visit.typeId)) {
    if (event === 'booked' && rule.activeSince > visit.createdAt) continue
    // Whoever has asked online is told by the answer to their request.
    if (event === 'booked' && visit.origin === 'online' && rule.channel !== 'in_app') continue
    // Of a visit that is cancelled the old time is told, which it keeps.
    const draft = draftOf(plan, rule, visit, { notBefore: plan.now, dedupeKey: `${event}/${rule.id}/${visit.id}/${visit.version}` })
    if (draft !== null && (await insertMessage(plan.tx, plan.actor, draft)) !== null) queued += 1
  }
  return queued
}

async function queueReminder(plan: Plan, visit: VisitRow & { readonly ruleId: string; readonly dedupeKey: string }): Promise<number> {
  const rule = plan.rules.find(({ id }) => id === visit.ruleId)
  if (!rule || rule.leadMinutes === null) return 0
  const wanted = new Date(visit.startsAt.getTime() - rule.leadMinutes * MINUTE_MS)
  const [preference] = plan.preferences.get(visit.clientId) ?? []
  const hours = quietHoursOf(plan.settings, preference)
  const notBefore = rule.channel === 'in_app' ? wanted : placeReminder(wanted, visit.startsAt, hours, plan.actor.clinic.timeZone)
  const draft = draftOf(plan, rule, visit, { notBefore, dedupeKey: visit.dedupeKey })
  return draft !== null && (await insertMessage(plan.tx, plan.actor, draft)) !== null ? 1 : 0
}

/** A message about a visit; null when there is nobody to get it: whoever sees the patient may have no user. */
function draftOf({ actor }: Plan, rule: MessageRule, visit: VisitRow, { notBefore, dedupeKey }: Pick<Draft, 'notBefore' | 'dedupeKey'>): Draft | null {
  const channel = toChannel(rule.channel)
  const recipient: Recipient | null = channel === 'in_app' ? (visit.userId === null ? null : { userId: visit.userId }) : { clientId: visit.clientId }
  if (recipient === null || notBefore >= visit.startsAt) return null
  return {
    recipient,
    channel,
    kind: kindOf(codeOf(toRuleEvent(rule.event))),
    templateCode: rule.templateCode,
    locale: rule.locale ?? (channel === 'in_app' ? actor.clinic.locale : visit.locale),
    params: { appointmentId: visit.id, startsAt: visit.startsAt.toISOString() },
    ruleId: rule.id,
    notBefore,
    notAfter: visit.startsAt,
    dedupeKey,
  }
}

const CANCEL = `UPDATE message SET status = 'cancelled', error_code = 'VISIT_CHANGED', updated_at = $4::timestamptz
  WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND status = 'queued'`

async function cancelStale(plan: Plan, { stale }: PlannedWork): Promise<number> {
  if (stale.length === 0) return 0
  return cancel(plan, 'cancel_stale_reminders', `${CANCEL} AND id = ANY ($3::uuid[]) RETURNING id::text`, [...stale])
}

/** What waits for the morning to tell of a visit as it was before. */
function cancelOvertaken(plan: Plan, { id }: VisitRow): Promise<number> {
  return cancel(plan, 'cancel_overtaken_news', `${CANCEL} AND appointment_id = $3::uuid AND kind = 'booking' RETURNING id::text`, id)
}

async function cancel({ tx, actor, now }: Plan, name: string, text: string, value: unknown): Promise<number> {
  const rows = await tx.query<{ id: string }>({ name, text, values: [actor.organisationId, actor.clinic.id, value, now] })
  tx.changes(
    'Message',
    rows.map(({ id }) => id),
    ['errorCode', 'status'],
  )
  return rows.length
}

async function noteVisit({ tx, actor }: Plan, visit: VisitRow): Promise<void> {
  await tx.query({
    name: 'note_visit',
    text: `INSERT INTO visit_notice (appointment_id, organisation_id, clinic_id, starts_at, is_cancelled) VALUES ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz, $5::boolean)
      ON CONFLICT (appointment_id) DO UPDATE SET starts_at = excluded.starts_at, is_cancelled = excluded.is_cancelled`,
    values: [visit.id, actor.organisationId, actor.clinic.id, visit.startsAt, visit.status === 'cancelled'],
  })
}
