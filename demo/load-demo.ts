import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import { addDays, dayInterval, type LocalDate, localDateOf } from '../modules/kernel/time.ts'
import type { App } from '../server/app.ts'
import { hashPassword } from '../server/auth/passwords.ts'
import { scopeOf } from '../server/build-context.ts'
import { planAbsences } from './absences.ts'
import { planDates } from './calendar.ts'
import { CLINICS, type ClinicKey, DEMO_FIRST_CLINIC_ID, DEMO_ORGANISATION_ID, DEMO_PASSWORD, TIME_ZONE } from './clinic-data.ts'
import { DayClock } from './day-clock.ts'
import { openBookingPage } from './online-booking.ts'
import { planClients } from './people.ts'
import { ClinicPlanner } from './plan-clinic.ts'
import { planRosters } from './plan-rosters.ts'
import { bookDay, playDay } from './play-day.ts'
import { type LaneState, markAnchor, markComplete, markStep, readLane } from './progress.ts'
import { at } from './random.ts'
import { type ClinicRecords, readRecords } from './records.ts'
import { addRecurring } from './recurring.ts'
import { recordClients, setUpClinic, setUpOrganisation } from './set-up.ts'

const CLIENTS_PER_STEP = 40
/** Days after the last one whose book is already filled. */
const DAYS_AHEAD = 10

/** The installation at one of the demo's clinics. */
export function demoActor(clinicId: string, name: string): SystemActor {
  return {
    kind: 'system',
    name: 'demo',
    organisationId: DEMO_ORGANISATION_ID,
    clinic: { id: clinicId, name, timeZone: TIME_ZONE, currency: 'MXN', countryCode: 'MX', locale: 'es-MX', opensMinute: 480, closesMinute: 1200 },
    sharePatients: true,
    staffId: null,
    locale: 'es-MX',
  }
}

export const firstClinicActor: SystemActor = demoActor(DEMO_FIRST_CLINIC_ID, CLINICS[0].name)

/** `none`: nothing of the demo is here. `partial`: a load was interrupted and can go on. */
export async function findDemoState(app: App): Promise<'none' | 'partial' | 'complete'> {
  const { anchor, isComplete } = await readLane(app, firstClinicActor)
  return anchor === null ? 'none' : isComplete ? 'complete' : 'partial'
}

/**
 * Loads the demo through the product's commands, or goes on where an interrupted load ended: one transaction for each
 * clinic and day, both clinics side by side. `onProgress` is called between transactions and may throw to stop the load;
 * what is committed stays, and the next call continues.
 */
export async function loadDemo(app: App, onProgress: (text: string) => void): Promise<void> {
  const begun = await readLane(app, firstClinicActor)
  const anchor = begun.anchor ?? localDateOf(app.clock.now(), TIME_ZONE)
  if (begun.anchor === null) await openDemo(app, anchor)
  const lanes = await Promise.all((await findClinicActors(app)).map((actor, index) => createLane(app, actor, at(CLINICS, index).key, anchor)))
  const total = lanes.reduce((sum, lane) => sum + lane.steps.length, 0)
  const load: Load = { app, isStopped: false, report: (done) => onProgress(`${Math.floor((done * 10) / total) * 10} %`), done: 0 }
  const ends = await Promise.allSettled(lanes.map((lane) => runLane(load, lane)))
  // Both have ended: nothing runs on in a database that is about to be closed.
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  await app.asSystem(firstClinicActor, 'demo', 'finishDemo', async (tx) => {
    await markComplete(tx, firstClinicActor)
    return null
  })
}

async function openDemo(app: App, anchor: LocalDate): Promise<void> {
  const passwordHash = await hashPassword(DEMO_PASSWORD)
  await app.asSystem(firstClinicActor, 'demo', 'openDemo', async (tx) => {
    await setUpOrganisation(tx, firstClinicActor, { passwordHash, fields: app.fields, today: anchor })
    await markAnchor(tx, firstClinicActor, anchor)
    return null
  })
}

async function findClinicActors(app: App): Promise<SystemActor[]> {
  const clinics = await app.database
    .prisma(scopeOf(firstClinicActor))
    .clinic.findMany({ where: { organisationId: DEMO_ORGANISATION_ID }, select: { id: true, name: true } })
  return CLINICS.map(({ name }) => {
    const clinic = clinics.find((candidate) => candidate.name === name)
    if (!clinic) throw new Error(`the demo's clinic ${name} is missing`)
    return demoActor(clinic.id, name)
  })
}

type StepRun = (tx: Tx, records: ClinicRecords, clock: DayClock) => Promise<void>
/** `prepare` runs for steps that are already loaded too, because later days sell from what the plans of earlier ones left. */
type Step = { readonly name: string; readonly start: Date; readonly needsPeople: boolean; readonly prepare: () => StepRun }
type Lane = { readonly actor: SystemActor; readonly state: LaneState; readonly steps: readonly Step[] }
type Load = { readonly app: App; readonly report: (done: number) => void; isStopped: boolean; done: number }

