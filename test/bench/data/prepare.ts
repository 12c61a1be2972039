import { createHash } from 'node:crypto'
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { z } from 'zod'
import { assignRole, createOrganisation, createUser } from '../../../modules/access/index.ts'
import type { SystemActor } from '../../../modules/kernel/actor.ts'
import { newId } from '../../../modules/kernel/ids.ts'
import { type App, createApp } from '../../../server/app.ts'
import { hashPassword } from '../../../server/auth/passwords.ts'
import { bootstrapDatabase } from '../../../server/database/bootstrap.ts'
import { withClient } from '../../../server/database/connection.ts'
import { type EmbeddedDatabase, startEmbedded } from '../../../server/database/embedded.ts'
import { applyMigrations } from '../../../server/database/migrate.ts'
import { createLog } from '../../../server/log.ts'
import { TEST_PASSWORD, testConfig } from '../../harness.ts'
import type { Size } from '../measure.ts'
import { ANCHOR, SCALES, shapeOf, TIME_ZONE } from './sizes.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url))
const LOAD_FLAGS = [
  'shared_buffers=1GB',
  'max_wal_size=4GB',
  'checkpoint_timeout=30min',
  'maintenance_work_mem=1GB',
  'work_mem=256MB',
  'fsync=off',
  'autovacuum=off',
  'wal_level=minimal',
  'max_wal_senders=0',
]

const worldSchema = z.object({
  email: z.string(),
  organisationId: z.string(),
  /** In the order of their numbers; those of the other organisation are not among them. */
  clinicIds: z.array(z.string()),
})
/** Who measures, and where. */
export type BenchWorld = z.infer<typeof worldSchema>

/** The folder of a finished data directory of this size; made first when it does not exist (at L in about half an hour). */
export async function prepareData(size: Size, say: (line: string) => void): Promise<{ readonly dataDir: string; readonly world: BenchWorld }> {
  const root = process.env.CHIRON_BENCH_DIR ?? join(tmpdir(), 'chiron-bench-data')
  const dataDir = join(root, `${size}-${fingerprint()}`)
  if (!existsSync(join(dataDir, 'world.json'))) await makeData(size, dataDir, say)
  return { dataDir, world: worldSchema.parse(JSON.parse(await readFile(join(dataDir, 'world.json'), 'utf8'))) }
}

/** Data of another schema, or of another generator, is other data. */
function fingerprint(): string {
  const hash = createHash('sha256')
  const migrations = readdirSync(MIGRATIONS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('migration.sql'))
  for (const file of migrations.sort()) hash.update(readFileSync(join(MIGRATIONS, file)))
  for (const file of ['names.sql', 'load.sql', 'sizes.ts']) hash.update(readFileSync(join(HERE, file)))
  return hash.digest('hex').slice(0, 12)
}

async function makeData(size: Size, dataDir: string, say: (line: string) => void): Promise<void> {
  const begun = performance.now()
  const fresh = `${dataDir}.new`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true })
  // As root the server runs as another user, who must be able to pass through this folder.
  if (process.getuid?.() === 0) for (const folder of [fresh, join(fresh, '..')]) chmodSync(folder, 0o711)
  const server = await startEmbedded({ dataDir: fresh, flags: LOAD_FLAGS })
  try {
    await bootstrapDatabase(server)
    await applyMigrations({ adminUrl: server.adminUrl, dir: MIGRATIONS, backup: 'none' })
    const world = await makeWorld(size, server)
    await withClient(server.adminUrl, (client) => load(client, size, (step) => say(`${((performance.now() - begun) / 1000).toFixed(0)} s: ${step}`)))
    await writeFile(join(fresh, 'world.json'), JSON.stringify(world))
  } finally {
    await server.stop()
  }
  await rm(dataDir, { recursive: true, force: true })
  await rename(fresh, dataDir)
  say(`${size} is made, in ${((performance.now() - begun) / 1000).toFixed(0)} s, in ${dataDir}`)
}

/** Organisations, clinics and the person who measures, through the product. */
async function makeWorld(size: Size, server: EmbeddedDatabase): Promise<BenchWorld> {
  const { clinics, otherClinics } = SCALES[size]
  await using app = await createApp(testConfig(server), { log: createLog('silent') })
  const measured = await addOrganisation(app, 'bench', clinics)
  const other = await addOrganisation(app, 'other', otherClinics)
  await withClient(server.adminUrl, async (client) => {
    await client.query('CREATE SCHEMA bench')
    await client.query('CREATE TABLE bench.place (n integer PRIMARY KEY, id uuid NOT NULL UNIQUE, organisation_id uuid NOT NULL)')
    const places = [measured, other].flatMap(({ organisationId, clinicIds }) => clinicIds.map((id) => ({ id, organisationId })))
    for (const [n, { id, organisationId }] of places.entries()) await client.query('INSERT INTO bench.place VALUES ($1, $2, $3)', [n, id, organisationId])
  })
  return { email: measured.email, organisationId: measured.organisationId, clinicIds: measured.clinicIds }
}

