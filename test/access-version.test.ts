import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { insertOneOfEach, ROW, row } from './schema-rows.ts'

let database: ClonedDatabase
let admin: pg.Client
let app: pg.Client

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  admin = new pg.Client(database.adminUrl)
  app = new pg.Client(database.appUrl)
  await Promise.all([admin.connect(), app.connect()])
  await insertOneOfEach(admin)
})
afterAll(async () => {
  await Promise.all([admin.end(), app.end()])
  await database.drop()
})

const TENANT = `'${ROW.organisation}'`
const SOMEBODY = `INSERT INTO app_user (id, organisation_id, email, name, password_hash) VALUES ('${row(40)}', ${TENANT}, 'new@uno.example', 'New', 'x')`
const ROLE = `INSERT INTO role (id, organisation_id, code) VALUES ('${row(41)}', ${TENANT}, 'new')`
const CHANGES: Readonly<Record<string, { readonly insert: string; readonly update: string; readonly remove: string | null }>> = {
  organisation: {
    insert: `INSERT INTO organisation (id, name, country_code) VALUES ('${row(42)}', 'Dos', 'MX')`,
    update: `UPDATE organisation SET share_patients = false WHERE id = ${TENANT}`,
    remove: null,
  },
  clinic: {
    insert: `INSERT INTO clinic (id, organisation_id, name, country_code, time_zone, currency) VALUES ('${row(43)}', ${TENANT}, 'Norte', 'MX', 'America/Mexico_City', 'MXN')`,
    update: `UPDATE clinic SET archived_at = now() WHERE id = '${ROW.clinic}'`,
    remove: `DELETE FROM clinic WHERE id = '${row(43)}'`,
  },
  app_user: {
    insert: SOMEBODY,
    update: `UPDATE app_user SET is_active = false WHERE id = '${ROW.user}'`,
    remove: `DELETE FROM app_user WHERE id = '${row(40)}'`,
  },
  staff_profile: {
    insert: `INSERT INTO staff_profile (id, organisation_id, employee_number, name, position, hired_on) VALUES ('${row(44)}', ${TENANT}, 'E2', 'New', 'assistant', '2020-01-01')`,
    update: `UPDATE staff_profile SET is_active = false WHERE id = '${ROW.staff}'`,
    remove: `DELETE FROM staff_profile WHERE id = '${row(44)}'`,
  },
  role: {
    insert: ROLE,
    update: `UPDATE role SET is_clinical = true WHERE id = '${ROW.role}'`,
    remove: `DELETE FROM role WHERE id = '${row(41)}'`,
  },
  role_grant: {
    insert: `INSERT INTO role_grant (organisation_id, role_id, permission) VALUES (${TENANT}, '${ROW.role}', 'client:read')`,
    update: `UPDATE role_grant SET effect = 'deny' WHERE role_id = '${ROW.role}'`,
    remove: `DELETE FROM role_grant WHERE role_id = '${ROW.role}'`,
  },
  role_assignment: {
    insert: `INSERT INTO role_assignment (organisation_id, user_id, role_id, clinic_id, valid_from) VALUES (${TENANT}, '${ROW.user}', '${ROW.role}', NULL, '2025-02-01')`,
    update: `UPDATE role_assignment SET valid_until = '2025-06-01' WHERE user_id = '${ROW.user}'`,
    remove: `DELETE FROM role_assignment WHERE user_id = '${ROW.user}'`,
  },
}

async function versionOf(organisationId: string = ROW.organisation): Promise<number | null> {
  const { rows } = await admin.query<{ version: string }>('SELECT version FROM access_version WHERE organisation_id = $1', [organisationId])
  return rows[0] ? Number(rows[0].version) : null
}

/** By how much each statement raises the version, in a transaction that is rolled back. */
async function raisedBy(statements: readonly string[]): Promise<number[]> {
  const raised: number[] = []
  await admin.query('BEGIN')
  try {
    for (const statement of statements) {
      const before = (await versionOf()) ?? 0
      const { rowCount } = await admin.query(statement)
      expect([statement, rowCount]).not.toEqual([statement, 0])
      raised.push(((await versionOf()) ?? 0) - before)
    }
  } finally {
    await admin.query('ROLLBACK')
  }
  return raised
}