async function createLane(app: App, actor: SystemActor, clinic: ClinicKey, anchor: LocalDate): Promise<Lane> {
  const now = app.clock.now()
  const dates = planDates(anchor)
  const opening = dayInterval(at(dates, 0), TIME_ZONE).start
  const clients = planClients(clinic)
  const chunks = Array.from({ length: Math.ceil(clients.length / CLIENTS_PER_STEP) }, (_, index) =>
    clients.slice(index * CLIENTS_PER_STEP, (index + 1) * CLIENTS_PER_STEP),
  )
  const planner = new ClinicPlanner(clinic, anchor)
  const ahead = Array.from({ length: DAYS_AHEAD }, (_, index) => addDays(anchor, index + 1)).filter((date) => dayInterval(date, TIME_ZONE).start > now)
  const steps: Step[] = [
    { name: 'setUpClinic', start: opening, needsPeople: false, prepare: () => (tx, records) => setUpClinic(tx, actor, clinic, records) },
    ...chunks.map((chunk): Step => ({ name: 'recordClients', start: opening, needsPeople: false, prepare: () => (tx) => recordClients(tx, actor, chunk) })),
    ...dates.map((date): Step => {
      const { start, end } = dayInterval(date, TIME_ZONE)
      return { name: `playDay ${date}`, start, needsPeople: true, prepare: () => prepareDay(actor, planner, date, date === anchor && now < end ? now : end) }
    }),
    { name: 'bookAhead', start: now, needsPeople: true, prepare: () => prepareBookings(actor, planner, ahead, now) },
    // At the clinic where everybody works, and after the bookings, which know nothing of who is off.
    ...(actor.clinic.id === DEMO_FIRST_CLINIC_ID
      ? [{ name: 'planAbsences', start: now, needsPeople: true, prepare: () => prepareAbsences(actor, anchor) }]
      : []),
    // The smaller clinic plans its weeks; the other one lives by weekly hours.
    ...(clinic === 'coyoacan'
      ? [{ name: 'planRosters', start: now, needsPeople: true, prepare: (): StepRun => (tx, records) => planRosters(tx, actor, records, anchor) }]
      : []),
    { name: 'addRecurring', start: now, needsPeople: true, prepare: () => (tx, records) => addRecurring(tx, actor, clinic, records, anchor) },
    ...(clinic === 'centro'
      ? [{ name: 'openBookingPage', start: now, needsPeople: true, prepare: (): StepRun => (tx, records) => openBookingPage(tx, actor, records, anchor) }]
      : []),
  ]
  return { actor, state: await readLane(app, actor), steps }
}

function prepareDay(actor: SystemActor, planner: ClinicPlanner, date: LocalDate, until: Date): StepRun {
  const plan = planner.plan(date)
  return (tx, records, clock) => playDay({ tx, actor, clock, records, plan, until })
}

function prepareBookings(actor: SystemActor, planner: ClinicPlanner, dates: readonly LocalDate[], now: Date): StepRun {
  const plans = dates.map((date) => planner.plan(date))
  return async (tx, records, clock) => {
    for (const plan of plans) await bookDay({ tx, actor, clock, records, plan, until: now })
  }
}

function prepareAbsences(actor: SystemActor, anchor: LocalDate): StepRun {
  return (tx, records) => planAbsences(tx, actor, records, { anchor, bookedUntil: addDays(anchor, DAYS_AHEAD) })
}

async function runLane(load: Load, lane: Lane): Promise<void> {
  try {
    await runSteps(load, lane)
  } catch (error) {
    // The other clinic ends after the transaction that it is in.
    load.isStopped = true
    throw error
  }
}

async function runSteps(load: Load, { actor, state, steps }: Lane): Promise<void> {
  let records: ClinicRecords | null = null
  for (const [index, { name, start, needsPeople, prepare }] of steps.entries()) {
    if (load.isStopped) return
    const run = prepare()
    if (index >= state.stepsDone) {
      // Nothing is added to them once the first day begins; until then they are read anew.
      const current: ClinicRecords = records ?? (await readRecords(load.app, actor))
      if (needsPeople) records = current
      await runStep(load, actor, name, start, (tx, clock) => run(tx, current, clock))
    }
    load.done += 1
    load.report(load.done)
  }
}

async function runStep({ app }: Load, actor: SystemActor, name: string, start: Date, run: (tx: Tx, clock: DayClock) => Promise<void>): Promise<void> {
  const clock = new DayClock(start)
  await app.asSystem(
    actor,
    'demo',
    name,
    async (tx) => {
      clock.restart()
      await run(tx, clock)
      await markStep(tx, actor)
      return null
    },
    clock,
  )
}
