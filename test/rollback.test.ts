import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyMigrations, rollBackMigration } from '../server/database/migrate.ts'
import { readMigrations } from '../server/database/migration-files.ts'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { insertOneOfEach, ROW } from './schema-rows.ts'

const dir = fileURLToPath(new URL('../prisma/migrations', import.meta.url))
/** The oldest step that is taken back here: those before it were released together with the tables that they make. */
const OLDEST = '0018_resources'

let database: ClonedDatabase
let admin: pg.Client
beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  admin = new pg.Client(database.adminUrl)
  await admin.connect()
})
afterAll(async () => {
  await admin.end()
  await database.drop()
})

type Claim = { appointment_id: string | null; resource_id: string; during: string }
const claims = async (): Promise<Claim[]> =>
  (await admin.query<Claim>("SELECT appointment_id, resource_id, during::text FROM resource_claim WHERE upper(during) > '2025-01-01' ORDER BY resource_id"))
    .rows

it('each step goes back and forth over rows that its older shape cannot hold', async () => {
  await insertOneOfEach(admin)
  // A visit with a machine and buffers, a kept slot, and news for somebody who works here.
  const place = `'${ROW.organisation}', '${ROW.clinic}'`
  await admin.query(`BEGIN;
    UPDATE appointment SET equipment_ids = ARRAY['${ROW.equipment}']::uuid[] WHERE id = '${ROW.appointment}';
    UPDATE resource_claim SET during = tstzrange(lower(during) - interval '5 minutes', upper(during) + interval '15 minutes') WHERE appointment_id = '${ROW.appointment}';
    INSERT INTO resource_claim (organisation_id, clinic_id, appointment_id, resource_id, equipment_id, during)
      SELECT ${place}, id, '${ROW.equipment}', '${ROW.equipment}', tstzrange(starts_at, ends_at) FROM appointment WHERE id = '${ROW.appointment}';
    INSERT INTO message (organisation_id, clinic_id, recipient_id, user_id, channel, kind, template_code, locale, not_before, dedupe_key)
      VALUES (${place}, '${ROW.user}', '${ROW.user}', 'mail', 'roster', 'roster_changed', 'en', now(), 'roster/1');
    INSERT INTO audit.entry (organisation_id, clinic_id, body) VALUES (${place}, 'made by a test');
    COMMIT`)
  expect((await claims()).length).toBeGreaterThan(3)

  const names = (await readMigrations(dir)).map(({ name }) => name)
  const expected = names.filter((name) => name >= OLDEST).reverse()
  const gone: string[] = []
  for (const _name of expected) gone.push((await rollBackMigration({ adminUrl: database.adminUrl, dir, backup: 'none' })).name)
  expect(gone).toEqual(expected)
  const { rows: visits } = await admin.query<Claim>(
    `SELECT a.id AS appointment_id, held.id AS resource_id, tstzrange(a.starts_at, a.ends_at)::text AS during
     FROM appointment a, unnest(ARRAY[a.staff_id, a.room_id]) AS held(id) WHERE a.status NOT IN ('cancelled', 'no_show') AND held.id IS NOT NULL ORDER BY held.id`,
  )
  expect(visits.length).toBeGreaterThan(1)
  expect(await claims()).toEqual(visits)
  expect((await admin.query("SELECT id FROM message WHERE kind NOT IN ('reminder', 'booking', 'waitlist', 'request')")).rows).toEqual([])

  const { applied } = await applyMigrations({ adminUrl: database.adminUrl, dir, backup: 'none' })
  expect(applied).toEqual(expected.toReversed())
}, 120_000)
