import { createHash } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eraseSubject } from '../modules/compliance/index.ts'
import { InvalidInputError, NotFoundError } from '../modules/kernel/errors.ts'
import { NIL_ID, newId } from '../modules/kernel/ids.ts'
import { editNote } from '../modules/notes/commands.ts'
import { updateClient } from '../modules/patients/commands.ts'
import { fieldOf, type ImageWorld, MASTER_KEY, ringOf, startImageWorld } from './image-world.ts'
import { buildOrganisation } from './world.ts'
import { addNote } from './world-notes.ts'
import { addClient, addPatient } from './world-patients.ts'
import { addStaff } from './world-staff.ts'

let world: ImageWorld
beforeAll(async () => {
  world = await startImageWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

describe('erasure', () => {
  const proofOf = async () =>
    createHash('sha256')
      .update(
        (
          await world.admin.query<{ all: string }>(
            "SELECT string_agg(encode(leaf_hash, 'hex') || encode(body, 'hex'), '' ORDER BY id) AS all FROM audit.entry WHERE id <= $1",
            [mark],
          )
        ).rows[0]?.all ?? '',
      )
      .digest('hex')
  let mark: string

  it('makes images unreadable, even with a copy of them and the master key, and changes no leaf', async () => {
    const { id, entryId } = await world.changedClient()
    const other = await world.changedClient()
    await world.encryptAll()
    expect((await world.changesOf(entryId))[0]?.state).toBe('available')
    const copy = await world.admin.query<{ shard: Date; entry_id: string; subject_id: string; key_id: string; ct: Buffer }>(
      'SELECT shard::text, entry_id, subject_id, key_id, ct FROM audit.image WHERE subject_id = $1',
      [id],
    )
    expect(copy.rows).toHaveLength(2)
    mark = (await world.admin.query<{ id: string }>('SELECT id FROM audit.entry ORDER BY id DESC LIMIT 1')).rows[0]?.id ?? ''
    const before = await proofOf()
    expect(await world.erase({ subjectId: id, reason: 'asked to be forgotten' })).toEqual({ subjectIds: [id], images: 2, entries: 0 })
    expect(await proofOf()).toBe(before)
    expect((await world.changesOf(entryId))[0]).toMatchObject({ type: 'Client', recordId: id, state: 'erased', isIntact: null })
    expect(await world.count('audit.image WHERE subject_id = $1', id)).toBe(0)
    expect(await world.count('audit.data_key WHERE subject_id = $1', id)).toBe(0)
    // The copy comes back, under the nearest key that there is: another subject's.
    for (const row of copy.rows)
      await world.admin.query(
        'INSERT INTO audit.image (shard, entry_id, subject_id, key_id, ct) SELECT $1, $2, $3, id, $4 FROM audit.data_key WHERE subject_id = $5',
        [row.shard, row.entry_id, row.subject_id, row.ct, other.id],
      )
    expect((await world.changesOf(entryId))[0]).toMatchObject({ state: 'damaged', isIntact: false })
    await world.admin.query('UPDATE audit.image SET key_id = $2 WHERE subject_id = $1', [id, copy.rows[0]?.key_id])
    expect((await world.changesOf(entryId))[0]).toMatchObject({ state: 'erased' })
    await world.admin.query('DELETE FROM audit.image WHERE subject_id = $1', [id])
    expect((await world.changesOf(other.entryId))[0]).toMatchObject({ state: 'available', isIntact: true })
  })

  it('leaves a witness of its own, which can be read and is bound to the log', async () => {
    const id = await addClient(world.harness.app, world.actor)
    await world.encryptAll()
    await world.erase({ subjectId: id, reason: 'asked' })
    await world.encryptAll()
    const [change] = await world.changesOf(await world.entryAbout(id))
    expect(change).toMatchObject({ type: 'AuditImage', recordId: id, op: 'update', state: 'available', isIntact: true })
    expect(change?.fields).toEqual([{ name: 'images', before: '1', after: '0' }])
    const search = await world.admin.query<{ reason: string; action: string }>('SELECT reason FROM audit.search WHERE entry_id = $1', [
      await world.entryAbout(id),
    ])
    expect(search.rows[0]?.reason).toBe('asked')
  })

  it('takes waiting images as well, and gives what happens later a new key', async () => {
    const { id } = await world.changedClient()
    await world.encryptAll()
    const old = (await world.admin.query<{ id: string }>('SELECT id FROM audit.data_key WHERE subject_id = $1', [id])).rows[0]?.id
    await world.harness.app.asSystem(world.actor, 'cli', 'move', (tx) => updateClient(tx, world.actor, { id, version: 2, phone: '55 9999 9999' }))
    expect(await world.erase({ subjectId: id, reason: 'asked' })).toMatchObject({ images: 3 })
    await world.harness.app.asSystem(world.actor, 'cli', 'move', (tx) => updateClient(tx, world.actor, { id, version: 3, phone: '55 8888 8888' }))
    await world.encryptAll()
    const [now] = (await world.admin.query<{ id: string }>('SELECT id FROM audit.data_key WHERE subject_id = $1', [id])).rows
    expect(now?.id).toBeDefined()
    expect(now?.id).not.toBe(old)
    expect(await world.count('audit.image WHERE subject_id = $1', id)).toBe(1)
  })

  it('of a patient takes every version of its notes', async () => {
    const patient = await addPatient(world.harness.app, world.actor)
    const noteId = await addNote(world.harness.app, world.actor, { patientId: patient.id, body: 'Fractura' })
    const entryId = await world.entryAbout(noteId)
    await world.harness.app.asSystem(world.actor, 'cli', 'edit', (tx) =>
      editNote(tx, world.actor, { id: noteId, version: 1, title: 'Consulta', body: 'Fractura de cadera' }),
    )
    await world.encryptAll()
    const version = async () => (await world.changesOf(entryId)).find(({ type }) => type === 'ClinicalNoteVersion')
    expect(fieldOf(await version(), 'body')?.after).toBe('Fractura')
    await world.erase({ subjectId: patient.id, reason: 'asked' })
    expect(await version()).toMatchObject({ state: 'erased' })
    expect((await world.changesOf(entryId)).map(({ state }) => state)).toEqual(['erased', 'erased'])
    // The owner is another subject.
    expect((await world.changesOf(await world.entryAbout(patient.clientId))).find(({ type }) => type === 'Client')?.state).toBe('available')
  })

  it('of a person who works here covers user and staff profile, and blanks what the search says of their entries', async () => {
    const userId = world.org.userId('receptionist', 1)
    const staffId = await addStaff(world.harness.app, world.actor, { name: 'Rosa', userId })
    await world.harness.signIn(world.org.email('receptionist', 1))
    await world.encryptAll()
    const named = 'audit.search WHERE user_id = $1 AND num_nonnulls(user_name, address, user_agent) > 0'
    expect(await world.count(named, userId)).toBe(1)
    const erased = await world.erase({ subjectId: staffId, reason: 'left the clinic' })
    expect(erased.subjectIds.toSorted()).toEqual([userId, staffId].sort())
    expect(erased.entries).toBe(1)
    expect(erased.images).toBeGreaterThanOrEqual(2)
    expect(await world.count(named, userId)).toBe(0)
    expect(await world.count('audit.search WHERE user_id = $1', userId)).toBeGreaterThan(0)
  })

  it('refuses an id that is nobody’s, another organisation’s, or the clinic’s, and an empty reason', async () => {
    const stranger = await buildOrganisation(world.harness.app, newId().slice(-8))
    const client = await addClient(world.harness.app, stranger.clinics[0]?.actor ?? world.actor)
    for (const subjectId of [newId(), client, world.actor.clinic.id, world.org.id, NIL_ID])
      await expect(world.erase({ subjectId, reason: 'asked' })).rejects.toThrow(NotFoundError)
    await expect(world.erase({ subjectId: await addClient(world.harness.app, world.actor), reason: '  ' })).rejects.toThrow(InvalidInputError)
    await expect(world.erase({ subjectId: 'Milo', reason: 'asked' })).rejects.toThrow(InvalidInputError)
  })

  it('is refused by the database for the keys of nobody, without a scope, and without an entry', async () => {
    const app = await world.connect(world.harness.database.appUrl)
    const attempt = async (subject: string, scope: string | null) => {
      try {
        await app.query('BEGIN')
        if (scope) await app.query("SELECT set_config('app.org_id', $1, true)", [scope])
        await app.query('SELECT audit.erase_subject($1)', [subject])
        await app.query('COMMIT')
        return 'erased'
      } catch (error) {
        await app.query('ROLLBACK')
        return String(error)
      }
    }
    const client = await addClient(world.harness.app, world.actor)
    await world.encryptAll()
    for (const subject of [world.actor.clinic.id, world.org.id, NIL_ID]) expect(await attempt(subject, world.org.id)).toMatch(/ERASE_REFUSED/)
    expect(await attempt(client, null)).toMatch(/needs the organisation/)
    expect(await attempt(client, world.org.id)).toMatch(/AUDIT_MISSING/)
    expect(await world.count('audit.data_key WHERE subject_id = $1', client)).toBe(1)
    await app.end()
  })
})

describe('erasure and encryption at the same time', () => {
  /** A connection that waits before the first statement of that name until it is told to go on. */
  function pausing(client: pg.Client, name: string): { client: pg.Client; reached: Promise<void>; goOn: () => void } {
    const reached = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const query = async (statement: pg.QueryConfig | string, values?: unknown[]) => {
      if (typeof statement !== 'string' && statement.name === name) {
        reached.resolve()
        await gate.promise
      }
      return client.query(statement as pg.QueryConfig, values)
    }
    return { client: Object.create(client, { query: { value: query } }), reached: reached.promise, goOn: gate.resolve }
  }
  async function untilBlocked(): Promise<void> {
    for (;;) {
      if ((await world.count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")) > 0) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  it('an erasure that begins during a batch waits for it, and takes its images', async () => {
    for (const pause of ['images_keys', 'images_make_keys', 'images_store']) {
      const { id, entryId } = await world.changedClient()
      const paused = pausing(world.sequencer, pause)
      const batch = world.encryptAll(paused.client)
      await paused.reached
      const erasing = world.erase({ subjectId: id, reason: 'asked' })
      await untilBlocked()
      paused.goOn()
      await batch
      expect([pause, await erasing]).toMatchObject([pause, { images: 2 }])
      expect([pause, await world.count('audit.image WHERE subject_id = $1', id), await world.count('audit.data_key WHERE subject_id = $1', id)]).toEqual([
        pause,
        0,
        0,
      ])
      await world.encryptAll()
      expect((await world.changesOf(entryId))[0]?.state).toBe('erased')
    }
  })

  it('a batch that begins during an erasure waits for its key, and then uses a new one', async () => {
    const { id, entryId } = await world.changedClient()
    await world.encryptAll()
    const [old] = (await world.admin.query<{ id: string }>('SELECT id FROM audit.data_key WHERE subject_id = $1', [id])).rows
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const erasing = world.harness.app.asSystem(world.actor, 'cli', 'erase', async (tx) => {
      const erased = await eraseSubject(tx, world.actor, { subjectId: id, reason: 'asked' })
      begun.resolve()
      await gate.promise
      return erased
    })
    await begun.promise
    await world.harness.app.asSystem(world.actor, 'cli', 'move', (tx) => updateClient(tx, world.actor, { id, version: 2, phone: '55 7777 7777' }))
    const batch = world.encryptAll()
    await untilBlocked()
    gate.resolve()
    expect(await erasing).toMatchObject({ images: 2 })
    await batch
    await world.encryptAll()
    const { rows } = await world.admin.query<{ key_id: string }>('SELECT key_id FROM audit.image WHERE subject_id = $1', [id])
    expect(rows).toHaveLength(1)
    expect(rows[0]?.key_id).not.toBe(old?.id)
    expect((await world.changesOf(entryId))[0]?.state).toBe('erased')
    expect((await world.changesOf(await world.entryAbout(id))).map(({ state }) => state)).toEqual(['available'])
  })

  it('many erasures and batches at once end without a deadlock and leave nothing of the erased', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => addClient(world.harness.app, world.actor)))
    const other = await world.connect(world.harness.database.sequencerUrl)
    const results = await Promise.all([
      world.encryptAll(),
      world.encryptAll(other, ringOf(MASTER_KEY)),
      ...ids.map((id) => world.erase({ subjectId: id, reason: 'asked' })),
    ])
    await other.end()
    expect(results).toHaveLength(14)
    await world.encryptAll()
    expect(await world.count('audit.image WHERE subject_id = ANY ($1)', ids)).toBe(0)
    expect(await world.count('audit.data_key WHERE subject_id = ANY ($1)', ids)).toBe(0)
  })
})
