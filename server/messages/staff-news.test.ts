import type pg from 'pg'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { setLocale } from '../../modules/access/commands.ts'
import { hasPlannedWork, planMessages } from '../../modules/communication/planner.ts'
import { setMyMailRefusals } from '../../modules/communication/preferences.ts'
import type { SystemActor, UserActor } from '../../modules/kernel/actor.ts'
import type { Tx } from '../../modules/kernel/db.ts'
import { addDays } from '../../modules/kernel/time.ts'
import { approveTimeOff, askForTimeOff } from '../../modules/scheduling/index.ts'
import { revokeCredential } from '../../modules/staff/credential-trail.ts'
import { updateCredential } from '../../modules/staff/credentials.ts'
import { refuseTimeOff, updateStaffProfile } from '../../modules/staff/index.ts'
import { changeShift, removeShift } from '../../modules/staff/roster-shifts.ts'
import { acceptSwap, approveSwap, refuseSwap } from '../../modules/staff/swaps.ts'
import { type Harness, startHarness } from '../../test/harness.ts'
import { actorOf } from '../../test/operations.ts'
import { mailPart, OutsideWorld, type ReceivedMail } from '../../test/outside-world.ts'
import { buildOrganisation, type WorldOrganisation } from '../../test/world.ts'
import { addShift, addSwap, publishWeek } from '../../test/world-rosters.ts'
import { addCredential, addStaff } from '../../test/world-staff.ts'
import { findTimeOffType } from '../../test/world-time-off.ts'
import { AccessLog } from '../audit/access-log.ts'
import { scopeOf } from '../build-context.ts'
import { parseSmtpUrl } from '../config-audit.ts'
import { withClient } from '../database/connection.ts'
import { planClinic } from './message-jobs.ts'
import { drainMessages, type SendPorts } from './send-message.ts'
import { SmtpMail } from './smtp-mail.ts'
import { UnsubscribeTokens } from './unsubscribe-token.ts'

let harness: Harness
let outside: OutsideWorld
let mails: ReceivedMail[]
let sending: SendPorts
let now: Date
const clock = { now: () => now }
/** Of Mexico City, which has no summer time. */
const at = (text: string) => new Date(`${text}:00-06:00`)
const MONDAY = '2027-01-18'

beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness[Symbol.asyncDispose]())
beforeEach(async () => {
  outside = new OutsideWorld()
  const server = await outside.startMailServer()
  mails = server.mails
  now = at('2027-01-11T10:00')
  const mail = new SmtpMail({ from: 'chiron@clinic.example', server: parseSmtpUrl(`smtp://127.0.0.1:${server.port}`) })
  const tokens = new UnsubscribeTokens(harness.config.secrets.tokenKey)
  sending = { database: harness.app.database, clock, log: pino({ level: 'silent' }), ports: { mail, sms: null }, tokens, publicUrl: harness.url }
})
afterEach(() => outside[Symbol.asyncDispose]())

const NOTHING = { inside: [], mails: [] }

type Member = { staffId: string; userId: string; email: string }
type World = { org: WorldOrganisation; actor: SystemActor; ana: Member; beto: Member }
let count = 0

async function build(): Promise<World> {
  count += 1
  const org = await buildOrganisation(harness.app, `news${count}`)
  const actor = actorOf(org)
  const member = async (role: 'veterinarian' | 'assistant', name: string): Promise<Member> => {
    const userId = org.userId(role)
    return { staffId: await addStaff(harness.app, actor, { userId, name }), userId, email: org.email(role) }
  }
  return { org, actor, ana: await member('veterinarian', 'Ana'), beto: await member('assistant', 'Beto') }
}
const run = <T extends object | null>({ actor }: World, command: (tx: Tx) => Promise<T>) => harness.app.asSystem(actor, 'job', 'test', command as never, clock)
const admin = <T>(work: (client: pg.Client) => Promise<T>) => withClient(harness.database.adminUrl, work)