describe('the version of rights', () => {
  it.each(Object.entries(CHANGES))('is raised once by each statement that changes %s', async (table, { insert, update, remove }) => {
    // A new organisation has a number of its own, and nobody deletes one.
    const isTenant = table === 'organisation'
    expect(await raisedBy([insert, update, ...(remove === null ? [] : [remove])])).toEqual(isTenant ? [0, 1] : [1, 1, 1])
  })

  it('begins with its organisation', async () => {
    await admin.query('BEGIN')
    await admin.query(CHANGES.organisation?.insert ?? '')
    expect(await versionOf(row(42))).toBe(1)
    await admin.query('ROLLBACK')
  })

  it('is watched on every table from which rights are worked out', async () => {
    const { rows } = await admin.query<{ name: string }>(
      "SELECT DISTINCT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgfoid = 'raise_access_version()'::regprocedure ORDER BY 1",
    )
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(CHANGES).sort())
  })

  it("is not raised by other people's visits, nor may the application write it", async () => {
    expect(await raisedBy([`UPDATE appointment SET reason = 'x' WHERE id = '${ROW.appointment}'`])).toEqual([0])
    await expect(app.query('UPDATE access_version SET version = 1')).rejects.toThrow(/permission denied/)
    await expect(app.query('SELECT raise_access_version()')).rejects.toThrow(/permission denied/)
  })
})

describe('find_blockers', () => {
  const FIND = `SELECT * FROM find_blockers($1::uuid[], array_fill($2::timestamptz, ARRAY[cardinality($1::uuid[])]),
    array_fill($3::timestamptz, ARRAY[cardinality($1::uuid[])]), '${ROW.clinic}', now())`
  async function find(organisationId: string | null, resources: readonly string[], since: string, until: string): Promise<pg.QueryResultRow[]> {
    await app.query('BEGIN')
    try {
      if (organisationId !== null) await app.query("SELECT set_config('app.org_id', $1, true)", [organisationId])
      return (await app.query(FIND, [resources, since, until])).rows
    } finally {
      await app.query('ROLLBACK')
    }
  }
  const DAY = ['2025-12-01T00:00:00Z', '2025-12-01T18:00:00Z'] as const

  it('finds the claims of the resources that are asked for, and says whose and until when', async () => {
    const rows = await find(ROW.organisation, [ROW.staff], ...DAY)
    expect(rows).toEqual([
      {
        id: expect.any(String),
        clinic_id: ROW.clinic,
        reason: 'visit',
        appointment_id: ROW.appointment,
        hold_id: null,
        resource_id: ROW.staff,
        lane: 0,
        starts_at: new Date('2025-12-01T16:00:00Z'),
        ends_at: new Date('2025-12-01T16:30:00Z'),
      },
    ])
    expect((await find(ROW.organisation, [ROW.staff, ROW.room], ...DAY)).map(({ resource_id }) => resource_id).sort()).toEqual([ROW.staff, ROW.room].sort())
  })

  it.each([
    ['that end when it begins', '2025-12-01T16:30:00Z', '2025-12-01T17:00:00Z', 0],
    ['that begin when it ends', '2025-12-01T15:30:00Z', '2025-12-01T16:00:00Z', 0],
    ['of which it holds the last minute', '2025-12-01T16:29:00Z', '2025-12-01T17:00:00Z', 1],
    ['that surround it', '2025-12-01T16:10:00Z', '2025-12-01T16:20:00Z', 1],
  ])('claims %s: %s to %s has %i', async (_case, since, until, count) => {
    expect(await find(ROW.organisation, [ROW.staff], since, until)).toHaveLength(count)
  })

  it('shows nothing of another organisation, and nothing without a scope', async () => {
    expect(await find(ROW.user, [ROW.staff], ...DAY)).toEqual([])
    expect(await find(null, [ROW.staff], ...DAY)).toEqual([])
  })

  it('answers the same as the table itself, through the index of its constraint', async () => {
    await admin.query('BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL session_replication_role = replica')
    await admin.query("SELECT set_config('app.org_id', $1, true)", [ROW.organisation])
    await admin.query(
      `INSERT INTO resource_claim (organisation_id, clinic_id, appointment_id, resource_id, staff_id, lane, during)
       SELECT '${ROW.organisation}', '${ROW.clinic}', gen_random_uuid(), '${ROW.staff}', '${ROW.staff}', 0, tstzrange(at, at + interval '20 minutes')
       FROM generate_series('2026-01-01T00:00Z'::timestamptz, '2026-01-10T00:00Z', interval '30 minutes') AS made(at)`,
    )
    const wanted = ['2026-01-03T10:10:00Z', '2026-01-04T09:00:00Z']
    const { rows: found } = await admin.query<{ id: string }>(FIND, [[ROW.staff], ...wanted])
    const { rows: expected } = await admin.query<{ id: string }>(
      'SELECT id FROM resource_claim WHERE resource_id = $1 AND upper(during) > $2 AND lower(during) < $3 ORDER BY lower(during), id',
      [ROW.staff, ...wanted],
    )
    await admin.query('ROLLBACK')
    expect(found.length).toBeGreaterThan(40)
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
  })

  it('is open to the application alone', async () => {
    const { rows } = await admin.query<{ allowed: boolean }>(
      "SELECT has_function_privilege('chiron_auditor', 'find_blockers(uuid[], timestamptz[], timestamptz[], uuid, timestamptz)', 'EXECUTE') AS allowed",
    )
    expect(rows).toEqual([{ allowed: false }])
  })
})
