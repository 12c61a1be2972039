import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { READABLE_TYPES } from '../modules/compliance/changes.ts'
import type { RowChange } from '../modules/kernel/db.ts'
import { NIL_ID, newId } from '../modules/kernel/ids.ts'
import { AccessLog } from '../server/audit/access-log.ts'
import { encryptPending } from '../server/audit/images/encrypt.ts'
import { createImageTask } from '../server/audit/images/image-task.ts'
import { LocalKeyWrapper, MasterKeyMissingError, masterKeyName } from '../server/audit/images/key-wrapper.ts'
import { createAuditImages } from '../server/audit/images/reader.ts'
import { assertMasterKeys, rewrapClinicKeys } from '../server/audit/images/rotation.ts'
import type { Task } from '../server/audit/sequencer/sequencer.ts'
import type { LogSigner } from '../server/audit/sequencer/signing-key.ts'
import { scopeOf } from '../server/build-context.ts'
import { fieldOf, type ImageWorld, MASTER_KEY, ringOf, startImageWorld } from './image-world.ts'
import { buildOrganisation } from './world.ts'
import { addClient } from './world-patients.ts'

const nobody: LogSigner = {
  installationId: '',
  signerOf: () => {
    throw new Error('nothing is signed here')
  },
}

let world: ImageWorld
beforeAll(async () => {
  world = await startImageWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

describe('encryption', () => {
  it('leaves nothing in clear, and gives each subject a key of its own under its clinic’s', async () => {
    const clients = [await addClient(world.harness.app, world.actor), await addClient(world.harness.app, world.actor)]
    const waiting = await world.count('audit.image_pending')
    expect(await world.encryptAll()).toBe(waiting)
    expect(await world.count('audit.image_pending')).toBe(0)
    const { rows } = await world.admin.query<{ subject_id: string; key_id: string }>(
      'SELECT DISTINCT subject_id, key_id FROM audit.image WHERE subject_id = ANY ($1)',
      [clients],
    )
    expect(new Set(rows.map(({ key_id }) => key_id)).size).toBe(2)
    expect(await world.count('audit.data_key WHERE (subject_id = $1) <> (master_key IS NOT NULL)', NIL_ID)).toBe(0)
    // What is about nobody is under the clinic itself, and under the organisation where a row has no clinic.
    const [own] = (
      await world.admin.query<{ owners: string[] }>('SELECT array_agg(DISTINCT subject_id::text) AS owners FROM audit.image WHERE subject_id = ANY ($1)', [
        [world.org.id, NIL_ID],
      ])
    ).rows
    expect(own?.owners).toEqual([world.org.id])
  })

  it('answers 0 when nothing waits, takes no more than it is told, and stops at the limit of bytes', async () => {
    expect(await encryptPending(world.sequencer, world.ring)).toBe(0)
    for (let made = 0; made < 3; made += 1) await addClient(world.harness.app, world.actor)
    expect(await encryptPending(world.sequencer, world.ring, 2)).toBe(2)
    expect(await world.encryptAll()).toBe(1)
    await world.admin.query(
      `INSERT INTO audit.image_pending (entry_id, organisation_id, clinic_id, salt, plaintext)
       SELECT uuidv7(), $1, $2, decode(repeat('00', 32), 'hex'), convert_to(repeat('x', 2200000), 'UTF8') FROM generate_series(1, 3)`,
      [world.org.id, world.actor.clinic.id],
    )
    expect(await encryptPending(world.sequencer, world.ring)).toBe(2)
    expect(await world.encryptAll()).toBe(1)
  })

  it('keeps what waits when a step fails', async () => {
    await addClient(world.harness.app, world.actor)
    const stranger = ringOf(randomBytes(32))
    await expect(encryptPending(world.sequencer, stranger)).rejects.toThrow(MasterKeyMissingError)
    expect(await world.count('audit.image_pending')).toBe(1)
    expect(await world.encryptAll()).toBe(1)
  })

  it('sets a bad image aside with a finding, encrypts the others, and takes it up again when it is repaired', async () => {
    await addClient(world.harness.app, world.actor)
    const { rows } = await world.admin.query<{ entry_id: string; shard: string }>('SELECT entry_id, shard::text FROM audit.image_pending')
    const [bad] = rows
    await addClient(world.harness.app, world.actor)
    // An image is there already, as after a backup that was restored in part.
    await world.admin.query("INSERT INTO audit.image (shard, entry_id, subject_id, key_id, ct) SELECT $1, $2, gen_random_uuid(), gen_random_uuid(), ''", [
      bad?.shard,
      bad?.entry_id,
    ])
    const log = pino({ level: 'silent' })
    const run = (task: Task) => task.run({ client: world.sequencer, signer: nobody, log, published: null })
    await run(createImageTask(world.ring))
    expect((await world.admin.query('SELECT entry_id, is_set_aside FROM audit.image_pending')).rows).toEqual([{ entry_id: bad?.entry_id, is_set_aside: true }])
    expect((await world.admin.query('SELECT kind, entry_id FROM audit.finding')).rows).toEqual([{ kind: 'image-not-encrypted', entry_id: bad?.entry_id }])
    await world.admin.query('DELETE FROM audit.image WHERE entry_id = $1', [bad?.entry_id])
    await run(createImageTask(world.ring))
    expect(await world.count('audit.image_pending')).toBe(0)
  })

  it('encrypts nothing under a new key when the old one is gone', async () => {
    await addClient(world.harness.app, world.actor)
    const task = createImageTask(ringOf(randomBytes(32)))
    await expect(task.run({ client: world.sequencer, signer: nobody, log: pino({ level: 'silent' }), published: null })).rejects.toThrow(MasterKeyMissingError)
    expect(await world.encryptAll()).toBe(1)
  })

  it('takes no image twice when two processes work at once', async () => {
    const other = await world.connect(world.harness.database.sequencerUrl)
    for (let made = 0; made < 8; made += 1) await addClient(world.harness.app, world.actor)
    const [one, two] = await Promise.all([world.encryptAll(), world.encryptAll(other, ringOf(MASTER_KEY))])
    await other.end()
    expect(one + two).toBe(8)
    expect(await world.count('audit.image_pending')).toBe(0)
  })
})

describe('the view of a change', () => {
  it('shows before and after of the changed columns, and that they are what the log commits to', async () => {
    const { id, entryId } = await world.changedClient()
    await world.encryptAll()
    const changes = await world.changesOf(entryId)
    expect(changes).toHaveLength(1)
    expect(changes[0]).toMatchObject({ type: 'Client', recordId: id, op: 'update', state: 'available', isIntact: true })
    expect(fieldOf(changes[0], 'phone')).toEqual({ name: 'phone', before: '55 1111 2222', after: '55 3333 4444' })
    expect(fieldOf(changes[0], 'email')).toEqual({ name: 'email', before: 'lucia@alfa.example', after: null })
    expect(fieldOf(changes[0], 'version')).toEqual({ name: 'version', before: '1', after: '2' })
    expect(fieldOf(changes[0], 'name')).toBeUndefined()
  })

  it('says pending, without values, while the image waits', async () => {
    const { entryId } = await world.changedClient()
    const [change] = await world.changesOf(entryId)
    expect(change).toMatchObject({ state: 'pending', isIntact: null })
    expect(change?.fields.flatMap(({ before, after }) => [before, after]).filter((value) => value !== null)).toEqual([])
    await world.encryptAll()
    expect((await world.changesOf(entryId))[0]?.state).toBe('available')
  })

  it('pages through the rows of one operation', async () => {
    const [role] = (await world.admin.query<{ id: string }>("SELECT entry_id AS id FROM audit.search WHERE 'Role' = ANY (types) LIMIT 1")).rows
    if (!role) throw new Error('no entry')
    await world.encryptAll()
    const images = createAuditImages(world.harness.app.database.auditReader(scopeOf(world.actor), new AccessLog()), world.ring)
    const seen: string[] = []
    let after: string | null = null
    do {
      const page: readonly RowChange[] = (await images.listRowChanges([role.id], { limit: 40, after })).get(role.id) ?? []
      seen.push(...page.map(({ entryId }) => entryId))
      after = page.at(-1)?.entryId ?? null
    } while (after !== null)
    const { rows } = await world.admin.query<{ id: string }>(
      "SELECT r.id FROM audit.entry e JOIN audit.entry r ON r.xid = e.xid AND r.source = 'row' WHERE e.id = $1 AND r.clinic_id IN ($2, $3) ORDER BY r.id",
      [role.id, world.actor.clinic.id, NIL_ID],
    )
    expect(rows.length).toBeGreaterThan(40)
    expect(seen).toEqual(rows.map(({ id }) => id))
  })

  it('shows an altered image as damaged, and an altered commitment as not intact', async () => {
    const { entryId } = await world.changedClient()
    await world.encryptAll()
    const [change] = await world.changesOf(entryId)
    const rowEntry = change?.entryId
    const flip = 'UPDATE audit.image SET ct = set_byte(ct, $2, get_byte(ct, $2) # 1) WHERE entry_id = $1'
    await world.admin.query(flip, [rowEntry, 60])
    expect((await world.changesOf(entryId))[0]).toMatchObject({ state: 'damaged', isIntact: false })
    await world.admin.query(flip, [rowEntry, 60])
    const swap = "UPDATE audit.entry SET body = convert_to(regexp_replace(convert_from(body, 'UTF8'), '\"commitment\":\"[^\"]+\"', $2), 'UTF8') WHERE id = $1"
    const original = (await world.admin.query<{ body: Buffer }>('SELECT body FROM audit.entry WHERE id = $1', [rowEntry])).rows[0]?.body
    await behindTheTriggers(swap, [rowEntry, `"commitment":"${'0'.repeat(64)}"`])
    const [altered] = await world.changesOf(entryId)
    expect(altered).toMatchObject({ state: 'available', isIntact: false })
    expect(fieldOf(altered, 'phone')?.after).toBe('55 3333 4444')
    await behindTheTriggers('UPDATE audit.entry SET body = $2 WHERE id = $1', [rowEntry, Buffer.from('nonsense')])
    expect((await world.changesOf(entryId))[0]).toMatchObject({ type: '', recordId: null, isIntact: false, fields: [] })
    await behindTheTriggers('UPDATE audit.entry SET body = $2 WHERE id = $1', [rowEntry, original])
    expect((await world.changesOf(entryId))[0]?.isIntact).toBe(true)
  })

  it('shows an image that was put under another entry, and a key that was put under another subject, as damaged', async () => {
    const [one, two] = [await world.changedClient(), await world.changedClient()]
    await world.encryptAll()
    const [first] = await world.changesOf(one.entryId)
    const [second] = await world.changesOf(two.entryId)
    const swapKeys = `UPDATE audit.data_key k SET wrapped = o.wrapped FROM audit.data_key o
      WHERE k.subject_id IN ($1, $2) AND o.subject_id IN ($1, $2) AND o.subject_id <> k.subject_id AND o.organisation_id = k.organisation_id`
    await world.admin.query(swapKeys, [one.id, two.id])
    expect((await world.changesOf(one.entryId, ringOf(MASTER_KEY)))[0]).toMatchObject({ state: 'damaged', isIntact: false })
    await world.admin.query(swapKeys, [one.id, two.id])
    await world.admin.query(
      'UPDATE audit.image SET ct = (SELECT ct FROM audit.image WHERE entry_id = $2), key_id = (SELECT key_id FROM audit.image WHERE entry_id = $2) WHERE entry_id = $1',
      [first?.entryId, second?.entryId],
    )
    expect((await world.changesOf(one.entryId, ringOf(MASTER_KEY)))[0]).toMatchObject({ state: 'damaged', isIntact: false })
    expect((await world.changesOf(two.entryId, ringOf(MASTER_KEY)))[0]).toMatchObject({ state: 'available', isIntact: true })
  })

  it('shows another organisation, and a sister clinic, nothing', async () => {
    const { entryId } = await world.changedClient()
    await world.encryptAll()
    const other = await buildOrganisation(world.harness.app, newId().slice(-8))
    expect(await world.changesOf(entryId, world.ring, other.clinics[0]?.actor)).toEqual([])
    const sister = world.org.clinics[1]?.actor
    if (!sister) throw new Error('no sister clinic')
    expect(await world.changesOf(entryId, world.ring, sister)).toEqual([])
  })

  it('knows who may read each audited type', async () => {
    const { rows } = await world.admin.query<{ type: string }>(
      "SELECT DISTINCT split_part(encode(tgargs, 'escape'), '\\000', 1) AS type FROM pg_trigger WHERE tgname = 'audit_witness'",
    )
    expect([...rows.map(({ type }) => type), 'AuditImage', 'AuditSearch'].sort()).toEqual([...READABLE_TYPES].sort())
  })
})

async function behindTheTriggers(statement: string, values: unknown[]): Promise<void> {
  await world.admin.query('BEGIN')
  await world.admin.query('SET LOCAL session_replication_role = replica')
  await world.admin.query(statement, values)
  await world.admin.query('COMMIT')
}

describe('master keys', () => {
  it('that are missing are named, with what to do', async () => {
    const { entryId } = await world.changedClient()
    await world.encryptAll()
    const stranger = ringOf(randomBytes(32))
    await expect(world.changesOf(entryId, stranger)).rejects.toThrow(new RegExp(`need the master key ${masterKeyName(MASTER_KEY)}.*CHIRON_MASTER_KEY`))
    await expect(assertMasterKeys(world.sequencer, stranger.wrapper)).rejects.toThrow(MasterKeyMissingError)
    await expect(assertMasterKeys(world.sequencer, world.ring.wrapper)).resolves.toBeUndefined()
  })

  it('rotate: the newest wraps clinics’ keys anew, a few at a time, and the old one may go', async () => {
    const { entryId } = await world.changedClient()
    await world.encryptAll()
    const next = randomBytes(32)
    const both = new LocalKeyWrapper([next, MASTER_KEY])
    const clinics = await world.count('audit.data_key WHERE master_key IS NOT NULL')
    expect(clinics).toBeGreaterThan(1)
    expect(await rewrapClinicKeys(world.sequencer, both, 1)).toBe(1)
    expect(await rewrapClinicKeys(world.sequencer, both)).toBe(clinics - 1)
    expect(await rewrapClinicKeys(world.sequencer, both)).toBe(0)
    expect((await world.changesOf(entryId, ringOf(next)))[0]).toMatchObject({ state: 'available', isIntact: true })
    await expect(world.changesOf(entryId, ringOf(MASTER_KEY))).rejects.toThrow(MasterKeyMissingError)
    expect(await rewrapClinicKeys(world.sequencer, new LocalKeyWrapper([MASTER_KEY, next]))).toBe(clinics)
  })
})
