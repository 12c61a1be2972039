import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assignRole, createUser, type RoleCode } from '../../modules/access/index.ts'
import type { SystemActor } from '../../modules/kernel/actor.ts'
import { type App, createApp } from '../../server/app.ts'
import { hashPassword } from '../../server/auth/passwords.ts'
import { loadMasterKeys } from '../../server/config-keys.ts'
import { withClient, withDatabase } from '../../server/database/connection.ts'
import { type EmbeddedDatabase, startEmbedded } from '../../server/database/embedded.ts'
import { createLog } from '../../server/log.ts'
import { TEST_PASSWORD, testConfig } from '../harness.ts'
import { addStaff } from '../world-staff.ts'
import { prepareData } from './data/prepare.ts'
import { idOf, practiceDay } from './data/sizes.ts'
import type { Size } from './measure.ts'

// Durable as in production.
const FLAGS = [
  'shared_buffers=1GB',
  'effective_cache_size=6GB',
  'random_page_cost=1.1',
  'max_wal_size=8GB',
  'checkpoint_timeout=30min',
  'fsync=on',
  'synchronous_commit=on',
]
const VISITS_PER_USER = 20
/** From nine o'clock in Mexico City; the longest visit takes forty minutes. */
const SLOTS_PER_DAY = 12
const STAFF_PER_CLINIC = 4
const HASH_COST = { memory: 64, passes: 1, parallelism: 1, tagLength: 32 } as const

export const LOAD_ROLES = ['receptionist', 'veterinarian', 'manager', 'owner'] as const
export type LoadRole = (typeof LOAD_ROLES)[number]
export type Visit = { readonly id: string; version: number; status: string }
export type LoadUser = {
  readonly email: string
  readonly role: LoadRole
  readonly clinicId: string
  /** Numbers the clinic as the data does. */
  readonly place: number
  readonly patientIds: readonly string[]
  readonly searches: readonly string[]
  readonly visits: Visit[]
}
export type LoadUrls = Readonly<Record<'adminUrl' | 'appUrl' | 'auditorUrl' | 'sequencerUrl', string>>

/** The data of a size on a PostgreSQL of its own, with the people who are going to work there. */
export class LoadWorld implements AsyncDisposable {
  readonly urls: LoadUrls
  /** Keeps what belongs to this database between runs: signing and master key, anchor. */
  readonly stateDir: string
  readonly users: readonly LoadUser[]
  readonly #server: EmbeddedDatabase
  readonly #firstSlot: number
  readonly #booked = new Map<number, number>()

  private constructor(server: EmbeddedDatabase, urls: LoadUrls, stateDir: string, users: readonly LoadUser[], firstSlot: number) {
    this.#server = server
    this.urls = urls
    this.stateDir = stateDir
    this.users = users
    this.#firstSlot = firstSlot
  }

