import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import { addDays, type LocalDate, weekdayOf } from '../modules/kernel/time.ts'
import { copyRoster, createCoverageNeed, createShiftTemplate, openRoster, planShift, publishRoster } from '../modules/staff/index.ts'
import { type Hours, STAFF } from './clinic-data.ts'
import { entryOf } from './random.ts'
import type { ClinicRecords } from './records.ts'

const CLINIC = 'coyoacan'
const TEMPLATES = [
  { code: 'TARDE', name: 'Consulta de tarde', position: 'veterinarian', times: { start: '15:30', end: '19:30' }, colour: '#9c36b5' },
  {
    code: 'ESTETICA',
    name: 'Estética',
    position: 'groomer',
    times: { start: '09:00', end: '16:00', breakStart: '13:00', breakEnd: '13:30' },
    colour: '#e8590c',
  },
  { code: 'SABADO', name: 'Guardia de sábado', position: 'veterinarian', times: { start: '10:00', end: '14:00' }, colour: '#0c8599' },
] as const
/** Open in the week after: a Saturday for a veterinarian, a Friday for a groomer. */
const OPEN = [
  { day: 5, code: 'SABADO' },
  { day: 4, code: 'ESTETICA' },
] as const

/**
 * Rosters of the smaller clinic: the week of a day, published, as people's weekly hours say; the week after, published with two
 * open shifts; and a draft of the third.
 */
export async function planRosters(tx: Tx, actor: SystemActor, records: ClinicRecords, date: LocalDate): Promise<void> {
  const templates = new Map<string, string>()
  for (const template of TEMPLATES) templates.set(template.code, (await createShiftTemplate(tx, actor, template)).id)
  const needs = [...[1, 2, 3, 4, 5].map((weekday) => ({ weekday, start: '15:30', end: '19:30' })), { weekday: 6, start: '10:00', end: '14:00' }]
  for (const need of needs) await createCoverageNeed(tx, actor, { ...need, position: 'veterinarian', minCount: 1, validFrom: '2024-01-01' })
  const weekStart = addDays(date, 1 - weekdayOf(date))
  for (const { key, position, hours } of STAFF)
    for (const block of hours.filter(({ clinic }) => clinic === CLINIC))
      for (const weekday of block.weekdays)
        await planShift(tx, actor, {
          date: addDays(weekStart, weekday - 1),
          templateId: templateOf(templates, position, block),
          staffId: entryOf(records.staff, key),
        })
  await publish(tx, actor, weekStart)
  const next = addDays(weekStart, 7)
  await copyRoster(tx, actor, { fromWeek: weekStart, toWeek: next })
  await copyRoster(tx, actor, { fromWeek: weekStart, toWeek: addDays(next, 7) })
  for (const { day, code } of OPEN) await planShift(tx, actor, { date: addDays(next, day), templateId: entryOf(templates, code) })
  await publish(tx, actor, next)
}

function templateOf(templates: ReadonlyMap<string, string>, position: string, { start, end }: Hours): string {
  const template = TEMPLATES.find((one) => one.position === position && one.times.start === start && one.times.end === end)
  return entryOf(templates, template?.code ?? '')
}

async function publish(tx: Tx, actor: SystemActor, weekStart: LocalDate): Promise<void> {
  const { id } = await openRoster(tx, actor, weekStart)
  await publishRoster(tx, actor, { id, version: 1 })
}
