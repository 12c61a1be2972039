import { createHash } from 'node:crypto'
import { createApp } from '../../server/app.ts'
import { withClient } from '../../server/database/connection.ts'
import { createLog } from '../../server/log.ts'
import { TEST_PASSWORD, testConfig } from '../harness.ts'
import type { Cluster } from '../own-cluster.ts'
import { buildOrganisation } from '../world.ts'
import { addAppointmentType, addEquipment, addRoom } from '../world-scheduling.ts'
import { addHours, addStaff } from '../world-staff.ts'
import { type Measure, type Section, timed } from './measure.ts'
import { percentile } from './statistics.ts'

const [STAFF, ROOMS, MACHINES, DAYS] = [20, 10, 5, 30]
const FIRST = '2027-01-04'
const LAST = '2027-02-02'
const WARM_UP = 50
const TURNS = 300
const GOAL_MS = 20

/** Wishes of the issue that asked for the search, from the narrowest to the widest. */
const WISHES: Readonly<Record<string, object>> = {
  'one person, the first 3': { limit: 3, one: true },
  'anybody, with a room and a machine, the first 20': { limit: 20, equipmentKinds: ['xray'], roomKinds: ['imaging'] },
  'Tuesday mornings of anybody, with a room and a machine': {
    limit: 200,
    weekdays: [2],
    earliest: '09:00',
    latest: '12:00',
    equipmentKinds: ['xray'],
    roomKinds: ['imaging'],
  },
  'all that is open, 200 of them, on the busiest days': { limit: 200, equipmentKinds: ['xray'], roomKinds: ['imaging'] },
}

const SEARCH = 'query Slots($input: OpenSlotsInput!) { openSlots(input: $input) { startsAt endsAt staff { id } room { id } equipment { id } } }'
const SIGN_IN = `mutation SignIn($email: String!, $password: String!) { signIn(input: { email: $email, password: $password }) { __typename ... on Session { accessToken } } }`

/** A month of a clinic in which nine of ten slots of everybody are taken, as claims alone: a search reads nothing else of visits. */
async function fill(cluster: Cluster, tenant: string, staffIds: readonly string[], roomIds: readonly string[], machineIds: readonly string[]): Promise<number> {
  return withClient(cluster.urls.adminUrl, async (admin) => {
    const claims = (
      column: string,
      ids: readonly string[],
      share: number,
    ) => `INSERT INTO resource_claim (organisation_id, clinic_id, appointment_id, resource_id, ${column}, during)
      SELECT ${tenant}, gen_random_uuid(), id, id, tstzrange(at, at + interval '20 minutes') FROM unnest('{${ids.join()}}'::uuid[]) AS id,
        generate_series(0, ${DAYS - 1}) AS day, generate_series(0, 23) AS slot, LATERAL (SELECT '${FIRST}T15:00Z'::timestamptz + day * interval '1 day' + slot * interval '20 minutes' AS at) AS made
      WHERE (hashtext(id::text || day || '/' || slot) & 1023) < ${Math.round(1024 * share)}`
    await admin.query(
      `BEGIN; SET LOCAL session_replication_role = replica; ${claims('staff_id', staffIds, 0.9)}; ${claims('room_id', roomIds, 0.8)}; ${claims('equipment_id', machineIds, 0.8)}; COMMIT; ANALYZE`,
    )
    const { rows } = await admin.query<{ claims: string }>('SELECT count(*) AS claims FROM resource_claim')
    return Number(rows[0]?.claims ?? 0)
  })
}

async function measureSlots(cluster: Cluster): Promise<Section> {
  const registered = new Map<string, string>()
  await using app = await createApp(testConfig(cluster.urls), { log: createLog('silent'), documents: { find: (hash) => registered.get(hash) ?? null } })
  const organisation = await buildOrganisation(app, 'bench', [{}])
  const [clinic] = organisation.clinics
  if (!clinic) throw new Error('the world has no clinic')
  const { actor } = clinic
  const many = async (count: number, make: () => Promise<string>) => {
    const ids: string[] = []
    for (let index = 0; index < count; index += 1) ids.push(await make())
    return ids
  }
  const staffIds = await many(STAFF, () => addStaff(app, actor))
  for (const id of staffIds) await addHours(app, actor, id)
  const roomIds = await many(ROOMS, () => addRoom(app, actor, { kind: 'imaging' }))
  const machineIds = await many(MACHINES, () => addEquipment(app, actor))
  const typeId = await addAppointmentType(app, actor)
  const claims = await fill(cluster, `'${actor.organisationId}', '${actor.clinic.id}'`, staffIds, roomIds, machineIds)
  const { url } = await app.listen()
  const call = async (document: string, variables: object, token?: string) => {
    const sha256Hash = createHash('sha256').update(document).digest('hex')
    registered.set(sha256Hash, document)
    const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ variables, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
    })
    const body = (await response.json()) as { data?: Record<string, { accessToken?: string; length?: number }>; errors?: unknown }
    if (!body.data || body.errors) throw new Error(JSON.stringify(body))
    return body.data
  }
  const token = (await call(SIGN_IN, { email: organisation.email('receptionist'), password: TEST_PASSWORD })).signIn?.accessToken ?? ''
  const rows: string[][] = []
  let worst = 0
  for (const [name, { one, ...wish }] of Object.entries(WISHES).map(([name, wish]) => [name, { one: false, ...wish }] as const)) {
    const times: number[] = []
    let found = 0
    for (let turn = -WARM_UP; turn < TURNS; turn += 1) {
      const staff = one ? { staffIds: [staffIds[(turn + WARM_UP) % STAFF]] } : {}
      const { seconds, result } = await timed(() => call(SEARCH, { input: { typeId, from: FIRST, until: LAST, ...wish, ...staff } }, token))
      if (turn >= 0) times.push(seconds * 1000)
      found = Math.max(found, result.openSlots?.length ?? 0)
    }
    worst = Math.max(worst, percentile(times, 95))
    rows.push([name, String(found), ...[50, 95, 99].map((percent) => percentile(times, percent).toFixed(1))])
  }
  return {
    head: ['search', 'slots', 'p50 ms', 'p95 ms', 'p99 ms'],
    rows,
    notes: [
      `${STAFF} people, ${ROOMS} rooms, ${MACHINES} machines, ${DAYS} days, ${claims} claims; one caller, over HTTP, ${TURNS} searches each after ${WARM_UP}, recorded in the trail.`,
    ],
    goals: [{ text: `slot search over ${DAYS} days: p95 below ${GOAL_MS} ms (${worst.toFixed(1)} ms at worst)`, isMet: worst < GOAL_MS }],
  }
}

/** How long a search for open slots takes. */
export const slots: Measure = { name: 'slots', title: 'Search for open slots', run: ({ cluster }) => measureSlots(cluster) }