  static async start(size: Size, count: number, say: (line: string) => void): Promise<LoadWorld> {
    const { dataDir, world } = await prepareData(size, say)
    const server = await startEmbedded({ dataDir, flags: FLAGS })
    process.once('exit', server.interrupt)
    try {
      const urls = await findUrls(server)
      const stateDir = join(dataDir, 'load')
      await mkdir(stateDir, { recursive: true, mode: 0o700 })
      await loadMasterKeys({ value: undefined, file: undefined, dataDir: stateDir, isEmbedded: true })
      const places = world.clinicIds.map((id, place) => ({ id, place }))
      const users = await makeUsers(urls, world.organisationId, places, count)
      return new LoadWorld(server, urls, stateDir, users, await findFirstFreeDay(urls, world.organisationId))
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** A place and a time that nobody has had, and nobody else gets. */
  takeSlot(place: number): { staffId: string; roomId: string; startsAt: string; typeId: string } {
    const number = this.#booked.get(place) ?? 0
    this.#booked.set(place, number + 1)
    const [k, slot] = [number % STAFF_PER_CLINIC, Math.floor(number / STAFF_PER_CLINIC)]
    const day = practiceDay(this.#firstSlot + Math.floor(slot / SLOTS_PER_DAY))
    const startsAt = new Date(Date.parse(`${day}T15:00:00Z`) + (slot % SLOTS_PER_DAY) * 2_400_000).toISOString()
    return { staffId: idOf('staff', place * STAFF_PER_CLINIC + k), roomId: idOf('room', place * 5 + k), startsAt, typeId: idOf('type', number % 12) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#server.interrupt)
    await this.#server.stop()
  }
}

/** The comparison renames the database; the people of this suite do not mind. */
async function findUrls(server: EmbeddedDatabase): Promise<LoadUrls> {
  const { adminUrl, appUrl, auditorUrl, sequencerUrl } = server
  const name = await withClient(withDatabase(adminUrl, 'postgres'), async (client) => {
    const { rows } = await client.query<{ datname: string }>("SELECT datname FROM pg_database WHERE datname IN ('chiron', 'chiron_bench')")
    if (!rows[0]) throw new Error('the data folder holds no database of the benchmark')
    return rows[0].datname
  })
  const at = (url: string) => withDatabase(url, name)
  return { adminUrl: at(adminUrl), appUrl: at(appUrl), auditorUrl: at(auditorUrl), sequencerUrl: at(sequencerUrl) }
}

/** Behind everything that earlier runs have booked; those of the comparison reach further than the API allows. */
async function findFirstFreeDay({ adminUrl }: LoadUrls, organisationId: string): Promise<number> {
  const last = await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ last: string }>(
      "SELECT to_char(max(last), 'YYYY-MM-DD') AS last FROM bench.place p, LATERAL (SELECT max(starts_at) AS last FROM appointment a WHERE a.organisation_id = p.organisation_id AND a.clinic_id = p.id AND a.starts_at < '2100-01-01') l WHERE p.organisation_id = $1",
      [organisationId],
    )
    return rows[0]?.last ?? ''
  })
  let index = 6 * 15
  while (practiceDay(index) <= last) index += 1
  return index
}

type Place = { readonly id: string; readonly place: number }

function roleOf(index: number): LoadRole {
  // Of a hundred: 58 at the desk, 28 veterinarians, 10 managers, 4 owners; the step mixes the first few as well.
  const share = (index * 37) % 50
  return share < 29 ? 'receptionist' : share < 43 ? 'veterinarian' : share < 48 ? 'manager' : 'owner'
}

async function makeUsers(urls: LoadUrls, organisationId: string, places: readonly Place[], count: number): Promise<LoadUser[]> {
  await using app = await createApp(testConfig(urls), { log: createLog('silent') })
  const passwordHash = await hashPassword(TEST_PASSWORD, HASH_COST)
  const users: LoadUser[] = []
  const patients = await patientNumbers(urls)
  for (let index = 0; index < count; index += 1) {
    const clinic = places[index % places.length]
    if (!clinic) throw new Error('the data has no clinic')
    const role = roleOf(index)
    const email = `load-${role}-${index}@bench.example`
    const isKnown = await withClient(urls.adminUrl, async (client) => (await client.query('SELECT FROM app_user WHERE email = $1', [email])).rows.length > 0)
    if (!isKnown) await addUser(app, { organisationId, clinic, role, email, index, passwordHash })
    const found = await readInputs(urls, { organisationId, clinic, index, atClinic: Math.floor(index / places.length), patients })
    users.push({ email, role, clinicId: clinic.id, place: clinic.place, ...found })
  }
  return users
}

type NewUser = { organisationId: string; clinic: Place; role: RoleCode; email: string; index: number; passwordHash: string }

async function addUser(app: App, { organisationId, clinic, role, email, index, passwordHash }: NewUser): Promise<void> {
  const place = {
    id: clinic.id,
    name: 'bench',
    timeZone: 'America/Mexico_City',
    currency: 'MXN',
    countryCode: 'MX',
    locale: 'es-MX',
    opensMinute: 480,
    closesMinute: 1200,
  } as const
  const actor: SystemActor = { kind: 'system', name: 'load', organisationId, clinic: place, sharePatients: true, staffId: null, locale: 'es-MX' }
  const userId = await app.asSystem(actor, 'cli', 'load', async (tx) => {
    const user = await createUser(tx, actor, { email, name: `Persona ${index}`, locale: 'es-MX', passwordHash })
    await assignRole(tx, actor, { userId: user.id, roleCode: role, clinicId: role === 'owner' ? null : clinic.id })
    return user.id
  })
  // Not bookable: the day schedule stays as long as the data made it.
  if (role === 'veterinarian') await addStaff(app, actor, { employeeNumber: `LOAD${index}`, name: `Dra. ${index}`, userId, isBookable: false })
}

async function patientNumbers({ adminUrl }: LoadUrls): Promise<{ perClinic: number; places: number }> {
  return withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ patients: string; places: string }>('SELECT patients, places FROM bench.scale')
    return { perClinic: Number(rows[0]?.patients), places: Number(rows[0]?.places) }
  })
}

type Inputs = Pick<LoadUser, 'patientIds' | 'searches' | 'visits'>
type InputOptions = { organisationId: string; clinic: Place; index: number; atClinic: number; patients: { perClinic: number; places: number } }

/** Patients all over the clinic, beginnings of their names, and visits that nobody else touches. */
async function readInputs({ adminUrl }: LoadUrls, { organisationId, clinic, index, atClinic, patients }: InputOptions): Promise<Inputs> {
  const patientIds = Array.from({ length: 200 }, (_, k) =>
    idOf('patient', ((k * 7_919 + index * 104_729) % patients.perClinic) * patients.places + clinic.place),
  )
  return withClient(adminUrl, async (client) => {
    const names = await client.query<{ name: string }>('SELECT name FROM patient WHERE organisation_id = $1 AND id = ANY($2) ORDER BY id', [
      organisationId,
      patientIds,
    ])
    const visits = await client.query<Visit>(
      `SELECT id, version, upper(status) AS status FROM appointment WHERE organisation_id = $1 AND clinic_id = $2 AND starts_at >= $3 AND status IN ('scheduled', 'confirmed')
       ORDER BY starts_at, id OFFSET $4 LIMIT $5`,
      [organisationId, clinic.id, practiceDay(6), atClinic * VISITS_PER_USER, VISITS_PER_USER],
    )
    return { patientIds, searches: names.rows.map(({ name }) => name.slice(0, 4)), visits: visits.rows }
  })
}

/** The hashes of the web client's documents by the name of the operation. */
export async function readManifest(): Promise<ReadonlyMap<string, string>> {
  const manifest: Record<string, string> = JSON.parse(await readFile(new URL('../../web/gql/persisted-documents.json', import.meta.url), 'utf8'))
  return new Map(
    Object.entries(manifest).flatMap(([hash, text]) => {
      const name = /(?:query|mutation) (\w+)/.exec(text)?.[1]
      return name === undefined ? [] : [[name, hash] as const]
    }),
  )
}
