import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ClonedDatabase, createTestDatabase, startTestPostgres, type TestPostgres } from '../../test/postgres.ts'
import { StartupError } from '../startup-error.ts'
import { backUpDatabase, listBackups } from './backup.ts'
import { withClient, withDatabase } from './connection.ts'
import { findDrift } from './drift.ts'
import { applyMigrations, createMigration, findMigrationStatus, planMigrations, rollBackMigration } from './migrate.ts'
import { readMigrations } from './migration-files.ts'
import { prepareDatabase } from './prepare.ts'

const SCHEMA = 'datasource db {\n  provider = "postgresql"\n}\n'
const PET = 'model Pet {\n  id String @id @default(dbgenerated("uuidv7()")) @db.Uuid\n  name String\n}\n'
const AS_MIGRATOR = 'SET ROLE chiron_migrator;\n'
// A semicolon in a comment and in a body: what a runner that cuts at semicolons gets wrong.
const FUNCTION = `${AS_MIGRATOR}-- one; two\nCREATE FUNCTION public.seven() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 7; END $$;\nRESET ROLE;\n`

let server: TestPostgres
let database: ClonedDatabase
let folder: string
let dir: string
let schemaDir: string

beforeAll(async () => {
  server = await startTestPostgres()
}, 60_000)

afterAll(() => server.stop())

beforeEach(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'chiron-migrations-'))
  dir = join(folder, 'migrations')
  schemaDir = join(folder, 'schema')
  await mkdir(schemaDir)
  await writeFile(join(schemaDir, 'schema.prisma'), SCHEMA)
  await writeFile(join(schemaDir, 'pets.prisma'), PET)
})

afterEach(async () => {
  const backups = await withClient(maintenanceUrl(), (client) => listBackups(client, database.name))
  for (const name of backups) await rows(maintenanceUrl(), `DROP DATABASE ${name}`)
  await database.drop()
  await rm(folder, { recursive: true })
})

const maintenanceUrl = () => withDatabase(server.adminUrl, 'postgres')
const rows = (url: string, sql: string) => withClient(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows)
const write = async (name: string, sql: string, downSql = '') => {
  await mkdir(join(dir, name), { recursive: true })
  await writeFile(join(dir, name, 'migration.sql'), sql)
  await writeFile(join(dir, name, 'down.sql'), downSql)
}
const apply = (options: { backup?: 'auto' | 'none'; retry?: boolean; now?: Date } = {}) =>
  applyMigrations({ adminUrl: database.adminUrl, dir, backup: 'none', ...options })
const create = (label: string) => createMigration({ adminUrl: database.adminUrl, dir, schemaDir, label })
const tables = async () =>
  (await rows(database.adminUrl, `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_prisma%' ORDER BY 1`)).map(
    (row) => row.tablename,
  )

