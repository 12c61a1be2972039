import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOldPostgres } from '../../test/old-postgres.ts'
import { type ClonedDatabase, createTestDatabase, startTestPostgres, type TestPostgres } from '../../test/postgres.ts'
import { StartupError } from '../startup-error.ts'
import { bootstrapDatabase } from './bootstrap.ts'
import { withClient, withDatabase } from './connection.ts'
import { scramVerifier } from './scram.ts'

let server: TestPostgres
let database: ClonedDatabase

beforeAll(async () => {
  server = await startTestPostgres()
  database = await createTestDatabase()
}, 60_000)

afterAll(async () => {
  await database.drop()
  await server.stop()
})

const rows = async (url: string, sql: string) => withClient(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows)

/** The SQLSTATE with which a statement is refused, or null. */
const refusal = (url: string, sql: string) =>
  rows(url, sql).then(
    () => null,
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  )

describe('bootstrapDatabase', () => {
  it('creates a missing database, and repeating it changes nothing', async () => {
    const name = 'test_created_by_bootstrap'
    const urls = { ...server, adminUrl: withDatabase(server.adminUrl, name) }
    try {
      expect(await bootstrapDatabase(urls)).toEqual({ isDatabaseCreated: true, missingOptionalExtensions: [] })
      expect(await bootstrapDatabase(urls)).toEqual({ isDatabaseCreated: false, missingOptionalExtensions: [] })
      const [encoding] = await rows(
        urls.adminUrl,
        'SELECT pg_encoding_to_char(encoding) AS name, datlocale FROM pg_database WHERE datname = current_database()',
      )
      expect(encoding).toEqual({ name: 'UTF8', datlocale: 'C.UTF-8' })
    } finally {
      await rows(withDatabase(server.adminUrl, 'postgres'), `DROP DATABASE ${name}`)
    }
  })

  it('makes logins without any of the dangerous attributes, and owners that cannot sign in', async () => {
    const roles = await rows(
      server.adminUrl,
      `SELECT rolname, rolcanlogin, rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls OR rolreplication AS strong FROM pg_roles
       WHERE rolname LIKE 'chiron\\_%' AND rolname <> 'chiron_admin' ORDER BY rolname`,
    )
    expect(roles.map((role) => [role.rolname, role.rolcanlogin, role.strong])).toEqual([
      ['chiron_app', true, false],
      ['chiron_audit_owner', false, false],
      ['chiron_auditor', true, false],
      ['chiron_migrator', false, false],
      ['chiron_sequencer', true, false],
    ])
  })

  it('bounds what a forgotten transaction can hold up', async () => {
    const [settings] = await rows(
      database.appUrl,
      `SELECT current_setting('transaction_timeout') AS t, current_setting('idle_in_transaction_session_timeout') AS i`,
    )
    expect(settings).toEqual({ t: '1min', i: '30s' })
  })

  it.each([
    ['a table in public', 'CREATE TABLE public.mine (id int)'],
    ['a table in audit', 'CREATE TABLE audit.mine (id int)'],
    ['a temporary table', 'CREATE TEMP TABLE mine (id int)'],
    ['a schema', 'CREATE SCHEMA mine'],
    ['another role', 'SET ROLE chiron_migrator'],
    ['the owner of the audit', 'SET ROLE chiron_audit_owner'],
  ])('refuses the app %s', async (_what, sql) => {
    expect(await refusal(database.appUrl, sql)).toBe('42501')
  })

  it('lets the admin become either owner', async () => {
    const [owners] = await rows(
      database.adminUrl,
      `SELECT (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public') AS public, (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'audit') AS audit`,
    )
    expect(owners).toEqual({ public: 'chiron_migrator', audit: 'chiron_audit_owner' })
    expect(
      await refusal(
        database.adminUrl,
        'SET ROLE chiron_migrator; CREATE TABLE public.a (id int); RESET ROLE; SET ROLE chiron_audit_owner; CREATE TABLE audit.a (id int)',
      ),
    ).toBeNull()
  })

  it('refuses logins that it was not told of', async () => {
    await rows(server.adminUrl, "CREATE ROLE test_stranger LOGIN PASSWORD 'stranger-password'")
    try {
      const url = new URL(database.appUrl)
      url.username = 'test_stranger'
      url.password = 'stranger-password'
      expect(await refusal(url.href, 'SELECT 1')).toMatch(/42501|permission denied/)
    } finally {
      await rows(server.adminUrl, 'DROP ROLE test_stranger')
    }
  })

  it('refuses a login that has become a member of an owner', async () => {
    await rows(server.adminUrl, 'GRANT chiron_migrator TO chiron_sequencer')
    try {
      await expect(bootstrapDatabase({ ...database })).rejects.toThrow(/chiron_sequencer has membership in chiron_migrator/)
    } finally {
      await rows(server.adminUrl, 'REVOKE chiron_migrator FROM chiron_sequencer')
    }
  })

  it('takes away from a login what it must not have', async () => {
    await rows(server.adminUrl, 'ALTER ROLE chiron_sequencer BYPASSRLS CREATEDB')
    await bootstrapDatabase({ ...database })
    expect(await rows(server.adminUrl, "SELECT rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = 'chiron_sequencer'")).toEqual([
      { rolbypassrls: false, rolcreatedb: false },
    ])
  })
})

describe('one clear line', () => {
  const bad = (change: (url: URL) => void) => {
    const url = new URL(server.adminUrl)
    change(url)
    return url.href
  }

  it.each<[string, () => string, RegExp]>([
    [
      'for an address where nothing listens',
      () =>
        bad((url) => {
          url.port = '1'
        }),
      /127\.0\.0\.1:1\/chiron.*nothing listens there/,
    ],
    [
      'for a wrong password',
      () =>
        bad((url) => {
          url.password = 'wrong'
        }),
      /user name or password is wrong/,
    ],
    ['for an unknown host', () => 'postgresql://a:b@no-such-host.invalid/chiron', /host name (is unknown|could not be looked up)/],
    ['for an admin who may not create roles', () => database.appUrl, /chiron_app, who may not create roles/],
  ])('%s', async (_case, adminUrl, message) => {
    const attempt = bootstrapDatabase({ ...server, adminUrl: adminUrl() })
    await expect(attempt).rejects.toThrow(StartupError)
    await expect(attempt).rejects.toThrow(message)
  })

  it('for a login of another name', async () => {
    await expect(bootstrapDatabase({ ...server, appUrl: server.auditorUrl })).rejects.toThrow(/DATABASE_URL must sign in as chiron_app/)
  })

  it('for an older server', async () => {
    const old = await startOldPostgres()
    try {
      await expect(bootstrapDatabase({ ...server, adminUrl: old.url })).rejects.toThrow(/is PostgreSQL 15, but Chiron needs 18 or later/)
    } finally {
      await old.stop()
    }
  })
})

describe('scramVerifier', () => {
  it('is what PostgreSQL itself would store', () => {
    // Source: RFC 7677 section 3: user "user", password "pencil", this salt and 4096 iterations.
    const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))
    expect(verifier).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    )
  })

  it('opens the door with the password and with no other', async () => {
    const client = new pg.Client({ connectionString: database.auditorUrl, password: undefined })
    await client.connect()
    await client.end()
    const url = new URL(database.auditorUrl)
    url.password = 'other'
    expect(await refusal(url.href, 'SELECT 1')).toMatch(/password is wrong/)
  })
})