/** Plans and sends what is due; what was told since the last time, by whom it was told to: inside, and by mail. */
async function tell(world: World): Promise<{ inside: [string, string][]; mails: [string, string][] }> {
  const before = await told(world)
  mails.length = 0
  await planClinic(sending, world.actor)
  await drainMessages(sending, world.actor, new AbortController().signal)
  const after = (await told(world)).slice(before.length)
  return { inside: after.sort(), mails: mails.map(({ to, source }): [string, string] => [to[0] ?? '', mailPart(source, 'text/plain')]).sort() }
}
async function told({ org, actor, ana, beto }: World): Promise<[string, string][]> {
  const names = new Map([
    [ana.userId, 'ana'],
    [beto.userId, 'beto'],
    ...(['owner', 'super_admin', 'clinic_admin', 'manager'] as const).flatMap((role): [string, string][] => [
      [org.userId(role), role],
      [org.userId(role, 1), `${role} of the other clinic`],
    ]),
  ])
  const { rows } = await admin((client) =>
    client.query<{ user_id: string; kind: string }>('SELECT user_id, kind FROM notification WHERE clinic_id = $1 ORDER BY created_at, id', [actor.clinic.id]),
  )
  return rows.map(({ user_id, kind }) => [names.get(user_id) ?? user_id, kind])
}
const entries = ({ actor }: World) =>
  admin(async (client) => (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM audit.entry WHERE clinic_id = $1', [actor.clinic.id])).rows[0]?.n)
/** The same people, as the organisation's other clinic tells them. */
function sisterOf(world: World): World {
  const [, sister] = world.org.clinics
  if (!sister) throw new Error('a world of one clinic')
  return { ...world, actor: sister.actor }
}
/** At each clinic nothing is left to tell, and telling it leaves no entry. */
async function expectIdle(...worlds: World[]): Promise<void> {
  for (const world of worlds) {
    const before = await entries(world)
    expect(await hasPlannedWork(harness.app.database.reader(scopeOf(world.actor), new AccessLog()), world.actor, now)).toBe(false)
    expect(await tell(world)).toEqual(NOTHING)
    expect(await entries(world)).toBe(before)
  }
}
const moveTo = (world: World, id: string, primaryClinicId: string) =>
  run(world, (tx) => updateStaffProfile(tx, world.actor, { id, version: 1, primaryClinicId }))
const as = (actor: SystemActor, { userId, staffId }: Member) => ({ ...actor, kind: 'user', userId, staffId }) as unknown as UserActor
const refuse = (world: World, member: Member, kind: string) => run(world, (tx) => setMyMailRefusals(tx, as(world.actor, member), { refusals: [kind] }))

describe('a credential that expires', () => {
  // Owners and super admins of the world hold their roles at every clinic.
  const OVERSEERS = ['clinic_admin', 'manager', 'owner', 'owner of the other clinic', 'super_admin', 'super_admin of the other clinic'] as const

  it('is told of at 90, 30 and 7 days: to the person, also by mail, and to who manages credentials; once each', async () => {
    const world = await build()
    await addCredential(harness.app, world.actor, { staffId: world.ana.staffId, type: 'dea', expiresOn: '2027-06-01' })
    expect(await tell(world)).toEqual({ inside: [], mails: [] })
    for (const left of [91, 90, 89, 31, 30, 8, 7, 1, 0, -1]) {
      now = at(`${addDays('2027-06-01', -left)}T10:00`)
      const first = await tell(world)
      const isDue = [90, 30, 7].includes(left)
      const people = [...OVERSEERS, 'ana'].map((name) => [name, 'credential_expiring'])
      expect([left, first.inside]).toEqual([left, isDue ? people.sort() : []])
      expect([left, first.mails.map(([to]) => to)]).toEqual([left, isDue ? [world.ana.email] : []])
      if (isDue) expect(first.mails[0]?.[1]).toContain('vence el martes, 1 de junio de 2027: Registro DEA')
      const before = await entries(world)
      expect(await tell(world)).toEqual({ inside: [], mails: [] })
      expect(await entries(world)).toBe(before)
    }
  })

  it('that was recorded late is told of by the nearest limit alone', async () => {
    const world = await build()
    await addCredential(harness.app, world.actor, { staffId: world.ana.staffId, expiresOn: '2027-01-31' })
    const { rows } = await (async () => {
      await tell(world)
      return admin((client) =>
        client.query<{ key: string }>(`SELECT split_part(dedupe_key, '/', 5) AS key FROM message WHERE clinic_id = $1`, [world.actor.clinic.id]),
      )
    })()
    expect(new Set(rows.map(({ key }) => key))).toEqual(new Set(['30']))
  })

  it('and is renewed or revoked meanwhile is told of no more; the new date counts anew', async () => {
    const world = await build()
    const { actor, ana } = world
    const [renewed, revoked] = [
      await addCredential(harness.app, actor, { staffId: ana.staffId, expiresOn: '2027-02-01' }),
      await addCredential(harness.app, actor, { staffId: ana.staffId, expiresOn: '2027-02-01', type: 'cpr' }),
    ]
    const first = ['ana', 'credential_expiring']
    // At night mail waits for the morning.
    now = at('2027-01-11T22:00')
    const night = await tell(world)
    expect([night.inside.filter(([name]) => name === 'ana'), night.mails]).toEqual([[first, first], []])
    await run(world, (tx) => updateCredential(tx, actor, harness.app.fields, { id: renewed, version: 1, expiresOn: '2027-04-30' }))
    await run(world, (tx) => revokeCredential(tx, actor, { id: revoked, version: 1, reason: 'fraud', reportedBy: 'SEP' }))
    now = at('2027-01-12T10:00')
    expect(await tell(world)).toEqual({ inside: [], mails: [] })
    const { rows } = await admin((client) =>
      client.query<{ error_code: string }>("SELECT error_code FROM message WHERE clinic_id = $1 AND channel = 'mail'", [actor.clinic.id]),
    )
    expect(rows.map(({ error_code }) => error_code)).toEqual(['OUT_OF_DATE', 'OUT_OF_DATE'])
    now = at('2027-01-30T10:00')
    expect((await tell(world)).mails.map(([to, text]) => [to, /viernes, 30 de abril/.test(text)])).toEqual([[ana.email, true]])
  })

  it('is planned once by two runs at once', async () => {
    const world = await build()
    await addCredential(harness.app, world.actor, { staffId: world.ana.staffId, expiresOn: '2027-02-01' })
    const reader = harness.app.database.reader(scopeOf(world.actor), new AccessLog())
    expect(await hasPlannedWork(reader, world.actor, now)).toBe(true)
    const planned = await Promise.all([1, 2].map(() => run(world, (tx) => planMessages(tx, world.actor))))
    expect(planned.map((each) => (each as { queued: number }).queued).sort()).toEqual([0, 2 + OVERSEERS.length])
  })

  it('is no mail for whoever wants none, who is told inside the product all the same', async () => {
    const world = await build()
    await refuse(world, world.ana, 'credential')
    await addCredential(harness.app, world.actor, { staffId: world.ana.staffId, expiresOn: '2027-02-01' })
    const { inside, mails: sent } = await tell(world)
    expect([inside.some(([name]) => name === 'ana'), sent]).toEqual([true, []])
  })

  it('is told of in the language of each person', async () => {
    const world = await build()
    await run(world, (tx) => setLocale(tx, as(world.actor, world.ana), { locale: 'en' }))
    await addCredential(harness.app, world.actor, { staffId: world.ana.staffId, expiresOn: '2027-02-01' })
    expect((await tell(world)).mails[0]?.[1]).toMatch(/Monday, February 1, 2027: Licence/)
  })
})

describe('a credential of somebody who belongs to another clinic, or to none', () => {
  const EVERYWHERE = ['owner', 'owner of the other clinic', 'super_admin', 'super_admin of the other clinic'] as const
  const expiring = (...names: string[]) => names.map((name) => [name, 'credential_expiring']).sort()

  it('is told by the clinic where they work: to them, and to who manages credentials of the whole organisation alone; once', async () => {
    const world = await build()
    const { org, actor } = world
    const sister = sisterOf(world)
    const userId = org.userId('veterinarian', 1)
    const staffId = await addStaff(harness.app, actor, { userId, name: 'Carla', primaryClinicId: null })
    await addCredential(harness.app, actor, { staffId, expiresOn: '2027-02-01' })
    await expectIdle(world)
    const { inside, mails: sent } = await tell(sister)
    expect(inside).toEqual(expiring(...EVERYWHERE, userId))
    expect(sent.map(([to]) => to)).toEqual([org.email('veterinarian', 1)])
    await expectIdle(world, sister)
  })

  it('is told by the first clinic when they work at none, and by the next once that is archived', async () => {
    const world = await build()
    const sister = sisterOf(world)
    const staffId = await addStaff(harness.app, world.actor, { name: 'Dora', primaryClinicId: null })
    await addCredential(harness.app, world.actor, { staffId, expiresOn: '2027-02-01' })
    await expectIdle(sister)
    expect(await tell(world)).toEqual({ inside: expiring(...EVERYWHERE), mails: [] })
    await expectIdle(world, sister)
    await run(world, async (tx) => {
      await tx.prisma.clinic.update({ where: { id: world.actor.clinic.id }, data: { archivedAt: now } })
      tx.changes('Clinic', [world.actor.clinic.id], ['archivedAt'])
      return null
    })
    expect(await tell(sister)).toEqual({ inside: expiring(...EVERYWHERE), mails: [] })
    await expectIdle(world, sister)
  })

  it('is told anew, and once, by the clinic that they go to', async () => {
    const world = await build()
    const { actor, ana } = world
    const sister = sisterOf(world)
    await addCredential(harness.app, actor, { staffId: ana.staffId, expiresOn: '2027-02-01' })
    expect((await tell(world)).inside).toContainEqual(['clinic_admin', 'credential_expiring'])
    await expectIdle(world, sister)
    await moveTo(world, ana.staffId, sister.actor.clinic.id)
    const { inside, mails: sent } = await tell(sister)
    expect(inside).toEqual(expiring(...EVERYWHERE, 'clinic_admin of the other clinic', 'manager of the other clinic', 'ana'))
    expect(sent.map(([to]) => to)).toEqual([ana.email])
    await expectIdle(world, sister)
  })

  it('is told by a clinic although its sister has cancelled the same message', async () => {
    const world = await build()
    const { actor, ana } = world
    const sister = sisterOf(world)
    const id = await addCredential(harness.app, actor, { staffId: ana.staffId, expiresOn: '2027-02-01' })
    now = at('2027-01-11T22:00')
    await tell(world)
    await run(world, (tx) => updateCredential(tx, actor, harness.app.fields, { id, version: 1, expiresOn: '2027-04-30' }))
    now = at('2027-01-12T10:00')
    expect(await tell(world)).toEqual(NOTHING)
    const { rows } = await admin((client) =>
      client.query<{ status: string }>("SELECT status FROM message WHERE clinic_id = $1 AND channel = 'mail'", [actor.clinic.id]),
    )
    expect(rows).toEqual([{ status: 'cancelled' }])
    await run(world, (tx) => updateCredential(tx, actor, harness.app.fields, { id, version: 2, expiresOn: '2027-02-01' }))
    await moveTo(world, ana.staffId, sister.actor.clinic.id)
    expect((await tell(sister)).mails.map(([to]) => to)).toEqual([ana.email])
    await expectIdle(world, sister)
  })
})

describe('shifts', () => {
  it('that are published are one message to each person who has any; a draft is none', async () => {
    const world = await build()
    const { actor, ana, beto } = world
    for (const day of [0, 1]) await addShift(harness.app, actor, { date: addDays(MONDAY, day), staffId: ana.staffId })
    await addShift(harness.app, actor, { date: MONDAY, staffId: beto.staffId, position: 'assistant' })
    await addShift(harness.app, actor, { date: MONDAY })
    expect(await tell(world)).toEqual({ inside: [], mails: [] })
    await publishWeek(harness.app, actor, MONDAY)
    const { inside, mails: sent } = await tell(world)
    expect(inside).toEqual([
      ['ana', 'roster_published'],
      ['beto', 'roster_published'],
    ])
    expect(sent.map(([to]) => to)).toEqual([beto.email, ana.email].sort())
    const hers = sent.find(([to]) => to === ana.email)?.[1] ?? ''
    for (const part of ['lunes, 18 de enero de 2027', 'martes, 19 de enero de 2027']) expect(hers).toContain(part)
    expect(await tell(world)).toEqual({ inside: [], mails: [] })
  })

  it('that change, go to somebody else or fall away afterwards are told to those whose they are or were', async () => {
    const world = await build()
    const { actor, ana, beto } = world
    const [first, second] = [
      await addShift(harness.app, actor, { date: MONDAY, staffId: ana.staffId }),
      await addShift(harness.app, actor, { date: addDays(MONDAY, 1), staffId: ana.staffId }),
    ]
    await publishWeek(harness.app, actor, MONDAY)
    await tell(world)
    await run(world, (tx) => changeShift(tx, actor, { id: first, version: 1, start: '11:00' }))
    expect(await tell(world)).toMatchObject({ inside: [['ana', 'roster_changed']], mails: [[ana.email, expect.stringContaining('11:00')]] })
    await run(world, (tx) => changeShift(tx, actor, { id: first, version: 2, note: 'bring the keys' }))
    expect(await tell(world)).toEqual({ inside: [], mails: [] })
    await run(world, (tx) => changeShift(tx, actor, { id: first, version: 3, staffId: beto.staffId, position: 'assistant' }))
    expect((await tell(world)).inside).toEqual([
      ['ana', 'roster_changed'],
      ['beto', 'roster_changed'],
    ])
    await run(world, (tx) => removeShift(tx, actor, { id: second, version: 1 }))
    expect(await tell(world)).toMatchObject({ inside: [['ana', 'roster_changed']], mails: [[ana.email, expect.stringContaining('Ninguno')]] })
    expect(await tell(world)).toEqual({ inside: [], mails: [] })
  })
})

describe('a swap', () => {
  async function withSwap(): Promise<World & { swap: string; carla: Member; as: (member: Member) => SystemActor }> {
    const world = await build()
    const { actor, org, ana } = world
    const carla = {
      staffId: await addStaff(harness.app, actor, { userId: org.userId('groomer'), name: 'Carla' }),
      userId: org.userId('groomer'),
      email: org.email('groomer'),
    }
    const shiftId = await addShift(harness.app, actor, { date: MONDAY, staffId: ana.staffId })
    await publishWeek(harness.app, actor, MONDAY)
    await tell(world)
    const as = (member: Member): SystemActor => ({ ...actor, staffId: member.staffId })
    return { ...world, carla, as, swap: await addSwap(harness.app, as(ana), { shiftId, toStaffId: carla.staffId, reason: 'wedding' }, clock) }
  }

  it('is told to the colleague who is asked, to who asked when it is accepted, and to both when it is approved', async () => {
    const world = await withSwap()
    const { ana, carla, swap, as } = world
    const asked = await tell(world)
    expect(asked).toMatchObject({ inside: [[carla.userId, 'swap_asked']], mails: [[carla.email, expect.stringContaining('Ana le pide un cambio')]] })
    expect(asked.mails[0]?.[1]).toContain('wedding')
    await run(world, (tx) => acceptSwap(tx, as(carla), { id: swap, version: 1 }))
    expect(await tell(world)).toMatchObject({ inside: [['ana', 'swap_accepted']], mails: [[ana.email, expect.stringContaining('Carla acepta')]] })
    await run(world, (tx) => approveSwap(tx, world.actor, { id: swap, version: 2 }))
    expect((await tell(world)).inside).toEqual(
      [
        [carla.userId, 'swap_approved'],
        ['ana', 'swap_approved'],
      ].sort(),
    )
    expect(await tell(world)).toEqual({ inside: [], mails: [] })
  })

  it('that is refused is told with the reason, and whoever wanted no mail gets none', async () => {
    const world = await withSwap()
    const { ana, swap, actor, carla } = world
    await refuse(world, carla, 'swap')
    await run(world, (tx) => refuseSwap(tx, actor, { id: swap, version: 1, reason: 'we need Ana' }))
    const { inside, mails: sent } = await tell(world)
    expect(inside).toEqual(
      [
        [carla.userId, 'swap_refused'],
        ['ana', 'swap_refused'],
      ].sort(),
    )
    expect(sent).toEqual([[ana.email, expect.stringContaining('we need Ana')]])
  })
})

describe('time off', () => {
  it.each(['approved', 'refused'] as const)('that is %s is told to the person, once', async (decision) => {
    const world = await build()
    const { actor, ana } = world
    const typeId = await findTimeOffType(harness.app, actor)
    const { id } = (await run(world, (tx) => askForTimeOff(tx, actor, { staffId: ana.staffId, typeId, firstDay: '2027-02-01', lastDay: '2027-02-05' }))) as {
      id: string
    }
    expect(await tell(world)).toEqual({ inside: [], mails: [] })
    const decided = { id, version: 1 }
    await run(world, (tx) =>
      decision === 'approved' ? approveTimeOff(tx, actor, decided) : refuseTimeOff(tx, actor, { ...decided, reason: 'too many are away' }),
    )
    const { inside, mails: sent } = await tell(world)
    expect(inside).toEqual([['ana', `time_off_${decision}`]])
    expect(sent.map(([to, text]) => [to, text.includes('viernes, 5 de febrero de 2027'), text.includes('too many are away')])).toEqual([
      [ana.email, true, decision === 'refused'],
    ])
    expect(await tell(world)).toEqual({ inside: [], mails: [] })
  })
})