describe('migrations', () => {
  it('go up, down and up again', async () => {
    expect(await create('First step')).toBe('0001_first_step')
    expect(await apply()).toEqual({ applied: ['0001_first_step'], backup: null })
    expect(await tables()).toEqual(['Pet'])
    await rollBackMigration({ adminUrl: database.adminUrl, dir, backup: 'none' })
    expect(await tables()).toEqual([])
    expect((await findMigrationStatus(database.adminUrl, dir)).pending).toEqual(['0001_first_step'])
    await apply()
    expect(await tables()).toEqual(['Pet'])
    expect(await apply()).toEqual({ applied: [], backup: null })
  })

  it('belong to the migrator, and their history is out of the app’s reach', async () => {
    await create('first')
    await apply()
    expect(await rows(database.adminUrl, `SELECT tableowner FROM pg_tables WHERE tablename = 'Pet'`)).toEqual([{ tableowner: 'chiron_migrator' }])
    await expect(rows(database.appUrl, 'SELECT * FROM _prisma_migrations')).rejects.toThrow('permission denied')
    expect((await findMigrationStatus(database.appUrl, dir)).applied).toEqual(['0001_first'])
  })

  it('are written from the difference only, with a way back', async () => {
    await create('first')
    await expect(create('again')).rejects.toThrow(/ask for nothing/)
    await writeFile(join(schemaDir, 'pets.prisma'), PET.replace('name String', 'name String\n  weightKg Decimal? @db.Decimal(6, 3)'))
    expect(await create('weight')).toBe('0002_weight')
    expect(await readFile(join(dir, '0002_weight/migration.sql'), 'utf8')).toContain('ADD COLUMN     "weightKg" DECIMAL(6,3)')
    expect(await readFile(join(dir, '0002_weight/down.sql'), 'utf8')).toContain('DROP COLUMN "weightKg"')
    expect((await apply()).applied).toEqual(['0001_first', '0002_weight'])
  })

  it('run function bodies and comments with semicolons whole', async () => {
    await write('0001_function', FUNCTION)
    await apply()
    expect(await rows(database.adminUrl, 'SELECT public.seven() AS seven')).toEqual([{ seven: 7 }])
  })

  it('keep nothing of a step that fails, say which and where, and go on after --retry', async () => {
    await write('0001_good', FUNCTION)
    await write('0002_bad', `${AS_MIGRATOR}CREATE TABLE half (id int);\nSELECT nothing;\n`)
    await write('0003_later', `${AS_MIGRATOR}CREATE TABLE later (id int);`)
    await expect(apply()).rejects.toThrow(
      /^The migration 0002_bad failed \(column "nothing" does not exist at line 3, 42703\) and nothing of it was kept: correct .*--retry$/,
    )
    expect(await tables()).toEqual([])
    expect(await findMigrationStatus(database.adminUrl, dir)).toMatchObject({
      applied: ['0001_good'],
      failed: ['0002_bad'],
      pending: ['0003_later'],
    })
    await expect(apply()).rejects.toThrow(/The migration 0002_bad failed earlier/)
    await write('0002_bad', `${AS_MIGRATOR}CREATE TABLE whole (id int);\n`)
    expect((await apply({ retry: true })).applied).toEqual(['0002_bad', '0003_later'])
    expect(await tables()).toEqual(['later', 'whole'])
  })

  it('are planned without leaving a trace', async () => {
    await write('0001_pets', `${AS_MIGRATOR}CREATE TABLE pets (id int);`)
    expect((await planMigrations(database.adminUrl, dir)).map((file) => file.name)).toEqual(['0001_pets'])
    expect(await tables()).toEqual([])
    await write('0002_bad', 'SELECT nothing;')
    await expect(planMigrations(database.adminUrl, dir)).rejects.toThrow(/0002_bad would fail \(column "nothing" does not exist/)
  })

  it('refuse a step that was edited after it had been applied', async () => {
    await write('0001_function', FUNCTION)
    await apply()
    await write('0001_function', `${FUNCTION}-- later thought\n`)
    await expect(apply()).rejects.toThrow(/0001_function was changed after it had been applied/)
  })

  it('refuse a database that is newer than the code', async () => {
    await write('0001_function', FUNCTION)
    await apply()
    await rm(join(dir, '0001_function'), { recursive: true })
    await expect(apply()).rejects.toThrow(/has the migration 0001_function, which this version of Chiron does not know/)
  })

  it.each([
    ['a badly named folder', 'first', 'SELECT 1;', /not named like 0001_first_step/],
    ['an empty file', '0001_empty', ' \n', /missing or empty/],
  ])('refuse %s', async (_what, name, sql, message) => {
    await write(name, sql)
    await expect(apply()).rejects.toThrow(message)
  })

  it('refuse two steps with one number', async () => {
    await write('0001_a', 'SELECT 1;')
    await write('0001_b', 'SELECT 1;')
    await expect(readMigrations(dir)).rejects.toThrow(/Two migrations have the number 0001/)
  })

  it('cannot be rolled back without a way back, and a failing way back changes nothing', async () => {
    await write('0001_pets', `${AS_MIGRATOR}CREATE TABLE pets (id int);`)
    await apply()
    const back = () => rollBackMigration({ adminUrl: database.adminUrl, dir, backup: 'none' })
    await expect(back()).rejects.toThrow(/0001_pets has no down\.sql/)
    await writeFile(join(dir, '0001_pets/down.sql'), 'DROP TABLE pets; SELECT nothing;')
    await expect(back()).rejects.toThrow(/Rolling back 0001_pets failed/)
    expect(await tables()).toEqual(['pets'])
    await writeFile(join(dir, '0001_pets/down.sql'), 'DROP TABLE pets;')
    expect((await back()).name).toBe('0001_pets')
    await expect(back()).rejects.toThrow('no migration to roll back')
  })
})

describe('backups', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 3, 4, second))

  it('are made before a change to a database with migrations, the newest three are kept, and nobody can enter them', async () => {
    await write('0001_a', `${AS_MIGRATOR}CREATE TABLE a (id int);`)
    expect((await apply({ backup: 'auto' })).backup).toBeNull()
    const names: (string | null)[] = []
    for (const second of [2, 3, 4, 5]) {
      await write(`000${second}_b`, `${AS_MIGRATOR}CREATE TABLE b${second} (id int);`)
      names.push((await apply({ backup: 'auto', now: at(second) })).backup)
    }
    expect(names[0]).toBe(`${database.name}_backup_20260102030402`)
    const kept = await withClient(maintenanceUrl(), (client) => listBackups(client, database.name))
    expect(kept).toEqual(names.slice(1).reverse())
    await expect(rows(withDatabase(database.adminUrl, names[3] ?? ''), 'SELECT 1')).rejects.toThrow(/not currently accepting connections/)
  })

  it('say in one line who stands in the way, and can be declined', async () => {
    await write('0001_a', `${AS_MIGRATOR}CREATE TABLE a (id int);`)
    await apply()
    await write('0002_b', `${AS_MIGRATOR}CREATE TABLE b (id int);`)
    const other = new pg.Client({ connectionString: database.appUrl })
    await other.connect()
    try {
      await expect(apply({ backup: 'auto' })).rejects.toThrow(/other programs are connected: stop Chiron/)
      expect((await apply({ backup: 'none' })).applied).toEqual(['0002_b'])
    } finally {
      await other.end()
    }
  }, 20_000)
})

