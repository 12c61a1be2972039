import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PERMISSIONS } from '../modules/kernel/permissions.ts'
import { CONSTRAINT_CASES } from './constraint-cases.ts'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import {
  type Constraint,
  findForeignKeyProblems,
  findTableProblems,
  findUnboundedColumns,
  findUnexercised,
  findUnorderedRanges,
  listConstraints,
  OPERATIONAL_TABLES,
  REFERENCE_TABLES,
  UNBOUNDED_COLUMNS,
} from './schema-checks.ts'
import { insertOneOfEach, ROW } from './schema-rows.ts'

let database: ClonedDatabase
let admin: pg.Client
let app: pg.Client
let constraints: Constraint[]

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  admin = new pg.Client(database.adminUrl)
  app = new pg.Client(database.appUrl)
  await Promise.all([admin.connect(), app.connect()])
  await insertOneOfEach(admin)
  constraints = await listConstraints(admin)
})
afterAll(async () => {
  await Promise.all([admin.end(), app.end()])
  await database.drop()
})

/** Runs statements in a transaction that is rolled back; answers the error, or null when all of them passed. */
async function attempt(client: pg.Client, ...statements: string[]): Promise<pg.DatabaseError | null> {
  await client.query('BEGIN')
  try {
    for (const statement of statements) await client.query(statement)
    return null
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error
    throw error
  } finally {
    await client.query('ROLLBACK')
  }
}

/** Problems that a check finds after `plant`, which is undone. */
async function findAfter(plant: string, check: (client: pg.Client) => Promise<string[]>): Promise<string[]> {
  await admin.query('BEGIN')
  try {
    await admin.query(plant)
    return await check(admin)
  } finally {
    await admin.query('ROLLBACK')
  }
}

const tenantTables = async (): Promise<string[]> => {
  const { rows } = await admin.query<{ name: string }>(
    "SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> '_prisma_migrations' ORDER BY 1",
  )
  return rows.map(({ name }) => name).filter((name) => !REFERENCE_TABLES.has(name))
}

describe('foreign keys', () => {
  it('are indexed, declare their rules and carry the tenant', async () => {
    expect(await findForeignKeyProblems(admin)).toEqual([])
  })

  it.each([
    [
      'without an index',
      'CREATE TABLE planted (organisation_id uuid NOT NULL, product_id uuid, FOREIGN KEY (organisation_id, product_id) REFERENCES product (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT)',
      'planted_organisation_id_product_id_fkey: no index of planted begins with (organisation_id, product_id)',
    ],
    [
      'with a partial index only',
      'CREATE TABLE planted (organisation_id uuid PRIMARY KEY, u text REFERENCES unit (code) ON DELETE RESTRICT ON UPDATE RESTRICT); CREATE INDEX ON planted (u) WHERE u IS NOT NULL',
      'planted_u_fkey: no index of planted begins with (u)',
    ],
    [
      'without a delete rule',
      'CREATE TABLE planted (code text PRIMARY KEY REFERENCES unit (code) ON UPDATE RESTRICT)',
      'planted_code_fkey: ON DELETE is not declared',
    ],
    [
      'without the tenant',
      'CREATE TABLE planted (organisation_id uuid NOT NULL, user_id uuid PRIMARY KEY REFERENCES app_user (id) ON DELETE RESTRICT ON UPDATE RESTRICT)',
      'planted_user_id_fkey: does not carry the tenant',
    ],
  ])('planted %s are caught', async (_case, plant, problem) => {
    expect(await findAfter(plant, findForeignKeyProblems)).toEqual([problem])
  })
})

