import type { ClientBase } from 'pg'
import { NIL_ID } from '../../../modules/kernel/ids.ts'
import { inTransaction } from '../sequencer/transaction.ts'
import { isClinicKey, type KeyPlace, type KeyRing, type KeyRow } from './key-ring.ts'
import { seal } from './sealing.ts'

type Pending = {
  readonly entryId: string
  readonly shard: string
  readonly organisationId: string
  readonly clinicId: string
  readonly subjectId: string | null
  readonly salt: Buffer
  readonly plaintext: Buffer
}

/** A batch of long notes must not fill the memory: the step ends with the image that passes this. */
const MAX_BATCH_BYTES = 4_000_000

const TAKE = `SELECT p.entry_id AS "entryId", p.shard::text, p.organisation_id AS "organisationId", p.clinic_id AS "clinicId", p.subject_id AS "subjectId", p.salt, p.plaintext
FROM audit.image_pending p WHERE p.entry_id IN (
  SELECT s.entry_id FROM (
    SELECT w.entry_id, sum(w.bytes) OVER (ORDER BY w.entry_id ROWS UNBOUNDED PRECEDING) - w.bytes AS before
    FROM (SELECT entry_id, octet_length(plaintext) AS bytes FROM audit.image_pending WHERE NOT is_set_aside ORDER BY entry_id LIMIT $1) w
  ) s WHERE s.before < ${MAX_BATCH_BYTES})
ORDER BY p.entry_id FOR UPDATE SKIP LOCKED`

/**
 * One step: encrypts up to `limit` images that wait in clear, each with its subject's key, and deletes the clear ones, in one
 * transaction. Answers how many it took; 0 when none waits. The client is signed in as chiron_sequencer. Locks are taken in the
 * order of audit.erase_subject (waiting images, keys by id, images), so that an erasure under way either sees what this step stores
 * or makes it use a new key.
 */
export async function encryptPending(client: ClientBase, keys: KeyRing, limit = 1_000): Promise<number> {
  return inTransaction(client, async () => {
    const { rows } = await client.query<Pending>({ name: 'images_take', text: TAKE, values: [limit] })
    if (rows.length > 0) await storeSealed(client, rows, await openKeys(client, keys, rows))
    return rows.length
  })
}

/**
 * For a batch that failed: one image at a time, so that a bad one (its key was altered, say) keeps no other in clear. It is set aside with a
 * finding. Answers how many images it went through.
 */
export async function encryptOneByOne(client: ClientBase, keys: KeyRing, limit = 1_000): Promise<number> {
  for (let done = 0; done < limit; done += 1) {
    try {
      if ((await encryptPending(client, keys, 1)) === 0) return done
    } catch (error) {
      await setFirstAside(client, error instanceof Error ? error.message : String(error))
    }
  }
  return limit
}

async function setFirstAside(client: ClientBase, problem: string): Promise<void> {
  await client.query(
    `WITH bad AS (
       UPDATE audit.image_pending SET is_set_aside = true WHERE entry_id = (SELECT entry_id FROM audit.image_pending WHERE NOT is_set_aside ORDER BY entry_id LIMIT 1)
       RETURNING entry_id, organisation_id, clinic_id
     )
     INSERT INTO audit.finding (organisation_id, clinic_id, source, kind, entry_id, detail)
     SELECT organisation_id, clinic_id, 'sequencer', 'image-not-encrypted', entry_id, jsonb_build_object('problem', $1::text) FROM bad`,
    [problem],
  )
}

/** Takes up again what was set aside: whatever was wrong may have been repaired. */
export async function takeUpAgain(client: ClientBase): Promise<void> {
  await client.query('UPDATE audit.image_pending SET is_set_aside = false WHERE is_set_aside')
}

/** Whose key an image gets. What is about nobody gets the clinic's own, or the organisation's where no clinic is named. */
function placeOf({ organisationId, clinicId, subjectId }: Pending): KeyPlace {
  return { organisationId, clinicId, subjectId: subjectId ?? (clinicId === NIL_ID ? organisationId : clinicId) }
}

function nameOf({ organisationId, clinicId, subjectId }: KeyPlace): string {
  return `${organisationId} ${clinicId} ${subjectId}`
}

type OpenKey = { readonly id: string; readonly key: Buffer }