describe('the login of a backup', () => {
  it('must be allowed to create databases', async () => {
    await expect(backUpDatabase(database.appUrl, new Date())).rejects.toThrow(/may not create databases, which the backup needs: grant CREATEDB/)
  })
})

describe('serving without the admin', () => {
  const check = () => prepareDatabase({ database: { ...database, adminUrl: null }, dir, backup: 'auto' })

  it('refuses pending and failed migrations, and accepts a complete database', async () => {
    await write('0001_a', `${AS_MIGRATOR}SELECT nothing;`)
    await expect(check()).rejects.toThrow(StartupError)
    await expect(check()).rejects.toThrow(/lacks 1 migration\(s\) \(0001_a\): set DATABASE_ADMIN_URL/)
    await expect(apply()).rejects.toThrow(/0001_a failed/)
    await expect(check()).rejects.toThrow(/0001_a failed earlier/)
    await write('0001_a', `${AS_MIGRATOR}CREATE TABLE a (id int);`)
    await apply({ retry: true })
    expect(await check()).toEqual({ applied: [], backup: null })
  })
})

// What, by which statement, and the line that tells it.
const PLANTED: [string, string, RegExp][] = [
  ['a column', 'ALTER TABLE "Pet" ADD COLUMN note text', /column public\."Pet"\.note text/],
  ['a check', 'ALTER TABLE "Pet" ADD CONSTRAINT named CHECK (name <> \'\')', /constraint named on public\."Pet"/],
  ['an index', 'CREATE INDEX pet_name ON "Pet" (name)', /index CREATE INDEX pet_name/],
  ['a right', 'GRANT SELECT ON "Pet" TO chiron_app', /privilege public\."Pet": SELECT .*to chiron_app/],
  ['a right on a column', 'GRANT UPDATE (name) ON "Pet" TO chiron_app', /privilege public\."Pet"\.name: UPDATE/],
  ['a policy', 'CREATE POLICY everyone ON "Pet" USING (true)', /policy everyone on public\."Pet"/],
  ['row-level security', 'ALTER TABLE "Pet" ENABLE ROW LEVEL SECURITY', /relation public\."Pet" .* rls t/],
  ['an owner', 'ALTER TABLE "Pet" OWNER TO chiron_audit_owner', /owner chiron_audit_owner/],
  ['a function', FUNCTION.replace('RETURN 7', 'RETURN 8').replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'), /RETURN 8/],
  ['a trigger', 'CREATE TRIGGER t BEFORE UPDATE ON "Pet" FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', /trigger on public\."Pet"/],
]

describe('drift', () => {
  const drift = () => findDrift({ adminUrl: database.adminUrl, dir, schemaDir })

  beforeEach(async () => {
    await create('first')
    await writeFile(join(dir, '0001_first/migration.sql'), `${await readFile(join(dir, '0001_first/migration.sql'), 'utf8')}${FUNCTION}`)
    await apply()
  })

  it('is absent right after applying', async () => {
    expect(await drift()).toMatchObject({ hasDrift: false, missing: [], unexpected: [], schemaDifference: '' })
  })

  it('is seen in everything that someone may have changed by hand', async () => {
    for (const [, sql] of PLANTED) await rows(database.adminUrl, sql)
    const report = await drift()
    expect(report.hasDrift).toBe(true)
    const unseen = PLANTED.filter(([, , line]) => !report.unexpected.some((text) => line.test(text))).map(([what]) => what)
    expect(unseen).toEqual([])
  })

  it('is seen in something taken away', async () => {
    await rows(database.adminUrl, 'ALTER TABLE "Pet" DROP COLUMN name')
    expect((await drift()).missing.join('\n')).toMatch(/column public\."Pet"\.name text not null/)
  })

  it('is seen between the migrations and the schema files', async () => {
    await writeFile(join(schemaDir, 'pets.prisma'), PET.replace('name String', 'name String\n  note String?'))
    expect(await drift()).toMatchObject({
      hasDrift: true,
      unexpected: [],
      missing: [],
      schemaDifference: expect.stringContaining('ADD COLUMN     "note" TEXT'),
    })
  })

  it('leaves no database behind', async () => {
    await drift()
    expect(await rows(maintenanceUrl(), "SELECT datname FROM pg_database WHERE datname ~ 'shadow'")).toEqual([])
  })
})
