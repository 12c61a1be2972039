import type pg from 'pg'

/** Vocabularies of the installation: the same for every tenant, read by the application, written by migrations alone. */
export const REFERENCE_TABLES: ReadonlySet<string> = new Set(['permission', 'country_preset', 'unit', 'species', 'breed'])

/** Tenant tables whose changes carry no audit trigger, each with the reason. */
export const OPERATIONAL_TABLES: Readonly<Record<string, string>> = {
  access_version: 'Counts changes of rights, by triggers; each of those changes is audited.',
  clinic_counter: 'The last number given out; the record that carries the number is audited.',
  session: 'Rotates with every refresh; sign-in, sign-out and reuse have entries of their own.',
  audit_export_progress: 'How far a running job is; what becomes of the export is audited on its own row.',
  audit_export_ticket: 'Lives for a minute; issuing it and what is done with it are entries.',
  visit_notice: 'What the planner of messages has seen of a visit; the visit and the messages are audited.',
  shift_notice: 'What people were last told of a published shift; the shift and the messages are audited.',
  calendar_feed_use: 'When a feed was last read, to the minute; each reading is an entry.',
  idempotency_key: 'Hash and result ids of a request for 24 hours; the request itself is audited.',
}

type ForeignKey = {
  name: string
  source: string
  target: string
  columns: string[]
  target_columns: string[]
  on_delete: string
  on_update: string
  is_tenant_pair: boolean
  is_indexed: boolean
}

const FOREIGN_KEYS = `
WITH key AS (
  SELECT c.oid, c.conname, c.conrelid, c.confrelid, c.confdeltype, c.confupdtype, c.conkey,
    (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY k(num, n) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num) AS columns,
    (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(c.confkey) WITH ORDINALITY k(num, n) JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num) AS target_columns
  FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
)
SELECT conname AS name, conrelid::regclass::text AS source, confrelid::regclass::text AS target, columns, target_columns,
  confdeltype AS on_delete, confupdtype AS on_update,
  (SELECT count(*) = 2 FROM unnest(ARRAY[conrelid, confrelid]) AS side WHERE side = to_regclass('public.organisation')
    OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = side AND attname = 'organisation_id' AND NOT attisdropped))
    OR (conrelid = confrelid AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = conrelid AND attname = 'organisation_id')) AS is_tenant_pair,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = conrelid AND i.indisvalid AND i.indpred IS NULL
    AND (SELECT array_agg(k ORDER BY k) FROM unnest((i.indkey::int2[])[0:cardinality(conkey) - 1]) AS k) = (SELECT array_agg(k ORDER BY k) FROM unnest(conkey) AS k)) AS is_indexed
FROM key ORDER BY 2, 1`

/** Every foreign key: its columns lead an index, both rules are declared, and between tenant tables it carries the tenant. */
export async function findForeignKeyProblems(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<ForeignKey>(FOREIGN_KEYS)
  return rows.flatMap((key) => {
    const problems: string[] = []
    if (!key.is_indexed) problems.push(`${key.name}: no index of ${key.source} begins with (${key.columns.join(', ')})`)
    if (key.on_delete === 'a') problems.push(`${key.name}: ON DELETE is not declared`)
    if (key.on_update === 'a') problems.push(`${key.name}: ON UPDATE is not declared`)
    if (key.is_tenant_pair && !carriesTenant(key)) problems.push(`${key.name}: does not carry the tenant`)
    return problems
  })
}

function carriesTenant({ columns, target_columns, target }: ForeignKey): boolean {
  return columns.some((column, index) => {
    const referenced = target_columns[index]
    return (
      (column === 'organisation_id' && (referenced === 'organisation_id' || target === 'organisation')) ||
      (column === 'clinic_id' && referenced === 'clinic_id')
    )
  })
}

type Table = { name: string; enabled: boolean; forced: boolean; policies: string[]; triggers: string[]; has_tenant: boolean; app: string[] }

const TABLES = `
SELECT c.relname::text AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
  array(SELECT policyname::text FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname ORDER BY 1) AS policies,
  array(SELECT tgname::text FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled = 'O' ORDER BY 1) AS triggers,
  c.relname = 'organisation' OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organisation_id' AND a.attnotnull) AS has_tenant,
  array(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p
    WHERE has_table_privilege('chiron_app', c.oid, p)) AS app
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations' ORDER BY 1`

const POLICIES = ['app_delete', 'app_insert', 'app_read', 'app_update', 'migrator_all']

/** Every table is a vocabulary, or carries the tenant, forced row-level security with its policies, and the audit triggers. */
export async function findTableProblems(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<Table>(TABLES)
  return rows.flatMap((table) => (REFERENCE_TABLES.has(table.name) ? referenceProblems(table) : tenantProblems(table)))
}

function referenceProblems({ name, app }: Table): string[] {
  return app.join() === 'SELECT' ? [] : [`${name}: the application may do more than read a vocabulary (${app.join(', ')})`]
}

