import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { insertOneOfEach, ROW } from './schema-rows.ts'

let database: ClonedDatabase
let admin: pg.Client
const clients: pg.Client[] = []
const logins: Record<string, pg.Client> = {}

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  const open = async (url: string) => {
    const client = new pg.Client(url)
    await client.connect()
    clients.push(client)
    return client
  }
  admin = await open(database.adminUrl)
  logins.app = await open(database.appUrl)
  logins.auditor = await open(database.auditorUrl)
  logins.sequencer = await open(database.sequencerUrl)
  await insertOneOfEach(admin)
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()))
  await database.drop()
})

async function refusal(client: pg.Client | undefined, ...statements: string[]): Promise<string> {
  if (!client) throw new Error('no such login')
  await client.query('BEGIN')
  try {
    for (const statement of statements) await client.query(statement)
    return 'it was allowed'
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    return `${error.code} ${error.message}`
  } finally {
    await client.query('ROLLBACK')
  }
}

/** Every table of the trail, partitions included. */
async function auditTables(): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    "SELECT 'audit.' || relname AS name FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1",
  )
  return rows.map(({ name }) => name)
}

const FORBIDDEN = [
  (table: string) => `DELETE FROM ${table}`,
  (table: string) => `TRUNCATE ${table}`,
  (table: string) => `TRUNCATE ${table} CASCADE`,
  (table: string) => `DROP TABLE ${table}`,
  (table: string) => `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
  (table: string) => `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
  (table: string) => `ALTER TABLE ${table} ADD COLUMN extra text`,
  (table: string) => `ALTER TABLE ${table} RENAME TO gone`,
  (table: string) => `CREATE TRIGGER mine BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION audit.refuse()`,
  (table: string) => `CREATE RULE mine AS ON INSERT TO ${table} DO INSTEAD NOTHING`,
  (table: string) => `CREATE POLICY mine ON ${table} USING (true)`,
  (table: string) => `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`,
]

/**
 * What the sequencer may change, by table: sizes that only grow (a trigger sees to that), places it has come to, reports, and the wrapping of keys.
 * Of what waits in clear it deletes what it has encrypted.
 */
const SEQUENCER_MAY: Readonly<Record<string, readonly string[]>> = {
  'audit.anchor': ['size', 'anchored_at', 'tried_at', 'error'],
  'audit.cursor': ['xid', 'id', 'at'],
  'audit.data_key': ['master_key', 'wrapped'],
  'audit.image_pending': ['is_set_aside', 'DELETE', 'LOCK'],
  'audit.installation': ['epoch', 'epoch_started_at', 'public_key'],
  'audit.tree': ['size', 'frontier', 'published', 'closed_at', 'dropped_at'],
  'audit.verification': ['state', 'started_at', 'finished_at', 'checked', 'total', 'result'],
}

