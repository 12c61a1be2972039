import pg from 'pg'
import { type Erased, type Erasure, eraseSubject } from '../modules/compliance/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import type { RowChange } from '../modules/kernel/db.ts'
import { updateClient } from '../modules/patients/commands.ts'
import { AccessLog } from '../server/audit/access-log.ts'
import { encryptPending } from '../server/audit/images/encrypt.ts'
import { KeyRing } from '../server/audit/images/key-ring.ts'
import { LocalKeyWrapper } from '../server/audit/images/key-wrapper.ts'
import { createAuditImages } from '../server/audit/images/reader.ts'
import { scopeOf } from '../server/build-context.ts'
import { type Harness, startHarness, TEST_MASTER_KEY } from './harness.ts'
import { buildOrganisation, type WorldOrganisation } from './world.ts'
import { addDefaultTemplates } from './world-notes.ts'
import { addClient } from './world-patients.ts'
import { addStaff } from './world-staff.ts'

/** The master key of the harness. */
export const MASTER_KEY = Buffer.from(TEST_MASTER_KEY, 'hex')
export const ringOf = (...keys: Uint8Array[]) => new KeyRing(new LocalKeyWrapper(keys))
export const fieldOf = (change: RowChange | undefined, name: string) => change?.fields.find((field) => field.name === name)

/** An organisation whose changes leave images, and the two sides that encrypt and read them. */
export type ImageWorld = AsyncDisposable & {
  harness: Harness
  org: WorldOrganisation
  /** The first clinic, with a staff profile that writes notes. */
  actor: SystemActor
  admin: pg.Client
  sequencer: pg.Client
  ring: KeyRing
  connect: (url: string) => Promise<pg.Client>
  /** Steps until nothing waits. Answers how many images were encrypted. */
  encryptAll: (client?: pg.ClientBase, keys?: KeyRing) => Promise<number>
  erase: (input: Erasure) => Promise<Erased>
  count: (from: string, ...values: unknown[]) => Promise<number>
  /** The entry of the newest operation that changed a record. */
  entryAbout: (recordId: string) => Promise<string>
  changesOf: (entryId: string, keys?: KeyRing, as?: SystemActor) => Promise<readonly RowChange[]>
  /** A client whose phone was changed and whose address for mail was taken out, with the entry of that change. */
  changedClient: () => Promise<{ id: string; entryId: string }>
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  await client.connect()
  return client
}

export async function startImageWorld(): Promise<ImageWorld> {
  const harness = await startHarness()
  const org = await buildOrganisation(harness.app, 'alfa')
  const [clinic] = org.clinics
  if (!clinic) throw new Error('no clinic')
  const staffId = await addStaff(harness.app, clinic.actor, { name: 'Vet', userId: org.userId('veterinarian') })
  const actor = { ...clinic.actor, staffId }
  await addDefaultTemplates(harness.app, actor)
  const admin = await connect(harness.database.adminUrl)
  const sequencer = await connect(harness.database.sequencerUrl)
  const ring = ringOf(MASTER_KEY)
  const count: ImageWorld['count'] = async (from, ...values) => Number((await admin.query(`SELECT count(*) FROM ${from}`, values)).rows[0].count)
  const entryAbout: ImageWorld['entryAbout'] = async (recordId) => {
    const newest = 'SELECT entry_id AS id FROM audit.search WHERE $1 = ANY (record_ids) ORDER BY at DESC, entry_id DESC LIMIT 1'
    const { rows } = await admin.query<{ id: string }>(newest, [recordId])
    if (!rows[0]) throw new Error('no entry')
    return rows[0].id
  }
  return {
    harness,
    org,
    actor,
    admin,
    sequencer,
    ring,
    connect,
    count,
    entryAbout,
    encryptAll: async (client = sequencer, keys = ring) => {
      let all = 0
      for (let step = await encryptPending(client, keys); step > 0; step = await encryptPending(client, keys)) all += step
      return all
    },
    erase: (input) => harness.app.asSystem(actor, 'cli', 'erase', (tx) => eraseSubject(tx, actor, input)),
    changesOf: async (entryId, keys = ring, as = actor) => {
      const images = createAuditImages(harness.app.database.auditReader(scopeOf(as), new AccessLog()), keys)
      return (await images.listRowChanges([entryId], { limit: 100, after: null })).get(entryId) ?? []
    },
    changedClient: async () => {
      const id = await addClient(harness.app, actor, { name: 'Lucía', email: 'lucia@alfa.example', phone: '55 1111 2222' })
      await harness.app.asSystem(actor, 'cli', 'move', (tx) => updateClient(tx, actor, { id, version: 1, phone: '55 3333 4444', email: null }))
      return { id, entryId: await entryAbout(id) }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([admin.end(), sequencer.end()])
      await harness[Symbol.asyncDispose]()
    },
  }
}