async function addOrganisation(app: App, name: string, count: number): Promise<BenchWorld> {
  const organisationId = newId()
  const place = { timeZone: TIME_ZONE, currency: 'MXN', countryCode: 'MX', locale: 'es-MX' } as const
  const clinic = { ...place, id: newId(), name, opensMinute: 480, closesMinute: 1200 }
  const actor: SystemActor = { kind: 'system', name: 'benchmark', organisationId, clinic, sharePatients: true, staffId: null, locale: 'es-MX' }
  const email = `${name}@bench.example`
  // Cheap: nobody signs in often enough to matter.
  const passwordHash = await hashPassword(TEST_PASSWORD, { memory: 64, passes: 1, parallelism: 1, tagLength: 32 })
  const { clinicIds } = await app.asSystem(actor, 'cli', 'benchmark', async (tx) => {
    const created = await createOrganisation(tx, actor, { name, clinics: Array.from({ length: count }, (_, n) => ({ ...place, name: `${name} ${n + 1}` })) })
    const user = await createUser(tx, actor, { email, name: 'Dra. Medida', locale: 'es-MX', passwordHash })
    for (const roleCode of ['owner', 'veterinarian']) await assignRole(tx, actor, { userId: user.id, roleCode, clinicId: null })
    return created
  })
  return { email, organisationId, clinicIds }
}

async function load(client: pg.ClientBase, size: Size, say: (step: string) => void): Promise<void> {
  const shape = shapeOf(SCALES[size])
  const settings = {
    anchor: ANCHOR,
    places: shape.places,
    days: shape.days,
    past_days: shape.pastDays,
    patients: shape.patientsPerClinic,
    regulars: shape.regularsPerClinic,
    clients: shape.clientsPerClinic,
    claim_days: SCALES[size].claimDays,
  }
  for (const [name, value] of Object.entries(settings)) await client.query('SELECT set_config($1, $2, false)', [`bench.${name}`, String(value)])
  await client.query(readFileSync(join(HERE, 'names.sql'), 'utf8'))
  // One at a time for all rows is many times slower than all at once afterwards.
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(`SELECT c.oid::regclass::text AS name, pg_get_indexdef(c.oid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND NOT i.indisunique AND NOT i.indisexclusion`)
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`)
  for (const statement of statementsOf(readFileSync(join(HERE, 'load.sql'), 'utf8'))) {
    await client.query(statement)
    say(statement.replace(/\s+/g, ' ').slice(0, 60))
  }
  for (const { definition } of indexes) await client.query(definition)
  say(`${indexes.length} indexes`)
  await addContenderRole(client)
  await client.query('VACUUM (ANALYZE, FREEZE)')
  await client.query('CHECKPOINT')
  say('vacuumed')
}

/** No statement of that file has a semicolon at the end of a line within it. */
const statementsOf = (sql: string) => sql.split(/;\n/).filter((statement) => statement.replace(/^--.*$/gm, '').trim() !== '')

/**
 * The login of those who do not audit: it sees all rows, and as a replica it fires triggers that are ENABLE ALWAYS alone. All but those of the trail
 * are made so, so that others pay for foreign keys and sums like Chiron does.
 */
async function addContenderRole(client: pg.ClientBase): Promise<void> {
  await client.query(`CREATE ROLE chiron_bench LOGIN BYPASSRLS PASSWORD 'bench'`)
  await client.query(`ALTER ROLE chiron_bench SET session_replication_role = replica`)
  await client.query(`ALTER ROLE chiron_bench SET synchronous_commit = on`)
  await client.query('GRANT USAGE ON SCHEMA public, bench TO chiron_bench')
  await client.query('GRANT CONNECT ON DATABASE chiron TO chiron_bench')
  await client.query('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO chiron_bench')
  await client.query('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO chiron_bench')
  await client.query(`DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT tgrelid::regclass AS name, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
      WHERE relnamespace = 'public'::regnamespace AND tgname NOT LIKE 'audit%' LOOP
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.name, t.tgname);
    END LOOP; END $$`)
}
