import type { Message, RosterShift } from '../../prisma/client/client.ts'
import type { Locale, SystemActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { fromDateColumn, type LocalDate, localDateOf, toDateColumn } from '../kernel/time.ts'
import { findCredentialsByIds, findRosterShiftsByIds, findShiftSwapsByIds, findTimeOffByIds, listShiftsOfRoster } from '../staff/index.ts'
import type { MessageParams } from './params.ts'
import type { Values } from './rendering.ts'

/** Whether what a person who works here is to be told is still so: a credential that was renewed needs nobody's attention. */
export async function isNewsTrue(
  db: Db,
  actor: SystemActor,
  { templateCode }: Pick<Message, 'templateCode'>,
  params: MessageParams,
  now: Date,
): Promise<boolean> {
  if (params.credentialId !== undefined) {
    const [credential] = await findCredentialsByIds(db, actor, [params.credentialId])
    const expiresOn = credential?.expiresOn && credential.status !== 'revoked' ? fromDateColumn(credential.expiresOn) : null
    return expiresOn !== null && expiresOn === params.expiresOn && expiresOn >= localDateOf(now, actor.clinic.timeZone)
  }
  if (params.swapId !== undefined) return templateCode === `swap_${(await findShiftSwapsByIds(db, actor, [params.swapId]))[0]?.status}`
  if (params.timeOffId !== undefined) return templateCode === `time_off_${(await findTimeOffByIds(db, actor, [params.timeOffId]))[0]?.status}`
  return true
}

type Place = { readonly locale: Locale; readonly timeZone: string }

/** What a text to a person who works here names, from the records as they are now. */
export async function findStaffValues(db: Db, actor: SystemActor, params: MessageParams, locale: Locale): Promise<Values> {
  const place = { locale, timeZone: actor.clinic.timeZone }
  if (params.credentialId !== undefined) return credentialValues(db, actor, params.credentialId, locale)
  if (params.swapId !== undefined) return swapValues(db, actor, params.swapId, place)
  if (params.timeOffId !== undefined) return timeOffValues(db, actor, params.timeOffId, locale)
  if (params.rosterId === undefined || params.staffId === undefined || params.weekStart === undefined) return {}
  const shifts = await listShiftsOfRoster(db, actor, { rosterId: params.rosterId, staffId: params.staffId })
  return { date: showDay(params.weekStart, locale), shifts: showShifts(shifts, place) }
}

const CREDENTIAL_NAMES: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  'es-MX': {
    licence: 'Licencia',
    cedula_profesional: 'Cédula profesional',
    dea: 'Registro DEA',
    senasica: 'Registro SENASICA',
    cpr: 'Reanimación cardiopulmonar',
    radiology: 'Radiología',
    anaesthesia: 'Anestesia',
    other: 'Documento',
  },
  en: {
    licence: 'Licence',
    cedula_profesional: 'Cédula profesional',
    dea: 'DEA registration',
    senasica: 'SENASICA registration',
    cpr: 'CPR certificate',
    radiology: 'Radiology certificate',
    anaesthesia: 'Anaesthesia certificate',
    other: 'Document',
  },
}

async function credentialValues(db: Db, actor: SystemActor, id: string, locale: Locale): Promise<Values> {
  const [credential] = await findCredentialsByIds(db, actor, [id])
  if (!credential?.expiresOn) return {}
  return { credentialType: CREDENTIAL_NAMES[locale][credential.type] ?? credential.type, date: showDay(fromDateColumn(credential.expiresOn), locale) }
}

async function swapValues(db: Db, actor: SystemActor, id: string, place: Place): Promise<Values> {
  const [swap] = await findShiftSwapsByIds(db, actor, [id])
  if (!swap) return {}
  const wanted = [swap.shiftId, swap.counterShiftId].flatMap((shiftId) => shiftId ?? [])
  const shifts = await findRosterShiftsByIds(db, actor, wanted)
  return { shifts: showShifts(shifts, place), reason: swap.decisionReason ?? swap.reason ?? '' }
}

async function timeOffValues(db: Db, actor: SystemActor, id: string, locale: Locale): Promise<Values> {
  const [request] = await findTimeOffByIds(db, actor, [id])
  if (!request) return {}
  return {
    date: showDay(fromDateColumn(request.firstDay), locale),
    until: showDay(fromDateColumn(request.lastDay), locale),
    reason: request.decisionReason ?? '',
  }
}

function showDay(date: LocalDate, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'full' }).format(toDateColumn(date))
}

const NO_SHIFTS = { 'es-MX': 'Ninguno', en: 'None' } as const satisfies Record<Locale, string>

function showShifts(shifts: readonly Pick<RosterShift, 'startsAt' | 'endsAt'>[], { locale, timeZone }: Place): string {
  const show = (instant: Date, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { timeZone, ...options }).format(instant)
  const lines = shifts
    .toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime())
    .map(
      ({ startsAt, endsAt }) => `${show(startsAt, { dateStyle: 'full' })}, ${show(startsAt, { timeStyle: 'short' })} – ${show(endsAt, { timeStyle: 'short' })}`,
    )
  return lines.length === 0 ? NO_SHIFTS[locale] : lines.join('\n')
}