describe.each(['app', 'auditor', 'sequencer'])('the login chiron_%s', (login) => {
  it('may not change, empty, drop or alter a table of the trail', async () => {
    const tables = await auditTables()
    expect(tables.length).toBeGreaterThanOrEqual(8)
    for (const table of tables) {
      const { rows } = await admin.query<{ column: string }>(
        "SELECT attname::text AS column FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
      )
      const may = login === 'sequencer' ? (SEQUENCER_MAY[table] ?? []) : []
      const updates = rows.filter(({ column }) => !may.includes(column)).map(({ column }) => `UPDATE ${table} SET ${column} = DEFAULT`)
      const forbidden = FORBIDDEN.map((make) => make(table)).filter((statement) => !may.some((word) => statement.startsWith(word)))
      for (const statement of [...updates, ...forbidden])
        expect([statement, await refusal(logins[login], statement)]).toEqual([statement, expect.stringMatching(/^42501 /)])
    }
  })

  it('may not become somebody who may, switch triggers off, or drop the schema', async () => {
    for (const statement of [
      'SET ROLE chiron_audit_owner',
      'SET ROLE chiron_migrator',
      'SET session_replication_role = replica',
      'DROP SCHEMA audit CASCADE',
      'ALTER SCHEMA audit RENAME TO gone',
      'CREATE TABLE audit.mine (id int)',
      'CREATE TABLE public.mine (id int)',
      'ALTER TABLE public.patient DISABLE TRIGGER audit_gate',
      'DROP TRIGGER audit_witness ON public.patient',
      'CREATE OR REPLACE FUNCTION audit.check_gate() RETURNS trigger LANGUAGE sql AS $$ SELECT NULL::trigger $$',
      'ALTER FUNCTION audit.check_gate() RENAME TO gone',
      "COPY (SELECT 1) TO PROGRAM 'true'",
    ])
      expect([statement, await refusal(logins[login], statement)]).toEqual([statement, expect.stringMatching(/^(42501|2BP01|42883) /)])
    await expect(logins[login]?.query('ALTER SYSTEM SET fsync = off')).rejects.toThrow(/permission denied/)
  })

  it('cannot give a right that it does not hold', async () => {
    for (const table of await auditTables()) {
      // PostgreSQL refuses it, or warns and gives nothing.
      await logins[login]?.query(`GRANT ALL ON ${table} TO PUBLIC`).catch((error: unknown) => expect(String(error)).toMatch(/permission denied/))
      const { rows } = await admin.query<{ held: string[] }>(
        `SELECT array(SELECT p FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN']) AS p WHERE has_table_privilege($1, $2, p)) AS held`,
        [`chiron_${login}`, table],
      )
      const may = login === 'sequencer' && SEQUENCER_MAY[table]?.includes('DELETE') ? ['DELETE'] : []
      expect([table, rows[0]?.held]).toEqual([table, may])
    }
  })
})

describe('the application', () => {
  const columns = (names: string, values: string) => `INSERT INTO audit.entry (${names}) VALUES (${values})`
  const place = `'${ROW.organisation}', '${ROW.clinic}'`

  it('may not read the trail', async () => {
    for (const table of await auditTables())
      expect([table, await refusal(logins.app, `SELECT FROM ${table}`)]).toEqual([table, expect.stringMatching(/^42501 /)])
  })

  it('may not choose what only the database decides of an entry', async () => {
    for (const [column, value] of [
      ['xid', "'1'::xid8"],
      ['at', "'2020-01-01'"],
      ['source', "'row'"],
      ['shard', "'2020-01-01'"],
      ['leaf_hash', "'\\x00'"],
    ] as const)
      expect([column, await refusal(logins.app, columns(`organisation_id, clinic_id, body, ${column}`, `${place}, 'x', ${value}`))]).toEqual([
        column,
        expect.stringMatching(/^(42501|428C9) /),
      ])
    expect(await refusal(logins.app, columns('organisation_id, clinic_id, body', `${place}, 'x'`))).toBe('it was allowed')
  })

  it('may not write witnesses, images or the gate', async () => {
    for (const statement of [
      "INSERT INTO audit.image_pending (entry_id, salt, plaintext) VALUES (gen_random_uuid(), '\\x00', 'x')",
      "INSERT INTO audit.gate (xid) VALUES ('1')",
      'DELETE FROM audit.gate',
      "SELECT audit.watch('public.session', 'Session', '', 'id')",
      'SELECT audit.open_gate()',
    ])
      expect([statement, await refusal(logins.app, statement)]).toEqual([statement, expect.stringMatching(/^42501 /)])
  })
})