describe('tables', () => {
  it('are vocabularies, or protected per tenant and audited', async () => {
    expect(await findTableProblems(admin)).toEqual([])
  })

  it('lists a reason for each table without audit triggers', () => {
    expect(Object.keys(OPERATIONAL_TABLES).sort()).toEqual([
      'access_version',
      'audit_export_progress',
      'audit_export_ticket',
      'calendar_feed_use',
      'clinic_counter',
      'idempotency_key',
      'session',
      'shift_notice',
      'visit_notice',
    ])
  })

  it.each([
    [
      'without row-level security',
      'CREATE TABLE planted (organisation_id uuid NOT NULL)',
      [
        'planted: row-level security is off',
        'planted: row-level security is not forced on its owner',
        expect.stringContaining('lacks the policies'),
        'planted: is neither audited nor listed as operational',
      ],
    ],
    ['whose security is no longer forced', 'ALTER TABLE patient NO FORCE ROW LEVEL SECURITY', ['patient: row-level security is not forced on its owner']],
    ['with a policy too many', 'CREATE POLICY wide ON patient FOR SELECT TO chiron_app USING (true)', ['patient: has policies that nobody expects (wide)']],
    ['whose witness is switched off', 'ALTER TABLE patient DISABLE TRIGGER audit_witness', ['patient: is neither audited nor listed as operational']],
    ['that the application may empty', 'GRANT TRUNCATE ON patient TO chiron_app', ['patient: the application may TRUNCATE']],
    [
      'of words that the application may write',
      'GRANT UPDATE ON species TO chiron_app',
      ['species: the application may do more than read a vocabulary (SELECT, UPDATE)'],
    ],
  ])('planted %s are caught', async (_case, plant, problems) => {
    expect(await findAfter(plant, findTableProblems)).toEqual(problems)
  })

  it('show the application nothing without a scope, and nothing of another organisation', async () => {
    for (const table of await tenantTables()) {
      const { rows: all } = await admin.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`)
      expect([table, all[0]?.count]).not.toEqual([table, 0])
      for (const settings of [
        [],
        [`SET LOCAL app.org_id = '${ROW.user}'`, `SET LOCAL app.clinic_ids = '{${ROW.clinic}}'`, "SET LOCAL app.share_patients = 'on'"],
      ]) {
        await app.query('BEGIN')
        for (const setting of settings) await app.query(setting)
        const { rows } = await app.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`)
        await app.query('ROLLBACK')
        expect([table, rows[0]?.count]).toEqual([table, 0])
      }
    }
  })

  it('show the application its own organisation and clinic', async () => {
    await app.query(`BEGIN; SET LOCAL app.org_id = '${ROW.organisation}'; SET LOCAL app.clinic_ids = '{${ROW.clinic}}'`)
    for (const table of await tenantTables()) {
      const { rows } = await app.query<{ count: number }>(`SELECT count(*)::int FROM ${table}`)
      expect([table, rows[0]?.count]).not.toEqual([table, 0])
    }
    await app.query('ROLLBACK')
  })

  it('refuse a row for another organisation', async () => {
    const scope = `SET LOCAL app.org_id = '${ROW.user}'; SET LOCAL app.clinic_ids = '{${ROW.clinic}}'`
    const error = await attempt(app, scope, `INSERT INTO client (organisation_id, name) VALUES ('${ROW.organisation}', 'Eva')`)
    expect(error?.message).toMatch(/row-level security policy/)
  })

  it('let a migration see and change every row', async () => {
    for (const table of await tenantTables()) {
      const { rows } = await admin.query<{ all: number }>(`SELECT count(*)::int AS all FROM ${table}`)
      await admin.query('BEGIN; SET LOCAL ROLE chiron_migrator')
      const seen = await admin.query<{ all: number }>(`SELECT count(*)::int AS all FROM ${table}`)
      await admin.query('ROLLBACK')
      expect([table, seen.rows[0]?.all]).toEqual([table, rows[0]?.all])
    }
  })
})