function tenantProblems({ name, enabled, forced, policies, triggers, has_tenant, app }: Table): string[] {
  const problems: string[] = []
  if (!has_tenant) problems.push(`${name}: has no organisation_id and is no vocabulary`)
  if (!enabled) problems.push(`${name}: row-level security is off`)
  if (!forced) problems.push(`${name}: row-level security is not forced on its owner`)
  const missing = POLICIES.filter((policy) => !policies.includes(policy))
  if (missing.length > 0) problems.push(`${name}: lacks the policies ${missing.join(', ')}`)
  const extra = policies.filter((policy) => !POLICIES.includes(policy))
  if (extra.length > 0) problems.push(`${name}: has policies that nobody expects (${extra.join(', ')})`)
  const isAudited = triggers.includes('audit_gate') && triggers.includes('audit_witness')
  if (!isAudited && !(name in OPERATIONAL_TABLES)) problems.push(`${name}: is neither audited nor listed as operational`)
  if (isAudited && name in OPERATIONAL_TABLES) problems.push(`${name}: is audited and listed as operational`)
  const dangerous = app.filter((privilege) => ['TRUNCATE', 'REFERENCES', 'TRIGGER'].includes(privilege))
  if (dangerous.length > 0) problems.push(`${name}: the application may ${dangerous.join(', ')}`)
  return problems
}

export type Constraint = { name: string; table: string }

/** CHECK and exclusion constraints of both schemas; a partition's copy counts as its parent's. */
export async function listConstraints(client: pg.Client): Promise<Constraint[]> {
  const { rows } = await client.query<Constraint>(`
    SELECT conname::text AS name, CASE WHEN connamespace = 'public'::regnamespace THEN '' ELSE connamespace::regnamespace || '.' END || c.relname AS table
    FROM pg_constraint JOIN pg_class c ON c.oid = conrelid
    WHERE contype IN ('c', 'x') AND connamespace IN ('public'::regnamespace, 'audit'::regnamespace) AND coninhcount = 0
    ORDER BY 2, 1`)
  return rows
}

/** Constraints that no case violates, and cases whose constraint is gone. */
export function findUnexercised(constraints: readonly Constraint[], cases: Readonly<Record<string, unknown>>): string[] {
  const names = new Set(constraints.map(({ name }) => name))
  return [
    ...constraints.filter(({ name }) => !(name in cases)).map(({ name, table }) => `${table}: no case violates ${name}`),
    ...Object.keys(cases)
      .filter((name) => !names.has(name))
      .map((name) => `the case ${name} names no constraint`),
  ]
}

/** Columns that look like amounts and that no CHECK bounds, each with the reason. */
export const UNBOUNDED_COLUMNS: Readonly<Record<string, string>> = {}

const AMOUNT = '(_minor|_rate|_level|_minutes|_minute)$|price|quantity|on_hand'

/** What the CHECK of a column must say: a bound from below or, of a percentage, from both sides; zero alone for signed ledgers. */
function boundOf(column: string): RegExp {
  const operand = `\\(?${column}\\)?(?:::\\w+)?`
  return column.endsWith('_rate') ? new RegExp(`${operand} >= .*${operand} <= `) : new RegExp(`${operand} (?:>=?|=) (?!\\(?'?-)|[a-z_]+ <=? ${operand}`)
}

type Amount = { name: string; checks: string[] }

const AMOUNTS = `
SELECT c.relname || '.' || a.attname AS name,
  array(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated AND a.attnum = ANY (k.conkey)) AS checks
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname ~ '${AMOUNT}' ORDER BY 1`

/** Every amount, price, percentage, quantity, level and minute of the day is bounded by a CHECK. */
export async function findUnboundedColumns(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<Amount>(AMOUNTS)
  const names = new Set(rows.map(({ name }) => name))
  return [
    ...rows
      .filter(({ name }) => !(name in UNBOUNDED_COLUMNS))
      .flatMap(({ name, checks }) => {
        const bound = boundOf(name.split('.')[1] ?? '')
        return checks.some((check) => bound.test(check)) ? [] : [`${name}: no CHECK bounds it`]
      }),
    ...Object.keys(UNBOUNDED_COLUMNS)
      .filter((name) => !names.has(name))
      .map((name) => `the exception ${name} names no column`),
  ]
}

/** Columns that bound a range, the earlier one first. */
const RANGES = [
  ['valid_from', 'valid_until'],
  ['starts_at', 'ends_at'],
  ['hired_on', 'terminated_on'],
  ['born_on', 'died_on'],
  ['start_minute', 'end_minute'],
  ['opens_minute', 'closes_minute'],
  ['created_at', 'expires_at'],
] as const

const CHECKS_OF_TABLES = `
SELECT c.relname::text AS name, array(SELECT attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  array(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated) AS checks
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`

/** Every range ends after it starts, by a CHECK, and no table has one end of a range without the other. */
export async function findUnorderedRanges(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; checks: string[] }>(CHECKS_OF_TABLES)
  return rows.flatMap(({ name, columns, checks }) =>
    RANGES.filter(([, last]) => columns.includes(last)).flatMap(([first, last]) => {
      if (!columns.includes(first)) return [`${name}: has ${last} without ${first}`]
      const isOrdered = checks.some((check) => new RegExp(`\\b${first} <=? ${last}\\b|\\b${last} >=? ${first}\\b`).test(check))
      return isOrdered ? [] : [`${name}: no CHECK orders ${first} and ${last}`]
    }),
  )
}