describe('even the administrator', () => {
  it('is refused by the triggers on every partition and on the parent', async () => {
    const { rows } = await admin.query<{ name: string }>("SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass")
    expect(rows.length).toBeGreaterThanOrEqual(4)
    for (const { name } of rows) expect(await refusal(admin, `TRUNCATE ${name}`)).toMatch(/AUDIT_IMMUTABLE/)
    for (const statement of ["UPDATE audit.entry SET body = 'x'", 'DELETE FROM audit.entry', 'TRUNCATE audit.entry'])
      expect(await refusal(admin, statement)).toMatch(/AUDIT_IMMUTABLE/)
  })

  it('is refused on a partition that is made later', async () => {
    const later = 'SELECT audit.ensure_partitions(12)'
    const { rows: made } = await admin.query<{ name: string }>(
      "SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '12 months', '\"audit.entry_\"YYYY_MM') AS name",
    )
    expect(await refusal(admin, later, `TRUNCATE ${made[0]?.name}`)).toMatch(/AUDIT_IMMUTABLE/)
    await admin.query(`BEGIN; ${later}`)
    const { rows } = await admin.query<{ unguarded: string[] }>(`
      SELECT coalesce(array_agg(c.relname::text), '{}') AS unguarded FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'audit.entry'::regclass
        AND (NOT c.relrowsecurity OR NOT c.relforcerowsecurity OR (SELECT count(*) FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname IN ('immutable', 'no_truncate') AND t.tgenabled = 'O') <> 2)`)
    await admin.query('ROLLBACK')
    expect(rows[0]?.unguarded).toEqual([])
  })
})

describe('the gate', () => {
  const scope = `SELECT set_config('app.org_id', '${ROW.organisation}', true), set_config('app.clinic_ids', '{${ROW.clinic}}', true), set_config('app.share_patients', 'on', true)`
  const change = `UPDATE client SET name = 'Eva' WHERE organisation_id = '${ROW.organisation}'`
  const entry = `INSERT INTO audit.entry (organisation_id, clinic_id, body) VALUES ('${ROW.organisation}', '${ROW.clinic}', 'said')`
  const commit = async (...statements: string[]): Promise<string> => {
    const client = logins.app
    if (!client) throw new Error('no such login')
    try {
      await client.query('BEGIN')
      await client.query(scope)
      for (const statement of statements) await client.query(statement)
      await client.query('COMMIT')
      return 'committed'
    } catch (error) {
      await client.query('ROLLBACK')
      return String(error)
    }
  }
  const name = async () => (await admin.query<{ name: string }>('SELECT name FROM client')).rows[0]?.name

  it('refuses a change at COMMIT when the operation has no entry', async () => {
    expect(await commit(change)).toMatch(/AUDIT_MISSING/)
    expect(await name()).toBe('Luz')
  })

  it('refuses it when the entry was rolled back to a savepoint, and when deferral is asked for', async () => {
    expect(await commit('SAVEPOINT before', entry, 'ROLLBACK TO before', change)).toMatch(/AUDIT_MISSING/)
    expect(await commit('SET CONSTRAINTS ALL DEFERRED', change)).toMatch(/AUDIT_MISSING/)
    expect(await commit(change, 'SAVEPOINT before', entry, 'ROLLBACK TO before', 'RELEASE before')).toMatch(/AUDIT_MISSING/)
    expect(await name()).toBe('Luz')
  })

  it('refuses a change that rides on the entry of another transaction', async () => {
    expect(await commit(entry)).toBe('committed')
    expect(await commit(change)).toMatch(/AUDIT_MISSING/)
  })

  it('refuses it for every audited table, whatever the statement', async () => {
    const { rows } = await admin.query<{ table: string }>("SELECT tgrelid::regclass::text AS table FROM pg_trigger WHERE tgname = 'audit_gate' ORDER BY 1")
    expect(rows.length).toBeGreaterThan(20)
    for (const { table } of rows) {
      const error = await admin
        .query(
          `BEGIN; SET LOCAL ROLE chiron_migrator; UPDATE ${table} SET organisation_id = organisation_id; COMMIT`.replace(
            'organisation SET organisation_id = organisation_id',
            'organisation SET name = name',
          ),
        )
        .catch((thrown: unknown) => String(thrown))
      await admin.query('ROLLBACK')
      expect([table, error]).toEqual([table, expect.stringMatching(/AUDIT_MISSING|NOTE_LOCKED/)])
    }
  })

  it('lets the change pass with its entry, whichever comes first', async () => {
    expect(await commit(entry, change)).toBe('committed')
    expect(await commit(change.replace('Eva', 'Sol'), entry)).toBe('committed')
    expect(await name()).toBe('Sol')
    expect((await admin.query('SELECT FROM audit.gate')).rowCount).toBe(0)
  })
})