describe('CHECK and exclusion constraints', () => {
  it('each have a case that violates them', () => {
    expect(constraints.length).toBeGreaterThan(80)
    expect(findUnexercised(constraints, CONSTRAINT_CASES)).toEqual([])
  })

  it('each refuse their cases, and nothing else does', async () => {
    const wrong: string[] = []
    for (const { name, table } of constraints) {
      for (const change of CONSTRAINT_CASES[name] ?? []) {
        const statement = change.startsWith('INSERT') ? change : `UPDATE ${table} SET ${change}`
        const refusal = await attempt(admin, statement)
        if (refusal?.constraint !== name) wrong.push(`${statement}: expected ${name}, got ${refusal?.constraint ?? refusal?.message ?? 'no refusal'}`)
        const other = await attempt(admin, `ALTER TABLE ${table} DROP CONSTRAINT ${name}`, statement)
        if (other !== null) wrong.push(`${statement}: without ${name} it is refused all the same: ${other.message}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('planted without a case are caught', async () => {
    const found = await findAfter('ALTER TABLE patient ADD CONSTRAINT planted CHECK (version > 0)', async (client) =>
      findUnexercised(await listConstraints(client), CONSTRAINT_CASES),
    )
    expect(found).toEqual(['patient: no case violates planted'])
    expect(findUnexercised(constraints, { ...CONSTRAINT_CASES, gone: [] })).toEqual(['the case gone names no constraint'])
  })
})

describe('amounts and ranges', () => {
  it('are bounded and ordered by CHECKs', async () => {
    expect(await findUnboundedColumns(admin)).toEqual([])
    expect(await findUnorderedRanges(admin)).toEqual([])
  })

  it('lists a reason for each amount without a bound', () => {
    expect(Object.keys(UNBOUNDED_COLUMNS).sort()).toEqual([])
  })

  it.each([
    ['an amount', 'ALTER TABLE invoice ADD COLUMN discount_minor bigint', ['invoice.discount_minor: no CHECK bounds it']],
    ['a price', 'ALTER TABLE product ADD COLUMN cost_price numeric', ['product.cost_price: no CHECK bounds it']],
    ['a minute', 'ALTER TABLE clinic ADD COLUMN lunch_minute int', ['clinic.lunch_minute: no CHECK bounds it']],
    ['a percentage bounded from one side', 'ALTER TABLE payment ADD COLUMN fee_rate numeric CHECK (fee_rate >= 0)', ['payment.fee_rate: no CHECK bounds it']],
    [
      'an amount that a CHECK names without bounding it',
      "ALTER TABLE payment ADD COLUMN fee_minor bigint CHECK (fee_minor IS NOT NULL OR method = 'cash')",
      ['payment.fee_minor: no CHECK bounds it'],
    ],
    [
      'an amount bounded from above alone',
      'ALTER TABLE payment ADD COLUMN fee_minor bigint CHECK (fee_minor < 100)',
      ['payment.fee_minor: no CHECK bounds it'],
    ],
    ['an amount that may be negative', 'ALTER TABLE payment ADD COLUMN fee_minor bigint CHECK (fee_minor >= -1)', ['payment.fee_minor: no CHECK bounds it']],
    ['an amount whose CHECK is dropped', 'ALTER TABLE lot DROP CONSTRAINT lot_on_hand_positive', ['lot.on_hand: no CHECK bounds it']],
  ])('planted: %s is caught', async (_case, plant, problems) => {
    expect(await findAfter(plant, findUnboundedColumns)).toEqual(problems)
  })

  it.each([
    ['without an order', 'ALTER TABLE room ADD COLUMN valid_from date, ADD COLUMN valid_until date', ['room: no CHECK orders valid_from and valid_until']],
    ['whose start is missing', 'ALTER TABLE room ADD COLUMN ends_at date', ['room: has ends_at without starts_at']],
    ['whose order is dropped', 'ALTER TABLE patient DROP CONSTRAINT patient_life_ordered', ['patient: no CHECK orders born_on and died_on']],
  ])('planted: a range %s is caught', async (_case, plant, problems) => {
    expect(await findAfter(plant, findUnorderedRanges)).toEqual(problems)
  })
})

describe('rules that span rows', () => {
  const place = `'${ROW.organisation}', '${ROW.clinic}'`
  const commit = 'SET CONSTRAINTS ALL IMMEDIATE'
  const entry = `INSERT INTO audit.entry (organisation_id, clinic_id, body) VALUES (${place}, 'made by a test')`
  const invoice = (values: string) =>
    `INSERT INTO invoice (id, organisation_id, clinic_id, number, kind, credits_id, business_date, posted_at, currency, subtotal_minor, tax_minor, total_minor) VALUES ('${ROW.family}', ${place}, '2', ${values})`
  const line = (invoiceId: string) =>
    `INSERT INTO invoice_line (organisation_id, clinic_id, invoice_id, position, service_id, description, quantity, unit_price, tax_rate, subtotal_minor, tax_minor, total_minor) VALUES (${place}, '${invoiceId}', 2, '${ROW.service}', 'S', 1, 1, 0, 100, 0, 100)`

  it.each([
    [
      'a signed note is not edited',
      /NOTE_LOCKED/,
      ["UPDATE clinical_note SET status = 'signed', signed_at = now(), signed_by_id = author_id", "UPDATE clinical_note SET body = 'other'"],
    ],
    [
      'a movement names a lot of its own product',
      /LOT_OF_OTHER_PRODUCT/,
      [
        `INSERT INTO stock_movement (organisation_id, clinic_id, product_id, lot_id, kind, quantity, occurred_at) VALUES (${place}, '${ROW.otherProduct}', '${ROW.lot}', 'restock', 1, now())`,
      ],
    ],
    [
      'stock never falls below zero',
      /lot_on_hand_positive|stock_level_on_hand_positive/,
      [
        `INSERT INTO stock_movement (organisation_id, clinic_id, product_id, lot_id, kind, quantity, occurred_at) VALUES (${place}, '${ROW.product}', '${ROW.lot}', 'use', -11, now())`,
      ],
    ],
    [
      'a credit note corrects an invoice that exists',
      /invoice_clinic_id_credits_id_fkey|CREDIT_OF_CREDIT/,
      [invoice(`'credit_note', '${ROW.family}', '2025-12-01', now(), 'MXN', 100, 0, 100`)],
    ],
    [
      'a credit stays within the invoice',
      /invoice_credited_bounded/,
      [invoice(`'credit_note', '${ROW.invoice}', '2025-12-01', now(), 'MXN', 11601, 0, 11601`)],
    ],
    [
      'an invoice equals the sum of its lines',
      /INVOICE_SUM/,
      [invoice(`'counter_sale', NULL, '2025-12-01', now(), 'MXN', 101, 0, 101`), line(ROW.family), entry, commit],
    ],
    ['an invoice has a line', /INVOICE_SUM/, [invoice(`'counter_sale', NULL, '2025-12-01', now(), 'MXN', 0, 0, 0`), entry, commit]],
    ['a posted invoice gets no further line', /INVOICE_POSTED/, [line(ROW.invoice)]],
    [
      'an allocation stays within the payment',
      /payment_allocated_bounded/,
      [
        `DELETE FROM payment_allocation`,
        `INSERT INTO payment_allocation (organisation_id, clinic_id, payment_id, invoice_id, amount_minor) VALUES (${place}, '${ROW.payment}', '${ROW.invoice}', 1001)`,
      ],
    ],
    [
      'an appointment holds its resources',
      /CLAIMS_MISMATCH/,
      ['DELETE FROM resource_claim', "UPDATE appointment SET starts_at = starts_at + interval '5 minutes'", entry, commit],
    ],
    [
      'a cancelled appointment holds nothing',
      /CLAIMS_MISMATCH/,
      ["UPDATE appointment SET status = 'cancelled', cancelled_at = now(), cancel_reason = 'ill'", entry, commit],
    ],
  ])('%s', async (_rule, refusal, statements) => {
    const error = await attempt(admin, ...statements)
    expect(`${error?.message} ${error?.constraint}`).toMatch(refusal)
  })

  it('lets the same changes pass when they keep the rules', async () => {
    const passes = [invoice(`'counter_sale', NULL, '2025-12-01', now(), 'MXN', 100, 0, 100`), line(ROW.family), entry, commit]
    expect(await attempt(admin, ...passes)).toBeNull()
    expect(
      await attempt(
        admin,
        'DELETE FROM resource_claim',
        "UPDATE appointment SET status = 'cancelled', cancelled_at = now(), cancel_reason = 'ill'",
        entry,
        commit,
      ),
    ).toBeNull()
  })
})

describe('vocabularies', () => {
  it('hold the rights of the code with their classes', async () => {
    const { rows } = await admin.query<{ code: string; class: string }>('SELECT code, class FROM permission')
    expect(Object.fromEntries(rows.map((permission) => [permission.code, permission.class]))).toEqual(PERMISSIONS)
  })
})