/** The keys of all images of a batch, by `nameOf`; missing ones are made. */
async function openKeys(client: ClientBase, ring: KeyRing, batch: readonly Pending[]): Promise<ReadonlyMap<string, OpenKey>> {
  const subjects = new Map(batch.map((image) => [nameOf(placeOf(image)), placeOf(image)]))
  const clinics = new Map([...subjects.values()].map((place) => [nameOf(clinicOf(place)), clinicOf(place)]))
  const rows = await lockKeys(client, ring, clinics, subjects)
  const opened = new Map<string, OpenKey>()
  for (const [name, place] of subjects) {
    const row = found(rows, name)
    opened.set(name, { id: row.id, key: await ring.open(row, found(rows, nameOf(clinicOf(place)))) })
  }
  return opened
}

function clinicOf(place: KeyPlace): KeyPlace {
  return { ...place, subjectId: NIL_ID }
}

function found(rows: ReadonlyMap<string, KeyRow>, name: string): KeyRow {
  const row = rows.get(name)
  if (!row) throw new Error('a key that was just made is missing')
  return row
}

// A subject's key is made only under a clinic's key that is stored: another process may have been quicker with it. Two rounds
// make what is missing, each further one means that somebody else stored or erased a key in between.
const MAX_ROUNDS = 6

async function lockKeys(
  client: ClientBase,
  ring: KeyRing,
  clinics: ReadonlyMap<string, KeyPlace>,
  subjects: ReadonlyMap<string, KeyPlace>,
): Promise<ReadonlyMap<string, KeyRow>> {
  const wanted = new Map([...clinics, ...subjects])
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const rows = await readKeys(client, [...wanted.values()])
    const missing = [...wanted].flatMap(([name, place]) => (rows.has(name) ? [] : [place]))
    if (missing.length === 0) return rows
    const newClinics = missing.filter(isClinicKey)
    const made =
      newClinics.length > 0
        ? await Promise.all(newClinics.map((place) => ring.makeClinicKey(place)))
        : await Promise.all(missing.map((place) => ring.makeSubjectKey(place, found(rows, nameOf(clinicOf(place))))))
    await insertKeys(client, made)
  }
  throw new Error('the keys of images change faster than they can be read')
}

async function readKeys(client: ClientBase, places: readonly KeyPlace[]): Promise<Map<string, KeyRow>> {
  const { rows } = await client.query<KeyRow>({
    name: 'images_keys',
    text: `SELECT k.id, k.organisation_id AS "organisationId", k.clinic_id AS "clinicId", k.subject_id AS "subjectId", k.master_key AS "masterKey", k.wrapped
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS w(organisation_id, clinic_id, subject_id)
      JOIN audit.data_key k ON k.organisation_id = w.organisation_id AND k.clinic_id = w.clinic_id AND k.subject_id = w.subject_id
      ORDER BY k.id FOR KEY SHARE OF k`,
    values: columnsOf(places),
  })
  return new Map(rows.map((row) => [nameOf(row), row]))
}

async function insertKeys(client: ClientBase, rows: readonly KeyRow[]): Promise<void> {
  await client.query({
    name: 'images_make_keys',
    text: `INSERT INTO audit.data_key (organisation_id, clinic_id, subject_id, id, master_key, wrapped)
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bytea[]) ON CONFLICT DO NOTHING`,
    values: [...columnsOf(rows), rows.map(({ id }) => id), rows.map(({ masterKey }) => masterKey), rows.map(({ wrapped }) => wrapped)],
  })
}

function columnsOf(places: readonly KeyPlace[]): [string[], string[], string[]] {
  return [places.map(({ organisationId }) => organisationId), places.map(({ clinicId }) => clinicId), places.map(({ subjectId }) => subjectId)]
}

async function storeSealed(client: ClientBase, batch: readonly Pending[], keys: ReadonlyMap<string, OpenKey>): Promise<void> {
  const sealed = batch.map((image) => {
    const place = placeOf(image)
    const key = keys.get(nameOf(place))
    if (!key) throw new Error('an image has no key')
    return { ...image, subjectId: place.subjectId, keyId: key.id, ct: seal(key.key, Buffer.concat([image.salt, image.plaintext]), image.entryId) }
  })
  await client.query({
    name: 'images_store',
    text: `WITH sealed AS MATERIALIZED (SELECT * FROM unnest($1::date[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bytea[]) AS s(shard, entry_id, subject_id, key_id, ct)),
      stored AS (INSERT INTO audit.image (shard, entry_id, subject_id, key_id, ct) SELECT * FROM sealed)
      DELETE FROM audit.image_pending p USING sealed s WHERE p.entry_id = s.entry_id`,
    values: [
      sealed.map(({ shard }) => shard),
      sealed.map(({ entryId }) => entryId),
      sealed.map(({ subjectId }) => subjectId),
      sealed.map(({ keyId }) => keyId),
      sealed.map(({ ct }) => ct),
    ],
  })
}
